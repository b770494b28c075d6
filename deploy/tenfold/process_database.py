"""Keeping the embedded PostgreSQL running beside the children."""

import asyncio
import logging
import os
from typing import Protocol

from deploy.tenfold.process_tasks import in_thread

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0  # seconds before another start, doubling
STEADY = 60.0  # seconds; a run this long makes the next start immediate

_logger = logging.getLogger("tenfold.supervisor")


class Database(Protocol):
    """What the supervisor asks of EmbeddedPostgres."""

    def start(self) -> None: ...
    def stop(self, patience: float = ...) -> None: ...
    def alive(self) -> bool: ...
    @property
    def pid(self) -> int | None: ...


async def start(postgres: Database) -> None:
    """Start it; when told to end meanwhile, break the start off, so that it cannot succeed behind our back."""
    starting = asyncio.ensure_future(in_thread(postgres.start))
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await in_thread(postgres.stop)
        await asyncio.wait({starting})
        raise


async def keep_running(postgres: Database) -> None:
    """Start it again whenever it ends: at once after a steady run, else with a doubling, bounded pause."""
    loop = asyncio.get_running_loop()
    pause, since = 0.0, loop.time()
    while True:
        await _until_gone(postgres.pid)
        pause = 0.0 if loop.time() - since > STEADY else pause
        _logger.warning("postgres_ended restart_in_seconds=%.2f", pause)
        while not postgres.alive():
            await asyncio.sleep(pause)
            pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            try:
                await start(postgres)
            except RuntimeError as error:
                _logger.error("postgres_start_failed next_try_in_seconds=%.2f reason=%s", pause, error)
        since = loop.time()


async def _until_gone(pid: int | None) -> None:
    if pid is None:
        return
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(pidfd, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(pidfd)
        os.close(pidfd)
