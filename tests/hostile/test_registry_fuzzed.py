"""Whatever is sent to the registry: no 5xx, nothing accepted that its schema refuses, every refusal a problem."""

from tests.histories import birth, household, person
from tests.hostile_world import LEAST, TIMES, Hostile
from tests.registry_world import LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]
SETTLED = says("household.registered", "h1", {"person": person(1, "Li Wei"), **household()}, "2024-01-10")
BORN = says("birth.certified", "b1", birth(person(2, "Wang Fang"), name="Wang An"), "2024-02-01")


async def test_no_request_breaks_the_registry_or_passes_its_schema_by(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(SETTLED, BORN)
    known = {
        "reference": [await registry.reference("public-security", SETTLED)],
        "feed": ["changes", "care"],
        "code": ["370102"],
        "indicator": ["population"],
    }
    hostile = Hostile("registry", lookups.app, lookups.issuer, lookups.http, known)
    await hostile.fire({}, 20, {})
    await hostile.nearly({})
    assert not hostile.found, hostile.report()
    assert hostile.cases >= LEAST["registry"] * TIMES
    assert hostile.succeeded > hostile.cases // 20


async def test_nul_in_a_cursor_is_a_fault_and_never_reaches_the_database(lookups: LookUpWorld) -> None:
    administrator = {"authorization": f"Bearer {lookups.issuer.issue(subject='admin', roles=['administrator'])}"}
    for name in ("after_kind", "after_place"):
        answer = await lookups.http.get(f"/v1/reconciliations/findings?{name}=a%00b", headers=administrator)
        assert (answer.status_code, answer.json()["faults"][0]["pointer"]) == (422, f"query/{name}")
