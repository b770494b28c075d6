"""`tenfold post --batch`: a bulk load of corrections under one id, with a bar instead of a line for each."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.tenfold.talking_post import PATIENCE, Unreadable, answers, batches, name_of, read, reporter_of, token_for
from deploy.tenfold.talking_trouble import complain, in_plain_words, lines_of
from shared.client import Client, Refused

LOOK_EVERY = 0.5
MOST_REFUSALS = 20  # told one by one; a load of another form is refused a million times for one reason


async def post_bulk(file: Path, department: str | None, exchange: str, batch: str, *, wait: bool) -> int:
    """Report what the file holds ("-": standard input) as one bulk load. Exit code 1 if anything was refused, or with
    `wait`: rejected or not settled within a minute."""
    try:
        content = read(file)
        cloud_events = [each | {"batchid": batch} for each in ([content] if isinstance(content, dict) else content)]
        reporters = [department or reporter_of(each) for each in cloud_events]
        clients = {name: Client(exchange, token_for(name)) for name in set(reporters)}
    except Unreadable as fault:
        complain(str(fault))
        return 1
    return await in_plain_words(report(clients, list(zip(reporters, cloud_events, strict=True)), batch, wait=wait))


def bar() -> Progress:
    """On standard error, and only for people: what the command answers stays bare."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


async def report(
    clients: dict[str, Client], reports: Sequence[tuple[str, dict[str, Any]]], batch: str, *, wait: bool
) -> int:
    """Send in the order of the file, then say how much was accepted and, with `wait`, what became of it."""
    accepted, refused = Counter[str](), 0
    with bar() as progress:
        sending = progress.add_task("reporting", total=len(reports))
        for reporter, part in batches(reports):
            for cloud_event, result in zip(part, await patiently(clients[reporter], part), strict=True):
                if "receipt" in result:
                    accepted[reporter] += 1
                    continue
                refused += 1
                if refused <= MOST_REFUSALS:
                    first, *more = lines_of(int(result.get("status", 0)), result)
                    complain("\n".join([f"refused   {first}  {name_of(cloud_event)}", *more]))
            progress.advance(sending, len(part))
    answers.print(f"accepted  {accepted.total()} of {len(reports)}  {batch}", markup=False)
    if refused > MOST_REFUSALS:
        complain(f"refused   {refused - MOST_REFUSALS} more")
    failed = await settle(clients, sorted(accepted), batch) if wait else 0
    return 1 if refused or failed else 0


async def patiently(client: Client, part: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Report a part; one that comes too fast is sent again when the exchange says so. Raises Refused."""
    while True:
        try:
            return await client.report_batch(part)
        except Refused as refusal:
            if refusal.status != 429:
                raise
            await asyncio.sleep(refusal.retry_after or 1.0)


async def settle(clients: dict[str, Client], reporters: Sequence[str], batch: str) -> int:
    """Follow the load until none of it is on its way, or nothing has moved for a minute; print where it stands. Returns
    how many were rejected or are not settled."""
    failed = 0
    for reporter in reporters:
        with bar() as progress:
            settling = progress.add_task("settling")
            told, moved = await clients[reporter].get(f"/v1/batches/{batch}"), time.monotonic()
            while told["accepted"] and time.monotonic() < moved + PATIENCE:
                progress.update(settling, total=told["reported"], completed=told["reported"] - told["accepted"])
                await asyncio.sleep(LOOK_EVERY)
                before, told = told, await clients[reporter].get(f"/v1/batches/{batch}")
                moved = time.monotonic() if told != before else moved
        for standing in ("applied", "held", "rejected", "accepted"):
            if told[standing]:
                answers.print(f"{standing:<8}  {told[standing]}  {batch}", markup=False)
        failed += int(told["rejected"]) + int(told["accepted"])
    return failed
