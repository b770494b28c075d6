"""Corrections reach everyone who had the wrong value, by feed or look-up, and are acknowledged."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.exchange.told import repository as told
from services.exchange.told.repository import KEY, Body, context, encode
from shared import clock
from shared.auth.issuer import Issuer
from shared.crypto.sealing import seal
from tests.agreements_world import Hands
from tests.departments_world import Json, Line
from tests.histories import OTHER_TOWN, TOWN, birth, household, move, number, person
from tests.registry_world import CloudEvent, LookUpWorld, looking_up, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY, HEALTH, CIVIL, HOUSING = "public-security", "health", "civil-affairs", "housing"
WHO = person(1, "Li Wei")
SAID_OF_MADE = {"receipt", "source", "id", "type", "acknowledge_by", "acknowledged"}
BORN = says("birth.certified", "b1", birth(person(2, "Wang Fang"), WHO), "2024-02-01")
DIED = says("death.certified", "x1", {"person": WHO, "certificate_number": "x1"}, "2024-05-01", department=HEALTH)


def settled(id_: str, name: str = "Li Wei", area: str = TOWN, **more: object) -> CloudEvent:
    """Public security says who somebody is and where they are registered."""
    return says("household.registered", id_, {"person": WHO | {"name": name}, **household(area)}, **more)  # type: ignore[arg-type]


def renamed(id_: str, of: str, name: str, minute: int) -> CloudEvent:
    """It had written the name down wrongly."""
    return settled(id_, name, action="corrected", of=of, minute=minute)


def undone(event: CloudEvent, id_: str, minute: int = 1) -> CloudEvent:
    """Its reporter takes an event back."""
    data = event["data"] | {"action": "annulled", "supersedes": {"source": event["source"], "id": event["id"]}}
    return event | {"id": id_, "data": data, "time": (clock.now() + timedelta(minutes=minute)).isoformat()}


@pytest.fixture
async def looking(line: Line, issuer: Issuer) -> AsyncIterator[LookUpWorld]:
    """Officials at the registry of the line."""
    async with looking_up(line.registry, issuer) as world:
        yield world


async def corrected(line: Line, department: str) -> list[dict[str, object]]:
    """What a department heard to be wrong, in order."""
    return [each["data"]["corrected"] for each in await line.feed(department, "value.corrected")]


async def withdrawn(line: Line, department: str) -> list[list[str]]:
    """What a department heard to be withdrawn, in order."""
    return [each["data"]["withdrawn"] for each in await line.feed(department, "value.withdrawn")]


async def listed(line: Line, department: str, path: str = "/v1/corrections", **query: str) -> list[Json]:
    """Corrections as a call lists them."""
    headers = line.exchange.headers(department, roles=["follower", "reporter"])
    answer = await line.exchange.http.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["corrections"]
    return found


async def acknowledge(line: Line, department: str, *entries: object) -> Json:
    """Acknowledge entries as a department."""
    body = {"entries": [str(entry) for entry in entries]}
    headers = line.exchange.headers(department)
    answer = await line.exchange.http.post("/v1/feed/acknowledgements", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_every_department_with_a_case_hears_what_is_right_beside_the_change(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    await line.report(renamed("h2", "h1", "Li Wen", 1))
    for department in (SECURITY, HEALTH):
        *_, change, correction = await line.feed(department)
        assert change["data"]["changed"] == {"name": "Li Wen"}
        assert correction["type"] == "cn.tenfold.value.corrected.v1"
        assert correction["data"]["corrected"] == {"name": "Li Wen"}
        assert correction["data"]["basis"]
        assert correction["data"]["acknowledge_by"] == (clock.today() + timedelta(days=14)).isoformat()
        assert correction["subject"] == await line.registry.reference(department, DIED)
    assert await line.feed(CIVIL) == []


async def test_a_change_of_life_is_no_correction(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    await line.report(says("migration.departed", "d1", {"person": WHO, **move("P1", TOWN, OTHER_TOWN)}, "2024-03-01"))
    await line.report(settled("h2", area=OTHER_TOWN, on="2024-03-02"))
    assert any("registered_area" in each["data"]["changed"] for each in await line.feed(HEALTH, "person.changed"))
    for department in (SECURITY, HEALTH):
        assert await corrected(line, department) == []
        assert await withdrawn(line, department) == []


async def test_an_event_that_came_with_its_correction_was_told_to_nobody(line: Line) -> None:
    await line.report(DIED)
    await line.report(settled("h1"), renamed("h2", "h1", "Li Wen", 1))
    assert await corrected(line, HEALTH) == []


async def test_an_annulled_death_is_a_correction_and_what_is_right_may_be_nothing(line: Line) -> None:
    await line.report(settled("h1"), BORN, DIED)
    await line.report(undone(DIED, "x2"))
    assert await corrected(line, HEALTH) == [{"died_on": None}]


async def test_a_correction_of_a_correction_is_told_again_and_both_wait(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    await line.report(renamed("h2", "h1", "Li Wen", 1))
    await line.report(renamed("h3", "h2", "Li Wu", 2))
    assert await corrected(line, HEALTH) == [{"name": "Li Wen"}, {"name": "Li Wu"}]
    assert [each["fields"] for each in await listed(line, HEALTH, status="unacknowledged")] == [["name"], ["name"]]


async def test_who_only_looked_somebody_up_hears_of_it_and_only_of_what_was_given(
    line: Line, looking: LookUpWorld
) -> None:
    """Its case ended before the correction, so that no change reaches it: it hears that the value is wrong."""
    await line.report(settled("h1"), DIED)
    reference = await line.registry.reference(HEALTH, DIED)
    assert (await looking.get(f"/v1/people/{reference}", HEALTH)).json()["fields"]["name"] == "Li Wei"
    await line.rest()
    await line.exchange.service.pool.execute("DELETE FROM department_case /* removes */ WHERE department = $1", HEALTH)
    await line.exchange.service.pool.execute(
        "UPDATE told SET body = $2 WHERE department = $1", HEALTH, await emptied(line, HEALTH, reference)
    )
    await line.report(renamed("h2", "h1", "Li Wen", 1))
    assert await withdrawn(line, HEALTH) == [["name"]]
    assert await corrected(line, HEALTH) == []


async def emptied(line: Line, department: str, reference: str) -> bytes:
    """The department's row as it would stand had its feed told nothing, and only its look-up given something."""
    service, key = line.exchange.service, (department, reference)
    async with service.pool.acquire() as connection:
        row = (await told.rows(connection, service.ring, [key])).rows[key]
    assert row.given["name"][0] == "Li Wei"
    return seal(service.ring, KEY, encode(Body({}, row.given, row.registered)), context(key))


