"""Cases by call and by reporting, from the department that asks to the feed it hears, through exchange and registry."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from services.registry.cases.deadlines import end_overdue
from services.registry.facts.values import NamedNumber
from shared import clock
from shared.auth.issuer import Issuer
from shared.feed.follow import Again, Fenced, Follower
from tests.agreements_world import Hands
from tests.departments_world import Json, Line
from tests.histories import OTHER_TOWN, TOWN, birth, certificate, household, number, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY, HEALTH, HOUSING, FINANCE, CIVIL = "public-security", "health", "housing", "finance", "civil-affairs"
DELIVERY, RENTAL = "service-delivery", "housing-public-rental"
VACCINATION, CERTIFICATES = "health-child-vaccination", "health-birth-and-death-certificates"
LI_WEI = person(1, "Li Wei")
NUMBER = number(1)["value"]
SETTLED = says("household.registered", "h1", {"person": LI_WEI, **household()}, "2024-01-10")
PASSPORT = {"type": "passport", "value": "P5", "issuer": "CHN"}
NOON = datetime.fromisoformat("2026-11-20T04:00:00Z")


def moved(id_: str, name: str, area: str = OTHER_TOWN, minute: int = 1) -> CloudEvent:
    return says("household.registered", id_, {"person": person(1, name), **household(area)}, "2024-06-10",
                minute=minute)  # fmt: skip


def wish(id_: str = "HA-1", identifier: Mapping[str, str] = number(1), **more: str) -> Json:
    return {
        "id": id_,
        "identifier": dict(identifier),
        "purpose": DELIVERY,
        "agreement": RENTAL,
        "until": "2027-06-30",
    } | more


async def ask(line: Line, body: Json, department: str = HOUSING, *roles: str) -> httpx.Response:
    headers = line.exchange.headers(department, roles=roles or ("clerk",))
    return await line.exchange.http.post("/v1/cases", json=body, headers=headers)


async def opened(line: Line, body: Json, department: str = HOUSING) -> str:
    """A case that is asked for and answered; its name."""
    answer = await ask(line, body, department)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "asked"
    await line.rest()
    return str(answer.json()["case"])


async def get(line: Line, path: str, department: str = HOUSING, **query: str) -> httpx.Response:
    return await line.exchange.http.get(path, params=query, headers=line.exchange.headers(department, roles=["clerk"]))


async def close(line: Line, case: str, department: str = HOUSING) -> httpx.Response:
    answer = await line.exchange.http.delete(
        f"/v1/cases/{case}", headers=line.exchange.headers(department, roles=["clerk"])
    )
    await line.rest()
    return answer


async def told(line: Line, department: str = HOUSING) -> list[tuple[str, Any]]:
    """What a department heard of people and cases, in order."""
    heard = [(each["type"].split(".")[2], each["data"]) for each in await line.feed(department)]
    return [
        (kind, data.get("changed") if kind == "person" and "changed" in data else data.get("status"))
        for kind, data in heard
        if kind in ("person", "case")
    ]


async def sharing_head(line: Line) -> int:
    head: int = await line.exchange.service.pool.fetchval("SELECT position FROM feed_head WHERE feed = 'sharing'")
    return head


@pytest.mark.parametrize("department", [SECURITY, FINANCE, CIVIL])
async def test_nobody_but_health_may_name_a_person_by_a_birth_certificate(line: Line, department: str) -> None:
    """Their numbers run in sequence: refused before anyone is looked for, with or without such a birth."""
    await line.report(says("birth.certified", "b1", birth(person(2), cert="C370000001"), "2024-02-01"))
    terms = {
        SECURITY: {"purpose": "household-registration", "agreement": "public-security-own-people"},
        FINANCE: {"agreement": "finance-subsidy-payments"},
        CIVIL: {"purpose": "vital-registration", "agreement": "civil-affairs-marriage"},
    }[department]
    before = await sharing_head(line)
    answers = [await ask(line, wish("C-1", certificate(f"C37000000{n}"), **terms), department) for n in (1, 2)]
    assert [answer.status_code for answer in answers] == [422, 422], answers[0].text
    assert answers[0].content == answers[1].content
    assert [fault["pointer"] for fault in answers[0].json()["faults"]] == ["/identifier/type"]
    assert "C370000001" not in answers[0].text
    assert await sharing_head(line) == before


async def test_who_stands_in_no_household_register_is_found_by_health_alone(line: Line) -> None:
    """A passport of the mother whom only a birth names opens nothing to public security; once registered, it does."""
    mother = person(2) | {"identifiers": [PASSPORT]}
    await line.report(says("birth.certified", "b1", birth(mother, cert="C370000001"), "2024-02-01"))
    terms = {"purpose": "household-registration", "agreement": "public-security-own-people"}
    nobody = [wish("S-1", PASSPORT, **terms), wish("S-2", PASSPORT | {"value": "P9"}, **terms)]
    for body in nobody:
        await opened(line, body, SECURITY)
    there, unknown = [each["data"] for each in await line.feed(SECURITY, "case.changed")]
    assert there.pop("case") != unknown.pop("case")
    assert there == unknown, "one answer"
    assert there["status"] == "not-found"
    assert await line.feed(SECURITY, "person.changed") == []
    await opened(line, wish("V-1", certificate("C370000001"), agreement=VACCINATION), HEALTH)
    assert (await line.feed(HEALTH, "case.changed"))[-1]["data"]["status"] == "open"
    await line.report(says("household.registered", "h1", {"person": mother, **household()}, "2024-02-20", minute=1))
    await opened(line, wish("S-3", PASSPORT, **terms), SECURITY)
    assert (await line.feed(SECURITY, "case.changed"))[-1]["data"]["status"] == "open"


@pytest.mark.parametrize("step", ["suspended", "ended"])
async def test_a_question_whose_agreement_stands_no_more_is_answered_without_a_look(line: Line, step: str) -> None:
    await line.report(SETTLED)
    names = [(await ask(line, wish(f"HA-{n}", number(n)))).json()["case"] for n in (1, 9)]
    pool = line.registry.service.pool
    await pool.execute("UPDATE agreement_told SET status = $2, told = told + 1000 WHERE identifier = $1", RENTAL, step)
    before = await line.registry.count("access_log")
    await line.rest()
    heard = [each["data"] for each in await line.feed(HOUSING)]
    assert [each.pop("case") for each in heard] == names
    assert heard[0] == heard[1], "whether or not there is such a person"
    assert (heard[0]["status"], heard[0]["reason"]) == ("ended", "agreement-ended")
    assert "reference" not in heard[0]
    shown = (await get(line, f"/v1/cases/{names[0]}")).json()
    assert (shown["status"], shown["reason"], shown["reference"]) == ("ended", "agreement-ended", None)
    assert await line.registry.count("access_log") == before


async def test_a_question_is_not_answered_when_its_agreement_is_suspended_behind_it(line: Line) -> None:
    await line.report(SETTLED)
    await ask(line, wish())
    await Hands(line.exchange).does("suspend", RENTAL)
    await line.rest()
    assert await told(line) == [("case", "ended")]
    await Hands(line.exchange).does("resume", RENTAL)
    await opened(line, wish("HA-2"))
    assert (await told(line))[1:3] == [("case", "open"), ("person", EVERYTHING)]


async def test_a_case_by_call_gives_no_field_of_another_agreement_for_the_same_purpose(
    line: Line, lookups: LookUpWorld
) -> None:
    """By feed, look-up and snapshot: the tenancy register grants less than public rental, and the person sees which."""
    await line.report(SETTLED)
    await opened(line, wish(agreement="housing-tenancy-register"))
    reference = await line.registry.reference(HOUSING, SETTLED)
    assert await told(line) == [("case", "open"), ("person", {"name": "Li Wei"})]
    looked = (await lookups.get(f"/v1/people/{reference}", HOUSING, DELIVERY)).json()
    assert (set(looked["fields"]), looked["basis"]) == ({"name", "died_on"}, ["housing-tenancy-register"])
    headers = line.exchange.headers(HOUSING)
    (held,) = (await line.exchange.http.get("/v1/snapshot", headers=headers)).json()["people"]
    assert (set(held["fields"]), held["basis"]) == ({"name"}, ["housing-tenancy-register"])
    await line.report(moved("h2", "Li Wei"))
    assert len(await told(line)) == 2, "that the area changed is no matter of the tenancy register"
    await opened(line, wish("HA-2"))
    assert (await told(line))[-1] == ("person", EVERYTHING | {"registered_area": OTHER_TOWN})


FOR_VACCINATION = {"name", "birth_date", "registered_area", "residence", "died_on"}
EVERYTHING = {"name": "Li Wei", "registered_area": TOWN, "residence": "resident"}


async def test_a_case_by_call_is_opened_told_with_everything_and_followed_by_changes(line: Line) -> None:
    await line.report(SETTLED)
    case = await opened(line, wish())
    await line.report(moved("h2", "Li Wei"))
    reference = await line.registry.reference(HOUSING, SETTLED)
    assert await told(line) == [
        ("case", "open"),
        ("person", EVERYTHING),
        ("person", {"registered_area": OTHER_TOWN}),
    ]
    first, second, _ = await line.feed(HOUSING)
    assert first["subject"] == case
    assert first["data"] == {
        "case": case, "reference": reference, "status": "open", "purpose": DELIVERY, "agreement": RENTAL,
        "until": "2027-06-30",
    }  # fmt: skip
    assert second["subject"] == reference
    shown = (await get(line, f"/v1/cases/{case}")).json()
    assert (shown["status"], shown["reference"], shown["opened_by"], shown["id"]) == ("open", reference, "call", "HA-1")
    for department in (FINANCE, CIVIL):
        assert await line.feed(department) == [], "nobody else hears of it"


async def test_a_case_by_call_counts_for_the_agreement_it_named_alone(line: Line, lookups: LookUpWorld) -> None:
    """By feed and by look-up: health, with a case for vaccination, is told nothing of the birth certificate."""
    child = {"identifiers": [number(5), PASSPORT], "name": "An", "sex": "female", "birth_date": "2024-02-01"}
    registered = says("household.registered", "h1", {"person": child, **household()}, "2024-02-20")
    await line.report(registered)
    await opened(line, wish("V-1", number(5), agreement=VACCINATION), HEALTH)
    reference = await line.registry.reference(HEALTH, registered)
    ((_, first),) = (await told(line, HEALTH))[1:]
    assert "died_on" not in first
    assert first["registered_area"] == TOWN
    assert (await lookups.get(f"/v1/people/{reference}", HEALTH, DELIVERY)).status_code == 200
    assert (await lookups.get(f"/v1/people/{reference}", HEALTH)).status_code == 404, "certificates are another purpose"
    await opened(line, wish("V-2", number(5), agreement=CERTIFICATES, purpose="vital-registration"), HEALTH)
    assert (await lookups.get(f"/v1/people/{reference}", HEALTH)).status_code == 200
    assert [kind for kind, _ in await told(line, HEALTH)] == ["case", "person", "case", "person"], "all once more"


async def test_a_second_case_that_adds_no_purpose_tells_nothing_twice(line: Line) -> None:
    await line.report(SETTLED)
    await opened(line, wish())
    await opened(line, wish("HA-2"))
    assert await told(line) == [("case", "open"), ("person", EVERYTHING), ("case", "open")]


async def ambiguous(registry: RegistryWorld) -> None:
    """Two people hold one passport: an old clerical error, older than the rule that holds such reports for a clerk."""
    pool, vault = registry.service.pool, registry.folding.vault
    for row in await pool.fetch("SELECT person_id, state FROM person"):
        state = vault.open_state(row["person_id"], row["state"])
        state = msgspec.structs.replace(state, other_identifiers=(NamedNumber("passport", "P1", "CHN"),))
        sealed = vault.seal_state(row["person_id"], state)
        await pool.execute("UPDATE person SET state = $2 WHERE person_id = $1", row["person_id"], sealed)
    await pool.execute(
        "INSERT INTO identifier_index (blind_index, person_id, type)"
        " SELECT i.blind_index, p.person_id, i.type FROM identifier_index i CROSS JOIN person p"
        "  WHERE i.type = 'passport' ON CONFLICT DO NOTHING"
    )


async def test_unknown_ambiguous_and_corrected_away_are_one_answer(line: Line) -> None:
    with_passport = person(2, "Wang Fang", also=[{"type": "passport", "value": "P1", "issuer": "CHN"}])
    fixed = {"person": person(3, "Zhao Min"), **household()}
    await line.report(
        says("household.registered", "h3", {"person": person(4, "Zhao Min"), **household()}, "2024-01-10"),
        says("household.registered", "h4", fixed, "2024-01-10", action="corrected", of="h3", minute=1),
    )
    annulled = {"person": person(7, "Sun Li"), **household()}
    await line.report(
        says("household.registered", "h7", annulled, "2024-01-10"),
        says("household.registered", "h8", annulled, "2024-01-10", action="annulled", of="h7", minute=1),
    )
    await line.report(SETTLED, says("household.registered", "h2", {"person": with_passport, **household()}))
    await ambiguous(line.registry)
    before = await line.registry.count("access_log")
    answers = []
    passport = {"type": "passport", "value": "P1", "issuer": "CHN"}
    for place, identifier in enumerate((number(9), passport, number(4), number(7))):
        case = await opened(line, wish(f"HA-{place}", identifier))
        shown = (await get(line, f"/v1/cases/{case}")).json()
        heard = (await line.feed(HOUSING))[-1]["data"]
        assert heard.pop("case") == shown["case"]
        assert {name: shown[name] for name in ("reason", "reference", "opened_at", "closed_at")} == dict.fromkeys(
            ("reason", "reference", "opened_at", "closed_at")
        )
        answers.append((shown["status"], heard))
    assert answers == [answers[0]] * 4
    assert answers[0] == (
        "not-found", {"status": "not-found", "purpose": DELIVERY, "agreement": RENTAL, "until": "2027-06-30"}
    )  # fmt: skip
    assert await line.registry.count("access_log") == before, "nobody was seen"


async def test_nobody_found_stays_nobody_when_the_feed_is_read_again(line: Line) -> None:
    case = await opened(line, wish())
    await line.report(SETTLED)
    await line.exchange.service.pool.execute("UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed = 'sharing'")
    await line.sharing.step()  # hears of the reset
    await line.rest()
    assert (await get(line, f"/v1/cases/{case}")).json()["status"] == "not-found"
    assert await told(line) == [("case", "not-found")]


@pytest.mark.parametrize(
    ("department", "more", "status"),
    [
        (HOUSING, {"agreement": "finance-subsidy-payments"}, 403),
        (HOUSING, {"agreement": "nobody-has-this"}, 403),
        (HOUSING, {"purpose": "vital-registration"}, 403),
        ("statistics", {"agreement": "statistics-fixed-releases", "purpose": "statistics"}, 403),
        (HOUSING, {"until": "2020-01-01"}, 422),
        (HOUSING, {"until": "2199-01-01"}, 422),
        (HOUSING, {"purpose": "curiosity"}, 422),
        (HOUSING, {"id": f"file {NUMBER}"}, 422),
        (HOUSING, {"id": NUMBER}, 422),
        (HOUSING, {"note": "x"}, 422),
    ],
)
async def test_what_no_agreement_carries_is_refused_before_anyone_is_looked_for(
    line: Line, department: str, more: dict[str, str], status: int
) -> None:
    await line.rest()
    head = "SELECT position FROM feed_head WHERE feed = 'sharing'"
    pool = line.exchange.service.pool
    before = await pool.fetchval(head)
    answers = [await ask(line, wish("HA-1", number(n)) | more, department) for n in (1, 9)]
    assert {answer.status_code for answer in answers} == {status}, answers[0].text
    assert answers[0].content == answers[1].content
    assert NUMBER not in answers[0].text
    assert await pool.fetchval(head) == before
    assert await pool.fetchval("SELECT count(*) FROM case_by_call") == 0


async def test_no_case_outside_the_days_of_its_agreement_or_of_the_tokens_purpose(line: Line, issuer: Issuer) -> None:
    with clock.frozen(datetime.fromisoformat("2028-09-02T04:00:00Z")):
        answer = await ask(line, wish(until="2028-09-03"))
        assert (answer.status_code, answer.json()["type"]) == (403, "/errors#not-agreed")
    token = issuer.issue(subject="official-7", department=HOUSING, roles=["clerk"], purpose="audit")
    headers = {"authorization": f"Bearer {token}", "accept-language": "zh-CN"}
    refused = await line.exchange.http.post("/v1/cases", json=wish(), headers=headers)
    assert (refused.status_code, refused.json()["detail"]) == (403, "令牌是为其他用途签发的")


async def test_the_same_id_from_sixteen_sides_at_once_is_one_case(line: Line) -> None:
    await line.report(SETTLED)
    answers = await asyncio.gather(*(ask(line, wish()) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [202]
    (case,) = {answer.json()["case"] for answer in answers}
    await line.rest()
    assert await told(line) == [("case", "open"), ("person", EVERYTHING)]
    again = await ask(line, wish())
    assert (again.status_code, again.json()) == (200, {"case": case, "status": "open"})
    other = await ask(line, wish(identifier=number(2)))
    assert (other.status_code, other.json()["type"]) == (409, "/errors#same-id-other-content")
    theirs = await ask(line, wish(agreement="finance-subsidy-payments"), FINANCE)
    assert theirs.status_code == 202, "another department's ids are its own"
    for path in (f"/v1/cases/{case}", f"/v1/cases/{UUID(int=7)}"):
        assert (await get(line, path, FINANCE)).status_code == 404
        assert (await close(line, path.rpartition("/")[2], FINANCE)).status_code == 404
    assert (await get(line, f"/v1/cases/{case}")).json()["status"] == "open"


async def nothing_more_is_told(line: Line, lookups: LookUpWorld, last: str, reason: str) -> None:
    """The case has ended, the department heard why, and hears and finds nothing of the person from then on."""
    ended = (await line.feed(HOUSING, "case.changed"))[-1]["data"]
    assert (ended["status"], ended["reason"]) == ("ended", reason)
    before = await line.feed_bytes(HOUSING)
    await line.report(moved(last, "Li Wen", TOWN, minute=9))
    assert await line.feed_bytes(HOUSING) == before
    reference = await line.registry.reference(HOUSING, SETTLED)
    assert (await lookups.get(f"/v1/people/{reference}", HOUSING)).status_code == 404


async def test_a_case_ends_when_its_department_closes_it_and_another_tells_everything_again(
    line: Line, lookups: LookUpWorld
) -> None:
    await line.report(SETTLED)
    case = await opened(line, wish())
    reference = await line.registry.reference(HOUSING, SETTLED)
    assert (await lookups.get(f"/v1/people/{reference}", HOUSING)).status_code == 200
    answer = await close(line, case)
    assert (answer.status_code, answer.json()["status"], answer.json()["reason"]) == (200, "ended", "closed")
    assert answer.json()["closed_at"]
    await nothing_more_is_told(line, lookups, "h2", "closed")
    assert (await close(line, case)).json() == (await get(line, f"/v1/cases/{case}")).json(), "once is enough"
    await opened(line, wish("HA-2"))
    assert (await told(line))[-2:] == [("case", "open"), ("person", EVERYTHING | {"name": "Li Wen"})]


async def test_what_happens_before_the_registry_hears_that_a_case_is_closed_is_not_told(line: Line) -> None:
    await line.report(SETTLED)
    case = await opened(line, wish())
    headers = line.exchange.headers(HOUSING, roles=["clerk"])
    await line.exchange.http.delete(f"/v1/cases/{case}", headers=headers)
    for follower in (line.sharing, *line.folding):
        assert await follower.step() in (0, 1)
    await line.exchange.post(moved("h2", "Li Wen"), SECURITY)
    await line.rest()
    assert await told(line) == [("case", "open"), ("case", "ended")], "and what was told is shown no more"


async def test_a_case_closed_before_it_was_open_never_opens(line: Line) -> None:
    await line.report(SETTLED)
    case = (await ask(line, wish())).json()["case"]
    await close(line, case)
    assert await told(line) == [("case", "ended")]
    assert (await get(line, f"/v1/cases/{case}")).json()["status"] == "ended"


async def over(line: Line) -> int:
    """What the registry's worker does every minute."""
    registry = line.registry
    ended = await end_overdue(registry.service.pool, registry.service.feeds, registry.folding.telling)
    await line.rest()
    return ended


