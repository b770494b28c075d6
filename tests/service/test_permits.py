"""A permit to supersede another department's event: what waits for it is applied, whenever it came."""

import asyncio
from typing import Any

import pytest

from shared.db import transaction
from tests.audit_world import AuditWorld, Json
from tests.corrections_world import HEALTH, SECURITY, CorrectionDesk
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, entry_of, says
from tests.service.test_asked_corrections import DIED, ENTERED, HIM, him, rebuilt
from tests.service.test_order_of_locks import somebody_waits

pytest_plugins = ["tests.registry"]


@pytest.fixture
async def permitting(registry: RegistryWorld, lookups: LookUpWorld) -> CorrectionDesk:
    """A man in the household register, and the officials of the departments."""
    await registry.apply(ENTERED)
    return CorrectionDesk(AuditWorld(registry, lookups))


async def permitted_to_health(permitting: CorrectionDesk) -> tuple[str, Json]:
    """A death that the police reported, and health asked to decide about it: the request, and the decision."""
    await permitting.world.registry.apply(DIED)
    request = await permitting.ask(SECURITY, ENTERED, field="died_on", value="2024-05-03")
    return request, {"supersedes": {"source": DIED["source"], "id": DIED["id"]}}


def corrects_death(id_: str, on: str, minute: int, **who: Any) -> CloudEvent:
    """Health says when he died, in place of the police."""
    data = {"person": HIM | who, "certificate_number": "x1"}
    return says(
        "death.certified", id_, data, on, department=HEALTH, action="corrected", of="x1", of_source=DIED["source"],
        minute=minute,
    )  # fmt: skip


async def test_several_events_that_wait_for_a_permit_are_applied_in_one_page(permitting: CorrectionDesk) -> None:
    registry = permitting.world.registry
    request, which = await permitted_to_health(permitting)
    said = [corrects_death("hx1", "2024-05-03", 3), corrects_death("hx2", "2024-05-04", 4)]
    await registry.apply(*said)
    assert await registry.count("held_event") == 2
    await permitting.decide(request, "permit", permitting.decider(HEALTH), **which)
    assert [(await registry.outcomes(each))[-1] for each in said] == [("applied", None)] * 2
    assert await registry.count("held_event") == 0
    pages = "SELECT count(DISTINCT recorded_at) FROM vital_event WHERE department = 'health'"
    assert await registry.service.pool.fetchval(pages) == 1
    assert str((await him(permitting)).died_on) == "2024-05-04"
    await rebuilt(permitting)


async def test_a_permit_finds_what_a_fold_is_just_holding(permitting: CorrectionDesk) -> None:
    registry = permitting.world.registry
    request, which = await permitted_to_health(permitting)
    right = corrects_death("hx1", "2024-05-03", 3)
    health = permitting.decider(HEALTH)
    async with transaction(registry.service.pool) as connection:
        await registry.folding.handle(connection, [entry_of(right)])
        deciding = asyncio.create_task(permitting.decide(request, "permit", health, **which))
        await somebody_waits(registry.service.pool, deciding)
    await deciding
    assert (await registry.outcomes(right))[-1] == ("applied", None)