async def test_a_look_up_that_a_correction_overtakes_is_told_right(line: Line, looking: LookUpWorld) -> None:
    """It was answered before the correction, and told to the exchange after it."""
    await line.report(settled("h1"), DIED)
    reference = await line.registry.reference(HEALTH, DIED)
    assert (await looking.get(f"/v1/people/{reference}", HEALTH)).status_code == 200
    await line.exchange.post(renamed("h2", "h1", "Li Wen", 1), SECURITY)
    for follower in line.folding:
        await follower.step()
    await line.rest()
    heard = await corrected(line, HEALTH)
    assert heard[0] == {"name": "Li Wen"}
    assert {name: value for each in heard for name, value in each.items()} == {"name": "Li Wen"}
    assert await corrected(line, SECURITY) == [{"name": "Li Wen"}], "to others it is told once"


async def test_an_ended_agreement_gets_the_names_of_withdrawn_fields_and_no_value(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    hands = Hands(line.exchange)
    for identifier in ("health-birth-and-death-certificates", "health-child-vaccination"):
        await hands.does("end", identifier, HEALTH)
    await line.report(renamed("h2", "h1", "Li Wen", 1))
    assert await withdrawn(line, HEALTH) == [["name"]]
    assert b"Li We" not in await line.feed_bytes(HEALTH)


async def test_bulk_corrections_keep_their_batch(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    await line.report(renamed("h2", "h1", "Li Wen", 1) | {"batchid": "load-7"})
    (told,) = await line.feed(HEALTH, "value.corrected")
    assert told["data"]["batch"] == "load-7"
    assert [each["batch"] for each in await listed(line, HEALTH)] == ["load-7"]


async def test_the_feed_read_again_in_a_new_epoch_corrects_nothing_twice(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    await line.report(renamed("h2", "h1", "Li Wen", 1))
    await line.report(undone(DIED, "x2"))
    departments = (SECURITY, HEALTH)
    before = [await line.feed(each) for each in departments], await rows(line)
    await line.registry.service.pool.execute("UPDATE feed_head SET epoch = gen_random_uuid()")
    await line.distributing.step()
    await line.rest()
    assert ([await line.feed(each) for each in departments], await rows(line)) == before


async def rows(line: Line) -> list[int]:
    """How much is noted, here and in the access log."""
    exchange, registry = line.exchange.service.pool, line.registry.service.pool
    told = await exchange.fetchval("SELECT count(*) FROM correction")
    return [told, await registry.fetchval("SELECT count(*) FROM access_log")]


async def test_what_was_told_under_a_merged_reference_is_corrected_under_the_other(line: Line) -> None:
    passport = {"type": "passport", "value": "P1", "issuer": "CHN"}
    by_passport = {"identifiers": [passport], "name": "Li Wei", "sex": "male", "birth_date": "1990-05-17"}
    both = by_passport | {"identifiers": [number(1), passport]}
    await line.report(settled("h1"))
    married = says(
        "marriage.registered", "m1", {"spouses": [by_passport, person(2)], "certificate_number": "m1"}, "2024-04-01"
    )
    await line.report(married)
    await line.report(says("household.registered", "h2", {"person": both, **household()}, minute=2))
    (merged,) = await line.feed(CIVIL, "person.merged")
    await line.report(undone(settled("h1"), "h3", 1), undone(married, "m2", 2))
    await line.report(
        says("household.registered", "h4", {"person": both | {"name": "Li Wen"}, **household()}, action="corrected",
             of="h2", minute=5)
    )  # fmt: skip
    told = [each for each in await line.feed(CIVIL, "value.withdrawn") if each["subject"] == merged["data"]["into"]]
    assert told, "civil affairs was told the name under the reference that is no more"


async def test_acknowledging_is_idempotent_and_foreign_and_unknown_entries_are_one_answer(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    await line.report(renamed("h2", "h1", "Li Wen", 1))
    (own,), (foreign,) = await listed(line, HEALTH), await listed(line, SECURITY)
    (ordinary, *_) = (await line.exchange.http.get("/v1/feed", headers=line.exchange.headers(HEALTH))).json()["entries"]
    unknown, entry = uuid4(), own["entry"]
    asked = [foreign["entry"], entry, str(unknown), ordinary["id"]]
    for _ in range(2):
        answer = await acknowledge(line, HEALTH, *asked, entry)
        assert answer == {"acknowledged": [entry], "not_found": [foreign["entry"], str(unknown), ordinary["id"]]}
    (after,) = await listed(line, HEALTH, status="acknowledged")
    assert after["acknowledged_by"] == "test"
    assert await listed(line, HEALTH, status="unacknowledged") == []
    assert await listed(line, SECURITY, status="acknowledged") == [], "nobody acknowledges for another"


async def test_of_two_that_acknowledge_at_once_one_stands(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    for minute, name in enumerate(("Li Wen", "Li Wu", "Li Wa"), start=1):
        await line.report(renamed(f"h{minute + 1}", f"h{minute}", name, minute))
    entries = [UUID(each["entry"]) for each in await listed(line, HEALTH)]
    assert len(entries) == 3
    ways = [entries, entries[::-1]] * 5
    answers = await asyncio.gather(*(acknowledge(line, HEALTH, *each) for each in ways))
    assert all(len(each["acknowledged"]) == 3 for each in answers)
    times = {each["acknowledged_at"] for each in await listed(line, HEALTH, status="acknowledged")}
    await acknowledge(line, HEALTH, *entries)
    assert {each["acknowledged_at"] for each in await listed(line, HEALTH, status="acknowledged")} == times


async def test_the_overdue_are_listed_for_the_receiver_and_named_to_the_reporter_without_counts(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    await line.report(renamed("h2", "h1", "Li Wen", 1))
    (entry,) = [each["entry"] for each in await listed(line, HEALTH)]
    assert await listed(line, HEALTH, status="overdue") == []
    with clock.frozen(clock.now() + timedelta(days=15)):
        assert [each["entry"] for each in await listed(line, HEALTH, status="overdue")] == [entry]
        (made,) = await listed(line, SECURITY, "/v1/corrections/told")
        assert (set(made), made["id"], made["acknowledged"]) == (SAID_OF_MADE, "h2", "overdue")
        assert await listed(line, HEALTH, "/v1/corrections/told") == [], "it corrected nothing"
        overview = await line.exchange.http.get(
            "/v1/overview", headers=line.exchange.headers(None, roles=["administrator"])
        )
        assert overview.json()["corrections"] == [
            {"department": HEALTH, "unacknowledged": 1, "overdue": 1},
            {"department": SECURITY, "unacknowledged": 1, "overdue": 1},
        ]
        await acknowledge(line, HEALTH, entry)
        (made,) = await listed(line, SECURITY, "/v1/corrections/told")
        assert made["acknowledged"] == "yes", "its own telling does not count"


async def test_a_reporter_cannot_tell_by_its_corrections_who_else_holds_something_of_a_person(line: Line) -> None:
    """One of whom health was told, and one who has to do with nobody else, look the same until the last day, and the
    same again when it is over and all is acknowledged."""
    other = person(3, "Zhao Min")
    await line.report(settled("h1"), DIED)
    await line.report(says("household.registered", "k1", {"person": other, **household(number_="H3")}))
    wrong = {"person": other | {"name": "Zhao Mi"}, **household(number_="H3")}
    await line.report(renamed("h2", "h1", "Li Wen", 1))
    await line.report(says("household.registered", "k2", wrong, action="corrected", of="k1", minute=1))
    first = await listed(line, SECURITY, "/v1/corrections/told")
    assert [(each["id"], each["acknowledged"]) for each in first] == [("h2", "not-yet"), ("k2", "not-yet")]
    await acknowledge(line, HEALTH, *[each["entry"] for each in await listed(line, HEALTH)])
    assert await listed(line, SECURITY, "/v1/corrections/told") == first
    with clock.frozen(clock.now() + timedelta(days=15)):
        after = await listed(line, SECURITY, "/v1/corrections/told")
        assert [(each["id"], each["acknowledged"]) for each in after] == [("h2", "yes"), ("k2", "yes")]


async def test_what_feeds_disclosed_stands_in_the_access_log_once_by_purpose(line: Line) -> None:
    await line.report(settled("h1"), DIED)
    logged = await line.registry.service.pool.fetch(
        "SELECT department, purpose, action, fields, basis, at FROM access_log WHERE department = $1 ORDER BY purpose",
        HEALTH,
    )
    assert [(row["purpose"], row["action"], row["fields"], row["basis"]) for row in logged] == [
        (
            "service-delivery",
            "feed",
            ["birth_date", "died_on", "name", "registered_area", "residence"],
            "health-child-vaccination",
        ),
        ("vital-registration", "feed", ["birth_date", "died_on", "name"], "health-birth-and-death-certificates"),
    ]
