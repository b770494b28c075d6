"""An existing register is imported: as if every row had been reported, and told apart from what was."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.registry.facts.rebuild import Rebuild
from services.registry.imports.receipts import is_imported, receipt_of
from services.registry.imports.repository import Counts
from services.registry.statistics.deltas import Counting
from shared.auth.issuer import Issuer
from tests.conftest import Database
from tests.imports_world import ImportWorld, event_of, line
from tests.registry_world import RegistryWorld, opened, settings_for

pytest_plugins = ["tests.registry"]


@pytest.fixture
def importing(registry: RegistryWorld, tmp_path: Path) -> ImportWorld:
    """Imports into an empty registry."""
    return ImportWorld(registry, tmp_path)


IGNORED = {
    "contradiction_id",
    "first_seen_at",
    "seen_at",
    "person_id",
    "receipt",
    "lineage",
    "recorded_at",
    "folded_at",
    "delta_id",
    "household_id",
    "queued_at",
}
SEALED = {"state", "body", "cells"}
TABLES = (
    "vital_event",
    "person",
    "fact",
    "identifier_index",
    "household",
    "residency",
    "block",
    "household_named",
    "statistic_counted",
    "to_compare",
    "contradiction",
    "family_to_judge",
    "half_move",
    "held_event",
    "person_alias",
    "relink",
)


async def rows_of(world: RegistryWorld, table: str) -> list[Any]:
    """What a table says, whoever has which id and whatever it is sealed with."""
    names: dict[UUID, str] = {}
    found = await world.service.pool.fetch("SELECT person_id, id FROM fact JOIN vital_event USING (receipt)")
    for row in found:
        names[row["person_id"]] = min(names.get(row["person_id"], row["id"]), row["id"])
    opened_rows = []
    vault = world.folding.vault
    for row in await world.service.pool.fetch(f"SELECT * FROM {table}"):
        said = {name: value for name, value in row.items() if name not in IGNORED | SEALED}
        if "person_id" in row.keys():  # noqa: SIM118 - a record is no mapping
            said["who"] = names.get(row["person_id"])
        if table == "person":
            said["state"] = vault.open_state(row["person_id"], row["state"])
        if table == "fact":
            said["fact"] = vault.open_fact(row["receipt"], row["role"], row["body"])
        if table == "statistic_counted":
            (counting,) = [each for each in world.folding.derive if isinstance(each, Counting)]
            said["cells"] = sorted(counting.opened(row["person_id"], row["cells"]).items())
        opened_rows.append(repr(sorted(said.items(), key=lambda each: each[0])))
    return sorted(opened_rows)


async def totals(world: RegistryWorld) -> list[Any]:
    return [
        tuple(row)
        for row in await world.service.pool.fetch(
            "SELECT kind, month, area, sex, born, within, sum(people) FROM statistic_delta"
            " GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"
        )
    ]


async def test_an_imported_register_is_in_every_table_as_if_it_had_been_reported(
    importing: ImportWorld, database: Database, issuer: Issuer, tmp_path: Path
) -> None:
    rows = [line(n) for n in range(1, 10)]
    rows.append(line(11, 出生日期="1990-03-08"))  # contradicts its identity number
    counts, faults = await importing.take(rows)
    assert (counts.imported, counts.folded, counts.held, counts.known, faults) == (10, 0, 0, 0, [])
    async with opened(settings_for(await database("registry"), tmp_path, issuer)) as other:
        await other.apply(*map(event_of, rows))
        for table in TABLES:
            assert await rows_of(importing.registry, table) == await rows_of(other, table), table
        assert await totals(importing.registry) == await totals(other)
        assert await other.count("contradiction") == 1
    assert await importing.registry.count("person") == 10


async def test_people_who_may_be_known_go_through_the_fold(importing: ImportWorld) -> None:
    rows = [line(n) for n in range(1, 7)]
    await importing.registry.apply(event_of(line(1, "Reported One", entry="reported-1")))
    twin = line(9, entry="twin-1"), line(9, "Person Nine", entry="twin-2")  # one number twice in the file
    counts, _ = await importing.take([*rows, *twin, line(12)], size=3)
    assert counts == Counts(imported=6, folded=3)
    assert await importing.registry.count("person") == 8
    assert await importing.registry.count("fact") == 10


async def test_what_is_ambiguous_is_held_for_a_clerk_and_its_reporter_is_named(importing: ImportWorld) -> None:
    """Two people share a number by an old error, told apart by a decision: a third entry is nobody's for certain."""
    stranger = line(5, "Somebody Else", 出生日期="1950-01-01", 性别="2")
    await importing.registry.apply(event_of(line(5, entry="reported-5")))
    counts, _ = await importing.take([stranger])
    assert counts == Counts(held=1)