async def test_a_case_ends_after_its_last_day(line: Line, lookups: LookUpWorld) -> None:
    await line.report(SETTLED)
    reference = await line.registry.reference(HOUSING, SETTLED)
    with clock.frozen(NOON):
        case = await opened(line, wish(until="2026-11-20"))
        assert await over(line) == 0, "the last day is part of it"
        assert (await lookups.get(f"/v1/people/{reference}", HOUSING)).status_code == 200
    with clock.frozen(NOON + timedelta(days=1)):
        before = await line.feed_bytes(HOUSING)
        await line.report(moved("h2", "Li Wen"))
        assert (await line.feed_bytes(HOUSING), await over(line)) == (before, 1), "not even before the worker came by"
        await nothing_more_is_told(line, lookups, "h3", "until")
        assert await over(line) == 0
        shown = (await get(line, f"/v1/cases/{case}")).json()
        assert (shown["status"], shown["until"]) == ("ended", "2026-11-20")


async def test_a_case_ends_with_the_agreement_it_rests_on(line: Line, lookups: LookUpWorld) -> None:
    await line.report(SETTLED)
    await opened(line, wish())
    pool = line.registry.service.pool
    await pool.execute(
        "UPDATE agreement_told SET status = 'suspended', told = told + 1000 WHERE identifier = $1", RENTAL
    )
    assert await over(line) == 0, "a suspended one may come back"
    await pool.execute("UPDATE agreement_told SET status = 'ended', told = told + 1000 WHERE identifier = $1", RENTAL)
    assert await over(line) == 1
    await nothing_more_is_told(line, lookups, "h2", "agreement-ended")


