"""Departments' feeds: all at the start of a case, later only what changed, and the same whatever is read again."""

from uuid import uuid4

import msgspec
import pytest

from shared import clock
from shared.feed.follow import FeedEntry
from tests.departments_world import Json, Line
from tests.histories import OTHER_TOWN, TOWN, birth, certificate, household, move, number, person
from tests.registry_world import CloudEvent, LookUpWorld, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY, HEALTH, CIVIL, EDUCATION = "public-security", "health", "civil-affairs", "education"
BABY = {"identifiers": [number(5), certificate("C1")], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
BORN = says("birth.certified", "b1", birth(person(2, "Wang Fang"), person(1, "Li Wei")), "2024-02-01")


def settled(id_: str, who: object, area: str = TOWN, **more: object) -> CloudEvent:
    return says("household.registered", id_, {"person": who, **household(area)}, "2024-02-20", **more)  # type: ignore[arg-type]


def wedding(id_: str, first: Json, second: Json) -> CloudEvent:
    return says("marriage.registered", id_, {"spouses": [first, second], "certificate_number": id_}, "2024-04-01")


def died(id_: str, who: Json, department: str = HEALTH) -> CloudEvent:
    return says("death.certified", id_, {"person": who, "certificate_number": id_}, "2024-05-01", department=department)


async def changed(line: Line, department: str, reference: str) -> list[dict[str, object]]:
    """What a department was told of one person, in order."""
    told = await line.feed(department, "person.changed")
    return [event["data"]["changed"] for event in told if event["subject"] == reference]


async def test_a_case_begins_with_everything_entitled_and_goes_on_with_changes(line: Line) -> None:
    await line.report(settled("h1", person(1, "Li Wei")))
    await line.report(died("x1", person(1, "Li Wei")))
    settled_again = settled("h2", person(1, "Li Wen"), OTHER_TOWN, action="corrected", of="h1", minute=1)
    await line.report(settled_again)
    reference = await line.registry.reference(HEALTH, settled_again)
    assert await changed(line, HEALTH, reference) == [
        {
            "name": "Li Wei",
            "birth_date": "1990-05-17",
            "registered_area": TOWN,
            "residence": "resident",
            "died_on": "2024-05-01",
        },
        {"name": "Li Wen", "registered_area": OTHER_TOWN},
    ]
    told = await line.feed(HEALTH)
    assert [event["type"].split(".")[2:4] for event in told] == [
        ["receipt", "changed"],
        ["person", "changed"],
        ["person", "changed"],
        ["value", "corrected"],
    ]
    assert told[0]["data"]["people"] == {"person": reference}, "the outcome opens the case before the person is told"
    assert (await line.feed(HEALTH, "person.changed"))[1]["data"]["basis"] == [
        "health-birth-and-death-certificates",
        "health-child-vaccination",
    ]


async def test_nothing_is_told_where_nothing_entitled_changed(line: Line) -> None:
    """A marriage is no matter of a school: its feed is the same with it, byte for byte."""
    school_child = settled("h1", person(1, "Li Wei"))
    await line.report(school_child)
    await line.open_case(EDUCATION, await line.registry.reference(EDUCATION, school_child))
    moved = says(
        "migration.departed", "d1", {"person": person(1, "Li Wei"), **move("P1", TOWN, "440305")}, "2024-03-01"
    )
    await line.report(moved)
    before = {department: await line.feed_bytes(department) for department in (EDUCATION, "finance", SECURITY)}
    await line.report(wedding("m1", person(1, "Li Wei"), person(2, "Wang Fang")))
    assert await line.feed_bytes(EDUCATION) == before[EDUCATION] != before["finance"]
    assert await line.feed_bytes("finance") == before["finance"]
    reference = await line.registry.reference(SECURITY, school_child)
    assert all("spouse" not in fields for fields in await changed(line, SECURITY, reference))
    assert b"civil_status" not in await line.feed_bytes(SECURITY)
    await line.report(settled("h2", person(1, "Li Wei")))  # says again what is known
    assert await line.feed_bytes(EDUCATION) == before[EDUCATION]


async def test_what_is_taken_back_is_told_as_nothing(line: Line) -> None:
    """To whoever still holds a case. Who took back all that it had reported holds none, and hears that instead."""
    death = died("x1", person(1, "Li Wei"))
    await line.report(settled("h1", person(1, "Li Wei")), wedding("m1", person(1, "Li Wei"), person(2)), death)
    annulled = {"person": person(1, "Li Wei"), "certificate_number": "x1"}
    await line.report(
        says("death.certified", "x2", annulled, "2024-05-01", department=HEALTH, action="annulled", of="x1", minute=1)
    )
    for department in (SECURITY, CIVIL):
        reference = await line.registry.reference(department, death)
        assert (await changed(line, department, reference))[-1] == {"died_on": None}
    reference = await line.registry.reference(HEALTH, death)
    ended, withdrawn = (await line.feed(HEALTH))[-2:]
    assert ended["data"] == {"reference": reference, "status": "ended", "reason": "nothing-reported"}
    assert withdrawn["data"]["withdrawn"] == ["died_on"], (
        "what it had been told is wrong, and it hears no more than that"
    )


async def read_again(line: Line) -> None:
    """The registry's feed as after a restore: another epoch, the same entries, from the beginning."""
    await line.registry.service.pool.execute("UPDATE feed_head SET epoch = gen_random_uuid()")
    await line.distributing.step()  # hears of the reset
    await line.rest()


async def everything(line: Line) -> dict[str, list[Json]]:
    return {department: await line.feed(department) for department in (SECURITY, HEALTH, CIVIL, EDUCATION)}


async def test_a_feed_read_again_in_a_new_epoch_tells_nothing_twice_and_nothing_old(line: Line) -> None:
    """What was told before a case was opened is not told to it afterwards: it would be the past, told as news."""
    first = settled("h1", person(1, "Li Wei"))
    await line.report(first, BORN)
    await line.report(settled("h2", person(1, "Li Wen"), action="corrected", of="h1", minute=1))
    await line.open_case(EDUCATION, await line.registry.reference(EDUCATION, first))
    await line.exchange.service.pool.execute(
        "UPDATE department_case SET opened_at = now() WHERE department = $1", EDUCATION
    )
    await line.report(wedding("m1", person(1, "Li Wen"), person(2, "Wang Fang")))
    await line.report(died("x1", person(1, "Li Wen"), CIVIL), settled("h3", BABY))
    before = await everything(line)
    assert all(before.values())
    await read_again(line)
    assert await everything(line) == before
    await read_again(line)
    assert await everything(line) == before
    assert await line.exchange.service.pool.fetchval("SELECT count(*) FROM outcome") == 6


async def test_receipts_move_and_never_go_back(line: Line) -> None:
    early = settled("h2", person(1, "Li Wen"), action="corrected", of="h1", minute=1)
    await line.report(early)
    (held,) = await line.feed(SECURITY, "receipt.changed")
    assert held["data"]["status"] == "held"
    assert held["data"]["reason"] == "superseded-not-arrived"
    assert held["data"]["decider"] == "reporting department"
    assert held["data"]["due"] > "2024"
    assert "people" not in held["data"]
    await line.report(settled("h1", person(1, "Li Wei")))
    told = await line.feed(SECURITY, "receipt.changed")
    assert [(event["data"]["id"], event["data"]["status"]) for event in told] == [
        ("h2", "held"),
        ("h1", "applied"),
        ("h2", "applied"),
    ]
    await read_again(line)
    statuses = await line.exchange.service.pool.fetch("SELECT status FROM outcome")
    assert {row["status"] for row in statuses} == {"applied"}


async def test_a_merge_is_told_to_whom_either_reference_was_told_and_the_case_goes_on(line: Line) -> None:
    numbered = BABY | {"identifiers": [number(5)]}
    moved = says("migration.departed", "d1", {"person": numbered, **move()}, "2024-03-01")
    await line.report(BORN)
    await line.report(moved)
    old = {d: await line.registry.reference(d, moved) for d in (SECURITY, HEALTH, CIVIL)}
    await line.report(settled("h1", BABY))
    new = {d: await line.registry.reference(d, moved) for d in (SECURITY, HEALTH, CIVIL)}
    (merged,) = await line.feed(SECURITY, "person.merged")
    assert merged["subject"] == new[SECURITY]
    assert merged["data"] == {"merged": old[SECURITY], "into": new[SECURITY]}
    assert await line.feed(HEALTH, "person.merged") == [], "health knew only the one that goes on"
    assert await line.feed(CIVIL) == []
    after = (await changed(line, SECURITY, new[SECURITY]))[-1]
    assert after["mother"] == await line.registry.reference(SECURITY, BORN, "mother")
    assert after["birth_date"] == "2024-02-01", "the case is told everything of the person it goes on under"
    assert (await changed(line, HEALTH, new[HEALTH]))[-1] == {
        "name": "Wang An",
        "registered_area": TOWN,
        "residence": "departed",
    }


async def test_nobody_hears_of_people_outside_the_household_register_without_a_case(line: Line) -> None:
    """Scope "everyone" is everyone in the register: a certified birth or death alone tells its authority nothing."""
    both = person(3, "Zhao Min", also=[{"type": "passport", "value": "P1", "issuer": "CHN"}])
    single = both | {"identifiers": both["identifiers"][1:]}
    await line.report(BORN, died("x1", person(3, "Zhao Min")), died("x2", single))
    await line.report(died("x3", both))
    assert await line.feed(SECURITY) == []
    (merged,) = await line.feed(HEALTH, "person.merged")
    assert merged["data"]["merged"] != merged["data"]["into"]


async def test_two_cases_become_one_and_neither_is_told_what_it_knows(line: Line) -> None:
    both = person(3, "Zhao Min", also=[{"type": "passport", "value": "P1", "issuer": "CHN"}])
    single = both | {"identifiers": both["identifiers"][1:]}
    await line.report(died("x1", person(3, "Zhao Min")))
    await line.report(died("x2", single))
    before = await line.feed(HEALTH, "person.changed")
    await line.report(died("x3", both))
    after = await line.feed(HEALTH, "person.changed")
    assert after == [each for each in before if each in after], "nothing is told anew"
    assert len({each["subject"] for each in after}) == 1, "what was told under the old reference is shown no more"


async def test_an_outcome_of_an_event_that_the_journal_does_not_have_is_parked(line: Line) -> None:
    await line.registry.apply(BORN)  # not through the journal
    assert await line.distributing.step() > 0
    faults = await line.exchange.service.pool.fetch("SELECT origin, fault FROM parked")
    assert [tuple(row) for row in faults] == [("changes", "LookupError")]
    assert await line.feed(HEALTH) == [], "nobody reported, so nobody holds a case"
    assert await line.feed(SECURITY) == [], "none of them stands in the household register"


async def shown_in_snapshot(line: Line, department: str) -> list[Json]:
    """Everyone in a department's snapshot."""
    answer = await line.exchange.http.get("/v1/snapshot", headers=line.exchange.headers(department))
    people: list[Json] = answer.json()["people"]
    return people


async def test_an_annulled_registration_leaves_the_register_nothing_of_a_newborn(line: Line) -> None:
    """The case ends, and "everyone" ends with it: nothing is told anew, by feed or snapshot, now or later."""
    child = BABY | {"identifiers": [certificate("C1")]}
    registered = settled("h1", child)
    await line.report(BORN)
    await line.report(registered)
    before = len(await line.feed(SECURITY))
    undone = settled("h2", child, action="annulled", of="h1", minute=1)
    await line.report(undone)
    after = [event["type"].split(".")[2:4] for event in (await line.feed(SECURITY))[before:]]
    assert ["person", "changed"] not in after
    assert after[-1] == ["value", "withdrawn"]
    assert await shown_in_snapshot(line, SECURITY) == []
    before = len(await line.feed(SECURITY))
    renamed = birth(person(2, "Wang Fang"), person(1, "Li Wei"), name="An")
    await line.report(says("birth.certified", "b2", renamed, "2024-02-01", action="corrected", of="b1", minute=2))
    assert len(await line.feed(SECURITY)) == before


async def test_what_was_held_of_everyone_is_withdrawn_when_the_person_leaves_the_register(line: Line) -> None:
    """Public security's own case by reporting had ended before; what it held, it held of somebody in the register."""
    registered = settled("h1", person(1, "Li Wei"))
    await line.report(registered)
    reference = await line.registry.reference(SECURITY, registered)
    await line.exchange.service.pool.execute("UPDATE department_case SET reporting = false")
    assert [each["reference"] for each in await shown_in_snapshot(line, SECURITY)] == [reference]
    await line.report(settled("h2", person(1, "Li Wei"), action="annulled", of="h1", minute=1))
    (withdrawn,) = await line.feed(SECURITY, "value.withdrawn")
    assert withdrawn["subject"] == reference
    assert {"name", "registered_area"} <= set(withdrawn["data"]["withdrawn"])
    assert await shown_in_snapshot(line, SECURITY) == []


async def test_a_merge_does_not_tell_the_register_of_a_record_it_never_had(line: Line) -> None:
    """A birth certificate names a woman of the register by her passport; a later report makes the two one."""
    woman = person(2, "Wang Fang")
    passport = woman | {"identifiers": [{"type": "passport", "value": "P1", "issuer": "CHN"}]}
    both = woman | {"identifiers": [*passport["identifiers"], number(2)]}
    await line.report(settled("h1", woman))
    await line.report(says("birth.certified", "b1", birth(passport, cert="C9"), "2024-02-01"))
    before = await line.feed(SECURITY)
    await line.report(died("x1", both))
    assert await line.feed(SECURITY, "person.merged") == []
    assert all(event["data"]["changed"].keys() == {"died_on"} for event in (await line.feed(SECURITY))[len(before) :])
    (merged,) = await line.feed(HEALTH, "person.merged")
    assert merged["data"]["into"] == await line.registry.reference(HEALTH, BORN | {"id": "x1"})


async def test_an_adoption_and_its_end_tell_nobody_else_anything_of_the_child(line: Line, lookups: LookUpWorld) -> None:
    """Neither who adopted nor that anybody did, by feed, correction or look-up (protection rule 12)."""
    child = BABY | {"name": "Wang An"}
    registered = settled("h1", child)
    adoption = says(
        "adoption.registered",
        "a1",
        {"child": child, "adopters": [person(11), person(12)], "certificate_number": "A1"},
        "2024-03-01",
    )
    data = adoption["data"] | {"action": "annulled", "supersedes": {"source": adoption["source"], "id": "a1"}}
    annulled = adoption | {"id": "a2", "data": data, "time": clock.now().isoformat()}
    await line.report(BORN, registered)

    async def known() -> list[object]:
        found: list[object] = []
        for department in (SECURITY, HEALTH):
            reference = await line.registry.reference(department, BORN, "child")
            looked_up = await lookups.get(f"/v1/people/{reference}", department)
            assert looked_up.status_code == 200
            found += [looked_up.json(), await line.feed(department), await shown_in_snapshot(line, department)]
        return found

    before = await known()
    await line.report(adoption)
    assert await known() == before
    await line.report(annulled)
    assert await known() == before


@pytest.mark.parametrize("missing", ["id", "recorded_at"])
async def test_an_entry_without_an_id_or_a_time_is_refused_and_none_is_made_up(line: Line, missing: str) -> None:
    data = msgspec.Raw(b'{"kind":"merged","from":{},"into":{},"registered":true}')
    entry = msgspec.structs.replace(FeedEntry(1, uuid4(), clock.now(), data), **{missing: None})
    async with line.exchange.service.pool.acquire() as connection:
        with pytest.raises(ValueError, match="an entry needs"):
            await line.distributing.handle(connection, [entry])


async def test_a_case_that_goes_on_under_another_person_is_told_the_other_half(line: Line) -> None:
    """Another department's event made the two one: nothing of the older half changed, and yet it is new to the case."""
    moved = says("migration.departed", "d1", {"person": BABY | {"identifiers": [number(5)]}, **move()}, "2024-03-01")
    await line.report(BORN)
    await line.report(moved)
    await line.report(died("x1", BABY))
    reference = await line.registry.reference(SECURITY, moved)
    told = (await changed(line, SECURITY, reference))[-1]
    assert told["mother"] == await line.registry.reference(SECURITY, BORN, "mother")
    assert (told["residence"], told["died_on"]) == ("departed", "2024-05-01")
