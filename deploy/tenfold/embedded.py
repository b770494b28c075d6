"""A PostgreSQL of our own in a data folder, from the programs of a wheel: nothing to install, no port, no password.

Layout of the data folder: `cluster/` (the database, 0700, also holds the socket), `postgres.log`, `lock`.
"""

import hashlib
import os
import re
import select
import signal
import stat
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from deploy.tenfold import embedded_cluster, process_log
from deploy.tenfold.embedded_account import EmbeddedPostgresError, choose_account
from deploy.tenfold.embedded_binaries import programs, wheel_folder
from deploy.tenfold.embedded_orphans import end_orphans, postmaster_lines
from deploy.tenfold.process_lock import FolderInUse, FolderLock

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

SOCKET_PATH_BYTES = 106  # sockaddr_un holds 108 with its end mark; PostgreSQL wants one more
DATABASE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class EmbeddedPostgres:
    """One PostgreSQL server. `start` and `stop` may be called from any thread, and again after either.

    durable: False gives up safety at power cuts for speed (tests). shared_buffers: PostgreSQL's own notation.
    ready_seconds: how long recovery after a crash may take.
    """

    def __init__(
        self, data: Path, *, durable: bool = True, shared_buffers: str | None = None, ready_seconds: float = 120.0
    ) -> None:
        self._data = data.absolute()
        self._cluster = self._data / "cluster"
        self._log = self._data / "postgres.log"
        self._durable = durable
        self._shared_buffers = shared_buffers or ("512MB" if durable else "128MB")
        self._ready_seconds = ready_seconds
        self._lock = FolderLock(self._data / "lock")
        self._process: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Return when the server answers; at once if it already does. Raises EmbeddedPostgresError.

        Makes the database the first time. Ends what a killed owner left running in this folder, and recovers from it.
        """
        with self._one_at_a_time:
            if self.alive():
                return
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._lock.acquire()
                self._launch()
            except BaseException as error:
                self._end(0.0)
                if isinstance(error, (OSError, FolderInUse)):
                    raise EmbeddedPostgresError(str(error)) from error
                raise

    def stop(self, patience: float = 3.0) -> None:
        """End the server within `patience` + 2 seconds. If patience was too short, the next start recovers."""
        self._stopping.set()
        with self._one_at_a_time:
            self._stopping.clear()
            self._end(patience)

    def alive(self) -> bool:
        """Whether our server process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, None when it does not run."""
        return self._process.pid if self._process is not None and self.alive() else None

    def dsn(self, database: str) -> str:
        """URL for asyncpg, SQLAlchemy or libpq. The same before, during and after a start."""
        folder = quote(str(self._socket_folder()), safe="")
        return f"postgresql://{embedded_cluster.ROLE}@/{_checked(database)}?host={folder}&port={embedded_cluster.PORT}"

    def ensure_database(self, name: str) -> None:
        """Create the database if it is missing; it belongs to the role `tenfold`. Raises EmbeddedPostgresError."""
        missing = f"SELECT 'CREATE DATABASE {_checked(name)}' WHERE NOT EXISTS "
        self._psql(f"{missing}(SELECT FROM pg_database WHERE datname = '{name}') \\gexec\n")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        account = choose_account(self._cluster)
        folder = programs(account)
        if self._cluster.exists():
            end_orphans(self._cluster, account)
        else:
            embedded_cluster.create(self._cluster, account, folder, durable=self._durable)
        embedded_cluster.configure(self._cluster, account, durable=self._durable, shared_buffers=self._shared_buffers)
        written = process_log.size(self._log)
        log = process_log.open_log(self._log)
        try:
            where = str(self._cluster) if account.reaches(self._cluster) else embedded_cluster.HERE
            argv = [str(folder / "postgres"), "-D", where]
            self._process = account.popen(argv, self._cluster, stdin=subprocess.DEVNULL, output=log)
        finally:
            os.close(log)
        self._wait_until_ready(self._process, written)

    def _wait_until_ready(self, server: subprocess.Popen[str], written: int) -> None:
        deadline = time.monotonic() + self._ready_seconds
        pidfd = os.pidfd_open(server.pid)
        try:
            ended = select.poll()
            ended.register(pidfd, select.POLLIN)
            while not _is_ready(postmaster_lines(self._cluster), server.pid):
                if ended.poll(5):
                    raise EmbeddedPostgresError(f"PostgreSQL did not start:\n{process_log.tail(self._log, written)}")
                if time.monotonic() > deadline or self._stopping.is_set():
                    why = "was stopped" if self._stopping.is_set() else f"was not ready in {self._ready_seconds:.0f} s"
                    raise EmbeddedPostgresError(f"PostgreSQL {why}:\n{process_log.tail(self._log, written)}")
        finally:
            os.close(pidfd)

    def _end(self, patience: float) -> None:
        """Fast shutdown, then immediate, then kill; afterwards the folder is free for others."""
        if self._process is not None:
            for signum, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 1.0)):
                if not self.alive():
                    break
                self._process.send_signal(signum)
                try:
                    self._process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue
            self._process = None
        self._lock.release()

    def _socket_folder(self) -> Path:
        """The database folder itself, or a short link to it where its path is too long for a socket address."""
        if len(os.fsencode(self._cluster)) + len(f"/.s.PGSQL.{embedded_cluster.PORT}") <= SOCKET_PATH_BYTES:
            return self._cluster
        name = hashlib.sha256(os.fsencode(self._cluster)).hexdigest()[:16]
        link = _runtime_folder() / name
        if not link.is_symlink():
            link.symlink_to(self._cluster)
        return link

    def _psql(self, script: str) -> None:
        command = [str(wheel_folder() / "pginstall18" / "bin" / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1"]
        result = subprocess.run(
            [*command, self.dsn("postgres")], input=script, capture_output=True, text=True, check=False, timeout=60,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )  # fmt: skip
        if result.returncode != 0:
            raise EmbeddedPostgresError(f"psql failed: {result.stderr.strip()}")


def _is_ready(lines: list[str], pid: int) -> bool:
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7] == "ready"


def _checked(database: str) -> str:
    if not DATABASE_NAME.fullmatch(database):
        raise ValueError(f"not a database name: {database!r}")
    return database


def _runtime_folder() -> Path:
    """A short folder that only this account can write to. Raises EmbeddedPostgresError if someone else made it."""
    parent = Path("/run") if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    folder = parent / f"tenfold-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise EmbeddedPostgresError(f"{folder} is not ours alone: remove it")
    return folder
