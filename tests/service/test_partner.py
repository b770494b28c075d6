"""A department's programme: reports until the receipt is there, and handles each entry once, whatever happens."""

import asyncio
import json
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI, Request, Response

from shared import clock
from shared.client import Refused
from shared.partner.partner import Entry, Partner
from shared.partner.store import OtherContent, Store
from shared.webhooks import Unverified, new_secret, signed_headers
from tests.departments_world import Line
from tests.exchange_world import POLICE, registration, served
from tests.line import until

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]
MINE = "public-security"


def token_of(line: Line, *roles: str) -> str:
    """A bearer of the department."""
    headers = line.exchange.headers(MINE, roles=roles or ("reporter", "follower"))
    return headers["authorization"].removeprefix("Bearer ")


def remember(entry: Entry, file: sqlite3.Connection) -> None:
    """A handler that keeps what it is told in the same file."""
    file.execute("CREATE TABLE IF NOT EXISTS told (entry TEXT, name TEXT, subject TEXT, data TEXT)")
    file.execute(
        "INSERT INTO told VALUES (?, ?, ?, ?)", (str(entry.id), entry.name, entry.subject, json.dumps(entry.data))
    )


def remembered(partner: Partner, name: str = "%") -> list[str]:
    """Ids of what was handled, in order."""
    try:
        rows = partner.store.file.execute("SELECT entry FROM told WHERE name LIKE ? ORDER BY rowid", (name,))
    except sqlite3.OperationalError:
        return []
    return [entry for (entry,) in rows]


@asynccontextmanager
async def running(
    url: str, token: str, path: Path, handle: Callable[[Entry, sqlite3.Connection], None] = remember, **more: Any
) -> AsyncIterator[Partner]:
    """A partner that sends and follows until the block ends, as if killed there."""
    async with Partner(url, token, path, wait=more.pop("wait", 1.0), **more) as partner:
        task = asyncio.create_task(partner.run(handle))
        try:
            yield partner
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def resting(line: Line, condition: Callable[[], Any], what: str) -> None:
    """Let the line come to rest until something holds."""

    async def look() -> Any:
        await line.rest()
        return condition()

    await until(look, what, 30)


async def test_what_is_reported_is_kept_sent_and_settled_and_each_entry_is_handled_once(
    line: Line, tmp_path: Path
) -> None:
    path = tmp_path / "store.sqlite"
    async with served(line.exchange.app) as url:
        async with Partner(url, token_of(line), path) as partner:
            partner.report(*(registration(f"r-{number}", number) for number in range(1, 6)))
            assert partner.store.counts() == {"waiting": 5}  # nothing runs yet: kept, and still there after a restart
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with running(url, token_of(line), path) as partner:
            partner.report(registration("r-5", 5), registration("r-6", 6))  # a repeat changes nothing
            await resting(line, lambda: partner.store.counts() == {"applied": 6}, "six receipts")
            outcome = await partner.outcome(POLICE, "r-6")
            assert (outcome.state, outcome.receipt is not None, outcome.settled) == ("applied", True, True)
            feed = await line.feed(MINE)
            await until(lambda: len(remembered(partner)) == len(feed), "the whole feed")
            assert remembered(partner) == [told["id"] for told in feed]
    assert await line.exchange.accepted() == 6


async def test_the_same_id_with_other_content_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        store.keep([registration("r-1", 1)])
        with pytest.raises(OtherContent):
            store.keep([registration("r-2", 2), registration("r-1", 3)])
        assert store.counts() == {"waiting": 1}


async def test_a_refused_report_says_why_and_holds_up_no_other(line: Line, tmp_path: Path) -> None:
    async with served(line.exchange.app) as url, running(url, token_of(line), tmp_path / "store") as partner:
        foreign = registration("r-1", 1, source="urn:tenfold:health:birth-certificates")
        partner.report(foreign, registration("r-2", 2, time="yesterday"), registration("r-3", 3))
        await resting(line, lambda: partner.store.counts() == {"refused": 2, "applied": 1}, "two refusals")
        refused = await partner.outcome(POLICE, "r-2")
        assert refused.answer is not None
        assert refused.answer["faults"][0]["pointer"] == "/time"
        with pytest.raises(KeyError):
            await partner.outcome(POLICE, "never")


async def test_a_handler_that_fails_ends_the_run_and_gets_the_entry_again(line: Line, tmp_path: Path) -> None:
    def fails(entry: Entry, file: sqlite3.Connection) -> None:
        remember(entry, file)
        raise RuntimeError("the department's own fault")

    async with served(line.exchange.app) as url:
        async with Partner(url, token_of(line), tmp_path / "store", wait=1.0) as partner:
            partner.report(registration("r-1", 1))
            running_task = asyncio.create_task(partner.run(fails))
            await resting(line, running_task.done, "the handler's fault")
            (fault,) = running_task.exception().exceptions  # type: ignore[union-attr] # a group of one
            assert isinstance(fault, RuntimeError)
            assert remembered(partner) == []  # its effects went with it
        async with running(url, token_of(line), tmp_path / "store") as partner:
            feed = await line.feed(MINE)
            await until(lambda: remembered(partner) == [told["id"] for told in feed], "the same entries again")


