"""A register to import: a small CSV file, its mapping, and an import of it in this process or in others."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.registry.imports.handlers import Chunk, Importing
from services.registry.imports.processes import judged
from services.registry.imports.reading import chunks
from services.registry.imports.repository import Counts
from services.registry.imports.rules import RowFault
from services.registry.imports.running import Run
from tests.histories import number
from tests.registry_world import SOURCES, CloudEvent, RegistryWorld, says

HEADER = ("户号行", "登记日期", "姓名", "性别", "出生日期", "身份证号", "户号", "与户主关系", "行政区划")
MAPPING = f"""
source: "{SOURCES["public-security"]}"
fields:
  id: 户号行
  effective_on: {{column: 登记日期, dates: "%Y%m%d"}}
  name: 姓名
  sex: {{column: 性别, codes: gb-t-2261.1}}
  birth_date: 出生日期
  resident_identity_number: 身份证号
  household_number: 户号
  household_kind: {{constant: family}}
  relation: {{column: 与户主关系, codes: gb-t-4761}}
  area: 行政区划
"""
BORN = date(1990, 3, 7)
SEXES = {"1": "male", "2": "female"}


def line(sequence: int, name: str | None = None, *, entry: str | None = None, **other: str) -> dict[str, str]:
    """A row of the register."""
    said = {
        "户号行": entry or f"row-{sequence:06}",
        "登记日期": "20190501",
        "姓名": name or f"Person {sequence}",
        "性别": "1" if sequence % 2 else "2",
        "出生日期": str(BORN),
        "身份证号": number((sequence - 1) % 900 + 1, BORN)["value"],
        "户号": f"H{sequence // 3}",
        "与户主关系": "02" if sequence % 3 == 0 else "10",
        "行政区划": "370102901001",
    }
    return said | other


def event_of(row: Mapping[str, str]) -> CloudEvent:
    """The event that a row means, as the department would have reported it."""
    identity = {"type": "resident-identity-number", "value": row["身份证号"]}
    day = f"{row['登记日期'][:4]}-{row['登记日期'][4:6]}-{row['登记日期'][6:]}"
    data: dict[str, Any] = {
        "person": {
            "identifiers": [identity],
            "name": row["姓名"],
            "sex": SEXES[row["性别"]],
            "birth_date": row["出生日期"],
        },
        "household": {
            "number": row["户号"],
            "kind": "family",
            "relation": "head" if row["与户主关系"] == "02" else "spouse",
            "area": row["行政区划"],
        },
    }
    said = says("household.registered", row["户号行"], data, day, department="public-security")
    return said | {"time": f"{day}T00:00:00+08:00", "subject": row["户号行"]}


def written(file: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """The rows as a CSV file."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return file


@dataclass
class ImportWorld:
    """Imports into a registry, in this process."""

    registry: RegistryWorld
    folder: Path

    def run(self, rows: Sequence[Mapping[str, str]], name: str = "register.csv", *, size: int = 4) -> Run:
        """The import of these rows."""
        file = written(self.folder / name, rows)
        return Run(self.registry.service.settings, file, MAPPING, workers=2, rows_in_chunk=size)

    async def take(
        self, rows: Sequence[Mapping[str, str]], name: str = "register.csv", *, size: int = 4
    ) -> tuple[Counts, list[RowFault]]:
        """Import all rows, chunk by chunk, as the processes of an import do."""
        run = self.run(rows, name, size=size)
        plan, sources = run.plan()
        known, done = await run.begin(resume=False)
        importing = Importing(self.registry.service.pool, self.registry.folding)
        faults: list[RowFault] = []
        counts = Counts()
        for page in chunks(run.file, run.mapping, known.rows_in_chunk):
            if page.number not in done:
                entries, met = judged(plan, page, sources)
                faults += met
                counts += await importing.take(Chunk(known.import_id, page.number, entries, met))
        await run.finish(known, (self.folder / name).with_suffix(".faults.csv"))
        return counts, faults
