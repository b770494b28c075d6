"""Each department's own list of what it reported, held against the exchange's journal by POST /v1/reconciliations."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from deploy.tenfold.county import REFERENCE_EVE, Report
from deploy.tenfold.demo_reach import again
from shared.client import Client, judged

LISTED = ("type", "source", "id", "subject")


@dataclass(frozen=True)
class Journal:
    """What the exchange answered to a department's list: how many are in both, in one only, or not alike, and how many
    are in both and do not count (held or superseded)."""

    same: int = 0
    unlike: int = 0
    not_applied: int = 0


async def reconcile(client: Client, reports: Iterable[Report], today: date) -> Journal:
    """Upload the list of everything a department has reported. Raises Refused."""
    body = list_of(report.cloud_event for report in reports)
    period = {"from": REFERENCE_EVE.isoformat(), "to": today.isoformat()}

    async def upload() -> Any:
        headers = {"content-type": "text/csv"}
        return judged(await client.http.post("/v1/reconciliations", params=period, content=body, headers=headers))

    counts = (await again(upload))["counts"]
    unlike = counts["only_there"] + counts["only_here"] + counts["differs"]
    return Journal(counts["same"], unlike, counts["not_applied"])


def list_of(events: Iterable[Mapping[str, Any]]) -> bytes:
    """Source, id and digest of each, as CSV."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("source", "id", "digest"))
    rows.writerows((event["source"], event["id"], digest_of(event)) for event in events)
    return text.getvalue().encode()


def digest_of(event: Mapping[str, Any]) -> str:
    """SHA-256 of what "same content" compares, in the form of RFC 8785: no insignificant space, members in order, the
    instant in UTC, members without a value left out."""
    content = {name: event[name] for name in LISTED}
    content |= {"time": datetime.fromisoformat(event["time"]).isoformat(), "data": without_null(event["data"])}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def without_null(value: Any) -> Any:
    """The same without members that hold null."""
    match value:
        case dict():
            return {name: without_null(each) for name, each in value.items() if each is not None}
        case list():
            return [without_null(each) for each in value]
        case _:
            return value