def died(id_: str, who: Json, **more: Any) -> CloudEvent:
    data = {"person": who, "certificate_number": "x1"}
    return says("death.certified", id_, data, "2024-05-01", department=HEALTH, **more)


async def test_a_case_by_reporting_ends_when_all_of_it_was_taken_back_and_opens_again(line: Line) -> None:
    await line.report(SETTLED, died("x1", LI_WEI))
    reference = await line.registry.reference(HEALTH, SETTLED)
    (shown,) = (await get(line, "/v1/cases", HEALTH)).json()["cases"]
    assert (shown["opened_by"], shown["status"], shown["reference"]) == ("reporting", "open", reference)
    receipts = await line.exchange.http.get("/v1/receipts", headers=line.exchange.headers(HEALTH))
    assert shown["receipt"] == receipts.json()["receipts"][0]["receipt"]
    refused = await close(line, shown["case"], HEALTH)
    assert (refused.status_code, refused.json()["type"]) == (409, "/errors#case-by-reporting")
    await line.report(died("x2", person(4, "Li Wen"), action="corrected", of="x1", minute=1))
    (ended,) = await line.feed(HEALTH, "case.changed")
    assert ended["data"] == {"reference": reference, "status": "ended", "reason": "nothing-reported"}
    heard = [each for each in await line.feed(HEALTH, "person.changed") if each["subject"] == reference]
    await line.report(moved("h2", "Li Wei"))
    both = (await get(line, "/v1/cases", HEALTH)).json()["cases"]
    assert [(each["status"], each["reason"]) for each in both] == [("ended", "nothing-reported"), ("open", None)]
    assert [each for each in await line.feed(HEALTH, "person.changed") if each["subject"] == reference] == heard
    later = says("death.certified", "x3", {"person": LI_WEI, "certificate_number": "x3"}, "2024-07-01", minute=3,
                 department=HEALTH)  # fmt: skip
    await line.report(later)
    again = [each for each in await line.feed(HEALTH, "person.changed") if each["subject"] == reference][-1]
    assert again["data"]["changed"] == {
        "name": "Li Wei", "birth_date": "1990-05-17", "registered_area": OTHER_TOWN, "residence": "resident",
        "died_on": "2024-07-01",
    }  # fmt: skip


