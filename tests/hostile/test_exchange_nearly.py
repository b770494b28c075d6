"""Addresses of the exchange that are nearly as its schema writes them: refused as problems, or they were right."""

from pathlib import Path

import pytest

from shared.auth.issuer import Issuer
from shared.feed import http
from tests.conftest import Database
from tests.hostile_exchange import LEFT_OUT, under_fire
from tests.hostile_world import LEAST


async def test_no_value_that_is_nearly_right_passes_the_schema_by(
    database: Database, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "STREAM_SECONDS", 0.0)  # a stream ends as soon as nothing more is there
    async with under_fire(await database("exchange"), tmp_path, issuer) as hostile:
        await hostile.nearly(LEFT_OUT)
        assert not hostile.found, hostile.report()
        assert hostile.cases >= LEAST["exchange, nearly"]
        assert hostile.succeeded > hostile.cases // 20
