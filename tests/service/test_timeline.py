"""A person's history on both time axes, as far as the caller may see it; and who was told of them, for who watches."""

from typing import Any

import httpx

from tests.histories import OTHER_TOWN, TOWN, birth, certificate, household, move, number, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]

SECURITY, HEALTH, HOUSING = "public-security", "health", "housing"
LI_WEI = person(1, "Li Wei")
SETTLED = says("household.registered", "h1", {"person": LI_WEI, **household()}, "2024-01-10")


async def timeline(registry: RegistryWorld, lookups: LookUpWorld, event: CloudEvent, **query: Any) -> Any:
    reference = await registry.reference(SECURITY, event, query.pop("role", "person"))
    answer = await lookups.get(f"/v1/people/{reference}/timeline", SECURITY, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def changes(found: Any, *fields: str) -> list[tuple[object, ...]]:
    """(day, field, value, who said it, whether it still counts) of some fields."""
    return [
        (step["on"], each["field"], each["value"], *each["said_by"], each["known_until"] is None)
        for step in found["steps"]
        for each in step["changes"]
        if each["field"] in fields
    ]


async def test_a_move_and_a_death_stand_on_their_days_with_who_said_so(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    moved = {"person": LI_WEI, **move(), **household(OTHER_TOWN, number_="H2")}
    died = {"person": LI_WEI, "certificate_number": "x1"}
    await registry.apply(SETTLED)
    await registry.apply(says("death.certified", "x1", died, "2024-06-01", department=HEALTH))
    await registry.apply(says("migration.arrived", "a1", moved, "2024-03-01"))
    found = await timeline(registry, lookups, SETTLED)
    assert [step["on"] for step in found["steps"]] == ["2024-01-10", "2024-03-01", "2024-06-01"]
    assert changes(found, "registered_area", "died_on") == [
        ("2024-01-10", "registered_area", TOWN, SECURITY, True),
        ("2024-03-01", "registered_area", OTHER_TOWN, SECURITY, True),
        ("2024-06-01", "died_on", "2024-06-01", HEALTH, True),
    ]
    (named,) = changes(found, "name")
    assert named == ("2024-01-10", "name", "Li Wei", SECURITY, True)


async def test_what_was_corrected_stands_beside_what_replaced_it_with_when_it_was_known(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(SETTLED)
    first = await registry.now()
    data = {"person": person(1, "Li Wen"), **household()}
    await registry.apply(says("household.registered", "h2", data, "2024-01-10", action="corrected", of="h1", minute=1))
    found = await timeline(registry, lookups, SETTLED)
    assert changes(found, "name") == [
        ("2024-01-10", "name", "Li Wei", SECURITY, False),
        ("2024-01-10", "name", "Li Wen", SECURITY, True),
    ]
    old, new = (each for each in found["steps"][0]["changes"] if each["field"] == "name")
    assert old["known_until"] == new["known_since"]
    assert changes(await timeline(registry, lookups, SETTLED, known_at=first), "name") == [
        ("2024-01-10", "name", "Li Wei", SECURITY, True)
    ]


async def test_states_that_the_caller_could_not_have_looked_up_are_not_in_it(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    """An official of the town that somebody came to sees nothing of the town before."""
    moved = {"person": LI_WEI, **move(), **household(OTHER_TOWN, number_="H2")}
    await registry.apply(SETTLED, says("migration.arrived", "a1", moved, "2024-03-01"))
    reference = await registry.reference(SECURITY, SETTLED)
    who: dict[str, Any] = {"subject": "o", "department": SECURITY, "roles": ["clerk"]}
    who["purpose"] = "household-registration"
    headers = {"authorization": f"Bearer {lookups.issuer.issue(**who, areas=[OTHER_TOWN])}"}
    answer = await lookups.http.get(f"/v1/people/{reference}/timeline", headers=headers)
    assert [step["on"] for step in answer.json()["steps"]] == ["2024-03-01"]
    assert TOWN not in answer.text
    headers = {"authorization": f"Bearer {lookups.issuer.issue(**who, areas=[TOWN])}"}
    assert (await lookups.http.get(f"/v1/people/{reference}/timeline", headers=headers)).status_code == 404


async def test_only_agreed_fields_are_in_it(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(says("birth.certified", "b1", birth(person(2), name="Wang An"), "2024-02-01"))
    baby = {"identifiers": [certificate("C1")], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
    entered = says("household.registered", "h5", {"person": baby, **household(number_="H5")}, "2024-02-20")
    await registry.apply(entered)
    reference = await registry.reference(HEALTH, entered)
    found = (await lookups.get(f"/v1/people/{reference}/timeline", HEALTH)).json()
    assert [step["on"] for step in found["steps"]] == ["2024-02-01"], "that a household was entered is not told"
    assert {each["field"] for step in found["steps"] for each in step["changes"]} == {"name", "birth_date"}
    assert "registered_area" in found["withheld"]


async def test_a_timeline_is_written_down_and_a_strangers_is_not_found(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(SETTLED)
    reference = await registry.reference(HEALTH, SETTLED)
    assert (await lookups.get(f"/v1/people/{reference}/timeline", HEALTH)).status_code == 404
    assert await registry.count("access_log") == 0
    await timeline(registry, lookups, SETTLED)
    (row,) = await registry.service.pool.fetch("SELECT action, fields FROM access_log")
    assert row["action"] == "timeline"
    assert {"name", "registered_area"} <= set(row["fields"])
    assert await registry.count("look_up_given") == 1
    await timeline(registry, lookups, SETTLED, valid_at="2024-03-01")
    assert await registry.count("look_up_given") == 1, "what was true once is given as such"


async def watched(lookups: LookUpWorld, reference: str, *roles: str, **who: Any) -> httpx.Response:
    said = {"subject": "watcher-1", "roles": roles or ("protection-officer",), "purpose": "audit"} | who
    headers = {"authorization": f"Bearer {lookups.issuer.issue(**said)}"}
    return await lookups.http.get(f"/v1/people/{reference}/disclosures", headers=headers)


async def test_who_watches_sees_who_was_told_and_the_person_sees_that(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(SETTLED)
    reference = await registry.reference(SECURITY, SETTLED)
    await lookups.get(f"/v1/people/{reference}", SECURITY)
    answer = await watched(lookups, reference)
    (seen,) = answer.json()["disclosures"]
    assert (seen["subject"], seen["department"], seen["action"]) == ("official-7", SECURITY, "look-up")
    assert seen["basis"] == "public-security-own-people,public-security-register"
    assert answer.headers["cache-control"] == "no-store"
    of_another = await registry.reference(HOUSING, SETTLED)
    again = (await watched(lookups, of_another, "administrator")).json()["disclosures"]
    assert [each["action"] for each in again] == ["disclosures", "look-up"], "by any department's reference"
    shown = {"identifier": number(1), "name": "Li Wei", "birth_date": "1990-05-17"}
    provider = {"authorization": f"Bearer {lookups.issuer.issue(subject='p', service='identity-provider')}"}
    subject = (await lookups.http.post("/v1/citizens", json=shown, headers=provider)).json()["subject"]
    mine = {"authorization": f"Bearer {lookups.issuer.issue(subject=subject, roles=['citizen'])}"}
    own = (await lookups.http.get("/v1/me/disclosures", headers=mine)).json()["disclosures"]
    assert [(each["action"], each["yourself"]) for each in own][1:] == [
        ("disclosures", False), ("disclosures", False), ("look-up", False),
    ]  # fmt: skip
    assert (await watched(lookups, subject)).status_code == 200, "a complaint may name the person's own subject"


async def test_nobody_else_reads_the_log_of_a_person(registry: RegistryWorld, lookups: LookUpWorld) -> None:
    await registry.apply(SETTLED)
    reference = await registry.reference(SECURITY, SETTLED)
    assert (await watched(lookups, reference, purpose="statistics")).status_code == 403
    assert (await watched(lookups, reference, "clerk", department=SECURITY)).status_code == 403
    assert (await watched(lookups, reference, department=SECURITY)).status_code == 403
    assert (await watched(lookups, "nonsense")).status_code == 404
    assert await registry.count("access_log") == 0
