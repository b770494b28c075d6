"""A department's own list beside the journal: every vital event is told where it is missing, and why."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.exchange.receipts.repository import NewOutcome, settle
from services.exchange.reconciliation import repository
from services.exchange.reconciliation.handlers import period_of
from shared import clock
from shared.contracts.digest import digest_of
from shared.db import transaction
from tests.exchange_world import POLICE, Exchange, Json, registration

pytest_plugins = ["tests.exchange"]
PERIOD = {"from": "2026-02-01", "to": "2026-02-28"}
Row = dict[str, str]


def row(event: Json, **more: str) -> Row:
    return {"source": event["source"], "id": event["id"], "digest": digest_of(event)} | more


def ndjson(rows: Iterable[Row]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in rows)


def csv(rows: Iterable[Row]) -> bytes:
    lines = [",".join(each.get(name, "") for name in ("source", "id", "record", "digest")) for each in rows]
    return "\n".join(["source,id,record,digest", *lines]).encode()


async def send(exchange: Exchange, body: bytes, kind: str = "application/x-ndjson", **given: Any) -> httpx.Response:
    headers = exchange.headers(given.pop("department", "public-security")) | {"content-type": kind}
    headers |= given.pop("headers", {})
    return await exchange.http.post("/v1/reconciliations", params=PERIOD | given, content=body, headers=headers)


async def compare(exchange: Exchange, rows: Iterable[Row], **given: Any) -> Json:
    answer = await send(exchange, ndjson(rows), **given)
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


async def reported(exchange: Exchange, events: list[Json], status: str | None = "applied") -> list[str]:
    receipts = [result["receipt"] for result in await exchange.post_batch(events)]
    if status is not None:
        outcomes = [
            NewOutcome(UUID(receipt), status, "unclear" if status != "applied" else None, None, None, clock.now())
            for receipt in receipts
        ]
        async with transaction(exchange.service.pool) as connection:
            await settle(connection, outcomes)
    return receipts


def correction(id_: str, of: str, sequence: int, time: str = "2026-02-03T08:00:00Z") -> Json:
    event = registration(id_, sequence, time=time)
    event["data"] |= {"action": "corrected", "supersedes": {"source": POLICE, "id": of}}
    return event


def named(differences: list[Json]) -> dict[str, str]:
    return {each["id"]: each["why"] for each in differences}


async def test_a_list_that_agrees_has_no_difference(exchange: Exchange) -> None:
    events = [registration(f"n{n}", n) for n in range(30)]
    await reported(exchange, events)
    told = await compare(exchange, [row(each) for each in events])
    assert told["state"] == "done"
    assert told["counts"] | {"why": {}} == {
        "listed": 30,
        "same": 30,
        "only_there": 0,
        "only_here": 0,
        "differs": 0,
        "not_applied": 0,
        "why": {},
    }


async def test_every_way_to_differ_is_named(exchange: Exchange) -> None:
    applied = [registration(f"n{n}", n) for n in range(6)]
    await reported(exchange, applied)
    held = [registration("held", 11)]
    await reported(exchange, held, "held")
    rejected = [registration("rejected", 12)]
    await reported(exchange, rejected, "rejected")
    waiting = [registration("waiting", 13)]
    await reported(exchange, waiting, None)
    await reported(exchange, [correction("c1", "n1", 1)])
    january = [registration("january", 14, time="2026-01-31T15:59:59Z")]
    await reported(exchange, january)

    other = registration("n2", 2)
    other["data"]["effective_on"] = "2026-01-30"
    never = registration("never", 20)
    listed = [applied[0], applied[1], other, *held, *rejected, *waiting, *january, never]
    told = await compare(exchange, [row(each, record=f"R-{each['id']}") for each in listed])

    assert named(told["only_there"]) == {"never": "never-reported"}
    assert named(told["only_here"]) == dict.fromkeys(("n3", "n4", "n5", "c1"), "not-listed")
    assert named(told["differs"]) == {"n2": "other-content", "january": "other-period"}
    assert named(told["not_applied"]) == {"n1": "superseded", "held": "held", "rejected": "rejected"}
    assert told["counts"]["same"] == 2
    assert told["only_there"][0] == {
        "number": told["only_there"][0]["number"],
        "kind": "only-there",
        "why": "never-reported",
        "source": POLICE,
        "id": "never",
        "line": 8,
        "record": "R-never",
        "receipt": None,
    }


async def test_of_two_corrections_the_earlier_and_what_corrects_it_are_superseded(exchange: Exchange) -> None:
    line = [
        registration("first", 1),
        correction("lost", "first", 1, "2026-02-02T08:00:00Z"),
        correction("won", "first", 1, "2026-02-04T08:00:00Z"),
        correction("after-lost", "lost", 1, "2026-02-06T08:00:00Z"),
    ]
    await reported(exchange, line)
    told = await compare(exchange, [row(each) for each in line])
    assert named(told["not_applied"]) == dict.fromkeys(("first", "lost", "after-lost"), "superseded")


async def test_days_are_days_in_shanghai_and_both_ends_count(exchange: Exchange) -> None:
    times = ["2026-01-31T15:59:59Z", "2026-01-31T16:00:00Z", "2026-02-28T15:59:59.999999Z", "2026-02-28T16:00:00Z"]
    await reported(exchange, [registration(f"n{n}", n, time=time) for n, time in enumerate(times)])
    told = await compare(exchange, [])
    assert sorted(named(told["only_here"])) == ["n1", "n2"]


async def test_csv_says_the_same_as_ndjson(exchange: Exchange) -> None:
    events = [registration(f"n{n}", n) for n in range(5)]
    await reported(exchange, events[:4])
    rows = [row(each, record="R") for each in events[1:]]
    by_csv = (await send(exchange, csv(rows), "text/csv; charset=utf-8; header=present")).json()
    by_ndjson = await compare(exchange, rows)
    assert by_csv["counts"] == by_ndjson["counts"]
    assert named(by_csv["only_there"]) == named(by_ndjson["only_there"]) == {"n4": "never-reported"}


async def test_a_malformed_or_repeated_row_is_named_by_line_and_changes_nothing(exchange: Exchange) -> None:
    good = [row(registration(f"n{n}", n)) for n in range(3)]
    malformed = await send(exchange, ndjson([*good, {"source": POLICE}]))
    repeated = await send(exchange, ndjson([*good, good[1]]))
    assert malformed.status_code == repeated.status_code == 422
    assert [fault["pointer"] for fault in malformed.json()["faults"]] == ["/4"]
    assert repeated.json()["faults"] == [{"pointer": "/4", "message": "line 4: names the same vital event as line 2"}]
    assert await exchange.service.pool.fetchval("SELECT count(*) FROM reconciliation") == 0


@pytest.mark.parametrize(("kind", "headers"), [("application/json", {}), ("text/csv", {"content-encoding": "gzip"})])
async def test_compressed_lists_and_other_types_are_refused(
    exchange: Exchange, kind: str, headers: dict[str, str]
) -> None:
    assert (await send(exchange, b"", kind, headers=headers)).status_code == 415


async def test_a_period_that_ends_before_it_begins_is_refused(exchange: Exchange) -> None:
    assert (await send(exchange, b"", to="2026-01-01")).status_code == 422


async def test_another_department_sees_neither_events_nor_lists(exchange: Exchange) -> None:
    events = [registration(f"n{n}", n) for n in range(3)]
    await reported(exchange, events)
    own = await compare(exchange, [])
    told = await compare(exchange, [row(each) for each in events], department="health")
    assert named(told["only_there"]) == dict.fromkeys(("n0", "n1", "n2"), "never-reported")
    assert told["only_here"] == []
    theirs = exchange.headers("health")
    for path in ("", "/differences"):
        answer = await exchange.http.get(f"/v1/reconciliations/{own['reconciliation']}{path}", headers=theirs)
        assert answer.status_code == 404
    listed = (await exchange.http.get("/v1/reconciliations", headers=theirs)).json()["reconciliations"]
    assert [each["reconciliation"] for each in listed] == [told["reconciliation"]]


async def test_pages_give_every_difference_once(exchange: Exchange) -> None:
    never = [row(registration(f"n{n}", n), record=f"R-{n}") for n in range(25)]
    await reported(exchange, [registration(f"here{n}", 100 + n) for n in range(7)])
    told = await compare(exchange, never)
    path = f"/v1/reconciliations/{told['reconciliation']}/differences"
    for kind, count in ((None, 32), ("only-there", 25), ("only-here", 7)):
        found: list[Json] = []
        after: int | None = 0
        while after is not None:
            query = {"after": after, "limit": 10} | ({"kind": kind} if kind else {})
            page = (await exchange.http.get(path, params=query, headers=exchange.headers())).json()
            found, after = found + page["differences"], page["next_after"]
        assert len({each["id"] for each in found}) == len(found) == count
        assert all(each["record"] == f"R-{each['id'][1:]}" for each in found if each["kind"] == "only-there")


async def test_a_thousand_rows_and_more_are_compared_in_one_statement_each(exchange: Exchange) -> None:
    start = date(2026, 2, 1)
    rows = [
        {"source": POLICE, "id": f"n{n}", "digest": f"{n:064x}", "record": str(start + timedelta(n % 28))}
        for n in range(12_000)
    ]
    told = await compare(exchange, rows)
    assert told["counts"]["only_there"] == told["compared"] == 12_000
    assert len(told["only_there"]) == 100
    kept = "SELECT count(*), min(number), max(number) FROM reconciliation_difference"
    assert [tuple(each) for each in await exchange.service.pool.fetch(kept)] == [(12_000, 1, 12_000)]


async def test_nothing_of_a_list_lies_in_the_open(exchange: Exchange) -> None:
    await compare(exchange, [row(registration("n1", 1), record="OWN-RECORD-4711")])
    stored = await exchange.service.pool.fetch("SELECT * FROM reconciliation_difference")
    assert b"OWN-RECORD" not in stored[0]["record"]
    assert "OWN-RECORD" not in str({name: value for name, value in stored[0].items() if name != "record"})


async def test_while_events_of_before_are_not_dated_the_department_is_asked_to_wait(exchange: Exchange) -> None:
    await reported(exchange, [registration("n1", 1)])
    await exchange.service.pool.execute("UPDATE journal SET time = NULL")
    answer = await send(exchange, b"")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"


async def test_the_plan_does_not_begin_with_all_outcomes_whatever_statistics_say(exchange: Exchange) -> None:
    await reported(exchange, [registration(f"e{n}", n) for n in range(3)])
    since, until = period_of(clock.today() - timedelta(days=400), clock.today())
    async with transaction(exchange.service.pool) as connection:
        await repository.stage(connection, [])
        asked = f"EXPLAIN {repository.COMPARE}"
        plan = "\n".join(row[0] for row in await connection.fetch(asked, "public-security", since, until))
    looks = [line for line in plan.splitlines() if " on outcome" in line]
    assert len(looks) == 3
    assert "outcome_by_status" not in plan, "every look at an outcome is by its receipt"
    assert plan.count("Index Cond: (receipt = ") + plan.count("Filter: (receipt = ") == len(looks)
