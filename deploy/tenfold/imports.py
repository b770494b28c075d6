"""`tenfold import`: an existing register, read from a file, beside the registry's database."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Task as Bar
from rich.text import Text

from deploy.tenfold.running import settings
from deploy.tenfold.talking_status import table
from deploy.tenfold.talking_trouble import complain
from services.registry.imports.mapping import BrokenMapping
from services.registry.imports.processes import Stopped, Task
from services.registry.imports.reading import UnreadableFile, rows_in
from services.registry.imports.repository import Counts
from services.registry.imports.rules import MissingColumns
from services.registry.imports.running import Refused, Run, write_faults

console = Console(stderr=True)


class Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Bar) -> Text:
        """What is shown."""
        return Text(f"{task.speed:,.0f} rows/s" if task.speed else "")


def import_file(file: Path, mapping: Path, *, dry_run: bool, resume: bool, workers: int) -> int:
    """Import a file, or only judge it; the exit code. 2: some rows were faulty; 1: refused, or stopped on the way."""
    faults = file.with_suffix(".faults.csv")
    try:
        run = Run(settings(), file, mapping.read_text(encoding="utf-8"), workers)
        with stop_on_signal() as stopping:
            counts = (
                judged(run, file, faults, stopping) if dry_run else imported(run, file, faults, stopping, resume=resume)
            )
    except BrokenMapping as broken:
        for line, fault in broken.faults:
            complain(f"{mapping.name}:{line}: {fault.en} · {fault.zh}")
        return 1
    except MissingColumns as missing:
        complain(f"{file.name} lacks columns that the mapping names · 缺少映射文件中的列: {missing}")
        return 1
    except UnreadableFile as fault:
        complain(f"{file.name} {fault}")
        return 1
    except Refused as refused:
        complain(str(refused))
        return 1
    except Stopped as stopped:
        complain(f"Stopped: {stopped}. What was committed stays; go on with --resume.")
        return 1
    show(counts, dry_run=dry_run)
    if counts.faults:
        console.print(f"Faults of rows · 行错误: {faults}", markup=False)
    return 2 if counts.faults else 0


def imported(run: Run, file: Path, faults: Path, stopping: Callable[[], bool], *, resume: bool) -> Counts:
    """Import the chunks that are not committed. Raises what `import_file` explains."""
    plan, sources = run.plan()
    known, done = asyncio.run(run.begin(resume=resume))
    if known.standing == "running":
        with shown(file) as progress:
            task = Task(run.settings, plan, sources, known.import_id)
            try:
                run.go(task, done, known.rows_in_chunk, progress, stopping)
            except UnreadableFile:  # for good: whoever was brought is told of, and the file mended is another one
                asyncio.run(run.end(known, cancelled=True))
                raise
    return asyncio.run(run.finish(known, faults))


def judged(run: Run, file: Path, faults: Path, stopping: Callable[[], bool]) -> Counts:
    """Judge all rows; nothing is written but their faults."""
    plan, sources = run.plan()
    with shown(file) as progress:
        counts, found = run.go(Task(run.settings, plan, sources, None), set(), run.rows_in_chunk, progress, stopping)
    write_faults(faults, found)
    return counts


@contextmanager
def shown(file: Path) -> Iterator[Callable[[int], None]]:
    """A bar with rate and remaining time; gives what advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(file.name, total=rows_in(file))
        yield lambda rows: progress.advance(bar, rows)


@contextmanager
def stop_on_signal() -> Iterator[Callable[[], bool]]:
    """SIGINT and SIGTERM end the import behind the chunks under way; a second one ends it at once."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show(counts: Counts, *, dry_run: bool) -> None:
    """What became of the rows."""
    found = table("Judged, nothing imported" if dry_run else "Imported", "rows", "count", texts=1)
    said = {"faulty · 有误": counts.faults}
    if not dry_run:
        said = {
            "new people · 新增": counts.imported,
            "folded · 归并": counts.folded,
            "held for a clerk · 待人工": counts.held,
            "known already · 已有": counts.known,
            "faults · 错误": counts.faults,
        }
    for name, count in said.items():
        found.add_row(name, f"{count:,}")
    console.print(found)
