"""A department's own list as it arrives: NDJSON or CSV, read line by line, kept small. Pure."""

import csv
import re
from array import array
from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple

import msgspec

from shared.contracts.envelope import no_identity_number
from shared.contracts.values import PRINTABLE
from shared.errors import Fault, Invalid, Problem, Text, TooLarge
from shared.errors_text import RuleBroken

MOST_ROWS = 1_000_000
MOST_FAULTS = 100  # named one by one
LARGEST_LIST = 400 * 1024 * 1024  # bytes
LARGEST_LINE = 4096  # bytes
DIGEST = re.compile(r"[0-9a-f]{64}")
NAMES = ("source", "id", "record", "digest")

Attribute = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=PRINTABLE)]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One vital event of the list; `record` is the department's own record number, given back with differences."""

    source: Attribute
    id: Attribute
    digest: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    record: Attribute | None = None


ROW = msgspec.json.Decoder(Row)


class ListedRow(NamedTuple):
    """A row as the database takes it."""

    line: int
    source: str
    id: str
    digest: bytes


class Listed:
    """All rows of a list in about 100 bytes each: a million of them would fill half a gigabyte as objects."""

    def __init__(self) -> None:
        self.sources: dict[str, int] = {}
        self.ids, self.digests = bytearray(), bytearray()
        self.source_of, self.line_of, self.end_of = array("L"), array("L"), array("Q")
        self.records: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.line_of)

    def add(self, line: int, row: Row) -> None:
        """Keep a row."""
        self.source_of.append(self.sources.setdefault(row.source, len(self.sources)))
        self.ids += row.id.encode()
        self.end_of.append(len(self.ids))
        self.digests += bytes.fromhex(row.digest)
        self.line_of.append(line)
        if row.record is not None:
            self.records[line] = row.record

    def rows(self) -> Iterator[ListedRow]:
        """Every row, in order."""
        sources, begin = list(self.sources), 0
        for place, end in enumerate(self.end_of):
            digest = bytes(self.digests[32 * place : 32 * place + 32])
            yield ListedRow(self.line_of[place], sources[self.source_of[place]], self.ids[begin:end].decode(), digest)
            begin = end


def form_of(headers: Mapping[str, str]) -> str:
    """`csv` or `ndjson`. Raises Problem 415 for any other content, and for compressed content."""
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("not-a-list")
    kind = headers.get("content-type", "").lower().partition(";")[0].strip()
    forms = {"text/csv": "csv", "application/x-ndjson": "ndjson", "application/ndjson": "ndjson"}
    if kind not in forms:
        raise Problem("not-a-list")
    return forms[kind]


class Reading:
    """Takes the list in pieces as they come; every fault is named by its line, the first one being 1."""

    def __init__(self, form: str) -> None:
        self.listed, self.csv = Listed(), form == "csv"
        self.columns: list[str] = []
        self.rest, self.line, self.size = b"", 0, 0
        self.faults: list[Fault] = []
        self.more_faults = 0

    def feed(self, piece: bytes) -> None:
        """Take in a piece. Raises TooLarge."""
        self.size += len(piece)
        if self.size > LARGEST_LIST:
            raise TooLarge
        *lines, self.rest = (self.rest + piece).split(b"\n")
        for line in lines:
            self.take(line)
        if len(self.rest) > LARGEST_LINE:
            raise Invalid(faults=[*self.faults, fault(self.line + 1, "", TOO_LONG)])

    def finish(self) -> Listed:
        """The whole list. Raises Invalid, naming every malformed line, up to a hundred of them one by one."""
        if self.rest:
            self.take(self.rest)
        if self.csv and not self.columns:
            self.note(fault(1, "", HEADER))
        if self.more_faults:
            more = self.more_faults
            self.faults.append(Fault("", Text(f"has {more} more faults", f"另有 {more} 处错误")))
        if self.faults:
            raise Invalid(faults=self.faults)
        return self.listed

    def take(self, raw: bytes) -> None:
        """Read one line; an empty one says nothing."""
        self.line += 1
        if len(raw) > LARGEST_LINE:
            self.note(fault(self.line, "", TOO_LONG))
            return
        try:
            line = raw.decode("utf-8-sig" if self.line == 1 else "utf-8").rstrip("\r")
        except UnicodeDecodeError:
            self.note(fault(self.line, "", Text("is not UTF-8", "不是 UTF-8 编码")))
            return
        if not line:
            return
        if self.csv and not self.columns:
            self.header(line)
            return
        try:
            row = self.from_csv(line) if self.csv else ROW.decode(line)
            for value in (row.id, row.source, row.record or ""):
                no_identity_number(value)
        except (msgspec.MsgspecError, csv.Error, RecursionError, RuleBroken) as wrong:
            self.note(fault(self.line, field_of(wrong), text_of(wrong)))
            return
        if len(self.listed) == MOST_ROWS:
            raise TooLarge
        self.listed.add(self.line, row)

    def header(self, line: str) -> None:
        """The names of the columns. Raises Invalid at once: without them no line can be read."""
        self.columns = [name.strip() for name in next(csv.reader((line,)))]
        wanted = {"source", "id", "digest"} <= set(self.columns) <= set(NAMES)
        if not wanted or len(set(self.columns)) != len(self.columns):
            raise Invalid(faults=[fault(self.line, "", HEADER)])

    def from_csv(self, line: str) -> Row:
        """A row of named columns; an empty cell says nothing. Raises csv.Error or msgspec.ValidationError."""
        cells = next(csv.reader((line,), strict=True))
        if len(cells) != len(self.columns):
            raise csv.Error
        return msgspec.convert({name: cell for name, cell in zip(self.columns, cells, strict=True) if cell}, Row)

    def note(self, found: Fault) -> None:
        """Name a fault, or count it when there are too many to name."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(found)
        else:
            self.more_faults += 1


HEADER = Text(
    "must name the columns source, id, digest and, if wanted, record", "首行须为列名 source、id、digest，可选 record"
)
TOO_LONG = Text("is longer than 4,096 bytes", "超过 4096 字节")
NOT_A_ROW = Text(
    "must hold source, id, a digest of 64 lower-case hexadecimal digits and, if wanted, record, and nothing else",
    "须含 source、id、digest（64 位小写十六进制），可选 record，且无其他内容",
)
FIELD = re.compile(r"`\$\.(source|id|digest|record)`")


def fault(line: int, field: str, text: Text) -> Fault:
    """A fault by its line, as in `/17/digest`."""
    numbered = Text(f"line {line}: {text.en}", f"第 {line} 行：{text.zh}")
    return Fault(f"/{line}/{field}" if field else f"/{line}", numbered)


def field_of(wrong: Exception) -> str:
    """Which member of the row is wrong, where that is known."""
    found = FIELD.search(str(wrong)) if isinstance(wrong, msgspec.ValidationError) else None
    return found[1] if found else ""


def text_of(wrong: Exception) -> Text:
    """What is wrong, never with the value."""
    return wrong.text if isinstance(wrong, RuleBroken) else NOT_A_ROW
