"""The supervisor as a real process with real children, under every way to end that it must survive."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from deploy.tenfold.embedded import EmbeddedPostgres
from deploy.tenfold.embedded_account import Account
from deploy.tenfold.embedded_binaries import wheel_folder
from deploy.tenfold.process import wait_until_ended

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds: a bound for a slow machine, not a wait

SUPERVISOR = """
import json, pathlib, sys, time
from deploy.tenfold.embedded import EmbeddedPostgres
from deploy.tenfold.supervisor import ChildSpec, Supervisor, SupervisorError
data, plan = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])
postgres = EmbeddedPostgres(data / "postgres", shared_buffers="64MB") if plan["postgres"] else None

def prepare():
    if postgres:
        postgres.ensure_database("registry")
    print("prepared", flush=True)
    time.sleep(plan["prepare_seconds"])

children = [ChildSpec(**child) for child in plan["children"]]
on_ready = lambda: print("ready", postgres.pid if postgres else 0, flush=True)
try:
    seconds = plan["ready_seconds"]
    Supervisor(data, children, postgres=postgres, prepare=prepare, on_ready=on_ready, ready_seconds=seconds).run()
except SupervisorError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""

# Prints its process id, then answers 200 for ever.
SERVING = """
import http.server, os, sys
print("pid", os.getpid(), flush=True)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
# Refuses SIGTERM, and so does the process it starts.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"])
print("pid", os.getpid(), flush=True)
time.sleep(600)
"""

Spec = dict[str, Any]
Found = TypeVar("Found")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serving(name: str = "registry", python: str = sys.executable) -> Spec:
    port = free_port()
    return {"name": name, "argv": [python, "-c", SERVING, str(port)], "ready": f"http://127.0.0.1:{port}/readyz"}


def running(name: str, code: str, python: str = sys.executable) -> Spec:
    return {"name": name, "argv": [python, "-c", code]}


@contextmanager
def supervisor(
    data: Path,
    *children: Spec,
    postgres: bool = False,
    prepare_seconds: float = 0,
    ready_seconds: float = PATIENCE,
    python: str = sys.executable,
    account: pwd.struct_passwd | None = None,
) -> Iterator[subprocess.Popen[str]]:
    plan = {
        "children": children,
        "postgres": postgres,
        "prepare_seconds": prepare_seconds,
        "ready_seconds": ready_seconds,
    }
    process = subprocess.Popen(
        [python, "-c", SUPERVISOR, str(data), json.dumps(plan)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{wheel_folder().parent}", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def until_says(process: subprocess.Popen[str], word: str) -> list[str]:
    """Block until the supervisor prints a line that starts with `word`; the line's words."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            return line.split()
    assert process.stderr is not None
    pytest.fail(f"ended before it said {word!r}: {process.stderr.read()}")


def until(condition: Callable[[], Found]) -> Found:
    """Poll until the condition holds; its value."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.01)
    return value


def started(data: Path, name: str) -> list[int]:
    """The process ids that a child and its children have printed, oldest first."""
    log = data / "logs" / f"{name}.log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith("pid ")]


@contextmanager
def watching(pids: list[int]) -> Iterator[list[int]]:
    pidfds = [os.pidfd_open(pid) for pid in pids]
    try:
        yield pidfds
    finally:
        for pidfd in pidfds:
            os.close(pidfd)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_children_grandchildren_and_postgres_within_five_seconds(tmp_path: Path, signum: int) -> None:
    children = [serving(), running("stubborn", STUBBORN)]
    with supervisor(tmp_path, *children, postgres=True) as process:
        postgres = int(until_says(process, "ready")[1])
        pids = until(lambda: found if len(found := started(tmp_path, "stubborn")) == 2 else [])
        with watching([*pids, *started(tmp_path, "registry"), postgres]) as all_of_them:
            begun = time.monotonic()
            process.send_signal(signum)
            assert process.wait(PATIENCE) == 0
            assert time.monotonic() - begun < 5
            assert wait_until_ended(all_of_them, 0)


def test_a_crashed_child_is_started_again_with_growing_pauses(tmp_path: Path) -> None:
    with supervisor(
        tmp_path, serving(), running("worker", "print('pid 1', flush=True); raise SystemExit(3)")
    ) as process:
        until_says(process, "ready")
        assert process.stderr is not None
        pauses = [process.stderr.readline().split()[-1] for _ in range(3)]
        assert pauses == ["restart_in_seconds=0.25", "restart_in_seconds=0.50", "restart_in_seconds=1.00"]
        [served] = started(tmp_path, "registry")
        os.kill(served, signal.SIGKILL)
        assert until(lambda: len(started(tmp_path, "registry")) == 2)


def test_a_killed_supervisor_takes_its_children_along(tmp_path: Path) -> None:
    with supervisor(tmp_path, serving(), serving("exchange")) as process:
        until_says(process, "ready")
        with watching([*started(tmp_path, "registry"), *started(tmp_path, "exchange")]) as children:
            process.kill()
            assert wait_until_ended(children, PATIENCE)


def test_the_start_after_kill_9_ends_stubborn_orphans_and_nothing_else(tmp_path: Path) -> None:
    child = serving()
    stranger = subprocess.Popen(["sleep", "600"], env={"TENFOLD_RUN": "0-0"})
    with supervisor(tmp_path, child, running("stubborn", STUBBORN)) as process:
        until_says(process, "ready")
        pids = until(lambda: found if len(found := started(tmp_path, "stubborn")) == 2 else [])
        process.kill()
        process.wait()
    with watching(pids) as orphans, supervisor(tmp_path, child) as process:
        until_says(process, "ready")
        assert wait_until_ended(orphans, 0)
        assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_child_that_fails_to_start_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    broken = serving("exchange") | {"argv": [sys.executable, "-c", "raise SystemExit('no key ring')"]}
    with supervisor(tmp_path, serving(), broken) as process:
        _, error = process.communicate(timeout=PATIENCE)
    assert error.startswith("StartFailed: exchange ended with status 1 before it was ready")
    assert "no key ring" in error
    assert all(not Path(f"/proc/{pid}").exists() for pid in started(tmp_path, "registry"))


def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with supervisor(tmp_path, serving() | {"argv": ["/nowhere/program"]}) as process:
        _, error = process.communicate(timeout=PATIENCE)
    assert "cannot run /nowhere/program: No such file or directory" in error


def test_a_child_that_is_never_ready_fails_the_start(tmp_path: Path) -> None:
    silent = serving() | {"argv": ["/bin/sleep", "600"]}
    with supervisor(tmp_path, silent, ready_seconds=0.3) as process:
        _, error = process.communicate(timeout=PATIENCE)
    assert error.startswith("StartFailed: registry was not ready after")


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    child = serving()
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(child["argv"][-1])))
        other.listen()
        with supervisor(tmp_path, child, postgres=True) as process:
            _, error = process.communicate(timeout=PATIENCE)
    assert error.startswith(f"PortInUse: registry cannot listen at {child['ready']}")
    assert not (tmp_path / "postgres").exists()


