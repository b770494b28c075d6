"""A department's receiver and reporter, written from what the exchange serves over HTTP, and from nothing else.

EXCHANGE (address), TOKEN (bearer token) and STATE (a file) come from the environment; DEPARTMENT and WAIT may. Each
start reports the served example once, under a new id, unless an event of the start before has no receipt yet: that is
repeated. One JSON line for each thing learnt.
"""

import json
import os
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

try:
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
except ImportError:
    Draft202012Validator = None

EXCHANGE = os.environ["EXCHANGE"].rstrip("/")
TOKEN = os.environ["TOKEN"]
STATE = Path(os.environ["STATE"])
DEPARTMENT = os.environ.get("DEPARTMENT", "education")
WAIT = float(os.environ.get("WAIT", "20"))
FIRST: dict[str, Any] = {"cursor": None, "people": {}, "mine": {}, "seen": [], "owed": [], "event": None}


class Refused(Exception):
    """The exchange will say the same however often it is asked."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("title", ""))
        self.kind = str(problem.get("type", "")).rpartition("#")[2]
        self.problem = problem


def learnt(what: str, **more: Any) -> None:
    print(json.dumps({"learnt": what, **more}, ensure_ascii=False), flush=True)


def save(state: dict[str, Any]) -> None:
    beside = STATE.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as out:
        json.dump(state, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(STATE)


def call(method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
    """Ask until there is an answer: no connection, 429 and 5xx are asked again, and repeats are recognised there."""
    pause = 0.5
    while True:
        request = urllib.request.Request(EXCHANGE + path, method=method)
        request.add_header("Authorization", f"Bearer {TOKEN}")
        if body is not None:
            request.data = json.dumps(body, ensure_ascii=False).encode()
            request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=WAIT + 30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != 429 and error.code < 500:
                try:
                    raise Refused(json.load(error)) from None
                except ValueError:
                    raise Refused({"type": "", "title": str(error), "status": error.code}) from None
            asked = error.headers.get("Retry-After", "")
            time.sleep(float(asked) if asked.isdigit() else pause)
        except (OSError, ValueError):
            time.sleep(pause * random.uniform(0.5, 1))
        pause = min(pause * 2, 30)


def example() -> dict[str, Any]:
    """The served example of the first type that the department may report, under an id of its own."""
    types = [one for one in call("GET", "/v1/catalogue")["types"] if DEPARTMENT in one["reporters"]]
    event: dict[str, Any] = {**types[0]["example"], "id": f"from-the-docs-{uuid.uuid4()}"}
    if Draft202012Validator is not None:
        Draft202012Validator(call("GET", types[0]["schema"])).validate(event["data"])
    return event


def report(state: dict[str, Any]) -> None:
    """Written down before it is sent, so that a repeat after a crash carries the same id and content."""
    if state["event"] is None:
        state["event"] = example()
        save(state)
    try:
        receipt = call("POST", "/v1/events", state["event"], "application/cloudevents+json")
        learnt("receipt", id=state["event"]["id"], receipt=receipt["receipt"], status=receipt["status"])
    except Refused as refused:
        if refused.kind == "unauthenticated":
            raise  # with another token it may go
        learnt("refused", id=state["event"]["id"], problem=refused.problem)
    state["event"] = None
    save(state)


def hold(people: dict[str, dict[str, Any]], reference: str, fields: dict[str, Any]) -> None:
    """Set fields of a person; null takes one away, and who has none left is not in the table."""
    held = people.pop(reference, {}) | fields
    if left := {name: value for name, value in held.items() if value is not None}:
        people[reference] = left


def tell(state: dict[str, Any], message: dict[str, Any]) -> None:
    """One message of the feed into the person table. Doing it twice is doing it once."""
    people, data, reference = state["people"], message["data"], message["subject"]
    match message["type"]:
        case "cn.tenfold.person.changed.v1":
            hold(people, reference, data["changed"])
        case "cn.tenfold.value.corrected.v1":
            hold(people, reference, data["corrected"] | dict.fromkeys(data.get("withdrawn", [])))
            state["owed"].append(message["id"])
        case "cn.tenfold.value.withdrawn.v1":
            hold(people, reference, dict.fromkeys(data["withdrawn"]))
            state["owed"].append(message["id"])
        case "cn.tenfold.person.merged.v1":
            people.pop(data["merged"], None)  # what is known of the two is told under `into`
        case "cn.tenfold.person.split.v1":
            people.pop(data["split"], None)  # what is known of either is told again, under its own reference
        case "cn.tenfold.case.changed.v1":
            if data["status"] == "ended":
                people.pop(data.get("reference"), None)
        case "cn.tenfold.intake.refused.v1":
            pass  # it says all there is; this reporter does not use Kafka
        case "cn.tenfold.receipt.changed.v1":
            state["mine"][data["id"]] = {"status": data["status"], "people": data.get("people") or {}}
        case unknown:
            learnt("unknown-type", type=unknown, id=message["id"])


def acknowledge(state: dict[str, Any]) -> None:
    """After the corrected table is on the disk, never before."""
    while state["owed"]:
        some = state["owed"][:1000]
        answer = call("POST", "/v1/feed/acknowledgements", {"entries": some})
        learnt("acknowledged", entries=answer["acknowledged"], not_found=answer["not_found"])
        state["owed"] = state["owed"][1000:]
        save(state)


def pull(state: dict[str, Any]) -> None:
    """One page: what it says and the cursor behind it reach the disk together."""
    after = {"after": state["cursor"]} if state["cursor"] else {}
    try:
        page = call("GET", "/v1/feed?" + urllib.parse.urlencode({**after, "wait": WAIT}))
    except Refused as refused:
        if refused.kind != "feed-reset":
            raise
        learnt("reset", cursor=state["cursor"])
        state.update(cursor=None, people={}, mine={})
        save(state)
        return
    for entry in page["entries"]:
        if entry.get("withheld"):
            learnt("withheld", position=entry["position"])
            continue
        message = entry["data"]
        tell(state, message)
        if message["id"] not in state["seen"]:
            state["seen"].append(message["id"])
            learnt("entry", position=entry["position"], message=message)
    if page["next_after"] != state["cursor"]:
        state["cursor"] = page["next_after"]
        save(state)
        learnt("at", cursor=state["cursor"], people=len(state["people"]))


def main() -> None:
    state = {**FIRST, **(json.loads(STATE.read_text(encoding="utf-8")) if STATE.exists() else {})}
    learnt("started", cursor=state["cursor"], validator=Draft202012Validator is not None)
    report(state)
    while True:
        acknowledge(state)
        pull(state)


if __name__ == "__main__":
    try:
        main()
    except Refused as final:
        learnt("stopped", problem=final.problem)
        sys.exit(1)
