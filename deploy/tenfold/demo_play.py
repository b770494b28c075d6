"""Play the county: everybody is registered, then a month of reports arrives, each from its department."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from deploy.tenfold.county import County, MonthPlan, Report, registrations
from deploy.tenfold.county.mentions import EventKey, key_of
from deploy.tenfold.demo_reach import Reach, again, report_binary
from shared.client import Client, Refused

BATCH = 1000  # the exchange takes no more at once
BINARY_EVERY = 4  # one report in so many comes in binary mode

Advance = Callable[[int], None]


@dataclass
class Played:
    """What the exchange answered: receipts by department and by report, and refusals (there should be none)."""

    receipts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    reports: dict[str, list[Report]] = field(default_factory=lambda: defaultdict(list))
    """Every report by department, as it keeps them itself."""
    receipt_of: dict[EventKey, str] = field(default_factory=dict)
    """Source and id of a report → its receipt."""
    refused: list[str] = field(default_factory=list)

    def note(self, report: Report, result: dict[str, Any]) -> None:
        """Keep a report and its answer."""
        self.reports[report.department].append(report)
        if "receipt" in result:
            self.receipts[report.department].add(result["receipt"])
            self.receipt_of[key_of(report.cloud_event)] = result["receipt"]
        else:
            problem = f"{result.get('status')} {result.get('title')}"
            self.refused.append(f"{report.cloud_event['type']} {report.cloud_event['id']}: {problem}")

    @property
    def count(self) -> int:
        """Different receipts in all."""
        return sum(len(receipts) for receipts in self.receipts.values())


async def register_everybody(reach: Reach, county: County, played: Played, advance: Advance) -> None:
    """Report one household.registered for each person, in batches."""
    for batch in batches(registrations(county)):
        client = reach.department(batch[0].department)
        cloud_events = [report.cloud_event for report in batch]
        results = await again(client.report_batch, cloud_events)
        for report, result in zip(batch, results, strict=True):
            played.note(report, result)
        advance(len(batch))


class Reporting(Protocol):
    """A programme that reports for a department by itself (demo_programme.py)."""

    def report(self, report: Report) -> None:
        """Keep a report and send it."""
        ...


async def play_month(
    reach: Reach,
    plan: MonthPlan,
    programmes: Mapping[str, Reporting],
    played: Played,
    advance: Callable[[str], None],
) -> None:
    """Report the month one by one in the order of arrival, by the reporter's own token, or by its own programme;
    `advance` gets the day."""
    for number, report in enumerate(plan.reports, start=1):
        if report.department in programmes:
            programmes[report.department].report(report)
            advance(str(report.cloud_event["time"])[:10])
            continue
        client = reach.department(report.department)
        send = report_binary if number % BINARY_EVERY == 0 else Client.report
        try:
            result = await again(send, client, report.cloud_event)
        except Refused as refusal:
            result = {**refusal.problem, "status": refusal.status}
        played.note(report, result)
        advance(str(report.cloud_event["time"])[:10])


def batches(reports: Iterator[Report]) -> Iterator[Sequence[Report]]:
    """Neighbours, at most BATCH at once. All first registrations come from one department."""
    while batch := list(islice(reports, BATCH)):
        yield batch
