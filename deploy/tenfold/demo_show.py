"""What the demo shows: progress while it plays, and at the end who was told what, and that nothing is missing."""

import os
import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.tenfold.county import facilities
from deploy.tenfold.demo_account import Account, Check
from deploy.tenfold.demo_found import found_table
from deploy.tenfold.layout import Layout
from deploy.tenfold.talking_status import table
from shared.settings import PROVISIONING
from shared.sharing.departments import Departments

PEOPLE = 10_000  # what the CLI takes where nothing is said


class Bars:
    """Progress on standard error, a bar for each phase."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<24}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def start(self) -> None:
        """Begin to draw."""
        self._progress.start()

    def stop(self) -> None:
        """Leave the bars as they are."""
        self._progress.stop()

    def phase(self, name: str, done: int, total: int, note: str = "") -> None:
        """Show how far a phase is."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, note=note, total=total)
        self._progress.update(self._tasks[name], completed=done, total=total, note="" if done >= total else note)


def show(console: Console, account: Account) -> None:
    """The tables and the checks."""
    console.print(departments_table(account))
    console.print(facilities_table(account))
    console.print(found_table(account.found, account.planted))
    checks = Table.grid(padding=(0, 1))
    for check in (*account.whole(), *account.as_planned()):
        checks.add_row(*marked(check))
    console.print(checks)


def departments_table(account: Account) -> Table:
    """Who reported what, what became of it, of whom each was told, and whether that is what the county foresaw."""
    reported = {row.department: row for row in account.figures.departments}
    columns = ("department", "", "reported", "applied", "held", "people", "entries", "differ")
    made = table("Departments, what they reported, and what they know of whom", *columns, texts=2)
    for department in Departments.load(PROVISIONING).all():
        row, feed = reported.get(department.name), account.feeds[department.name]
        compared = account.compared[department.name]
        counts = [row.accepted, row.applied, row.held] if row else [0, 0, 0]
        shown = [
            *map(figure, [*counts, compared.people, feed.entries]),
            difference(account.differences[department.name]),
        ]
        made.add_row(department.title.zh, department.name, *shown)
    totals = [account.figures.total(each) for each in ("accepted", "applied", "held")]
    totals += [sum(each.people for each in account.compared.values())]
    totals += [sum(feed.entries for feed in account.feeds.values())]
    made.add_section()
    made.add_row("合计", "all", *map(figure, totals), difference(sum(account.differences.values())))
    return made


def difference(count: int) -> str:
    """How many differences: none is what it is all about."""
    return f"[red]{count:,}[/]" if count else "[green]0[/]"


def facilities_table(account: Account) -> Table:
    """How many families each health facility is to help with the registration of a birth."""
    made = table("Help with birth registration", "facility", "", "open", "planned", "announced", texts=2)
    for facility in facilities():
        code = facility.code
        planned, announced = account.expected.open_help.get(code, 0), account.facility_feeds[code].entries
        counts = map(figure, [account.help[code], planned, announced])
        made.add_row(facility.zh, facility.en, *counts)
    return made


def figure(count: int) -> str:
    """A number, dim where there is nothing."""
    return f"{count:,}" if count else "[dim]·[/]"


def marked(check: Check) -> tuple[str, str]:
    """A check as a line."""
    if check.holds:
        return "[green]✓[/]", check.says
    return "[red]✗[/]", f"[red]{check.says}: off by {check.missing:,}[/]"


def show_ways(console: Console, layout: Layout, people: int) -> None:
    """Where to look now."""
    ways, service = Table.grid(padding=(0, 2)), ""
    for name, path in (
        ("exchange", "/docs"),
        ("", "/overview"),
        ("", "/department"),
        ("registry", "/docs"),
        ("", "/population"),
        ("", "/me"),
        ("alerts", "/worklist"),
    ):
        service = name or service
        ways.add_row(f"[bold]{name}[/]", layout.url(service) + path)
    console.print()
    console.print(ways)
    console.print("\nTry, in another terminal:", style="bold")
    usual = layout.port_base == Layout.port_base
    exchange = "" if usual else f" --exchange {layout.url('exchange')}"
    base = "" if usual else f" --port-base {layout.port_base}"
    size = "" if people == PEOPLE else f" --people {people}"
    tenfold = program()
    for line in (
        f"{tenfold} example birth.certified{size} | {tenfold} post --wait{exchange} -",
        f"{tenfold} follow health{exchange}",
        f"{tenfold} status{base}",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print()


def program() -> str:
    """How to call the CLI from here."""
    beside = Path(sys.executable).with_name("tenfold")
    return "tenfold" if shutil.which("tenfold") or not beside.exists() else os.path.relpath(beside)
