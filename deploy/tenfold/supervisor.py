"""Keeps a set of programs running on one data folder, and ends all of them, whatever happens to itself.

Children are marked in their environment and held by the kernel: if the supervisor is killed they get SIGTERM, and the
next start ends whatever is left. The data folder gets `supervisor.lock` and `logs/NAME.log`.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.tenfold import process, process_database, process_log
from deploy.tenfold.process_child import Child, ChildSpec
from deploy.tenfold.process_lock import FolderInUse, FolderLock
from deploy.tenfold.process_tasks import in_thread, together

__all__ = ["AlreadyRunning", "ChildSpec", "PortInUse", "StartFailed", "Supervisor", "SupervisorError"]

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0  # seconds before a crashed child is started again, doubling
STEADY = 60.0  # a child that ran this long starts over with the first pause
GRACE = 2.5  # seconds between SIGTERM and SIGKILL; with PostgreSQL's time after it all ends within 5
POSTGRES_GRACE = 1.0
TENDING = 5.0  # seconds between looks at log sizes and, as process 1, at zombies

_logger = logging.getLogger("tenfold.supervisor")


class SupervisorError(RuntimeError):
    """The supervisor cannot do its work; the message says why and what to do."""


class AlreadyRunning(SupervisorError):
    """Another supervisor runs on this data folder."""


class PortInUse(SupervisorError):
    """A child could not listen, because some other program does."""


class StartFailed(SupervisorError):
    """A child ended before it was ready, or was not ready in time."""


class Supervisor:
    """Runs in the main thread until SIGTERM, SIGINT or SIGHUP.

    postgres: started first, watched and restarted, stopped last.
    prepare: called in a thread when PostgreSQL runs and before any child does (migrations).
    on_ready: called when every child is ready for the first time.
    ready_seconds: how long that may take.
    """

    def __init__(
        self,
        data: Path,
        children: Sequence[ChildSpec],
        *,
        postgres: process_database.Database | None = None,
        prepare: Callable[[], None] | None = None,
        on_ready: Callable[[], None] | None = None,
        ready_seconds: float = 60.0,
    ) -> None:
        if len({spec.name for spec in children}) != len(children):
            raise ValueError("two children have the same name")
        self._data = data.absolute()
        self._specs = list(children)
        self._postgres = postgres
        self._prepare = prepare
        self._on_ready = on_ready
        self._ready_seconds = ready_seconds
        self._children: list[Child] = []
        self._awaited: set[Child] = set()

    def run(self) -> None:
        """Return after an orderly end. Raises AlreadyRunning, PortInUse, StartFailed; nothing then runs any more."""
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._data / "logs").mkdir(mode=0o700, exist_ok=True)
        lock = FolderLock(self._data / "supervisor.lock")
        try:
            lock.acquire()
        except FolderInUse as error:
            raise AlreadyRunning(f"already running: {error}") from None
        try:
            asyncio.run(self._until_told())
        finally:
            lock.release()

    async def _until_told(self) -> None:
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(signum) != signal.SIG_IGN:  # nohup
                loop.add_signal_handler(signum, told.set)
        work = asyncio.create_task(self._work())
        end = asyncio.create_task(told.wait())
        tend = asyncio.create_task(self._tend())
        try:
            await asyncio.wait({work, end}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
        finally:
            for task in (work, end, tend):
                task.cancel()
            await asyncio.gather(work, end, tend, return_exceptions=True)
            await self._end_all()

    async def _work(self) -> None:
        folder = self._data.stat()
        mark = f"{folder.st_dev:x}-{folder.st_ino:x}"
        await in_thread(lambda: _end_orphans(mark))
        for spec in self._specs:
            if not spec.port_is_free():
                raise PortInUse(f"{spec.name} cannot listen at {spec.ready}: another program uses that port")
        if self._postgres is not None:
            await process_database.start(self._postgres)
        if self._prepare is not None:
            await in_thread(self._prepare)
        self._children = [Child(spec, self._data / "logs", mark) for spec in self._specs]
        self._awaited = set(self._children)
        for child in self._children:
            child.start()
        jobs = [self._live(child) for child in self._children]
        await together(*jobs, *([process_database.keep_running(self._postgres)] if self._postgres is not None else []))

    async def _live(self, child: Child) -> None:
        if child.spec.ready is not None:
            await self._first_ready(child)
        self._awaited.discard(child)
        if not self._awaited and self._on_ready is not None:
            self._on_ready()
        await self._keep(child)

    async def _first_ready(self, child: Child) -> None:
        ready, ended = asyncio.create_task(child.ready()), asyncio.create_task(child.ended())
        try:
            await asyncio.wait({ready, ended}, timeout=self._ready_seconds, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                what = f"ended with status {ended.result()} before it was ready"
            elif ready.done():
                return
            else:
                what = f"was not ready after {self._ready_seconds:.0f} s"
            raise StartFailed(f"{child.spec.name} {what}. The end of {child.log}:\n{child.last_words()}")
        finally:
            ready.cancel()
            ended.cancel()

    async def _keep(self, child: Child) -> None:
        """Start it again whenever it ends, with a doubling, bounded pause."""
        loop = asyncio.get_running_loop()
        pause, since = FIRST_PAUSE, loop.time()
        while True:
            status = await child.ended()
            pause = FIRST_PAUSE if loop.time() - since > STEADY else pause
            _logger.warning("child_ended name=%s status=%d restart_in_seconds=%.2f", child.spec.name, status, pause)
            await asyncio.sleep(pause)
            pause, since = min(pause * 2, LONGEST_PAUSE), loop.time()
            child.start()

    async def _end_all(self) -> None:
        for child in self._children:
            child.send(signal.SIGTERM)
        running = [asyncio.ensure_future(child.ended()) for child in self._children if child.running]
        if running and (await asyncio.wait(running, timeout=GRACE))[1]:
            for child in self._children:
                child.send(signal.SIGKILL)
            await asyncio.wait(running, timeout=1.0)
        postgres = self._postgres
        if postgres is not None:
            await in_thread(lambda: postgres.stop(POSTGRES_GRACE))

    async def _tend(self) -> None:
        """Keep logs short; as process 1 of a container, wait for orphans that became ours."""
        seen: set[int] = set()
        while True:
            await asyncio.sleep(TENDING)
            for child in self._children:
                process_log.trim(child.log)
            if os.getpid() == 1:
                ours = {child.pid for child in self._children} | {self._postgres.pid if self._postgres else None}
                strangers = process.zombies_of(1) - ours
                for pid in strangers & seen:  # seen twice: no thread of ours is about to wait for it
                    os.waitpid(pid, os.WNOHANG)  # noqa: ASYNC222 - does not wait
                seen = strangers


def _end_orphans(mark: str) -> None:
    """End what a killed supervisor of this data folder left. The mark is in the process, so no number can mislead."""
    wanted = f"TENFOLD_RUN={mark}".encode()
    ended = process.end_all(
        lambda pid: wanted in process.environment(pid), [(signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0)]
    )
    if ended:
        _logger.warning("orphans_ended count=%d", ended)
