"""A registry whose exchange was restored from a backup grants what that exchange knows, and nothing else."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from shared.auth.issuer import Issuer
from tests.agreements_world import Hands, document
from tests.departments_world import Line, lined_up
from tests.exchange_world import running, settings_for
from tests.registry_world import RegistryWorld

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

RENTAL, NEW = "housing-public-rental", "housing-example"


async def test_what_a_restored_exchange_does_not_know_ends_and_the_rest_stands_as_it_says(
    line: Line,
    database: Callable[[str], Awaitable[str]],
    registry: RegistryWorld,
    issuer: Issuer,
    tmp_path: Path,
) -> None:
    hands, pool = Hands(line.exchange), registry.service.pool

    async def told(identifier: str) -> tuple[str, int]:
        fields = "jsonb_array_length(document -> 'fields') AS fields"
        row = await pool.fetchrow(f"SELECT status, {fields} FROM agreement_told WHERE identifier = $1", identifier)
        assert row is not None
        return row["status"], row["fields"]

    await line.rest()
    before = await told(RENTAL)
    await hands.agree(document("housing"))
    first = (await hands.get(RENTAL)).json()["versions"][0]["agreement"]
    await hands.agree(first | {"fields": first["fields"][:1]}, version=2)
    await line.rest()
    assert ((await told(NEW))[0], await told(RENTAL)) == ("in-force", ("in-force", 1))
    # The backup is older than both: it knows the agreements of the files only.
    async with (
        running(settings_for(await database("exchange"), tmp_path, issuer), issuer) as exchange,
        lined_up(exchange, registry, issuer) as again,
    ):
        await pool.execute(
            "UPDATE agreement_told SET told_at = now() + interval '1 hour' WHERE identifier = $1", RENTAL
        )
        while await again.sharing.step() or (await again.sharing.standing())[0] is None:
            pass
        assert (await told(NEW))[0] == "ended"
        assert await told(RENTAL) == before
        fresh = Hands(exchange)
        await fresh.agree(document("housing"))
        await again.sharing.step()
        assert (await told(NEW))[0] == "in-force"