async def test_before_or_after_what_is_reported_the_same_people_come_of_it(
    importing: ImportWorld, database: Database, issuer: Issuer, tmp_path: Path
) -> None:
    rows = [line(n) for n in range(1, 9)]
    events = [
        event_of(line(n, f"Person {n}", entry=f"other-{n}", 户号=f"K{n}", 登记日期="20200101")) for n in (2, 4, 20)
    ]
    corrected = event_of(line(3, "Person Three"))
    corrected |= {"id": "correction-3", "time": "2024-05-01T00:00:00+08:00"}
    superseded = {"source": corrected["source"], "id": "row-000003"}
    corrected["data"] = corrected["data"] | {"action": "corrected", "supersedes": superseded}
    await importing.registry.apply(*events, corrected)
    await importing.take(rows)
    async with opened(settings_for(await database("registry"), tmp_path, issuer)) as other:
        await ImportWorld(other, tmp_path).take(rows)
        await other.apply(corrected, *events)
        dead = [("urn:tenfold:public-security:household-register", "row-000003")]
        assert await importing.registry.states(dead) == await other.states(dead)
        assert (await other.named("Person Three")).household_number == "H1"


async def test_a_file_is_imported_once(importing: ImportWorld) -> None:
    rows = [line(n) for n in range(1, 6)]
    await importing.take(rows)
    again, _ = await importing.take(rows)  # the same file: nothing is left to do
    assert again == Counts()
    other, _ = await importing.take([*rows, line(8)], "newer.csv")  # the same rows in another file
    assert (other.imported, other.known) == (1, 5)
    assert await importing.registry.count("person") == 6


BROKEN = (
    (line(1, 性别="7"), "性别", "is not among the mapped codes"),
    (line(1, 登记日期="2019-05-01"), "登记日期", "is not a day as the mapping writes days"),
    (line(1, 身份证号="110105199003070000"), "身份证号", "is not a valid resident identity number"),
    (line(1, 身份证号=""), "身份证号", "must have at least 1 entries"),
    (line(1, 姓名=""), "姓名", "is required"),
    (line(1, 行政区划="37010"), "行政区划", "does not have the required form"),
    (line(1, 户号=""), "户号", "is required"),
    (line(1, 出生日期="1990-02-30"), "出生日期", "is no day of the calendar"),
    (line(1) | {"户号行": ""}, "户号行", "is required"),
    (line(1, entry="11010119900307109X"), "户号行", None),
)


@pytest.mark.parametrize(("row", "column", "text"), BROKEN, ids=[str(n) for n in range(len(BROKEN))])
async def test_a_faulty_row_is_named_by_its_column_and_the_others_are_imported(
    importing: ImportWorld, row: Mapping[str, str], column: str, text: str | None
) -> None:
    counts, faults = await importing.take([line(30), row, line(31)])
    assert counts.imported == 2 + (text is None and not faults)
    for fault in faults:
        assert (fault.row, fault.column) == (3, column)
        assert text is None or fault.en == text
        assert fault.zh != fault.en
    said = importing.folder / "register.faults.csv"
    if faults:
        content = said.read_text(encoding="utf-8-sig")
        assert column in content
        assert row["身份证号"] not in content or not row["身份证号"]
    else:
        assert text is None


async def test_imported_receipts_are_told_from_the_journals(importing: ImportWorld) -> None:
    await importing.take([line(1)])
    receipts = [
        row["receipt"] for row in await importing.registry.service.pool.fetch("SELECT receipt FROM vital_event")
    ]
    assert receipts == [receipt_of("urn:tenfold:public-security:household-register", "row-000001")]
    assert all(map(is_imported, receipts))


async def test_what_derives_from_an_import_equals_what_its_facts_give(importing: ImportWorld) -> None:
    await importing.take([line(n) for n in range(1, 20)])
    folding = importing.registry.folding
    async with importing.registry.service.pool.acquire() as connection:
        stored, rebuilt = await Rebuild(folding.vault, folding.authorities).compare(connection)
    assert stored == rebuilt
    assert stored.person.rows == 19
