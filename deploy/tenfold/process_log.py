"""Log files that children write to directly: opened for appending, kept short, shown in part when a start fails."""

import os
import shutil
from pathlib import Path

LARGEST = 16 * 1024 * 1024


def open_log(path: Path) -> int:
    """A close-on-exec descriptor that appends; the file is readable by its owner only."""
    trim(path)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)


def trim(path: Path) -> None:
    """Beyond 16 MiB, move the content to `NAME.1` by copying: the writers keep their descriptors and go on at 0."""
    if path.exists() and path.stat().st_size > LARGEST:
        older = path.with_name(path.name + ".1")
        older.unlink(missing_ok=True)
        with path.open("rb") as source, open(os.open(older, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            shutil.copyfileobj(source, copy)
        os.truncate(path, 0)


def size(path: Path) -> int:
    """Bytes written so far; 0 for no file."""
    return path.stat().st_size if path.exists() else 0


def tail(path: Path, since: int = 0, lines: int = 20) -> str:
    """The last lines written after byte `since`."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(since if since <= size(path) else 0, size(path) - 16_384))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
