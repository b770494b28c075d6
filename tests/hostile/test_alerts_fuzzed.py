"""Whatever is sent to the alerts service: no 5xx, nothing accepted that its schema refuses, every refusal a problem."""

import pytest

from shared.feed import http
from tests.alerts_world import DAY_15, World
from tests.care_world import CareWorld
from tests.hostile_world import LEAST, TIMES, Hostile

pytest_plugins = ["tests.alerts"]


async def test_no_request_breaks_the_alerts_service_or_passes_its_schema_by(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "STREAM_SECONDS", 0.0)  # a stream ends as soon as nothing more is there
    await world.listed(("nurse", "care-worker"), ("head", "supervisor"))
    await world.birth()
    await world.on(DAY_15)
    (task, *_) = await world.worklist()
    cared = CareWorld(world)
    episodes = [await cared.enrolled() for _ in range(3)]
    contacts = [each["contact"] for episode in episodes for each in await cared.contacts(episode)]
    known = {"help_id": [str(task["id"])], "episode": episodes, "contact": contacts}
    hostile = Hostile("alerts", world.app, world.issuer, world.http, known)
    await hostile.fire({}, 30, {})
    await hostile.nearly({})
    assert not hostile.found, hostile.report()
    assert hostile.cases >= LEAST["alerts"] * TIMES
    assert hostile.succeeded > hostile.cases // 20