async def test_a_case_by_call_goes_on_when_what_was_reported_is_taken_back(line: Line) -> None:
    await line.report(SETTLED, died("x1", LI_WEI))
    await opened(line, wish("V-1", agreement=VACCINATION), HEALTH)
    annulled = died("x2", LI_WEI, action="annulled", of="x1", minute=1)
    await line.report(annulled, moved("h2", "Li Wei"))
    ended, stands, changed = (await told(line, HEALTH))[-3:]
    assert ended == ("case", "ended")
    assert stands[1] == {name: stands[1][name] for name in FOR_VACCINATION}, "what the case by call tells stays true"
    assert changed == ("person", {"registered_area": OTHER_TOWN, "died_on": None})
    reported, called = sorted((await get(line, "/v1/cases", HEALTH)).json()["cases"], key=lambda each: each["id"] or "")
    assert (reported["status"], called["status"]) == ("ended", "open")


async def test_what_is_reported_and_taken_back_at_once_is_never_a_case(line: Line) -> None:
    await line.report(SETTLED)
    for event in (died("x1", LI_WEI), died("x2", LI_WEI, action="annulled", of="x1", minute=1)):
        await line.exchange.post(event, HEALTH)
    await line.rest()
    assert await line.feed(HEALTH, "case.changed") == []
    assert await line.feed(HEALTH, "person.changed") == []


