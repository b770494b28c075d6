"""The commands, as a newcomer types them, against one running Tenfold."""

import csv
import json
import re
from pathlib import Path

import pytest
import yaml

from deploy.tenfold.county import TYPE_NAMES
from deploy.tenfold.talking import example
from shared.auth.caller import DEPARTMENTS
from shared.settings import PROVISIONING
from tests.running import Running, environment, free_port_base, running, tenfold

__all__ = ["running"]

PEOPLE = 500


@pytest.fixture
def cloud_event(tmp_path: Path) -> Path:
    """A file with one valid event of the health department."""
    file = tmp_path / "event.json"
    file.write_text(example("birth.certified", PEOPLE))
    return file


def test_token_prints_one_bare_line_that_is_accepted(running: Running) -> None:
    """So that it can stand in a shell's `$(…)`."""
    answer = running.tenfold("token", "--department", "health", "--role", "reporter")
    assert answer.returncode == 0
    assert answer.stdout.count("\n") == 1
    assert answer.stdout.count(".") == 2
    assert not answer.stderr


def test_an_example_from_the_command_line_is_posted_and_applied(running: Running) -> None:
    """The two commands fit each other through a pipe."""
    made = running.tenfold("example", "cn.tenfold.birth.certified.v1", "--people", str(PEOPLE))
    answer = running.tenfold("post", "--wait", "-", stdin=made.stdout)
    assert answer.returncode == 0, answer.stderr
    assert [line.split()[0] for line in answer.stdout.splitlines()] == ["accepted", "applied"]


def test_an_example_of_every_type_is_accepted_and_settled(running: Running) -> None:
    """One array over three departments; each is reported by the one that its source names."""
    cloud_events = [json.loads(example(name, PEOPLE)) for name in TYPE_NAMES]
    answer = running.tenfold("post", "--wait", "-", stdin=json.dumps(cloud_events))
    assert answer.returncode == 0, answer.stderr
    words = [line.split()[0] for line in answer.stdout.splitlines()]
    assert words.count("accepted") == len(TYPE_NAMES)
    assert words.count("applied") + words.count("held") == len(TYPE_NAMES)


def test_a_bulk_load_of_corrections_is_counted_under_its_id(running: Running) -> None:
    """No line for each of them: how many were accepted, and where the load stands."""
    made = [json.loads(example("birth.certified", PEOPLE)) for _ in range(3)]
    assert running.tenfold("post", "--wait", "-", stdin=json.dumps(made)).returncode == 0
    load = []
    for each in made:
        supersedes = {"source": each["source"], "id": each["id"]}
        data = each["data"] | {"action": "corrected", "supersedes": supersedes}
        load.append(each | {"id": f"{each['id']}-again", "data": data})
    answer = running.tenfold("post", "--wait", "--batch", "spring", "-", stdin=json.dumps(load))
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == ["accepted  3 of 3  spring", "applied   3  spring"]
    refused = running.tenfold("post", "--batch", "spring", "-", stdin=json.dumps(made))
    assert (refused.returncode, refused.stdout) == (1, "accepted  0 of 3  spring\n")
    assert refused.stderr.count("/batchid") == 3


