"""Who was imported is told of as if reported: the reporter's case opens, whoever is entitled hears, once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.registry.facts.deadlines import reject_overdue
from services.registry.facts.handlers import HELD_FOR
from services.registry.imports.handlers import Chunk, Importing
from services.registry.imports.preparing import NewPeople
from services.registry.imports.processes import judged
from services.registry.imports.reading import chunks
from services.registry.imports.telling import tell_imported
from shared import clock
from shared.auth.issuer import Issuer
from shared.db import Connection
from tests.departments_world import Line
from tests.imports_world import ImportWorld, event_of
from tests.imports_world import line as row
from tests.registry_world import looking_up
from tests.reviews_world import Desk
from tests.service.test_splits import asked, named

WAITS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database())"

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]


@pytest.fixture
def importing(line: Line, tmp_path: Path) -> ImportWorld:
    """Imports into the registry of the line."""
    return ImportWorld(line.registry, tmp_path)


async def told(line: Line) -> None:
    """Tell of everybody who was imported, and let the line come to rest."""
    service, folding = line.registry.service, line.registry.folding
    while await tell_imported(service.pool, service.feeds, folding.vault, folding.telling):
        await line.rest()


async def test_the_reporter_hears_of_its_entries_and_corrects_one_through_the_exchange(
    line: Line, importing: ImportWorld
) -> None:
    await importing.take([row(n) for n in range(1, 6)])
    await line.rest()
    assert await line.feed("public-security") == []
    await told(line)
    heard = await line.feed("public-security", "receipt.changed")
    assert sorted(each["data"]["id"] for each in heard) == [f"row-{n:06}" for n in range(1, 6)]
    assert {each["data"]["status"] for each in heard} == {"applied"}
    changed = await line.feed("public-security", "person.changed")
    assert len(changed) == 5
    reference = heard[0]["data"]["people"]["person"]
    assert reference in {each["subject"] for each in changed}
    wrong = row(int(heard[0]["data"]["id"][-6:]), "Person Right")
    event = event_of(wrong)
    superseded = {"source": event["source"], "id": event["id"]}
    event |= {"id": "correction-1", "time": "2024-05-01T00:00:00+08:00"}
    event["data"] = event["data"] | {"action": "corrected", "supersedes": superseded}
    await line.report(event)
    last = (await line.feed("public-security", "receipt.changed"))[-1]["data"]
    assert (last["id"], last["status"], last["people"]["person"]) == ("correction-1", "applied", reference)
    assert (await line.registry.named("Person Right")).registered


async def test_nobody_is_told_twice_and_who_was_known_is_told_at_once(line: Line, importing: ImportWorld) -> None:
    await line.report(event_of(row(1, entry="reported-1")))
    await importing.take([row(1), row(2)])
    await line.rest()
    heard = await line.feed("public-security", "receipt.changed")
    assert [each["data"]["id"] for each in heard] == ["reported-1", "row-000001"]
    await told(line)
    await told(line)
    heard = await line.feed("public-security", "receipt.changed")
    assert sorted(each["data"]["id"] for each in heard) == ["reported-1", "row-000001", "row-000002"]


async def test_a_further_import_of_the_source_tells_of_its_own_people_alone(line: Line, importing: ImportWorld) -> None:
    await importing.take([row(1), row(2)], "first.csv")
    await told(line)
    await importing.take([row(2), row(3)], "second.csv")
    await told(line)
    for kind, field in (("receipt.changed", "data"), ("person.changed", "subject")):
        heard = [str(each[field]) for each in await line.feed("public-security", kind)]
        assert len(heard) == len(set(heard)) == 3


@pytest.mark.parametrize("first_ends_first", [True, False])
async def test_two_imports_of_a_source_at_one_time_tell_each_entry_once(
    line: Line, importing: ImportWorld, first_ends_first: bool
) -> None:
    await importing.take([row(1), row(2)], "first.csv")
    await importing.take([row(3), row(4)], "second.csv")
    earlier, later = ("first.csv", "second.csv") if first_ends_first else ("second.csv", "first.csv")
    ends = "began_at = (SELECT min(began_at) FROM register_import), ended_at = clock_timestamp()"
    for name in (earlier, later):
        await line.registry.service.pool.execute(f"UPDATE register_import SET {ends} WHERE file_name = $1", name)
    await told(line)
    for kind, field in (("receipt.changed", "data"), ("person.changed", "subject")):
        heard = [str(each[field]) for each in await line.feed("public-security", kind)]
        assert len(heard) == len(set(heard)) == 4


class Interrupted(Importing):
    """Lets something else happen between the instant of a chunk and its rows."""

    def __init__(self, line: Line, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(line.registry.service.pool, line.registry.folding)
        self.meanwhile = meanwhile

    async def write(self, connection: Connection, people: NewPeople, at: datetime) -> None:
        await self.meanwhile()
        await super().write(connection, people, at)


async def test_who_is_written_while_another_import_ends_is_told_all_the_same(
    line: Line, importing: ImportWorld
) -> None:
    pool = line.registry.service.pool
    first, second = importing.run([row(1)], "first.csv"), importing.run([row(3), row(4)], "second.csv")
    (known, _), (other, _) = await first.begin(resume=False), await second.begin(resume=False)
    ending: list[asyncio.Task[object]] = []

    async def first_ends() -> None:
        ending.append(asyncio.create_task(first.finish(known, importing.folder / "faults.csv")))
        waits = False
        while not (waits or ending[0].done()):
            waits = await pool.fetchval(WAITS)
        await told(line)

    plan, sources = second.plan()
    (page,) = chunks(second.file, second.mapping, other.rows_in_chunk)
    entries, faults = judged(plan, page, sources)
    await Interrupted(line, first_ends).take(Chunk(other.import_id, page.number, entries, faults))
    await ending[0]
    await second.finish(other, importing.folder / "faults.csv")
    await told(line)
    heard = await line.feed("public-security", "receipt.changed")
    assert sorted(each["data"]["id"] for each in heard) == ["row-000003", "row-000004"]


async def test_after_a_split_an_imported_entry_opens_the_case_on_whom_it_means(
    line: Line, importing: ImportWorld, issuer: Issuer
) -> None:
    await importing.take([row(5, "Li Wei"), row(5, "Li Lan", entry="row-lan")])
    await told(line)
    first, second = event_of(row(5, "Li Wei")), event_of(row(5, "Li Lan", entry="row-lan"))
    async with looking_up(line.registry, issuer) as api:
        desk = Desk(line.registry, api)
        review = await asked(desk, first)
        await desk.decide(review, "split", leaving=named(review, "Li Lan"), who={"subject": "clerk-2"})
    await line.rest()
    (split,) = await line.feed("public-security", "person.split")
    reference = await line.registry.reference("public-security", second)
    assert split["data"]["into"] == reference
    heard = {
        each["data"]["id"]: each["data"]["receipt"] for each in await line.feed("public-security", "receipt.changed")
    }
    (moved,) = split["data"]["moved"]
    assert moved["receipt"] == heard["row-lan"]
    assert moved["position"] is not None
    standing = "SELECT reporting FROM department_case WHERE (department, reference) = ('public-security', $1)"
    assert await line.exchange.service.pool.fetchval(standing, reference) is True


async def test_an_entry_that_nobody_decides_is_held_and_then_rejected_to_its_reporter(
    line: Line, importing: ImportWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await line.report(event_of(row(5, entry="reported-5")))
    counts, _ = await importing.take([row(5, "Somebody Else", 出生日期="1950-01-01")])
    assert counts.held == 1
    later = clock.today() + HELD_FOR + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: later)
    service = line.registry.service
    assert await reject_overdue(service.pool, service.feeds) == 1
    await line.rest()
    heard = [each["data"] for each in await line.feed("public-security", "receipt.changed")]
    assert [(each["id"], each["status"]) for each in heard if each["id"] == "row-000005"] == [
        ("row-000005", "held"),
        ("row-000005", "rejected"),
    ]
    assert await line.registry.count("review") == 1
