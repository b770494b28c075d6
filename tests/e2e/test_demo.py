"""`tenfold demo`, as `make demo` calls it, with a county small enough for a test."""

import json
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import httpx

from deploy.tenfold.county import expectations, foreseen, generate, grants, plan
from deploy.tenfold.county.planted import planted
from services.registry.contradictions.values import KINDS
from shared import clock
from shared.auth.caller import DEPARTMENTS
from tests.running import END_SECONDS, ROOT, TENFOLD, end, environment, free_port_base, tenfold

PEOPLE, DAYS = 300, 30
SECONDS = 240.0  # on a busy machine; usually 15


def test_the_demo_accounts_for_everything(tmp_path: Path) -> None:
    """Every report is applied or held as the county's plan says, nothing is missing, and help opens where it should."""
    planned = plan(generate(PEOPLE), DAYS, clock.today())
    expected, plants = expectations(planned), planted(planned, foreseen(planned, grants(planned.today)))
    answer = tenfold(
        *("demo", "--people", str(PEOPLE), "--days", str(DAYS), "--once", "--json"),
        *("--data", str(tmp_path / "demo"), "--port-base", str(free_port_base())),
        env=environment(tmp_path / "state"),
        seconds=SECONDS,
    )
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout.splitlines()[-1])
    assert said["unaccounted"] == 0
    assert said["accepted"] == PEOPLE + expected.reports
    assert (said["applied"], said["held"], said["rejected"]) == (said["accepted"] - expected.held, expected.held, 0)
    assert said["alerts"] == sum(expected.open_help.values())
    assert plants.kinds().keys() == KINDS.keys()
    assert (said["contradictions"], said["half_moves"]) == (dict(plants.kinds()), dict(plants.halves()))
    assert said["feeds"].keys() == DEPARTMENTS
    assert said["differences"] == dict.fromkeys(DEPARTMENTS, 0)
    assert all(said["feeds"][name] > 0 for name in DEPARTMENTS - {"statistics"})
    assert said["feeds"]["public-security"] > PEOPLE
    assert said["feeds"]["statistics"] == 0
    assert said["seconds"] > 0


def test_a_demo_that_stays_up_ends_at_ctrl_c_and_may_be_repeated_in_its_folder(tmp_path: Path) -> None:
    """Its codes open the pages, it ends within five seconds with exit code 0, and empties its folder next time."""
    options = ["--people", str(PEOPLE), "--days", str(DAYS), "--json", "--data", str(tmp_path / "demo")]
    log = tmp_path / "shown"
    for _ in range(2):
        base = free_port_base()
        command = [*TENFOLD, "demo", *options, "--port-base", str(base)]
        with (
            log.open("wb") as shown,
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(tmp_path / "state"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=shown,
            ) as process,
        ):
            try:
                said = json.loads(first_line(process, log))
                page = logged_in(f"http://127.0.0.1:{base + 2}", log.read_text(), 0)
                others = [logged_in(f"http://127.0.0.1:{base}", log.read_text(), which) for which in (-2, -1)]
                registry = [logged_in(f"http://127.0.0.1:{base + 1}", log.read_text(), which) for which in (-5, -4, -3)]
            finally:
                status, seconds = end(process, signal.SIGINT)
        assert (status, said["unaccounted"]) == (0, 0), log.read_text()
        assert page.status_code == httpx.codes.OK
        assert page.url.path == "/worklist"
        assert 'href="/staff"' in page.text, "listed at the facility as its supervisor, too"
        assert [other.url.path for other in others] == ["/overview", "/department"]
        assert [each.url.path for each in registry] == ["/reviews", "/population", "/me"]
        assert ("<svg" in registry[1].text, "已婚" in registry[2].text) == (True, True)
        assert seconds < END_SECONDS


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    """Nothing is emptied that a demo did not make."""
    (tmp_path / "letters").mkdir()
    answer = tenfold("demo", "--once", "--data", str(tmp_path), env=environment(tmp_path / "state"))
    assert answer.returncode == 1
    assert "left alone" in answer.stderr
    assert (tmp_path / "letters").is_dir()


def logged_in(service: str, shown: str, which: int) -> httpx.Response:
    """The page somebody gets who types one of the codes that the demo shows."""
    codes = re.findall(r"\b[2-9A-Z]{5}-[2-9A-Z]{5}\b", shown)
    assert codes, shown
    with httpx.Client(base_url=service, headers={"origin": service}, follow_redirects=True) as browser:
        return browser.post("/login", data={"code": codes[which]})


def first_line(process: subprocess.Popen[bytes], log: Path) -> bytes:
    """Wait for the first line on standard output."""
    assert process.stdout is not None
    deadline = time.monotonic() + SECONDS
    while not select.select([process.stdout], [], [], 1.0)[0]:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
    line = process.stdout.readline()
    assert line, log.read_text()
    return line
