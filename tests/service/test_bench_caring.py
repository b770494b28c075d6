"""The city's care contacts of the benchmarks are such as the service makes: they open, and stand on the worklist."""

from datetime import date
from uuid import UUID

import pytest

from benchmarks.caring import FACILITY, WORKERS, fill
from shared.settings import Settings
from tests.care_world import CareWorld

pytest_plugins = ["tests.alerts"]


async def test_contacts_of_one_facility_open_and_all_others_are_counted(cared: CareWorld, settings: Settings) -> None:
    found = await fill(settings.database_url, cared.care.vault, cared.today, 1_000, 250)
    assert found == await cared.care.pool.fetchval("SELECT count(*) FROM care_contact") == 1_000
    answer = await cared.call("GET", "/v1/worklist?limit=200", facility=FACILITY, subject=WORKERS[0])
    assert answer.status_code == 200, answer.text
    here = "SELECT contact_id, closes_on FROM care_contact WHERE facility = $1 AND state IN ('open', 'overdue')"
    rows = await cared.care.pool.fetch(here, FACILITY)
    assert {UUID(task["id"]) for task in answer.json()["tasks"]} == {row["contact_id"] for row in rows}
    assert len(rows) > 25
    assert all(isinstance(row["closes_on"], date) and row["closes_on"] > cared.today for row in rows)
    counts = answer.json()["counts"]
    assert counts["overdue"] + counts["today"] == len(rows)


async def test_a_city_smaller_than_its_facility_is_none(cared: CareWorld, settings: Settings) -> None:
    with pytest.raises(ValueError, match="fewer contacts"):
        await fill(settings.database_url, cared.care.vault, cared.today, 100, 250)
