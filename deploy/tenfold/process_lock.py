"""One owner per folder: a file lock that the kernel drops when its process ends, however it ends."""

import fcntl
import os
from pathlib import Path


class FolderInUse(RuntimeError):
    """Another live process holds the folder."""


class FolderLock:
    """flock(2) on `path`; children do not inherit it, because Python opens files close-on-exec."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise FolderInUse naming the holder; taking it twice is one taking."""
        if self._file is not None:
            return
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except PermissionError:
            raise FolderInUse(f"{self._path.parent} belongs to another account") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise FolderInUse(f"{self._path.parent} is in use by process {holder}: stop that first") from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two processes lock two files of one name."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
