"""The operating-system account that PostgreSQL runs as, and what that account can reach."""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """`foreign` is true when we are root and PostgreSQL, which refuses root, runs as somebody else."""

    name: str
    uid: int
    gid: int
    foreign: bool

    def popen(self, argv: Sequence[str], folder: Path, *, stdin: int, output: int | IO[bytes]) -> subprocess.Popen[str]:
        """Start a program as this account in `folder`, with an environment that carries none of our secrets.

        The working folder is entered before the account is changed, so it may lie below folders closed to it.
        """
        return subprocess.Popen(
            argv, cwd=folder, stdin=stdin, stdout=output, stderr=subprocess.STDOUT, text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}, umask=0o077, start_new_session=True,
            user=self.uid if self.foreign else None, group=self.gid if self.foreign else None,
            extra_groups=[] if self.foreign else None,
        )  # fmt: skip

    def own(self, descriptor_or_path: int | Path) -> None:
        """Give a file or folder of ours to this account."""
        if self.foreign:
            os.chown(descriptor_or_path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether mode bits let this account read and enter `path` and traverse every folder above it."""
        path = path.resolve()
        return self._may(path, 0o5) and all(self._may(folder, 0o1) for folder in path.parents)

    def _may(self, path: Path, wanted: int) -> bool:
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return (stat.S_IMODE(status.st_mode) >> shift) & wanted == wanted


def operating_user() -> str:
    """The name of the account that runs us. PostgreSQL's peer authentication needs it to have one."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise EmbeddedPostgresError(f"user id {os.geteuid()} has no passwd entry, which PostgreSQL needs") from None


def choose_account(cluster: Path) -> Account:
    """Who runs the database of `cluster`: as root its present owner, for a new one `nobody`; otherwise ourselves."""
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        name = operating_user()
        if owner not in (None, os.geteuid()):
            raise EmbeddedPostgresError(f"{cluster} belongs to another account than {name}")
        return Account(name, os.geteuid(), os.getegid(), foreign=False)
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedPostgresError("PostgreSQL refuses root, and its account has no passwd entry") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, foreign=True)
