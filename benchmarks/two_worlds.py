"""Whether the time of an answer tells of pregnancies (protection rule 4): the same requests of people outside care to
two services, one with enrolments, losses and withdrawals, one without, by turns within one run.

`python -m benchmarks.two_worlds --pairs 1000`. For each kind of request: how often the answer of the world with
pregnancies was the slower of a pair (50 % where nobody can tell them apart), with its 95 % interval, and the ratio of
the medians. The control, whose answers come a tenth of a millisecond later in one world, shows what would be seen.
"""

import argparse
import asyncio
import gc
import math
import random
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from deploy.tenfold.embedded import EmbeddedPostgres
from services.alerts.keys import OWN_KEYS
from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.migrate import upgrade
from shared.settings import Settings
from tests.alerts_world import DONGMING, World, running
from tests.care_world import CareWorld

WOMEN = 60
SLOWER = 0.55
"""How often the world with pregnancies may be the slower of a pair, at the upper end of its interval: one request then
tells next to nothing, and whoever asks the same thousands of times is stopped by the limits of requests."""
WAITED = 0.0001  # seconds
CONTROL = "control"
NORMAL = 1.96  # standard deviations to either side that hold 95 %
console = Console()


@dataclass(frozen=True)
class Timing:
    """One kind of request in both worlds: medians in milliseconds, and in how many pairs the one with pregnancies was
    the slower."""

    what: str
    without: float
    with_: float
    slower: int
    pairs: int

    @property
    def share(self) -> float:
        """How often it was the slower one."""
        return self.slower / self.pairs

    @property
    def margin(self) -> float:
        """To either side of the share: its 95 % interval."""
        return NORMAL * math.sqrt(self.share * (1 - self.share) / self.pairs)

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return self.with_ / self.without


@dataclass(frozen=True)
class Asked:
    """A request of somebody with these claims; `{episode}` in its path is one that only one of the worlds has."""

    path: str
    status: int
    claims: Mapping[str, Any]


ELSEWHERE = {"roles": ["care-worker"], "purpose": "care", "facility": DONGMING}
REQUESTS = {
    "her episode, asked by another facility": Asked("/v1/episodes/{episode}", 404, ELSEWHERE),
    "her own page, asked by a citizen": Asked("/v1/me/episode", 404, {"roles": ["citizen"]}),
    "another facility's worklist": Asked("/v1/worklist", 200, ELSEWHERE),
    "another facility's feed": Asked("/v1/feed", 200, ELSEWHERE),
    "her episode, asked by an official": Asked(
        "/v1/episodes/{episode}", 403, {"department": "health", "roles": ["clerk"]}
    ),
}


async def cared_for(world: World, women: int) -> list[UUID]:
    """So many women are enrolled; of every four one has a loss, and one withdraws."""
    cared, made = CareWorld(world), []
    for n in range(women):
        episode = await cared.enrolled()
        made.append(UUID(episode))
        if n % 4 == 1:
            ended = await cared.act(episode, "end", {"because": "loss"})
            assert ended.status_code == 204, ended.text
        if n % 4 == 3:
            gone = await cared.call("DELETE", f"/v1/episodes/{episode}/consent")
            assert gone.status_code == 204, gone.text
    return made


async def pairs(
    asked: Asked, worlds: Sequence[World], episodes: Sequence[UUID], count: int, wait: float
) -> list[list[float]]:
    """Milliseconds of each request in each world, by turns; which comes first is left to chance. `wait`: so many
    seconds longer in the world with pregnancies."""
    chance, found = random.Random(1), [[0.0] * count, [0.0] * count]
    token = worlds[0].issuer.issue(subject="outside", ttl=timedelta(hours=1), **asked.claims)
    headers = {"authorization": f"Bearer {token}"}
    for n in range(count):
        path = asked.path.replace("{episode}", str(chance.choice(episodes)))
        for which in chance.sample((0, 1), 2):
            begin = time.perf_counter()
            answer = await worlds[which].http.get(path, headers=headers)
            over = time.perf_counter() + wait * which
            while time.perf_counter() < over:
                pass
            found[which][n] = (time.perf_counter() - begin) * 1000
            assert answer.status_code == asked.status, answer.text
    return found


async def timing(
    what: str, asked: Asked, worlds: Sequence[World], episodes: Sequence[UUID], count: int, wait: float = 0
) -> Timing:
    """One kind of request, compared."""
    await pairs(asked, worlds, episodes, 20, 0)  # connections and plans are made
    without, with_ = await pairs(asked, worlds, episodes, count, wait)
    slower = sum(there > here for here, there in zip(without, with_, strict=True))
    return Timing(what, statistics.median(without), statistics.median(with_), slower, count)


async def two_worlds(count: int = 1_000, women: int = WOMEN) -> list[Timing]:
    """Every kind of request, and the control."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as server:
        issuer, opened = Issuer.open(Path(folder)), []
        async with AsyncExitStack() as stack:
            for name in ("without", "with"):
                server.ensure_database(f"alerts_{name}")
                await asyncio.to_thread(upgrade, "alerts", server.dsn(f"alerts_{name}"))
                keys = Path(folder) / name / "alerts.keys"
                keys.parent.mkdir()
                KeyRing.create(keys, (*OWN_KEYS, "care-index"))
                settings = Settings(
                    database_url=server.dsn(f"alerts_{name}"),
                    keys_file=keys,
                    jwks_file=issuer.public_jwks_path,
                    requests_per_second=0,
                    environment="development",
                )
                opened.append(await stack.enter_async_context(running(settings, issuer)))
            episodes = await cared_for(opened[1], women)
            gc.collect()
            gc.freeze()
            found = [await timing(what, asked, opened, episodes, count) for what, asked in REQUESTS.items()]
            what, asked = next(iter(REQUESTS.items()))
            found.append(await timing(f"{CONTROL}: {what}, 0.1 ms later", asked, opened, episodes, count, WAITED))
    return found


HEAD = ("two worlds", "without, ms", "with, ms", "ratio", "with is the slower", "95 %", "allowed")


def row(each: Timing) -> tuple[str, ...]:
    """As it is shown."""
    return (
        each.what,
        f"{each.without:.3f}",
        f"{each.with_:.3f}",
        f"{each.ratio:.3f}",
        f"{100 * each.share:.1f} %",
        f"{100 * (each.share - each.margin):.1f} to {100 * (each.share + each.margin):.1f} %",
        f"{100 * (1 - SLOWER):.0f} to {100 * SLOWER:.0f} %",
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000)
    shown = Table(*HEAD)
    for each in asyncio.run(two_worlds(parser.parse_args().pairs)):
        shown.add_row(*row(each))
    console.print(shown)


if __name__ == "__main__":
    main()
