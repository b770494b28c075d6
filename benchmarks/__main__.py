"""`make bench`: run every benchmark and print a table of ratios; `--write` puts it into benchmarks/README.md."""

import asyncio
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.folding import folding
from benchmarks.intake import batches, singles
from benchmarks.reconciling import reconciling
from benchmarks.world import Figure, line

HERE = Path(__file__).parent
MARK = "<!-- measured -->"


async def measure() -> list[Figure]:
    """All figures of one run: with one process of the exchange's API, and its intake with two."""
    async with line() as running:
        figures = [await batches(running), await singles(running), await folding(running), await reconciling(running)]
    async with line(intakes=2) as running:
        return [*figures, await batches(running), await singles(running)]


def show(figures: list[Figure]) -> None:
    """Print the table."""
    table = Table("what", "limit in the same run", "rate /s", "limit /s", "ratio", "target")
    for f in figures:
        table.add_row(f.name, f.limit_name, f"{f.rate:,.0f}", f"{f.limit:,.0f}", f"{f.ratio:.2f}", f"≥ {f.target}")
    Console().print(table)


def write(figures: list[Figure]) -> None:
    """Replace the table in README.md."""
    page = HERE / "README.md"
    rows = [
        f"| {f.name} | {f.limit_name} | {f.rate:,.0f} | {f.limit:,.0f} | **{f.ratio:.2f}** | ≥ {f.target} |"
        for f in figures
    ]
    head = ["| what | limit in the same run | rate /s | limit /s | ratio | target |", "|---|---|---|---|---|---|"]
    before, _, rest = page.read_text().partition(MARK)
    after = rest.partition(MARK)[2]
    page.write_text(f"{before}{MARK}\n" + "\n".join([*head, *rows]) + f"\n{MARK}{after}")


if __name__ == "__main__":
    measured = asyncio.run(measure())
    show(measured)
    if "--write" in sys.argv:
        write(measured)
