"""From a row of a register to the event it means, and from the judge's faults to columns a clerk knows. Pure."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from services.registry.imports.mapping import RELATION_CODES, SEX_CODES, FileMapping, Taken
from services.registry.imports.receipts import receipt_of
from shared.contracts.catalogue import full_type
from shared.contracts.judge import Judged, judge
from shared.contracts.quick import quickly
from shared.errors import Invalid
from shared.errors_text import Text

DEPARTMENT = "public-security"
TYPE = full_type("household.registered")
NUMBERS = {
    "resident_identity_number": "resident-identity-number",
    "birth_certificate_number": "birth-certificate-number",
    "passport": "passport",
}
DAYS = frozenset({"effective_on", "birth_date"})
UNSAID = "1900-01-01"  # the missing day is a fault of its own
MOST_FAULTS = 20  # of one row
encode = msgspec.json.Encoder().encode

NOT_A_CODE = Text("is not among the mapped codes", "不在映射的代码中")
NOT_A_DAY = Text("is not a day as the mapping writes days", "不是映射所定格式的日期")
WIDTH = Text("has another number of columns than the header", "列数与表头不符")
PLACES = {
    "/id": "id",
    "/subject": "id",
    "/time": "time",
    "/data/effective_on": "effective_on",
    "/data/person/name": "name",
    "/data/person/sex": "sex",
    "/data/person/birth_date": "birth_date",
    "/data/household/number": "household_number",
    "/data/household/kind": "household_kind",
    "/data/household/relation": "relation",
    "/data/household/area": "area",
}


class RowFault(NamedTuple):
    """What is wrong with a row: its number as a spreadsheet shows it, the column, and why. Never the value."""

    row: int
    column: str
    en: str
    zh: str


@dataclass(frozen=True)
class Entry:
    """A row that may be imported, judged: its number in the file and what it means."""

    row: int
    judged: Judged

    @property
    def receipt(self) -> UUID:
        """The receipt of its event."""
        return receipt_of(self.judged.envelope.source, self.judged.envelope.id)

    @property
    def body(self) -> bytes:
        """The entry of `vital-events` that it would be, had it been reported."""
        return b'{"department":"%s","event":%s}' % (DEPARTMENT.encode(), self.judged.canonical)


class NotReadable(ValueError):
    """A value that the mapping cannot read."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True)
class Place:
    """Where a field is read: a position in the row, or a constant; how its codes and days are read."""

    position: int | None
    constant: str | None
    codes: Mapping[str, str] | None
    dates: str | None

    def of(self, row: Sequence[object]) -> str:
        """The value as the contract writes it; empty where the row says nothing. Raises NotReadable."""
        said = self.constant if self.position is None else row[self.position]
        if said is None:
            return ""
        if self.dates is not None and isinstance(said, date):
            return said.isoformat()[:10]
        text = str(said).strip()
        if not text:
            return ""
        if self.codes is not None:
            if (meant := self.codes.get(text)) is None:
                raise NotReadable(NOT_A_CODE)
            return meant
        if self.dates is not None and self.dates != "%Y-%m-%d":
            try:
                return datetime.strptime(text, self.dates).date().isoformat()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                raise NotReadable(NOT_A_DAY) from None
        return text


class MissingColumns(Exception):
    """The file lacks columns that the mapping names."""