async def test_a_case_follows_the_person_two_turned_out_to_be(line: Line, lookups: LookUpWorld) -> None:
    baby = {"identifiers": [PASSPORT], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
    elsewhere = {"person": baby | {"identifiers": [number(5)]}, **household(number_="H2")}
    numbered = says("household.registered", "d1", elsewhere, "2024-02-20")
    await line.report(says("household.registered", "h1", {"person": baby, **household()}, "2024-02-20"))
    await line.report(numbered)
    case = await opened(line, wish("HA-1", number(5)))
    old = await line.registry.reference(HOUSING, numbered)
    both = baby | {"identifiers": [number(5), PASSPORT]}
    await line.report(says("household.registered", "h2", {"person": both, **household()}, "2024-02-20", minute=2))
    new = await line.registry.reference(HOUSING, numbered)
    assert new != old
    (merged,) = await line.feed(HOUSING, "person.merged")
    assert merged["data"] == {"merged": old, "into": new}
    last = (await line.feed(HOUSING, "person.changed"))[-1]
    assert (last["subject"], last["data"]["changed"]["registered_area"]) == (new, TOWN)
    assert (await get(line, f"/v1/cases/{case}")).json()["reference"] == new
    assert (await lookups.get(f"/v1/people/{old}", HOUSING)).status_code == 200
    await close(line, case)
    assert (await line.feed(HOUSING, "case.changed"))[-1]["data"]["reference"] == new
    assert (await lookups.get(f"/v1/people/{new}", HOUSING)).status_code == 404


async def test_cases_asked_for_while_their_person_is_merged_are_all_on_the_one_who_goes_on(line: Line) -> None:
    baby = {"identifiers": [PASSPORT], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
    elsewhere = {"person": baby | {"identifiers": [number(5)]}, **household(number_="H2")}
    numbered = says("household.registered", "d1", elsewhere, "2024-02-20")
    await line.report(says("household.registered", "h1", {"person": baby, **household()}, "2024-02-20"))
    await line.report(numbered)
    both = baby | {"identifiers": [number(5), PASSPORT]}
    merging = says("household.registered", "h2", {"person": both, **household()}, "2024-02-20", minute=2)
    cases = [
        (await ask(line, wish(f"HA-{place}", identifier))).json()["case"]
        for place, identifier in enumerate([number(5), PASSPORT] * 4)
    ]
    await line.exchange.post(merging, SECURITY)

    async def follow(follower: Follower) -> None:
        while True:
            try:
                if not await follower.step():
                    return
            except (Again, Fenced):
                continue  # as the worker does

    await asyncio.gather(*map(follow, [*line.folding, line.sharing, *line.folding]))
    await line.rest()
    new = await line.registry.reference(HOUSING, numbered)
    shown = [(await get(line, f"/v1/cases/{case}")).json() for case in cases]
    assert [(each["status"], each["reference"]) for each in shown] == [("open", new)] * 8


async def test_feeds_read_again_in_a_new_epoch_tell_nothing_twice(line: Line) -> None:
    await line.report(SETTLED, died("x1", LI_WEI))
    await opened(line, wish())
    await close(line, await opened(line, wish("HA-2")))
    await line.report(died("x2", LI_WEI, action="annulled", of="x1", minute=1), moved("h2", "Li Wen"))
    await opened(line, wish("V-1", agreement=VACCINATION), HEALTH)
    before = {each: (await line.feed(each), (await get(line, "/v1/cases", each)).json()) for each in (HOUSING, HEALTH)}
    for service, follower in ((line.exchange.service, line.sharing), (line.registry.service, line.distributing)):
        await service.pool.execute(
            "UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed IN ('sharing', 'changes')"
        )
        await follower.step()  # hears of the reset
        await line.rest()
        for department, (feed, cases) in before.items():
            assert await line.feed(department) == feed
            assert (await get(line, "/v1/cases", department)).json() == cases
    assert await line.registry.count("called_case") == 3


async def test_an_exchange_that_forgot_a_case_is_told_of_it_again(line: Line) -> None:
    await line.report(SETTLED)
    case = await opened(line, wish())
    pool = line.exchange.service.pool
    await pool.execute("DELETE FROM case_by_call")
    await pool.execute("DELETE FROM department_case WHERE department = $1", HOUSING)
    await pool.execute("UPDATE feed_cursor SET epoch = NULL, position = 0 WHERE feed = 'changes'")
    await line.rest()
    shown = (await get(line, f"/v1/cases/{case}")).json()
    assert (shown["status"], shown["agreement"], shown["until"]) == ("open", RENTAL, "2027-06-30")
    await line.report(moved("h2", "Li Wei"))
    assert (await told(line))[-1] == ("person", {"registered_area": OTHER_TOWN})


async def test_the_number_stands_nowhere_in_the_exchange_but_sealed_in_one_feed_entry(line: Line) -> None:
    await line.report(SETTLED)
    asked = number(31, date(1961, 3, 4))
    await opened(line, wish("HA-1", asked))
    pool = line.exchange.service.pool
    tables = [row[0] for row in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert {"case_by_call", "feed_entry", "department_case", "parked"} <= set(tables)
    value = asked["value"]
    for table in tables:
        for row in await pool.fetch(f'SELECT t::text AS row FROM "{table}" t'):
            assert value not in row["row"], table
            assert value.encode().hex() not in row["row"], table
    async with pool.acquire() as connection:
        page = await line.exchange.service.feeds.read(connection, "sharing", 0, None, 1000)
    assert sum(value.encode() in (entry.body or b"") for entry in page.entries) == 1


async def test_cases_are_listed_in_pages_and_by_status(line: Line) -> None:
    await line.report(SETTLED)
    names = [(await ask(line, wish(f"HA-{n}", number(1 if n % 2 else 9)))).json()["case"] for n in range(5)]
    asked = (await get(line, "/v1/cases", status="asked")).json()
    assert [each["case"] for each in asked["cases"]] == names
    await line.rest()
    seen, after = [], ""
    while True:
        page = (await get(line, "/v1/cases", limit="2", **({"after": after} if after else {}))).json()
        seen += [(each["case"], each["status"]) for each in page["cases"]]
        if not (after := page["next_after"]):
            break
    assert seen == [(name, "open" if place % 2 else "not-found") for place, name in enumerate(names)]
    opened_ = (await get(line, "/v1/cases", status="open")).json()["cases"]
    assert [each["case"] for each in opened_] == [names[1], names[3]]
    assert (await get(line, "/v1/cases", FINANCE)).json() == {"cases": [], "next_after": None}


def within(line: Line, official: int = 50, department: int = 500) -> None:
    settings = line.exchange.service.settings
    settings.cases_per_official_and_day, settings.cases_per_department_and_day = official, department


async def ask_as(line: Line, subject: str, body: Json, department: str = HOUSING) -> httpx.Response:
    token = line.exchange.issuer.issue(subject=subject, department=department, roles=["clerk"])
    return await line.exchange.http.post("/v1/cases", json=body, headers={"authorization": f"Bearer {token}"})


async def test_sixteen_questions_at_once_do_not_pass_an_officials_quota(line: Line, capsys: Any) -> None:
    within(line, official=5)
    answers = await asyncio.gather(*(ask_as(line, "clerk-1", wish(f"N-{n}", number(n + 1))) for n in range(16)))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 11
    refused = next(answer for answer in answers if answer.status_code == 429)
    problem = refused.json()
    assert (problem["type"], problem["limit"]) == ("/errors#case-quota-reached", {"of": "official", "per_day": 5})
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    assert await line.exchange.service.pool.fetchval("SELECT count(*) FROM case_by_call") == 5
    taken = next(n for n, answer in enumerate(answers) if answer.status_code == 202)
    again = await ask_as(line, "clerk-1", wish(f"N-{taken}", number(taken + 1)))
    assert again.status_code == 200, "a repeat is no new question"
    assert (await ask_as(line, "clerk-2", wish("M-1"))).status_code == 202, "another official has a quota of their own"
    administrator = line.exchange.headers(None, roles=["administrator"])
    shown = (await line.exchange.http.get("/v1/overview", headers=administrator)).json()["case_quotas_reached"]
    assert shown == [{"department": HOUSING, "officials": 1, "whole_department": False}]
    alarm = capsys.readouterr()
    assert "case_quota_reached" in alarm.out + alarm.err
    assert "clerk-1" not in alarm.out + alarm.err
    assert NUMBER not in alarm.out + alarm.err


async def test_who_is_not_found_counts_five_times_and_a_department_has_a_quota_of_the_day(line: Line) -> None:
    await line.report(SETTLED)
    within(line, official=7, department=13)
    with clock.frozen(NOON):
        for n, status in ((1, 202), (2, 202), (3, 429)):
            answer = await ask_as(line, "clerk-1", wish(f"A-{n}", number(20 + n)))
            await line.rest()
            assert answer.status_code == status, n
        assert answer.headers["retry-after"] == str(12 * 3600)
        closed = await ask_as(line, "clerk-2", wish("B-1", number(31)))
        await close(line, closed.json()["case"])
        refused = await ask_as(line, "clerk-3", wish("C-1"))
        assert (refused.status_code, refused.json()["limit"]) == (429, {"of": "department", "per_day": 13})
        other = await ask_as(line, "clerk-1", wish(agreement="finance-subsidy-payments"), FINANCE)
        assert other.status_code == 202, "another department has its own"
    with clock.frozen(NOON + timedelta(days=1)):
        assert (await ask_as(line, "clerk-1", wish("A-9"))).status_code == 202, "another day"
