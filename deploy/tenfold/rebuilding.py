"""`tenfold rebuild registry`: what derives from facts is derived once more beside the live tables, and compared."""

import asyncio

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.tenfold.imports import Rate, console
from deploy.tenfold.running import settings
from deploy.tenfold.talking_status import table
from deploy.tenfold.talking_trouble import complain
from services.registry.rebuilding.handlers import Busy, Compared
from services.registry.rebuilding.running import count_people, run
from shared.db import AWAY

HASH_SHOWN = 12


def rebuild(*, switch: bool, workers: int) -> int:
    """Rebuild and show; the exit code. 2: tables differed and differ still; 1: no answer, or another rebuild runs."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    told = settings()
    try:
        with Progress(*columns, console=console) as progress:
            bar = progress.add_task("people · 人", total=asyncio.run(count_people(told)))
            found = asyncio.run(run(told, workers, lambda people: progress.advance(bar, people), switch=switch))
    except AWAY as trouble:
        complain(f"The database does not answer ({type(trouble).__name__}). The live tables are as they were.")
        return 1
    except Busy:
        complain("Another rebuild is running; wait for it to end. · 另一个重建正在运行，请等待其结束。")
        return 1
    show(found)
    if all(each.equal for each in found):
        return 0
    if switch:
        console.print("Put right · 已修正: what the facts give stands now.")
        return 0
    complain("The tables differ; --switch lets what the facts give stand. · 存在差异，可用 --switch 修正。")
    return 2


def show(found: list[Compared]) -> None:
    """Counts and hashes of every table, and how many people differ; nothing of anybody."""
    shown = table("Derived tables", "table", "rows", "rebuilt", "hash", "rebuilt", "people differing", texts=1)
    for each in found:
        hashes = (each.live_hash[-HASH_SHOWN:], each.hash[-HASH_SHOWN:])
        shown.add_row(each.table, f"{each.live_rows:,}", f"{each.rows:,}", *hashes, f"{each.people:,}")
    console.print(shown)
