"""Processes seen through /proc and signalled through pidfds, so that a re-used process id is never hit."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROC = Path("/proc")


def ids() -> Iterator[int]:
    """Every process id visible now."""
    return (int(name) for name in os.listdir(PROC) if name.isdigit())


def environment(pid: int) -> frozenset[bytes]:
    """The `NAME=value` pairs a process was started with; empty when it is gone, a zombie or not ours to read."""
    try:
        return frozenset((PROC / str(pid) / "environ").read_bytes().split(b"\0"))
    except OSError:
        return frozenset()


def zombies_of(parent: int) -> set[int]:
    """Ended children of `parent` that nobody has waited for."""
    found = set()
    for pid in ids():
        with contextlib.suppress(OSError, IndexError):
            # proc(5): the name in brackets may hold spaces and brackets, the fields behind it may not.
            state, its_parent = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[:2]
            if state == "Z" and int(its_parent) == parent:
                found.add(pid)
    return found


def send(pidfd: int, signum: int) -> None:
    """Signal one process; nothing happens if it has ended."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signum)


def wait_until_ended(pidfds: list[int], seconds: float) -> bool:
    """Wait until every process has ended (zombies count as ended); False when the time is over."""
    deadline = time.monotonic() + seconds
    waiting = select.poll()
    for pidfd in pidfds:
        waiting.register(pidfd, select.POLLIN)
    left = set(pidfds)
    while left:
        for pidfd, _ in waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
            waiting.unregister(pidfd)
            left.discard(pidfd)
        if left and time.monotonic() >= deadline:
            return False
    return True


@contextlib.contextmanager
def opened(matches: Callable[[int], bool]) -> Iterator[dict[int, int]]:
    """pid → pidfd of every process for which `matches` holds *after* the pidfd was opened."""
    found: dict[int, int] = {}
    try:
        for pid in ids():
            if pid == os.getpid() or not matches(pid):
                continue
            try:
                pidfd = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            found[pid] = pidfd
            if not matches(pid):
                os.close(found.pop(pid))
        yield found
    finally:
        for pidfd in found.values():
            os.close(pidfd)


def end_all(matches: Callable[[int], bool], steps: list[tuple[int, float]]) -> int:
    """End every matching process by (signal, seconds to wait) steps. Returns how many were found first.

    Raises TimeoutError when one outlives the last step.
    """
    first = None
    for signum, seconds in steps:
        with opened(matches) as found:
            first = len(found) if first is None else first
            for pidfd in found.values():
                send(pidfd, signum)
            wait_until_ended(list(found.values()), seconds)
    with opened(matches) as found:
        if found:
            raise TimeoutError(f"processes {sorted(found)} do not end")
    return first or 0
