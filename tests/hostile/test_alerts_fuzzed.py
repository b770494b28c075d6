"""Whatever is sent to the alerts service: no 5xx, nothing accepted that its schema refuses, every refusal a problem."""

from tests.alerts_world import DAY_15, World
from tests.hostile_world import TIMES, Hostile

pytest_plugins = ["tests.alerts"]
LEFT_OUT = {
    "GET /v1/feed/stream": "it never ends; tests/hostile/test_bodies.py asks it for what it must refuse",
}
CASES = 1_000


async def test_no_request_breaks_the_alerts_service_or_passes_its_schema_by(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    (task, *_) = await world.worklist()
    hostile = Hostile("alerts", world.app, world.issuer, world.http, {"help_id": [str(task["id"])]})
    await hostile.fire({}, 120, LEFT_OUT)
    await hostile.nearly(LEFT_OUT)
    assert not hostile.found, hostile.report()
    assert hostile.cases >= CASES * TIMES
    assert hostile.succeeded > hostile.cases // 20
