"""One run of the demo against a Tenfold that has started: play, wait until all is settled, account for it."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from deploy.tenfold.county import MonthPlan, expectations, facilities, foreseen, generate, grants, plan
from deploy.tenfold.county.foreseen import data_of
from deploy.tenfold.county.mentions import EventKey, key_of
from deploy.tenfold.county.planted import Planted, planted
from deploy.tenfold.county.values import REFERENCE
from deploy.tenfold.demo_account import Account
from deploy.tenfold.demo_clerk import at_the_desk
from deploy.tenfold.demo_compare import compared, known_people
from deploy.tenfold.demo_found import contradictions, half_moves
from deploy.tenfold.demo_journal import Journal, reconcile
from deploy.tenfold.demo_play import Played, play_month, register_everybody
from deploy.tenfold.demo_programme import PROGRAMMES, Programme
from deploy.tenfold.demo_pull import open_help, pull
from deploy.tenfold.demo_reach import Citizen, Reach
from deploy.tenfold.layout import SERVICES
from deploy.tenfold.talking_figures import Figures, read
from shared import clock
from shared.auth.caller import DEPARTMENTS

LOOK_EVERY = 0.5  # seconds between looks at the overviews
STALLED = 45.0  # seconds without any movement: what is not settled by then is unaccounted for


class Shown(Protocol):
    """Where progress is shown; each call says how far one phase is, of how much."""

    def phase(self, name: str, done: int, total: int, note: str = "") -> None:
        """Show it."""
        ...


@dataclass
class Watch:
    """Seconds each phase took, in order."""

    started: float
    seconds: dict[str, float]

    def lap(self, name: str) -> None:
        """The phase ends now."""
        self.seconds[name] = time.monotonic() - self.started - sum(self.seconds.values())


async def run(reach: Reach, people: int, days: int, shown: Shown, watch: Watch) -> Account:
    """Play `days` days of a county of `people`, and account for them. Raises what keeps a service from answering."""
    county = generate(people)
    planned = plan(county, days, clock.today())
    played, posted = Played(), asyncio.Event()
    total = people + len(planned.reports)
    done = {"people": 0, "reports": 0}

    def registered(count: int) -> None:
        done["people"] += count
        shown.phase("Register everybody", done["people"], people)

    def reported(day: str) -> None:
        done["reports"] += 1
        shown.phase("Play the month", done["reports"], len(planned.reports), day)

    registered(0)
    shown.phase("Play the month", 0, len(planned.reports))
    settling = asyncio.create_task(settle(reach, total, posted, shown))
    async with AsyncExitStack() as stack:
        stack.callback(settling.cancel)
        programmes = {name: await stack.enter_async_context(Programme.of(reach, name)) for name in PROGRAMMES}
        await register_everybody(reach, county, played, registered)
        watch.lap("registering everybody")
        await play_month(reach, planned, programmes, played, reported)
        watch.lap("playing the month")
        posted.set()
        figures = await settling
        if await at_the_desk(reach.registrar("identity-review")):
            figures = await settle(reach, total, posted, shown)
        for programme in programmes.values():
            await programme.outcomes(played)
        watch.lap("settling the rest")
        account = await accounted(reach, planned, programmes, played, figures, shown)
        watch.lap("accounting")
        return account


def held_keys(planned: MonthPlan) -> list[EventKey]:
    """The reports that must wait for a clerk."""
    return [key_of(each.cloud_event) for each in planned.reports if each.cloud_event["id"] in planned.held]


def newly_wed(planned: MonthPlan) -> Citizen | None:
    """Somebody who married in the month, of whom several departments know."""
    for report in planned.reports:
        if report.cloud_event["type"] == "cn.tenfold.marriage.registered.v1":
            spouse = data_of(report)["spouses"][0]
            return {"identifier": spouse["identifiers"][0]} | {name: spouse[name] for name in ("name", "birth_date")}
    return None


async def publish_months(reach: Reach, months: int = 13) -> None:
    """Have the months that are over published, so that the population page has figures to show."""
    today, client = clock.today(), reach.administrator("registry")
    this = today.year * 12 + today.month - 1
    for month in range(max(this - months, REFERENCE.year * 12 + REFERENCE.month - 1), this):
        await client.post("/v1/statistics/releases", {"period": f"{month // 12}-{month % 12 + 1:02}"})


async def settle(reach: Reach, total: int, posted: asyncio.Event, shown: Shown) -> Figures:
    """Look until nothing is on its way, or nothing moves, however long a large county takes. Seen twice, because the
    services are asked one by one. `posted`: nothing is sent any more, but by programmes of their own."""
    clients = {service: reach.administrator(service) for service in SERVICES}
    last, moved = None, time.monotonic()
    while True:
        figures = await read(clients)
        shown.phase("Fold into the registry", figures.total("accepted") - figures.total("pending"), total)
        if figures != last:
            last, moved = figures, time.monotonic()
        elif posted.is_set():
            arrived = figures.total("accepted") >= total
            if (arrived and figures.settled) or time.monotonic() - moved > STALLED:
                return figures
        await asyncio.sleep(LOOK_EVERY)


async def accounted(
    reach: Reach,
    planned: MonthPlan,
    programmes: Mapping[str, Programme],
    played: Played,
    figures: Figures,
    shown: Shown,
) -> Account:
    """Read everything back that departments and facilities are told, and compare it with the plan."""
    foresaw = foreseen(planned, grants(planned.today))
    departments, codes = sorted(DEPARTMENTS), [facility.code for facility in facilities()]
    total = len(departments) + len(codes)
    feeds, compares, journals = {}, {}, {}
    for number, name in enumerate(departments, start=1):
        feeds[name] = await pull(reach.department(name), cloud_events=True)
        compares[name] = compared(name, foresaw, played.receipt_of, feeds[name])
        if name in programmes:
            compares[name] = compares[name].also(await programmes[name].unlike(feeds[name]))
        journals[name] = Journal()
        if reports := played.reports.get(name):
            journals[name] = await reconcile(reach.department(name), reports, planned.today)
        shown.phase("Read every feed back", number, total, name)
    facility_feeds, help_open = {}, {}
    for number, code in enumerate(codes, start=len(departments) + 1):
        client = reach.care_worker(code)
        facility_feeds[code] = await pull(client, cloud_events=False)
        help_open[code] = await open_help(client)
        shown.phase("Read every feed back", number, total, code)
    known, _ = known_people(foresaw, played.receipt_of, feeds["public-security"])
    found = Planted(
        await contradictions(reach.registrar("identity-review"), known),
        await half_moves(reach.registrar("household-registration"), known),
    )
    return Account(
        people=len(planned.county.people),
        played=played,
        figures=figures,
        feeds=feeds,
        compared=compares,
        journals=journals,
        facility_feeds=facility_feeds,
        help=help_open,
        expected=expectations(planned),
        foreseen=foresaw,
        found=found,
        planted=planted(planned, foresaw),
        held=frozenset(played.receipt_of.get(key, "") for key in held_keys(planned)),
        citizen=newly_wed(planned),
    )
