"""One history, watched by everybody outside health care: every answer, feed, log line and SQL statement.

What is different in every run (ids, references, instants, sealed bytes) is named by the order of its first appearance,
so that two runs of one history are the same, byte for byte.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from services.registry.areas import handlers as areas

NAMED = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|\+00:00)"  # instants
    r"|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}"  # references, cursors and sealed bytes
)
TIMED = frozenset({"date", "content-length"})  # the length is that of the body, which is compared itself


@dataclass
class Watched:
    """What was seen, in order."""

    seen: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def see(self, what: str, said: object) -> None:
        """Write down what somebody saw."""
        self.seen.append(f"{what}: {NAMED.sub(self._name, str(said))}")

    def answer(self, what: str, answer: httpx.Response) -> None:
        """Write down an answer: status, headers and body."""
        headers = {name: value for name, value in sorted(answer.headers.items()) if name not in TIMED}
        self.see(what, f"{answer.status_code} {headers} {answer.text}")

    def _name(self, found: re.Match[str]) -> str:
        return self.names.setdefault(found[0], f"<{len(self.names)}>")


@contextmanager
def statements(watched: Mapping[str, list[str]], monkeypatch: Any) -> Iterator[None]:
    """Every statement that a pool opened in this block sends, by database: `watched` has a list for each name that a
    database's own name begins with."""
    create = asyncpg.create_pool

    def create_watched(url: str, **more: Any) -> Any:
        name, introduce = url.rpartition("/")[2].partition("_")[0], more.pop("init")

        async def look(connection: asyncpg.Connection) -> None:
            await introduce(connection)
            if name in watched:
                connection.add_query_logger(lambda record: watched[name].append(record.query))

        return create(url, init=look, **more)

    with monkeypatch.context() as patched:
        patched.setattr(areas, "KEPT", 0)  # what is asked again after a while would be asked by chance
        patched.setattr(asyncpg, "create_pool", create_watched)
        yield