def test_a_second_supervisor_on_the_folder_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with supervisor(tmp_path, serving()) as first:
        until_says(first, "ready")
        with supervisor(tmp_path, serving()) as second:
            _, error = second.communicate(timeout=PATIENCE)
        assert error.startswith("AlreadyRunning: already running")
        assert f"process {first.pid}" in error
        assert first.poll() is None
        assert len(started(tmp_path, "registry")) == 1


def test_a_signal_during_preparation_ends_all_within_five_seconds(tmp_path: Path) -> None:
    with supervisor(tmp_path, serving(), postgres=True, prepare_seconds=600) as process:
        until_says(process, "prepared")
        begun = time.monotonic()
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - begun < 5


def test_an_output_that_grew_too_long_is_kept_short_over_a_restart(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "registry.log"
    log.parent.mkdir()
    with log.open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    with supervisor(tmp_path, serving()) as process:
        until_says(process, "ready")
    assert log.stat().st_size < 1024
    assert log.with_name("registry.log.1").stat().st_size == 17 * 1024 * 1024


@pytest.fixture(params=["ourselves", "a plain user"])
def runner(request: pytest.FixtureRequest) -> Iterator[tuple[Path, str, pwd.struct_passwd | None]]:
    """A data folder, an interpreter, and the account to run as: our own, and as root also one that is not root."""
    with tempfile.TemporaryDirectory() as folder:
        if request.param == "ourselves":
            yield Path(folder), sys.executable, None
            return
        if os.geteuid() != 0:
            pytest.skip("we are a plain user already")
        entry = pwd.getpwnam("daemon")
        account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid, foreign=True)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        usable = [sys.executable, shutil.which(version, path="/usr/local/bin:/usr/bin:/bin")]
        python = next((path for path in usable if path and account.reaches(Path(path))), None)
        if python is None or not account.reaches(ROOT) or not account.reaches(wheel_folder()):
            pytest.skip(f"no {version} and checkout that a plain user can read")
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield Path(folder), python, entry


def test_committed_rows_survive_kill_9_of_postgres_and_of_the_supervisor(
    runner: tuple[Path, str, pwd.struct_passwd | None],
) -> None:
    data, python, account = runner
    child = serving(python=python)
    with supervisor(data, child, postgres=True, python=python, account=account) as process:
        first = int(until_says(process, "ready")[1])
        assert ask(data, account, "CREATE TABLE kept AS SELECT 7 AS number; SELECT 'made'") == "made"
        os.kill(first, signal.SIGKILL)
        assert until(lambda: ask(data, account, "SELECT number FROM kept")) == "7"
        second = int((data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
        process.kill()
        process.wait()
    assert second != first
    with (
        watching([second]) as orphan,
        supervisor(data, child, postgres=True, python=python, account=account) as process,
    ):
        third = int(until_says(process, "ready")[1])
        assert third != second
        assert wait_until_ended(orphan, 0)
        assert ask(data, account, "SELECT number FROM kept") == "7"


def ask(data: Path, account: pwd.struct_passwd | None, statement: str) -> str:
    """The answer of the database to the account that runs it; empty while it is away."""
    result = subprocess.run(
        [
            wheel_folder() / "pginstall18" / "bin" / "psql",
            "-XAtq",
            "-d",
            EmbeddedPostgres(data / "postgres").dsn("registry"),
            "-c",
            statement,
        ],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    return result.stdout.strip()
