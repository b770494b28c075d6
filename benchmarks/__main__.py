"""`make bench`: run every benchmark and print tables of ratios; `--write` puts them into benchmarks/README.md.

Each figure has its time. One that fails or does not end is named, the others are measured all the same, and the exit
code is 1; then nothing is written.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.beside import caring, importing, matching
from benchmarks.distribution import distribution
from benchmarks.folding import folding
from benchmarks.hearing import hearing
from benchmarks.intake import batches, singles
from benchmarks.looking_up import looking_up
from benchmarks.outage import line_with_broker, outage
from benchmarks.reconciling import reconciling
from benchmarks.relaying import relaying
from benchmarks.two_worlds import HEAD, Timing, row, two_worlds
from benchmarks.world import CaughtUp, Delay, Figure, Told, line
from deploy.kafka.broker import available

HERE = Path(__file__).parent
MARK = "<!-- measured -->"
SECONDS = 120  # for each figure; a quiet machine needs less than half of it

Found = Figure | Delay | CaughtUp | Told | Timing
Rows = Sequence[tuple[str, ...]]
FIGURES = ("what", "limit in the same run", "rate /s", "limit /s", "ratio", "target")
DELAYS = ("how soon", "median ms", "slow ms", "target")
TOLD_APART = ("told apart", "pairs compared", "precision", "recall", "seconds")
CAUGHT_UP = ("caught up", "was behind", "is behind", "seconds")

console = Console()


@dataclass
class Measured:
    """Everything of one run, and what failed."""

    found: list[Found] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    async def step(
        self, what: str, work: Callable[[], Awaitable[Found | Sequence[Found]]], seconds: float = SECONDS
    ) -> None:
        """Measure one thing, in its time; what comes to pass instead is told."""
        begin = time.perf_counter()
        console.print(f"{what} …")
        try:
            async with asyncio.timeout(seconds):
                found = await work()
        except Exception as fault:
            self.failed.append(what)
            console.print(f"{what}: [red]failed[/red], {type(fault).__name__}: {fault}")
            return
        self.found += found if isinstance(found, Sequence) else [found]
        console.print(f"{what}: {time.perf_counter() - begin:.0f} s")

    def tables(self) -> list[tuple[tuple[str, ...], Rows]]:
        """As they are shown."""
        figures = [
            (f.name, f.limit_name, f"{f.rate:,.0f}", f"{f.limit:,.0f}", f"{f.ratio:.2f}", f"≥ {f.target:g}")
            for f in self.found
            if isinstance(f, Figure)
        ]
        delays = [
            (d.what, f"{d.median:,.0f}", f"p{d.share}: {d.slow:,.0f}", f"p{d.share} ≤ {d.target:,.0f}")
            for d in self.found
            if isinstance(d, Delay)
        ]
        caught_up = [(c.what, f"{c.missing:,}", "0", f"{c.seconds:.1f}") for c in self.found if isinstance(c, CaughtUp)]
        told_apart = [
            (t.what, f"{t.pairs:,}", f"{t.precision:.4f}", f"{t.recall:.4f}", f"{t.seconds:.1f}")
            for t in self.found
            if isinstance(t, Told)
        ]
        tables: list[tuple[tuple[str, ...], Rows]] = [
            (FIGURES, figures),
            (DELAYS, delays),
            (CAUGHT_UP, caught_up),
            (TOLD_APART, told_apart),
            (HEAD, [row(each) for each in self.found if isinstance(each, Timing)]),
        ]
        return [(head, rows) for head, rows in tables if rows]


async def measure() -> Measured:
    """One line for what is reported, folded, told and compared; one with two intakes; one with a broker, where there
    can be one."""
    measured, begin = Measured(), time.perf_counter()
    async with line() as running:
        await measured.step("how soon others hear", lambda: hearing(running))
        await measured.step("intake in batches", lambda: batches(running))
        await measured.step("intake of singles", lambda: singles(running))
        await measured.step("folding", lambda: folding(running))
        await measured.step("distribution", lambda: distribution(running))
        await measured.step("reconciliation", lambda: reconciling(running))
    async with line(intakes=2) as running:
        await measured.step("two intakes, in batches", lambda: batches(running))
        await measured.step("two intakes, of singles", lambda: singles(running))
    await measured.step("looking people up", looked_up)
    await measured.step("matching", matching)
    await measured.step("import and rebuild", importing, 2 * SECONDS)
    await measured.step("two worlds, timed", two_worlds)
    await measured.step("care", caring, 2 * SECONDS)
    if (missing := available()) is None:
        async with line_with_broker() as (running, broker):
            await measured.step("relay to a topic", lambda: relaying(running, broker))
            await measured.step("outages", lambda: outage(running, broker), 2 * SECONDS)
    else:
        console.print(f"relay and outages are not measured: {missing}")
    console.print(f"everything: {time.perf_counter() - begin:.0f} s")
    return measured


async def looked_up() -> list[Found]:
    """By reference and by name, in a registry of its own."""
    figures, delays = await looking_up()
    return [*figures, *delays]


def show(measured: Measured) -> None:
    """Print the tables."""
    for head, rows in measured.tables():
        table = Table(*head)
        for each in rows:
            table.add_row(*each)
        console.print(table)


def write(measured: Measured) -> None:
    """Replace the tables in README.md."""
    page = HERE / "README.md"
    tables = []
    for head, rows in measured.tables():
        lines = [f"| {' | '.join(each)} |" for each in [head, *rows]]
        tables.append("\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]]))
    before, _, rest = page.read_text().partition(MARK)
    after = rest.partition(MARK)[2]
    page.write_text(f"{before}{MARK}\n" + "\n\n".join(tables) + f"\n{MARK}{after}")


def main() -> int:
    """Measure and show everything; the exit code."""
    measured = asyncio.run(measure())
    show(measured)
    if measured.failed:
        console.print(f"[red]failed[/red]: {', '.join(measured.failed)}")
        return 1
    if "--write" in sys.argv:
        write(measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
