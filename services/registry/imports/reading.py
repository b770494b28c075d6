"""Rows of a file, chunk by chunk, always in the same chunks: CSV, or Parquet where `pyarrow` is installed."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from io import BufferedReader, TextIOWrapper
from itertools import islice
from typing import Literal, NamedTuple, Protocol

from services.registry.imports.mapping import FileMapping

FIRST_ROW = 2  # the header is row 1, as a spreadsheet shows it


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
    """The names of the columns. Raises UnreadableFile."""
    if file.suffix == ".parquet":
        return list(parquet(file).schema_arrow.names)
    try:
        with text(file, mapping) as opened:
            header = next(csv.reader(opened, delimiter=mapping.delimiter, strict=True), None)
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableFile("is not CSV of the encoding that the mapping names") from None
    if not header or len(set(header)) != len(header):
        raise UnreadableFile("has no header with a name of its own for each column")
    return header


def chunks(file: Register, mapping: FileMapping, size: int) -> Iterator[Chunk]:
    """All rows. Raises UnreadableFile."""
    rows = parquet_rows(file) if file.suffix == ".parquet" else csv_rows(file, mapping)
    first, number = FIRST_ROW, 0
    while page := list(islice(rows, size)):
        yield Chunk(number, first, page)
        first, number = first + len(page), number + 1


def csv_rows(file: Register, mapping: FileMapping) -> Iterator[Sequence[object]]:
    """Rows of a CSV file without its header; empty lines are rows too, so that numbers agree with a spreadsheet."""
    try:
        with text(file, mapping) as opened:
            reader = csv.reader(opened, delimiter=mapping.delimiter, strict=True)
            next(reader, None)
            yield from reader
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableFile("is not CSV of the encoding that the mapping names") from None


def text(file: Register, mapping: FileMapping) -> TextIOWrapper:
    """The file as text of the mapping's encoding."""
    return TextIOWrapper(file.open("rb"), encoding=encoding(mapping), newline="")


def encoding(mapping: FileMapping) -> str:
    """UTF-8 with or without a byte order mark, or GB 18030."""
    return "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding


def parquet_rows(file: Register) -> Iterator[Sequence[object]]:
    """Rows of a Parquet file."""
    opened = parquet(file)
    import pyarrow

    try:
        for batch in opened.iter_batches():
            columns = [column.to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)
    except pyarrow.ArrowException:
        raise UnreadableFile("is not Parquet") from None


def parquet(file: Register):  # type: ignore[no-untyped-def]
    """The file as pyarrow reads it; loaded here only, because who imports CSV needs none of its hundred megabytes."""
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise UnreadableFile("is Parquet: install tenfold[parquet] to read it") from None
    try:
        return ParquetFile(file.open("rb"))
    except (pyarrow.ArrowException, OSError):
        raise UnreadableFile("is not Parquet") from None


def rows_in(file: Register) -> int:
    """About how many rows there are, for a progress bar: line ends, or what Parquet says of itself."""
    if file.suffix == ".parquet":
        return int(parquet(file).metadata.num_rows)
    with file.open("rb") as opened:
        return max(0, sum(block.count(b"\n") for block in iter(lambda: opened.read(1 << 20), b"")) - 1)