@dataclass(frozen=True)
class Plan:
    """How the rows of one file are read. `columns`: the column that each field came from, for people."""

    source: str
    places: Mapping[str, Place]
    columns: Mapping[str, str]
    width: int

    @classmethod
    def of(cls, mapping: FileMapping, header: Sequence[str]) -> "Plan":
        """The plan for a file with this header. Raises MissingColumns."""
        named = mapping.named()
        missing = [taken.column for taken in named.values() if taken.column and taken.column not in header]
        if missing:
            raise MissingColumns(", ".join(missing))
        places = {name: place(name, taken, mapping, header) for name, taken in named.items()}
        return cls(mapping.source, places, {name: taken.column or name for name, taken in named.items()}, len(header))

    def judge(self, number: int, row: Sequence[object], sources: Container[str]) -> tuple[Entry | None, list[RowFault]]:
        """Judge one row as the intake judges the event that it means."""
        if len(row) != self.width:
            return None, [RowFault(number, "", WIDTH.en, WIDTH.zh)]
        said: dict[str, str] = {}
        faults = []
        for name, where in self.places.items():
            try:
                said[name] = where.of(row)
            except NotReadable as fault:
                faults.append(RowFault(number, self.columns[name], fault.text.en, fault.text.zh))
        if faults:
            return None, faults
        message, numbers = message_of(self.source, said)
        if (judged := quickly(encode(message), DEPARTMENT, sources, {})) is not None:
            return Entry(number, judged), []
        try:
            return Entry(number, judge(message, DEPARTMENT, sources, {})), []
        except Invalid as invalid:
            met = (
                RowFault(number, self.column(fault.pointer, numbers), *both(fault.message))
                for fault in (invalid.faults or [])[:MOST_FAULTS]
            )
            return None, list(dict.fromkeys(met))

    def column(self, pointer: str, numbers: Sequence[str]) -> str:
        """The column that a fault is about; of a number the one it came from."""
        parts = pointer.split("/")
        if "identifiers" in parts:
            place = parts.index("identifiers") + 1
            known = [name for name in NUMBERS if name in self.columns]
            name = numbers[int(parts[place])] if place < len(parts) else known[0]
            return self.columns.get("passport_issuer", name) if parts[-1] == "issuer" else self.columns[name]
        return self.columns.get(PLACES.get(pointer, ""), PLACES.get(pointer, ""))


def both(message: str | Text) -> tuple[str, str]:
    """A fault in English and Chinese."""
    return (message.en, message.zh) if isinstance(message, Text) else (message, message)


def place(name: str, taken: Taken, mapping: FileMapping, header: Sequence[str]) -> Place:
    """Where one field is read."""
    codes = taken.codes
    if isinstance(codes, str):
        codes = SEX_CODES if codes == "gb-t-2261.1" else RELATION_CODES | two_digits(RELATION_CODES)
    return Place(
        None if taken.column is None else list(header).index(taken.column),
        taken.constant,
        codes,
        (taken.dates or mapping.dates) if name in DAYS else None,
    )


def two_digits(codes: Mapping[str, str]) -> dict[str, str]:
    """GB/T 4761 tells relations finer by a second digit."""
    return {f"{first}{second}": meaning for first, meaning in codes.items() for second in range(10)}


def message_of(source: str, said: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The event in its JSON form, and the fields that its numbers came from. What is left out, the judge misses."""
    numbers = [name for name in NUMBERS if said.get(name)]
    identifiers = [{"type": NUMBERS[name], "value": said[name]} for name in numbers]
    if said.get("passport_issuer") and "passport" in numbers:
        identifiers[-1]["issuer"] = said["passport_issuer"]
    household = {
        "number": said["household_number"],
        "kind": said["household_kind"],
        "relation": said["relation"],
        "area": said["area"],
    }
    person = {"identifiers": identifiers, **filled(said, "name", "sex", "birth_date")}
    message = {
        "specversion": "1.0",
        "id": said["id"],
        "source": source,
        "type": TYPE,
        "subject": said["id"],
        "time": said.get("time") or f"{said['effective_on'] or UNSAID}T00:00:00+08:00",
        "data": {
            "action": "created",
            **filled(said, "effective_on"),
            "person": person,
            "household": {name: value for name, value in household.items() if value},
        },
    }
    return {name: value for name, value in message.items() if value}, numbers


def filled(said: Mapping[str, str], *names: str) -> dict[str, str]:
    """Those of these fields that say something."""
    return {name: said[name] for name in names if said[name]}
