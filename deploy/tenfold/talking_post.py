"""`tenfold post`: report a CloudEvent or an array of them, and say what became of each."""

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.tenfold.layout import token_from_environment
from deploy.tenfold.talking_trouble import complain, in_plain_words, lines_of
from shared.auth.caller import DEPARTMENTS
from shared.auth.issuer import Issuer
from shared.client import Client, Refused

LARGEST_BATCH = 1000
PATIENCE = 60.0  # seconds that --wait gives the registry in all
LOOK_EVERY = 0.1

answers = Console(soft_wrap=True, highlight=False)


class Unreadable(Exception):
    """The file holds nothing that could be reported; the message says why."""


async def post(file: Path, department: str | None, exchange: str, *, wait: bool) -> int:
    """Report what the file holds ("-": standard input). Exit code 1 if anything was refused, or with `wait`: rejected
    or not settled within a minute."""
    try:
        content = read(file)
        single = isinstance(content, dict)
        cloud_events = [content] if single else list(content)
        reporters = [department or reporter_of(cloud_event) for cloud_event in cloud_events]
        clients = {name: Client(exchange, token_for(name)) for name in set(reporters)}
    except Unreadable as fault:
        complain(str(fault))
        return 1
    return await in_plain_words(report(clients, list(zip(reporters, cloud_events, strict=True)), single, wait=wait))


async def report(
    clients: dict[str, Client], reports: Sequence[tuple[str, dict[str, Any]]], single: bool, *, wait: bool
) -> int:
    """Send in the order of the file and print each answer."""
    refused, receipts = 0, defaultdict[str, list[str]](list)
    for reporter, batch in batches(reports):
        if single:
            results = [await answered(clients[reporter], batch[0])]
        else:
            results = await clients[reporter].report_batch(batch)
        for cloud_event, result in zip(batch, results, strict=True):
            if "receipt" in result:
                answers.print(f"accepted  {result['receipt']}  {name_of(cloud_event)}", markup=False)
                receipts[reporter].append(result["receipt"])
            else:
                first, *more = lines_of(int(result.get("status", 0)), result)
                complain("\n".join([f"refused   {first}  {name_of(cloud_event)}", *more]))
                refused += 1
    unsettled = await settle(clients, receipts) if wait else 0
    return 1 if refused or unsettled else 0


async def answered(client: Client, cloud_event: dict[str, Any]) -> dict[str, Any]:
    """Report one event in structured mode; a refusal of the event itself is a result like any other."""
    try:
        result: dict[str, Any] = await client.report(cloud_event)
    except Refused as refusal:
        return {"status": refusal.status, **refusal.problem}
    return result


async def settle(clients: dict[str, Client], receipts: dict[str, list[str]]) -> int:
    """Print what became of each receipt, in order; returns how many were rejected or are not settled in time."""
    deadline, failed = time.monotonic() + PATIENCE, 0
    for reporter, own in receipts.items():
        for receipt in own:
            found = await clients[reporter].get(f"/v1/receipts/{receipt}")
            while found["status"] == "accepted" and time.monotonic() < deadline:
                await asyncio.sleep(LOOK_EVERY)
                found = await clients[reporter].get(f"/v1/receipts/{receipt}")
            why = "  ".join(str(found[name]) for name in ("reason", "decider", "due") if found.get(name))
            answers.print(f"{found['status']:<8}  {receipt}  {why}".rstrip(), markup=False)
            failed += found["status"] in ("accepted", "rejected")
    return failed


def read(file: Path) -> Any:
    """One CloudEvent (dict) or several (list). Raises Unreadable."""
    try:
        content = json.loads(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except OSError as fault:
        raise Unreadable(f"{file} cannot be read: {fault.strerror}") from None
    except (ValueError, RecursionError):
        raise Unreadable(f"{file} is not well-formed JSON") from None
    if isinstance(content, dict) or (isinstance(content, list) and all(isinstance(each, dict) for each in content)):
        return content
    raise Unreadable(f"{file} holds neither a CloudEvent nor an array of them")


def reporter_of(cloud_event: dict[str, Any]) -> str:
    """The department that the source URN names. Raises Unreadable."""
    parts = str(cloud_event.get("source", "")).split(":")
    if parts[:2] == ["urn", "tenfold"] and len(parts) > 2 and parts[2] in DEPARTMENTS:
        return parts[2]
    raise Unreadable("the event's source names no department: say --department")


def token_for(department: str) -> str:
    """TENFOLD_TOKEN where it is set, else one of this machine's issuer. Raises Unreadable for an unknown department."""
    if department not in DEPARTMENTS:
        raise Unreadable(f"no such department; there are {', '.join(sorted(DEPARTMENTS))}")
    given = token_from_environment()
    return given or Issuer.open().issue(
        subject=f"cli:{department}", department=department, roles=["reporter", "follower"]
    )


def batches(reports: Sequence[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Neighbours of one department together, at most 1,000 at once, in order."""
    for reporter, group in groupby(reports, key=lambda report: report[0]):
        own = [cloud_event for _, cloud_event in group]
        for first in range(0, len(own), LARGEST_BATCH):
            yield reporter, own[first : first + LARGEST_BATCH]


def name_of(cloud_event: dict[str, Any]) -> str:
    """Type and id: the reporter's own words, no personal data in a valid one."""
    return f"{cloud_event.get('type', 'no type')}  {cloud_event.get('id', 'no id')}"
