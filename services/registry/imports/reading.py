"""Rows of a file, chunk by chunk, always in the same chunks: CSV, or Parquet where `pyarrow` is installed."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from io import BufferedReader, TextIOWrapper
from itertools import islice
from typing import Literal, NamedTuple, Protocol

from services.registry.imports.mapping import FileMapping

FIRST_ROW = 2  # the header is row 1, as a spreadsheet shows it
LONGEST_ROW = 16_384  # characters
LONGEST_VALUE = 4_096  # bytes of a value in Parquet
MOST_COLUMNS = 500
ROWS_AT_ONCE = 1_000  # of Parquet
BUFFER = 1 << 20  # bytes of a column read at once


class Chunk(NamedTuple):
    """Rows that are committed together: its number, the number of its first row, the rows."""

    number: int
    first: int
    rows: list[Sequence[object]]


class Register(Protocol):
    """A file: on a disk (pathlib.Path), or one that was uploaded (uploads/pieces.py)."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def suffix(self) -> str:
        """`.parquet`, or anything else for CSV."""
        ...

    def open(self, mode: Literal["rb"], /) -> BufferedReader:
        """Its bytes, from the beginning."""
        ...


class UnreadableFile(Exception):
    """The file cannot be read as what it is called: why, without a word of its content."""


def digest_of(file: Register, mapping: str) -> bytes:
    """SHA-256 over the file and its mapping: another mapping means other events."""
    with file.open("rb") as opened:
        content = hashlib.file_digest(opened, "sha256").digest()
    return hashlib.sha256(content + mapping.encode()).digest()


def header_of(file: Register, mapping: FileMapping) -> list[str]:
    """The names of the columns, of Parquet only those that the mapping names. Raises UnreadableFile."""
    if file.suffix == ".parquet":
        header = mapped(parquet(file, mapping), mapping)
    else:
        header = [str(name) for name in next(iter(csv_lines(file, mapping)), ())]
    if not header or len(set(header)) != len(header):
        raise UnreadableFile("has no header with a name of its own for each column")
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(f"has more than {MOST_COLUMNS} columns")
    return header


def chunks(file: Register, mapping: FileMapping, size: int) -> Iterator[Chunk]:
    """All rows. Raises UnreadableFile."""
    rows = parquet_rows(file, mapping) if file.suffix == ".parquet" else islice(csv_lines(file, mapping), 1, None)
    first, number = FIRST_ROW, 0
    while page := list(islice(rows, size)):
        yield Chunk(number, first, page)
        first, number = first + len(page), number + 1


def csv_lines(file: Register, mapping: FileMapping) -> Iterator[Sequence[object]]:
    """The header and rows of a CSV file; empty lines are rows too, so that numbers agree with a spreadsheet."""
    try:
        with text(file, mapping) as opened:
            lines = Lines(opened)
            for row in csv.reader(lines, delimiter=mapping.delimiter, strict=True):
                yield row[: MOST_COLUMNS + 1]
                lines.left = LONGEST_ROW
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableFile("is not CSV of the encoding that the mapping names") from None


class Lines(Iterator[str]):
    """The lines of a file, of which those of one row are not too long: nothing without an end is read into memory.
    `left`: characters that its row may still have. Raises UnreadableFile."""

    def __init__(self, opened: TextIOWrapper) -> None:
        self.opened, self.left = opened, LONGEST_ROW

    def __next__(self) -> str:
        line = self.opened.readline(self.left + 1)
        self.left -= len(line)
        if self.left < 0:
            raise UnreadableFile(f"has a row of more than {LONGEST_ROW} characters")
        if not line:
            raise StopIteration
        return line


def text(file: Register, mapping: FileMapping) -> TextIOWrapper:
    """The file as text of the mapping's encoding."""
    return TextIOWrapper(file.open("rb"), encoding=encoding(mapping), newline="")


def encoding(mapping: FileMapping) -> str:
    """UTF-8 with or without a byte order mark, or GB 18030."""
    return "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding


def parquet_rows(file: Register, mapping: FileMapping) -> Iterator[Sequence[object]]:
    """Rows of a Parquet file, with the columns that the mapping names. A few bytes may mean gigabytes, so values are
    looked at before rows are made of them."""
    opened = parquet(file, mapping)
    names = mapped(opened, mapping)
    import pyarrow

    try:
        for batch in opened.iter_batches(batch_size=ROWS_AT_ONCE, columns=names):
            columns = [batch.column(name) for name in names]
            if any(map(too_long, columns)):
                raise UnreadableFile(f"has a value of more than {LONGEST_VALUE} bytes")
            yield from zip(*(column.to_pylist() for column in columns), strict=True)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError):
        raise UnreadableFile("is not Parquet") from None
    finally:
        opened.close(force=True)


def mapped(opened, mapping: FileMapping) -> list[str]:  # type: ignore[no-untyped-def]
    """The columns of a Parquet file that the mapping names, in the order of the file. Raises UnreadableFile."""
    from pyarrow import types

    named = {taken.column for taken in mapping.named().values()}
    found = [field for field in opened.schema_arrow if field.name in named]
    if any(types.is_nested(field.type) for field in found):
        raise UnreadableFile("has values within values")
    return [field.name for field in found]


def too_long(column) -> bool:  # type: ignore[no-untyped-def]
    """Whether a value of a column of Parquet is longer than any that an entry has."""
    from pyarrow import compute, types

    values = column.dictionary if types.is_dictionary(column.type) else column
    if not (types.is_string(values.type) or types.is_binary(values.type)):
        return bool(types.is_large_string(values.type) or types.is_large_binary(values.type))
    return bool((compute.max(compute.binary_length(values)).as_py() or 0) > LONGEST_VALUE)


def parquet(file: Register, mapping: FileMapping | None = None):  # type: ignore[no-untyped-def]
    """The file as pyarrow reads it; loaded here only, because who imports CSV needs none of its hundred megabytes.
    Values that stand once in the file stand once in memory, where a mapping names their column."""
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise UnreadableFile("is Parquet: install tenfold[parquet] to read it") from None
    once = [taken.column for taken in mapping.named().values() if taken.column] if mapping else None
    try:
        return ParquetFile(file.open("rb"), read_dictionary=once, buffer_size=BUFFER)
    except (pyarrow.ArrowException, OSError):
        raise UnreadableFile("is not Parquet") from None


def rows_in(file: Register) -> int:
    """About how many rows there are, for a progress bar: line ends, or what Parquet says of itself."""
    if file.suffix == ".parquet":
        return int(parquet(file).metadata.num_rows)
    with file.open("rb") as opened:
        return max(0, sum(block.count(b"\n") for block in iter(lambda: opened.read(1 << 20), b"")) - 1)
