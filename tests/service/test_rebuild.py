"""What derives from facts can be derived again, and a difference is found."""

import pytest

from services.registry.facts.rebuild import Derived, Rebuild
from tests.histories import OTHER_TOWN, TOWN, birth, certificate, household, move, number, person
from tests.registry_world import RegistryWorld, says

pytest_plugins = ["tests.registry"]


async def compared(registry: RegistryWorld) -> tuple[Derived, Derived]:
    rebuild = Rebuild(registry.folding.vault, registry.folding.authorities, page=2)
    async with registry.service.pool.acquire() as connection:
        return await rebuild.compare(connection)


@pytest.fixture
async def settled(registry: RegistryWorld) -> RegistryWorld:
    """A family, a move, a merge and a correction."""
    baby = person(5, "Wang An", also=[certificate("C1")]) | {"birth_date": "2024-02-01"}
    by_number = baby | {"identifiers": [number(5)]}
    home = {"person": baby, **household()}
    await registry.apply(says("birth.certified", "b1", birth(person(2), person(1)), "2024-02-01"))
    moved = {"person": by_number, **move(), **household(OTHER_TOWN, number_="H2")}
    await registry.apply(says("migration.arrived", "a1", moved, "2024-03-01"))
    await registry.apply(says("household.registered", "h1", home, "2024-02-03"))
    await registry.apply(
        says("household.registered", "h2", home | household(TOWN[:6]), "2024-02-03", action="corrected", of="h1")
    )
    return registry


async def test_the_derived_tables_equal_what_the_facts_give(settled: RegistryWorld) -> None:
    stored, rebuilt = await compared(settled)
    assert stored == rebuilt
    assert (stored.person.rows, stored.residency.rows, stored.identifier_index.rows) == (3, 2, 4)
    assert stored.block.rows >= 3


ALIAS = "(SELECT person_id FROM person WHERE merged_into IS NOT NULL)"
DAMAGES = (
    "UPDATE residency SET area = '440305' WHERE since = '2024-03-01'",
    "DELETE FROM residency WHERE since = '2024-03-01'",
    f"INSERT INTO residency SELECT {ALIAS}, since FROM residency WHERE since = '2024-03-01'",
    "DELETE FROM block WHERE person_id = (SELECT person_id FROM block LIMIT 1)",
    f"INSERT INTO block SELECT key, {ALIAS} FROM block LIMIT 1",
    "UPDATE block SET key = substr(key, 2)",
    f"UPDATE identifier_index SET person_id = {ALIAS} WHERE type = 'birth-certificate-number'",
)


@pytest.mark.parametrize("damage", DAMAGES)
async def test_any_difference_is_found(settled: RegistryWorld, damage: str) -> None:
    await settled.service.pool.execute(damage)
    stored, rebuilt = await compared(settled)
    assert stored != rebuilt
    assert stored.person == rebuilt.person


async def test_a_state_that_its_facts_do_not_give_is_found(settled: RegistryWorld) -> None:
    states, _ = await settled.people()
    (first, state), (second, _), *_ = states.items()
    sealed = settled.folding.vault.seal_state(second, state)
    await settled.service.pool.execute("UPDATE person SET state = $2 WHERE person_id = $1", second, sealed)
    stored, rebuilt = await compared(settled)
    assert first != second
    assert stored.person != rebuilt.person
    assert stored.person.rows == rebuilt.person.rows
