"""Of a person on whom no case stands nothing is read again: not by a new cursor, stream, filter or topic."""

from datetime import UTC, datetime, timedelta

import pytest

from services.exchange.agreements.repository import ask_for_purge, ask_for_purges_due, purges
from services.exchange.feeds.names import department_feed
from shared import clock
from shared.contracts.holding import holding
from tests.agreements_world import Hands
from tests.departments_world import Line
from tests.histories import certificate, household, number, person
from tests.registry_world import says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

HOUSING, HEALTH, SECURITY = "housing", "health", "public-security"
RENTAL, OWN_PEOPLE = "housing-public-rental", "public-security-own-people"
REVIEW = "public-security-identity-review"
SETTLED = [
    says("household.registered", f"h{n}", {"person": person(n, name), **household(number_=f"H{n}")}, "2024-01-10")
    for n, name in ((1, "Li Wei"), (2, "Wang Fang"))
]


async def opened(line: Line, sequence: int = 1, department: str = HOUSING, **more: str) -> str:
    """A case that is asked for and answered; its name."""
    wish = {"id": f"case-{sequence}", "identifier": number(sequence), "purpose": "service-delivery"}
    wish |= {"agreement": RENTAL, "until": "2027-06-30"} | more
    headers = line.exchange.headers(department, roles=["clerk"])
    answer = await line.exchange.http.post("/v1/cases", json=wish, headers=headers)
    assert answer.status_code == 202, answer.text
    await line.rest()
    return str(answer.json()["case"])


async def close(line: Line, case: str, department: str = HOUSING) -> None:
    headers = line.exchange.headers(department, roles=["clerk"])
    assert (await line.exchange.http.delete(f"/v1/cases/{case}", headers=headers)).status_code in (200, 202, 204)


async def read_anew(line: Line, department: str = HOUSING) -> list[bytes]:
    """Everything that can be read of a department's feed from the beginning, one way after the other."""
    exchange, headers = line.exchange, line.exchange.headers(department)
    await exchange.http.put("/v1/subscriptions/anew", json={}, headers=headers)
    filtered = await exchange.http.get("/v1/subscriptions/anew/feed", headers=headers)
    snapshot = await exchange.http.get("/v1/snapshot", headers=headers)
    return [await line.feed_bytes(department), filtered.content, snapshot.content]


async def test_what_was_told_on_a_case_is_not_read_again_once_it_has_ended_and_what_others_stand_for_is(
    line: Line,
) -> None:
    await line.report(*SETTLED)
    first, _ = await opened(line, 1), await opened(line, 2)
    assert all(b"Li Wei" in told and b"Wang Fang" in told for told in await read_anew(line))
    other = [each for each in await line.feed(HOUSING, "person.changed") if "Wang Fang" in str(each)]
    await close(line, first)
    assert b"Li Wei" not in await line.feed_bytes(HOUSING), "at once: before the registry has heard of it"
    await line.rest()
    for told in await read_anew(line):
        assert b"Li Wei" not in told
        assert b"Wang Fang" in told
    assert await line.feed(HOUSING, "person.changed") == other, "the same entry as before"
    assert [each["data"]["status"] for each in await line.feed(HOUSING, "case.changed")] == ["open", "open", "ended"]
    await opened(line, 1, id="again")
    held = holding(await line.feed(HOUSING))
    assert sorted(str(fields["name"]) for fields in held.values()) == ["Li Wei", "Wang Fang"]


async def test_a_case_that_was_reported_away_shows_nothing_either(line: Line) -> None:
    died = says("death.certified", "x1", {"person": person(1, "Li Wei"), "certificate_number": "x1"}, "2024-05-01",
                department=HEALTH)  # fmt: skip
    await line.report(*SETTLED, died)
    assert b"Li Wei" in await line.feed_bytes(HEALTH)
    undone = died["data"] | {"action": "annulled", "supersedes": {"source": died["source"], "id": "x1"}}
    await line.report(died | {"id": "x2", "data": undone})
    assert b"Li Wei" not in await line.feed_bytes(HEALTH)


async def test_after_the_last_day_of_a_case_nothing_is_shown_before_anybody_has_ended_it(line: Line) -> None:
    await line.report(*SETTLED)
    await opened(line)
    for minute, shown in ((59, True), (61, False)):
        with clock.frozen(datetime(2027, 6, 30, 15, tzinfo=UTC) + timedelta(minutes=minute)):
            reader, feed = line.exchange.app.state.department_feeds, department_feed(HOUSING)
            async with line.exchange.service.pool.acquire() as connection:
                page = await reader.read(connection, feed, 0, None, 100)
        assert any(b"Li Wei" in (entry.body or b"") for entry in page.entries) == shown


