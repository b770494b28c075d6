"""A clerk who sends registers over HTTP, and the worker's part."""

import asyncio
import csv
from collections.abc import AsyncIterator, Mapping, Sequence
from io import StringIO
from typing import Any

import httpx

from services.registry.uploads.worker import Importer
from tests.imports_world import HEADER, MAPPING
from tests.registry_world import LookUpWorld, RegistryWorld


def content(rows: Sequence[Mapping[str, str]]) -> bytes:
    """The rows as a CSV file."""
    written = StringIO(newline="")
    writer = csv.DictWriter(written, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


class Clerk:
    """A clerk of public security who imports."""

    def __init__(self, lookups: LookUpWorld, registry: RegistryWorld) -> None:
        self.lookups, self.registry = lookups, registry
        self.token = lookups.token("public-security", "household-registration")

    async def call(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One call."""
        headers = {"authorization": f"Bearer {self.token}", **how.pop("headers", {})}
        return await self.lookups.http.request(method, f"/v1/imports{path}", headers=headers, **how)

    async def asked(self, *, dry_run: bool = False, mapping: str = MAPPING, format: str = "csv") -> str:
        """A new import."""
        body = {"name": "register.csv", "format": format, "mapping": mapping}
        answer = await self.call("POST", f"?dry_run={str(dry_run).lower()}", json=body)
        assert answer.status_code == 201, answer.text
        assert answer.json()["standing"] == "awaiting-file"
        return str(answer.json()["import_id"])

    async def sent(self, import_id: str, content: bytes) -> httpx.Response:
        """Its file, piece by piece."""

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(content), 1_000):
                yield content[start : start + 1_000]

        return await self.call("PUT", f"/{import_id}/file", content=pieces(), headers={"content-type": "text/csv"})

    async def state(self, import_id: str) -> dict[str, Any]:
        """How far it is."""
        found: dict[str, Any] = (await self.call("GET", f"/{import_id}")).json()
        return found

    async def faults(self, import_id: str) -> list[list[str]]:
        """The file of faults."""
        answer = await self.call("GET", f"/{import_id}/faults")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))

    def importer(self) -> Importer:
        """The worker's part."""
        service = self.registry.service
        return Importer(service.pool, service.ring, service.settings, workers=1, rows_in_chunk=2)

    async def begun(self, import_id: str) -> asyncio.Task[bool]:
        """The worker's part under way: some rows are done."""
        running = asyncio.create_task(self.importer().step())
        while not (await self.state(import_id))["rows_done"]:
            assert not running.done()
        return running
