"""Look-ups: who may see what of whom, on both time axes, and that nothing is seen without a log entry."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.crypto.references import mint
from tests.histories import OTHER_TOWN, TOWN, birth, certificate, household, move, number, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]

SECURITY, HEALTH, CIVIL = "public-security", "health", "civil-affairs"
LI_WEI = person(1, "Li Wei")
SETTLED = says("household.registered", "h1", {"person": LI_WEI, **household()}, "2024-01-10")
DIED = says("death.certified", "x1", {"person": LI_WEI, "certificate_number": "x1"}, "2024-03-01", department=HEALTH)
BORN = says("birth.certified", "b1", birth(person(2, "Wang Fang"), name="Wang An"), "2024-02-01")


def settled(id_: str, who: object, number_: str = "H1", kind: str = "family", on: str = "2024-01-10") -> CloudEvent:
    entry = household(number_=number_)
    entry["household"]["kind"] = kind
    return says("household.registered", id_, {"person": who, **entry}, on)


async def logged(registry: RegistryWorld) -> int:
    return await registry.count("access_log")


async def test_a_read_needs_a_caller_a_purpose_and_a_department(lookups: LookUpWorld) -> None:
    assert (await lookups.http.get("/v1/people/anything")).status_code == 401
    without = await lookups.get("/v1/people/anything", SECURITY, None)
    assert (without.status_code, without.json()["type"]) == (403, "/errors#purpose-required")
    token = lookups.issuer.issue(subject="exchange", service="exchange", purpose="audit")
    service = await lookups.http.get("/v1/people/anything", headers={"authorization": f"Bearer {token}"})
    assert service.status_code == 403


@pytest.mark.parametrize(
    ("department", "purpose"), [(SECURITY, "statistics"), ("statistics", "statistics"), ("education", "audit")]
)
async def test_without_an_agreement_the_refusal_is_precise_and_comes_before_any_look_up(
    registry: RegistryWorld, lookups: LookUpWorld, department: str, purpose: str
) -> None:
    await registry.apply(SETTLED)
    known = await registry.reference(department, SETTLED)
    answers = [
        await lookups.get(f"/v1/people/{known}", department, purpose),
        await lookups.get("/v1/people/unknown", department, purpose),
        await lookups.get("/v1/households/unknown", department, purpose),
        await lookups.search(number(1), department, purpose),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["type"] == "/errors#not-agreed"


async def test_unknown_and_forbidden_are_one_answer_byte_for_byte(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(SETTLED, BORN)
    not_mine = await registry.reference(HEALTH, SETTLED)  # well formed, but health has never reported on him
    no_person = mint(registry.service.ring, HEALTH, UUID(int=7))
    of_another = await registry.reference(SETTLED["source"].split(":")[2], SETTLED)
    for path in ("people", "households"):
        asked = [not_mine, no_person, of_another, "nonsense", "ä%FF", "x" * 500, of_another + "=", "%00"]
        department = HEALTH if path == "people" else SECURITY
        if path == "households":
            asked = [ref for ref in asked if ref != of_another] + [not_mine]
        answers = [await lookups.get(f"/v1/{path}/{reference}", department) for reference in asked]
        assert [answer.status_code for answer in answers] == [404] * len(asked)
        assert len({answer.content for answer in answers}) == 1
        assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    found = [await lookups.search(number(n), HEALTH) for n in (1, 9)]
    assert found[0].content == found[1].content == b'{"people":[]}'
    assert await logged(registry) == 0


async def test_own_people_only_and_only_the_agreed_fields(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(SETTLED, DIED, BORN)
    reference = await registry.reference(HEALTH, DIED)
    found = (await lookups.get(f"/v1/people/{reference}", HEALTH)).json()
    assert found["fields"] == {"name": "Li Wei", "birth_date": "1990-05-17", "died_on": "2024-03-01"}
    assert set(found["withheld"]) == {
        "sex", "identity_number", "registered_area", "household_number", "relation_to_head", "residence",
        "current_area", "civil_status", "spouse", "mother", "father",
    }  # fmt: skip
    assert found["household"] is None
    assert found["basis"] == ["health-birth-and-death-certificates"]
    other = (await lookups.get(f"/v1/people/{reference}", HEALTH, "service-delivery")).json()
    assert set(other["fields"]) == {"name", "birth_date", "registered_area", "residence", "current_area", "died_on"}


async def test_everyone_is_everyone_in_the_household_register_and_nobody_else(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(BORN)  # public security has registered nobody: a certified birth is not its to see
    reference = await registry.reference(SECURITY, BORN, "mother")
    unknown = await lookups.get(f"/v1/people/{reference}", SECURITY)
    assert unknown.status_code == 404
    assert (await lookups.search(number(2), SECURITY)).json() == {"people": []}


async def test_a_number_that_was_corrected_away_finds_nobody(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(SETTLED)
    fixed = says(
        "household.registered", "h2", {"person": person(3, "Li Wei"), **household()}, action="corrected", of="h1"
    )
    await registry.apply(fixed)
    assert (await lookups.search(number(1), SECURITY)).json() == {"people": []}
    (hit,) = (await lookups.search(number(3), SECURITY)).json()["people"]
    assert hit["fields"]["identity_number"] == number(3)["value"]


async def test_a_number_mistyped_for_a_strangers_is_no_case_on_the_stranger_once_it_is_corrected(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    mistyped = says("death.certified", "x9", {"person": LI_WEI, "certificate_number": "x9"}, department=HEALTH)
    right = {"person": person(4, "Li Wen"), "certificate_number": "x9"}
    corrected = says("death.certified", "x10", right, action="corrected", of="x9", department=HEALTH)
    await registry.apply(SETTLED)
    await registry.apply(mistyped)
    stranger = await registry.reference(HEALTH, SETTLED)
    assert (await lookups.get(f"/v1/people/{stranger}", HEALTH)).status_code == 200
    await registry.apply(corrected)
    assert (await lookups.get(f"/v1/people/{stranger}", HEALTH)).status_code == 404


async def test_a_token_for_some_areas_sees_nobody_of_another(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(SETTLED)
    reference = await registry.reference(SECURITY, SETTLED)
    for area, status in ((TOWN[:6], 200), (TOWN, 200), ("440305", 404)):
        token = lookups.issuer.issue(
            subject="official-7",
            department=SECURITY,
            roles=["clerk"],
            purpose="household-registration",
            areas=[area],
        )
        headers = {"authorization": f"Bearer {token}"}
        assert (await lookups.http.get(f"/v1/people/{reference}", headers=headers)).status_code == status, area


async def test_a_household_lists_its_members_on_the_day_asked(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    leaving = {"person": LI_WEI, **move("P1", TOWN, OTHER_TOWN), **household(OTHER_TOWN, number_="H2")}
    await registry.apply(SETTLED, settled("h2", person(2, "Wang Fang"), on="2024-02-01"))
    await registry.apply(says("migration.arrived", "a1", leaving, "2024-04-01"))
    seen = (await lookups.get(f"/v1/people/{await registry.reference(SECURITY, SETTLED)}", SECURITY,
                              valid_at="2024-03-01")).json()  # fmt: skip
    found = {}
    for day in ("2024-01-01", "2024-01-10", "2024-02-01", "2024-04-01"):
        members = (await lookups.get(f"/v1/households/{seen['household']}", SECURITY, valid_at=day)).json()["members"]
        found[day] = [member["fields"]["name"] for member in members]
    assert found == {
        "2024-01-01": [],
        "2024-01-10": ["Li Wei"],
        "2024-02-01": ["Li Wei", "Wang Fang"],
        "2024-04-01": ["Wang Fang"],
    }
    refused = await lookups.get(f"/v1/households/{seen['household']}", HEALTH)
    assert (refused.status_code, refused.json()["type"]) == (403, "/errors#not-agreed")


async def test_a_collective_household_never_lists_anyone_also_not_who_left_it(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(settled("h1", LI_WEI, "D1", "collective"))
    reference = await registry.reference(SECURITY, SETTLED)
    shelter = (await lookups.get(f"/v1/people/{reference}", SECURITY)).json()["household"]
    await registry.apply(settled("h2", LI_WEI, "H1", "family", "2024-06-01"))
    departed = says("migration.departed", "d1", {"person": LI_WEI, **move("P9", TOWN, "440305")}, "2024-08-01")
    await registry.apply(departed)
    before = await logged(registry)
    for day in ("2024-03-01", "2024-06-01", "2024-09-01"):
        answer = await lookups.get(f"/v1/households/{shelter}", SECURITY, valid_at=day)
        assert answer.json()["members"] == []
    assert await logged(registry) == before
    shown = (await lookups.get(f"/v1/people/{reference}", SECURITY)).json()["household"]
    members = (await lookups.get(f"/v1/households/{shown}", SECURITY, valid_at="2024-07-01")).json()["members"]
    assert len(members) == 1


async def test_what_was_valid_then_and_what_was_known_then(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(SETTLED)
    reference = await registry.reference(SECURITY, SETTLED)
    first = await registry.now()
    data = {"person": person(1, "Li Wen"), **household(OTHER_TOWN)}
    await registry.apply(says("household.registered", "h2", data, "2024-01-10", action="corrected", of="h1", minute=1))
    corrected = await registry.now()
    await registry.apply(DIED)

    async def asked(**query: Any) -> dict[str, object]:
        answer = await lookups.get(f"/v1/people/{reference}", SECURITY, **query)
        fields: dict[str, object] = answer.json().get("fields", {"status": answer.status_code})
        return fields

    assert (await asked())["died_on"] == "2024-03-01"
    assert (await asked(valid_at="2024-02-01"))["died_on"] is None
    old, new = await asked(known_at=first), await asked(known_at=corrected)
    assert (old["name"], old["registered_area"], old["died_on"]) == ("Li Wei", TOWN, None)
    assert (new["name"], new["registered_area"], new["died_on"]) == ("Li Wen", OTHER_TOWN, None)
    assert await asked(valid_at="2023-01-01") == {"status": 404}
    assert await asked(known_at=first - timedelta(days=9)) == {"status": 404}


async def test_before_a_merge_each_reference_shows_its_own_facts_only(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    baby = {"identifiers": [certificate("C1")], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
    newborn = settled("h1", baby, "H1")
    numbered = says("migration.departed", "d1", {"person": baby | {"identifiers": [number(5)]}, **move()}, "2024-03-01")
    await registry.apply(newborn)
    await registry.apply(numbered)
    left, right = await registry.reference(SECURITY, newborn), await registry.reference(SECURITY, numbered)
    before = await registry.now()
    await registry.apply(settled("h2", baby | {"identifiers": [number(5), certificate("C1")]}, "H1", on="2024-02-20"))
    after = await registry.now()
    await registry.apply(settled("h3", baby | {"identifiers": [number(5)]}, "H7", on="2024-05-01"))

    async def asked(reference: str, **query: Any) -> tuple[object, object, object]:
        found = (await lookups.get(f"/v1/people/{reference}", SECURITY, **query)).json()
        return found["reference"], found["fields"]["household_number"], found["fields"]["identity_number"]

    mine = number(5)["value"]
    assert await asked(left, known_at=before) == (left, "H1", None)
    assert await asked(right, known_at=before) == (right, None, mine)
    for reference in (left, right):
        assert await asked(reference) == (left, "H7", mine), "an alias still answers"
        assert await asked(reference, known_at=after) == (left, "H1", mine)
        assert await asked(reference, known_at=await registry.now()) == (left, "H7", mine)


@pytest.mark.parametrize(
    "query",
    [
        {"known_at": "2024-01-01T00:00:00"},
        {"known_at": "5"},
        {"known_at": "0001-01-01T00:00:00+14:00"},
        {"valid_at": "5"},
        {"valid_at": "2024-02-30"},
        {"valid_at": "+10000-01-01"},
    ],
)
async def test_times_that_are_none_are_refused(
    registry: RegistryWorld, lookups: LookUpWorld, query: dict[str, Any]
) -> None:
    await registry.apply(SETTLED)
    reference = await registry.reference(SECURITY, SETTLED)
    assert (await lookups.get(f"/v1/people/{reference}", SECURITY, **query)).status_code == 422


async def test_every_disclosure_is_written_down_with_its_fields_and_basis(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(SETTLED, DIED)
    reference = await registry.reference(HEALTH, DIED)
    await lookups.get(f"/v1/people/{reference}", HEALTH)
    await lookups.search(number(1), SECURITY)
    rows = await registry.service.pool.fetch("SELECT * FROM access_log ORDER BY access_id")
    person_id = await registry.service.pool.fetchval("SELECT person_id FROM person")
    first, second = rows
    assert (first["subject"], first["department"], first["purpose"]) == ("official-7", HEALTH, "vital-registration")
    assert first["fields"] == ["name", "birth_date", "died_on"]
    assert (first["reference"], first["basis"]) == (str(person_id), "health-birth-and-death-certificates")
    assert second["basis"] == "public-security-own-people,public-security-register"
    assert (first["action"], second["action"]) == ("look-up", "look-up")


async def test_what_cannot_be_written_down_is_not_disclosed(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(SETTLED, settled("h2", person(2, "Wang Fang")))
    reference = await registry.reference(SECURITY, SETTLED)
    home = (await lookups.get(f"/v1/people/{reference}", SECURITY)).json()["household"]
    before = await logged(registry)
    await registry.service.pool.execute("ALTER TABLE access_log ADD CHECK (subject <> 'official-7') NOT VALID")
    for answer in (
        await lookups.get(f"/v1/people/{reference}", SECURITY),
        await lookups.get(f"/v1/households/{home}", SECURITY),
        await lookups.search(number(1), SECURITY),
    ):
        assert answer.status_code == 500
        assert "Li Wei" not in answer.text
        assert number(1)["value"] not in answer.text
    assert await logged(registry) == before


async def test_a_commit_that_fails_discloses_nothing(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    """The entry is checked at the commit only: the answer must wait for it."""
    await registry.apply(SETTLED)
    reference = await registry.reference(SECURITY, SETTLED)
    await registry.service.pool.execute(
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
           CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON access_log DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION refuse()"""
    )
    answer = await lookups.get(f"/v1/people/{reference}", SECURITY)
    assert answer.status_code == 500
    assert "Li Wei" not in answer.text


async def test_look_ups_during_folding_see_whole_people_only(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(SETTLED)
    reference = await registry.reference(SECURITY, SETTLED)

    async def correct() -> None:
        for n in range(2, 22):
            data = {"person": person(1, f"Name {n}"), **household(number_=f"H{n}")}
            await registry.apply(
                says("household.registered", f"h{n}", data, action="corrected", of=f"h{n - 1}", minute=n)
            )

    correcting = asyncio.create_task(correct())
    answers: list[httpx.Response] = []
    while not correcting.done():
        answers.append(await lookups.get(f"/v1/people/{reference}", SECURITY))
    await correcting
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers[1:]:
        fields = answer.json()["fields"]
        assert fields["name"] in ("Li Wei", f"Name {fields['household_number'][1:]}")


async def test_a_household_beyond_ones_agreements_is_not_found(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    """A reference of a person is none of a household, and the other way round."""
    await registry.apply(SETTLED)
    reference = await registry.reference(SECURITY, SETTLED)
    home = (await lookups.get(f"/v1/people/{reference}", SECURITY)).json()["household"]
    assert (await lookups.get(f"/v1/households/{reference}", SECURITY)).status_code == 404
    assert (await lookups.get(f"/v1/people/{home}", SECURITY)).status_code == 404
