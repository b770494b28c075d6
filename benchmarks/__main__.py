"""`make bench`: run every benchmark and print tables of ratios; `--write` puts them into benchmarks/README.md."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.distribution import distribution, hearing
from benchmarks.folding import folding
from benchmarks.intake import batches, singles
from benchmarks.looking_up import looking_up
from benchmarks.outage import outage
from benchmarks.reconciling import reconciling
from benchmarks.world import CaughtUp, Delay, Figure, line
from deploy.kafka.broker import available

HERE = Path(__file__).parent
MARK = "<!-- measured -->"

Rows = Sequence[tuple[str, ...]]
FIGURES = ("what", "limit in the same run", "rate /s", "limit /s", "ratio", "target")
DELAYS = ("how soon", "median ms", "slow ms", "target")
CAUGHT_UP = ("caught up", "was behind", "is behind", "seconds")


@dataclass(frozen=True)
class Measured:
    """Everything of one run."""

    figures: list[Figure]
    delays: list[Delay]
    caught_up: list[CaughtUp]

    def tables(self) -> list[tuple[tuple[str, ...], Rows]]:
        """As they are shown."""
        figures = [
            (f.name, f.limit_name, f"{f.rate:,.0f}", f"{f.limit:,.0f}", f"{f.ratio:.2f}", f"≥ {f.target}")
            for f in self.figures
        ]
        delays = [
            (d.what, f"{d.median:,.0f}", f"p{d.share}: {d.slow:,.0f}", f"p{d.share} ≤ {d.target:,.0f}")
            for d in self.delays
        ]
        caught_up = [(c.what, f"{c.missing:,}", "0", f"{c.seconds:.1f}") for c in self.caught_up]
        return [(FIGURES, figures), (DELAYS, delays), (CAUGHT_UP, caught_up)]


async def measure() -> Measured:
    """One line for what is reported, folded, told and compared; one with two intakes; one with a broker, where there
    can be one."""
    async with line() as running:
        delays = await hearing(running)
        figures = [await batches(running), await singles(running)]
        figures += [await folding(running), await distribution(running), await reconciling(running)]
    async with line(intakes=2) as running:
        figures += [await batches(running), await singles(running)]
    looked_up, how_soon = await looking_up()
    figures += looked_up
    delays += how_soon
    caught_up: list[CaughtUp] = []
    if available() is None:
        during, caught_up = await outage()
        figures += during
    return Measured(figures, delays, caught_up)


def show(measured: Measured) -> None:
    """Print the tables."""
    for head, rows in measured.tables():
        table = Table(*head)
        for row in rows:
            table.add_row(*row)
        Console().print(table)


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


if __name__ == "__main__":
    measured = asyncio.run(measure())
    show(measured)
    if "--write" in sys.argv:
        write(measured)