def test_areas_are_tried_entered_listed_and_taken_back(running: Running, tmp_path: Path) -> None:
    """From the provisioned file, and from a table of the same."""
    areas = yaml.safe_load((PROVISIONING / "areas.yaml").read_text())["areas"]
    day = "2026-05-01"
    areas = [
        area | ({"valid_until": day, "successors": ["370102904203"]} if area["code"] == "370102904204" else {})
        for area in areas
    ]
    file = tmp_path / "areas.yaml"
    file.write_text(yaml.safe_dump({"areas": areas}, allow_unicode=True))
    reason = ("--reason", "resolution 12")
    tried = running.tenfold("areas", "enter", str(file), *reason, "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert tried.stdout.splitlines()[-1] == "tried, nothing entered: 1 would change"
    assert running.tenfold("areas", "enter", str(file), *reason).stdout.splitlines()[-1].endswith(": 1 changed")
    table = tmp_path / "areas.csv"
    with table.open("w", newline="") as out:
        columns = csv.DictWriter(out, ["code", "zh", "en", "valid_from", "valid_until", "successors"])
        columns.writeheader()
        for area in areas:
            row = {name: area.get(name, "") for name in columns.fieldnames}
            columns.writerow(row | {"successors": " ".join(area.get("successors", ()))})
    assert running.tenfold("areas", "enter", str(table), *reason).stdout.splitlines()[-1].endswith(": 20 changed")
    lists = running.tenfold("areas", "list").stdout
    assert lists.count("resolution 12") == 2
    first = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", lists)[-1]
    back = running.tenfold("areas", "restore", first, "--reason", "they are synthetic")
    assert back.stdout.splitlines()[-1].endswith(": 20 changed")
    unread = running.tenfold("areas", "enter", str(table.rename(tmp_path / "areas.yml")), *reason)
    assert (unread.returncode, unread.stdout) == (1, "")


def test_the_same_event_again_gets_the_same_receipt(running: Running, cloud_event: Path) -> None:
    """A lost answer is asked for by reporting once more."""
    first, second = (running.tenfold("post", str(cloud_event)) for _ in range(2))
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout


def test_a_bad_event_is_refused_by_pointer_and_the_others_are_not(running: Running, cloud_event: Path) -> None:
    """Exit code 1, and the place of the fault on standard error."""
    good = json.loads(cloud_event.read_text())
    bad = {**good, "id": "bad", "data": {**good["data"], "help_requested": "perhaps"}}
    answer = running.tenfold("post", "-", stdin=json.dumps([bad, good]))
    assert answer.returncode == 1
    assert "/data/help_requested" in answer.stderr
    assert "perhaps" not in answer.stderr
    assert answer.stdout.startswith("accepted")
    alone = running.tenfold("post", "-", stdin=json.dumps(bad))
    assert alone.returncode == 1
    assert "/data/help_requested" in alone.stderr


def test_follow_prints_one_entry_a_line_and_ends_at_the_head(running: Running, cloud_event: Path) -> None:
    """Dense positions from 1; the receipt that was just given is among the entries."""
    receipt = running.tenfold("post", "--wait", str(cloud_event)).stdout.split()[1]
    answer = running.tenfold("follow", "health", "--once")
    entries = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.returncode == 0, answer.stderr
    assert [entry["position"] for entry in entries] == list(range(1, len(entries) + 1))
    assert receipt in {entry["data"]["subject"] for entry in entries}


def test_follow_refuses_a_cursor_of_another_feed(running: Running) -> None:
    """One clear line, no traceback."""
    other = "00000000-0000-4000-8000-000000000000:7"
    answer = running.tenfold("follow", "health", "--once", "--after", other)
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1


def test_status_shows_every_service_feed_and_follower(running: Running) -> None:
    """For people and, bare, for programs."""
    base = str(running.layout.port_base)
    answer = running.tenfold("status", "--port-base", base, "--json")
    shown = json.loads(answer.stdout)
    assert answer.returncode == 0
    assert shown["services"] == {"exchange": "up", "registry": "up", "alerts": "up"}
    assert {f"department:{name}" for name in DEPARTMENTS} < {feed["feed"] for feed in shown["feeds"]}
    assert all(feed["head"] == feed["entries"] for feed in shown["feeds"])
    assert {each["feed"] for each in shown["followers"]} == {"vital-events", "sharing", "changes", "care"}
    assert shown["parked"] == 0
    for_people = running.tenfold("status", "--port-base", base)
    assert for_people.returncode == 0
    assert "vital-events / 3" in for_people.stdout
    assert max(map(len, for_people.stdout.splitlines())) <= 100


def test_where_nothing_runs_one_line_says_so(tmp_path: Path, cloud_event: Path) -> None:
    """Exit code 1, no traceback."""
    env, base = environment(tmp_path), str(free_port_base())
    nowhere = f"http://127.0.0.1:{base}"
    for arguments in (
        ["post", "--exchange", nowhere, str(cloud_event)],
        ["follow", "health", "--once", "--exchange", nowhere],
        ["status", "--port-base", base],
    ):
        answer = tenfold(*arguments, env=env)
        assert answer.returncode == 1
        assert "Nothing answers" in answer.stderr
        assert len(answer.stderr.splitlines()) == 1


def test_what_cannot_be_posted_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    """A missing file, no JSON, no event, a source without a department; an unknown type of example."""
    env = environment(tmp_path)
    for stdin, says in (("{", "not well-formed"), ("3", "neither"), ('{"source": "urn:x"}', "--department")):
        answer = tenfold("post", "-", env=env, stdin=stdin)
        assert answer.returncode == 1
        assert says in answer.stderr
    assert tenfold("post", str(tmp_path / "missing"), env=env).returncode == 1
    assert tenfold("example", "birth.planned", env=env).returncode == 2
