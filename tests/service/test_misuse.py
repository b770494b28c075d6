"""The rules flag what officials do, behind their look-ups; a protection officer decides, and nothing is blocked."""

from uuid import uuid4

import pytest

from services.registry.misuse.rules import Limits
from tests.audit_world import AuditWorld
from tests.histories import household, number, person
from tests.registry_world import LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]
SECURITY = "public-security"
WIDE = Limits(people_an_hour=100, people_a_day=100, without_case_a_day=100, one_person_a_day=100)


def registered(sequence: int, name: str, home: str) -> dict[str, object]:
    at = {"person": person(sequence, name), **household(number_=home)}
    return says("household.registered", f"h{sequence}", at, "2024-01-10")


@pytest.fixture
async def watched(registry: RegistryWorld, lookups: LookUpWorld) -> AuditWorld:
    """An official (1) with a wife (2), a colleague (3) and a stranger (4)."""
    await registry.apply(
        registered(1, "Li Wei", "H1"),
        registered(2, "Wang Fang", "H1"),
        registered(3, "Zhao Lei", "H3"),
        registered(4, "Sun Li", "H4"),
    )
    return AuditWorld(registry, lookups)


async def name(world: AuditWorld, subject: str, sequence: int, *areas: str, department: str = SECURITY) -> None:
    body = {"identifier": number(sequence), "areas": list(areas)}
    answer = await world.call("PUT", f"/v1/officials/{subject}", world.administrator(department), body)
    assert (answer.status_code, answer.content) == (204, b"")


async def look(world: AuditWorld, *sequences: int, subject: str = "official-7") -> None:
    token = world.clerk(SECURITY, subject, "household-registration")
    for sequence in sequences:
        answer = await world.call("POST", "/v1/people/search", token, {"identifier": number(sequence)})
        assert (answer.status_code, len(answer.json()["people"])) == (200, 1), answer.text


@pytest.mark.parametrize(("whom", "rules"), [(1, ["own-record"]), (2, ["same-household"]), (3, ["colleague"]), (4, [])])
async def test_a_look_at_somebody_close_is_flagged_and_not_blocked(
    watched: AuditWorld, whom: int, rules: list[str]
) -> None:
    await name(watched, "official-7", 1)
    await name(watched, "official-8", 3)
    await look(watched, whom)
    assert await watched.judged(WIDE) == [(rule, "official-7") for rule in rules]


async def test_of_an_official_who_is_not_known_as_a_person_these_rules_say_nothing(watched: AuditWorld) -> None:
    await name(watched, "official-7", 9)
    await look(watched, 1, 2, 3)
    assert await watched.judged(WIDE) == []


async def test_a_colleague_is_one_of_the_same_department(watched: AuditWorld) -> None:
    await name(watched, "official-7", 1)
    await name(watched, "somebody", 3, department="housing")
    await look(watched, 3)
    assert await watched.judged(WIDE) == []


async def test_outside_the_officials_areas(watched: AuditWorld) -> None:
    await name(watched, "official-7", 1, "440305")
    await look(watched, 4)
    assert await watched.judged(WIDE) == [("outside-areas", "official-7")]


async def test_the_answer_to_naming_an_official_is_the_same_whoever_holds_the_number(watched: AuditWorld) -> None:
    for sequence in (4, 9):
        await name(watched, "official-9", sequence)
    mine = await watched.get("/v1/me/disclosures", await watched.citizen(4, "Sun Li"))
    (told,) = [each for each in mine["disclosures"] if each["action"] == "official"]
    assert (told["department"]["name"], told["office"], told["fields"]) == (SECURITY, "official", [])


async def test_who_is_an_official_no_more_is_forgotten(watched: AuditWorld) -> None:
    await name(watched, "official-7", 1)
    chief = watched.administrator(SECURITY)
    other = await watched.call("DELETE", "/v1/officials/official-7", watched.administrator("housing"))
    assert other.status_code == 404
    assert (await watched.call("DELETE", "/v1/officials/official-7", chief)).status_code == 204
    assert (await watched.call("DELETE", "/v1/officials/official-7", chief)).status_code == 404
    await look(watched, 1)
    assert await watched.judged(WIDE) == []