async def test_a_case_that_ended_takes_away_what_only_its_agreement_granted(line: Line) -> None:
    await line.report(*SETTLED)
    await opened(line, 1, HEALTH, agreement="health-child-vaccination")
    certifying = {"id": "b", "agreement": "health-birth-and-death-certificates", "purpose": "vital-registration"}
    case = await opened(line, 1, HEALTH, **certifying)
    before = holding(await line.feed(HEALTH))
    assert all("registered_area" in fields for fields in before.values())
    vaccination = (await line.exchange.http.get("/v1/cases", headers=line.exchange.headers(HEALTH))).json()["cases"]
    ending = next(each["case"] for each in vaccination if each["case"] != case)
    await close(line, ending, HEALTH)
    await line.rest()
    told = [set(each["data"]["changed"]) for each in await line.feed(HEALTH, "person.changed")]
    assert told
    assert not {"registered_area", "residence"} & set().union(*told)
    assert {"name", "birth_date"} <= set().union(*told)


async def test_a_merged_persons_case_ends_for_both_references(line: Line) -> None:
    baby = {"identifiers": [certificate("C1")], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
    numbered = says("household.registered", "h5", {"person": baby | {"identifiers": [number(5)]}, **household()},
                    "2024-03-01")  # fmt: skip
    await line.report(says("household.registered", "h1", {"person": baby, **household()}, "2024-02-20"))
    await line.report(numbered)
    case = await opened(line, 5)
    old = await line.registry.reference(HOUSING, numbered)
    assert list(holding(await line.feed(HOUSING))) == [old]
    both = baby | {"identifiers": [number(5), certificate("C1")]}
    await line.report(says("household.registered", "h2", {"person": both, **household()}, "2024-02-20", minute=2))
    new = await line.registry.reference(HOUSING, numbered)
    assert new != old
    assert list(holding(await line.feed(HOUSING))) == [new], "a new reader holds what an old one does"
    assert not [each for each in await line.feed(HOUSING, "person.changed") if each["subject"] == old]
    await close(line, case)
    await line.rest()
    for told in await read_anew(line):
        assert b"Wang An" not in told


async def test_a_case_on_somebody_who_is_not_in_the_household_register_shows_nothing_by_an_agreement_about_everyone(
    line: Line,
) -> None:
    died = says("death.certified", "x1", {"person": person(1, "Li"), "certificate_number": "x1"}, "2024-05-01",
                department=HEALTH)  # fmt: skip
    await line.report(died)
    await line.open_case(SECURITY, await line.registry.reference(SECURITY, died))
    right = died["data"] | {"action": "corrected", "supersedes": {"source": died["source"], "id": "x1"}}
    await line.report(died | {"id": "x2", "data": right | {"person": person(1, "Li Wei")}})
    (told,) = await line.feed(SECURITY, "person.changed")
    assert told["data"]["basis"] == [REVIEW, OWN_PEOPLE]
    for agreement in (REVIEW, OWN_PEOPLE):
        await Hands(line.exchange).does("end", agreement, SECURITY)
    for read in await read_anew(line, SECURITY):
        assert b"Li Wei" not in read


async def test_who_stands_in_the_register_is_shown_to_its_authority_without_any_case(line: Line) -> None:
    await line.report(*SETTLED)
    pool = line.exchange.service.pool
    await pool.execute("UPDATE department_case SET reporting = false WHERE department = $1", SECURITY)
    shown = [each["data"] for each in await line.feed(SECURITY, "person.changed")]
    assert {str(each["changed"].get("name")) for each in shown} == {"Li Wei", "Wang Fang"}
    assert all(each["basis"] == ["public-security-register"] for each in shown)
    assert not [each for each in shown if "identity_number" in each["changed"]]


@pytest.mark.parametrize("between", ["nothing", "an agreement"])
async def test_however_many_cases_end_the_topic_is_begun_anew_once(line: Line, between: str) -> None:
    await line.report(*SETTLED)
    for case in [await opened(line, 1), await opened(line, 2)]:
        await close(line, case)
        await line.rest()
    async with line.exchange.service.pool.acquire() as connection:
        await ask_for_purges_due(connection, 60)
        assert await purges(connection, HOUSING) == (0, 0), "not before its time"
        if between == "an agreement":
            await ask_for_purge(connection, HOUSING)
        for _ in range(2):
            await ask_for_purges_due(connection, 0)
        assert await purges(connection, HOUSING) == (1, 0)
