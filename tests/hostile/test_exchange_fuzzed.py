"""Whatever is sent to the exchange: no 5xx, nothing accepted that its schema refuses, every refusal a problem.

The intake is fired at in a file of its own (test_intake_fuzzed.py).
"""

from pathlib import Path

import pytest

from shared.auth.issuer import Issuer
from shared.feed import http
from tests.conftest import Database
from tests.hostile_exchange import LEFT_OUT, under_fire
from tests.hostile_world import LEAST, TIMES

HEAVY = {"POST /v1/agreements": 6, "POST /v1/agreements/preview": 6}


async def test_no_request_breaks_the_exchange_or_passes_its_schema_by(
    database: Database, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "STREAM_SECONDS", 0.0)  # a stream ends as soon as nothing more is there
    async with under_fire(await database("exchange"), tmp_path, issuer) as hostile:
        await hostile.fire(HEAVY, 10, LEFT_OUT)
        assert not hostile.found, hostile.report()
        assert hostile.cases >= LEAST["exchange"] * TIMES
        assert hostile.succeeded > hostile.cases // 20