async def test_a_handler_may_report_and_both_are_kept_or_neither(line: Line, tmp_path: Path) -> None:
    async with served(line.exchange.app) as url:
        holder: list[Partner] = []

        def answers(entry: Entry, file: sqlite3.Connection) -> None:
            if entry.name == "person.changed" and holder[0].store.report(POLICE, "r-2") is None:
                holder[0].report(registration("r-2", 2))

        async with running(url, token_of(line), tmp_path / "store", answers) as partner:
            holder.append(partner)
            partner.report(registration("r-1", 1))
            await resting(line, lambda: partner.store.counts() == {"applied": 2}, "the answer's receipt")


async def test_a_feed_that_was_reset_is_read_again_and_open_reports_are_sent_again(line: Line, tmp_path: Path) -> None:
    async with served(line.exchange.app) as url, running(url, token_of(line), tmp_path / "store") as partner:
        partner.report(registration("r-1", 1))
        await resting(line, lambda: partner.store.counts() == {"applied": 1}, "the first receipt")
        feed = await line.feed(MINE)
        await until(lambda: len(remembered(partner)) == len(feed), "the whole feed")
        partner.store.file.execute("UPDATE report SET state = 'accepted'")  # as if its outcome had been lost
        await line.exchange.service.pool.execute("UPDATE feed_head SET epoch = gen_random_uuid()")
        partner.report(registration("r-2", 2))
        await resting(line, lambda: partner.store.counts() == {"applied": 2}, "both receipts")
        told = await line.feed(MINE)
        await until(lambda: sorted(remembered(partner)) == sorted(t["id"] for t in told), "each entry once")
    assert await line.exchange.accepted() == 2


@asynccontextmanager
async def unsteady(app: FastAPI, answers: list[Response | None]) -> AsyncIterator[str]:
    """The exchange behind a gateway that answers by itself at first; None lets the call pass and loses its answer."""
    front = FastAPI()

    @front.middleware("http")
    async def gateway(request: Request, call_next: Callable[[Request], Any]) -> Response:
        passed: Response = await call_next(request)
        if not answers:
            return passed
        answer = answers.pop(0)
        return Response(status_code=502) if answer is None else answer

    front.mount("/", app)
    async with served(front) as url:
        yield url


async def test_lost_answers_and_refusals_that_pass_lose_and_repeat_nothing(line: Line, tmp_path: Path) -> None:
    later = Response(b"{}", 429, headers={"retry-after": "0"}, media_type="application/json")
    answers = [None, later, Response(status_code=503), None, Response(b"<html>", 200, media_type="text/html")]
    async with unsteady(line.exchange.app, answers) as url:
        async with running(url, token_of(line), tmp_path / "store") as partner:
            partner.report(*(registration(f"r-{number}", number) for number in range(1, 4)))
            await resting(line, lambda: partner.store.counts() == {"applied": 3}, "three receipts")
    assert answers == []
    assert await line.exchange.accepted() == 3


async def test_a_token_without_the_role_ends_the_run_at_once(line: Line, tmp_path: Path) -> None:
    async with served(line.exchange.app) as url, Partner(url, token_of(line, "clerk"), tmp_path / "store") as partner:
        with pytest.raises(ExceptionGroup) as caught:
            await partner.run(remember)
    assert all(not isinstance(fault, Refused) or fault.status == 403 for fault in caught.value.exceptions)


async def test_a_webhook_wakes_it_and_a_strangers_does_not(line: Line, tmp_path: Path) -> None:
    key = new_secret()
    async with served(line.exchange.app) as url:
        async with running(url, token_of(line), tmp_path / "store", wait=0, secrets=[key]) as partner:
            await until(lambda: not partner.woken.is_set(), "it looked, and found nothing")
            await line.report(registration("r-1", 1))
            feed = await line.feed(MINE)
            body = b'{"data":{}}'
            headers = signed_headers([key], "m-1", clock.now(), body)
            with pytest.raises(Unverified):
                partner.wake(headers, body + b" ")
            assert not partner.woken.is_set()
            assert partner.wake(headers, body).id == "m-1"
            await until(lambda: len(remembered(partner)) == len(feed), "woken")


async def test_what_a_restored_exchange_has_lost_is_reported_once_more(line: Line, tmp_path: Path) -> None:
    pool = line.exchange.service.pool
    async with served(line.exchange.app) as url, running(url, token_of(line), tmp_path / "store") as partner:
        partner.report(*(registration(f"r-{number}", number) for number in range(1, 4)))
        await resting(line, lambda: partner.store.counts() == {"applied": 3}, "three receipts")
        receipt = (await partner.outcome(POLICE, "r-2")).receipt
        # A backup of before r-2 is restored: journal and feed know nothing of it, and the feed has a new epoch.
        await pool.execute("UPDATE journal SET id = 'forgotten' WHERE receipt = $1", UUID(receipt or ""))
        named = await line.feed(MINE, "receipt.changed")
        (lost,) = [told["id"] for told in named if told["data"]["id"] == "r-2"]
        await pool.execute("UPDATE feed_entry SET body = NULL WHERE entry_id = $1", UUID(lost))
        await pool.execute("UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed LIKE 'department:%'")
        again = "SELECT receipt FROM journal WHERE id = 'r-2'"
        await until(lambda: pool.fetchval(again), "reported once more", 60)
        assert await pool.fetchval("SELECT count(*) FROM journal") == 4
        await until(lambda: partner.store.waiting(10) == [], "nothing else waits")
    assert await pool.fetchval("SELECT count(*) FROM journal") == 4