async def test_curiosity_in_bulk_is_one_flag_a_day_and_another_official_has_none(watched: AuditWorld) -> None:
    await look(watched, 1, 2, 3, 4, 4)
    await look(watched, 1, subject="official-8")
    assert await watched.judged() == [("many-in-an-hour", "official-7")]
    await look(watched, 1, 2)
    assert await watched.judged() == [("many-in-an-hour", "official-7")], "still one"


async def test_looking_again_and_again_is_flagged_across_seals(watched: AuditWorld) -> None:
    for _ in range(3):
        assert await watched.judged() == []
        await look(watched, 4)
    assert await watched.judged() == [("same-person-again", "official-7")]


async def test_what_was_judged_is_not_judged_again_after_a_restart(watched: AuditWorld) -> None:
    await look(watched, 1, 2, 3, 4)
    before = await watched.judged()
    await watched.registry.service.pool.execute("UPDATE judged_until SET seal = 0")
    assert await watched.judged() == before


async def test_a_flag_says_who_acted_and_nothing_of_whom(watched: AuditWorld) -> None:
    await name(watched, "official-7", 1)
    await look(watched, 2)
    await watched.judged(WIDE)
    (flag,) = (await watched.get("/v1/flags", watched.officer()))["flags"]
    assert set(flag) == {
        *("flag", "rule", "department", "official", "entry", "at", "raised_at"),
        *("decision", "decided_at", "break_glass"),
    }
    assert (flag["rule"], flag["official"], flag["break_glass"]) == ("same-household", "official-7", None)


async def test_a_flag_that_was_seen_can_be_decided_and_then_stays(watched: AuditWorld) -> None:
    await name(watched, "official-7", 1)
    await look(watched, 1)
    await watched.judged(WIDE)
    (flag,) = (await watched.get("/v1/flags", watched.officer()))["flags"]
    decisions = [
        (
            await watched.call(
                "POST", f"/v1/flags/{flag['flag']}/decision", watched.officer(), {"decision": each, "reason": "x"}
            )
        )
        for each in ("seen", "justified", "misuse")
    ]
    assert [answer.status_code for answer in decisions] == [204, 204, 409]
    nobody = f"/v1/flags/{uuid4()}/decision"
    answer = await watched.call("POST", nobody, watched.officer(), {"decision": "seen", "reason": "x"})
    assert answer.status_code == 404
    assert (await watched.get("/v1/flags", watched.officer()))["flags"] == []
    (decided,) = (await watched.get("/v1/flags", watched.officer(), decided="true"))["flags"]
    assert decided["decision"] == "justified"


async def test_neither_the_name_feed_nor_the_purpose_audit_excuses_a_look(watched: AuditWorld) -> None:
    await name(watched, "feed", 1)
    await look(watched, 1, subject="feed")
    await watched.registry.service.pool.execute(
        "INSERT INTO access_log (subject, department, purpose, action, basis, reference, fields)"
        " SELECT 'feed', department, 'audit', action, basis, l.reference, fields FROM access_log l"
        "  WHERE l.subject = 'feed' AND l.action = 'look-up'"
    )
    assert await watched.judged(WIDE) == [("own-record", "feed")]
    assert await watched.registry.count("judged_access") == 2


async def test_what_a_feed_told_and_that_an_official_was_named_are_no_looks(watched: AuditWorld) -> None:
    await name(watched, "official-7", 1)
    await watched.registry.service.pool.execute(
        "INSERT INTO access_log (subject, department, purpose, action, basis, reference, fields)"
        " SELECT 'feed', $1, 'household-registration', told.action, '', l.reference, '{}'"
        "   FROM access_log l CROSS JOIN unnest(ARRAY['feed', 'snapshot']) AS told (action)"
        "  WHERE l.action = 'official'",
        SECURITY,
    )
    assert await watched.judged(WIDE) == []
    assert await watched.registry.count("judged_access") == 0
