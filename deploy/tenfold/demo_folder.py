"""The demo's data folder: emptied at every start, and nothing else ever is."""

import shutil
from pathlib import Path

from deploy.tenfold.embedded_account import choose_account
from deploy.tenfold.embedded_orphans import end_orphans
from deploy.tenfold.process_lock import FolderLock

MARKER, LOCK = "tenfold-demo", "supervisor.lock"
SAYS = "`tenfold demo` empties this folder whenever it starts.\n"


class NotADemo(RuntimeError):
    """The folder holds something that no demo put there; it is left alone."""


def empty(data: Path) -> None:
    """Make the folder, or empty it where its marker says that a demo made it.

    Raises NotADemo, or FolderInUse while another demo runs there.
    """
    if data.is_symlink() or (data.exists() and not data.is_dir()):
        raise NotADemo(f"{data} is no folder of its own: choose another with --data")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(data.iterdir()) and not (data / MARKER).is_file():
        raise NotADemo(f"{data} holds something else than a demo and is left alone: choose another with --data")
    lock = FolderLock(data / LOCK)
    lock.acquire()
    try:
        (data / MARKER).write_text(SAYS)
        cluster = data / "postgres" / "cluster"
        if cluster.is_dir():  # a killed demo may have left its database running
            end_orphans(cluster, choose_account(cluster))
        for entry in data.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name not in (MARKER, LOCK):
                entry.unlink()
    finally:
        lock.release()
