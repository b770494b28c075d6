"""The passwords of departments and services at the broker, one file (0600) each: made here, known to nobody before."""

import secrets
from pathlib import Path
from typing import Final

from shared.crypto.keyfile import read_private, write_whole

RANDOM_BYTES: Final = 32


class Passwords:
    """A folder (0700) of `<user>.password`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, user: str) -> Path:
        """Where a user's password lies."""
        return self.folder / f"{user}.password"

    def of(self, user: str) -> str:
        """The user's password; a new one when there is none. Raises UnsafeKeyFile where others may read the file."""
        if not self.file(user).exists():
            return self.renew(user)
        return read_private(self.file(user)).decode().strip()

    def renew(self, user: str) -> str:
        """Give the user a new password."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = secrets.token_urlsafe(RANDOM_BYTES)
        write_whole(self.file(user), f"{password}\n".encode())
        return password

    def forget(self, user: str) -> bool:
        """Delete a password; whether there was one."""
        there = self.file(user).exists()
        self.file(user).unlink(missing_ok=True)
        return there
