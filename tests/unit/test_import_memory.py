"""A file of any size is read in the same memory: a chunk at a time, whatever it lies in."""

import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

import pytest

from services.registry.imports.reading import Register
from services.registry.imports.running import Run
from services.registry.uploads import pieces
from services.registry.uploads.pieces import StoredFile, opened, sealed
from shared.crypto.keyring import KeyRing
from shared.settings import Settings
from tests.imports_world import HEADER, MAPPING, line, written

FEW, MANY, CHUNK = 2_000, 20_000, 500
SETTINGS = Settings(database_url="", keys_file=Path("none"), jwks_file=Path("none"))


def as_csv(folder: Path, rows: int) -> Path:
    """A register of so many rows."""
    return written(folder / f"{rows}.csv", (line(n) for n in range(1, rows + 1)))


def as_parquet(folder: Path, rows: int) -> Path:
    """The same as Parquet, in row groups: the values of one are held at a time."""
    parquet = pytest.importorskip("pyarrow.parquet")
    from pyarrow import table

    file = folder / f"{rows}.parquet"
    columns = {name: [line(n)[name] for n in range(1, rows + 1)] for name in HEADER}
    parquet.write_table(table(columns), file, row_group_size=FEW)
    return file


def uploaded(folder: Path, rows: int) -> Register:
    """The same as it is sent over HTTP: in sealed pieces."""
    file, upload = as_csv(folder, rows), uuid4()
    ring = KeyRing.create(folder / f"{rows}.keys", ["registry"])
    stored = folder / f"{rows}.pieces"
    stored.mkdir()
    with file.open("rb") as plain:
        for number, piece in enumerate(iter(lambda: plain.read(pieces.PIECE), b"")):
            (stored / str(number)).write_bytes(sealed(ring, upload, number, piece))

    def fetch(number: int) -> bytes:
        return opened(ring, upload, number, (stored / str(number)).read_bytes())

    return StoredFile("register.csv", ".csv", file.stat().st_size, fetch)


def peak(file: Register, take: Callable[[Iterable[object]], Iterable[object]]) -> int:
    """The most bytes that are held while the chunks of a file are taken."""
    run = Run(SETTINGS, file, MAPPING, rows_in_chunk=CHUNK)
    native = held()
    tracemalloc.start()
    try:
        most = 0
        for _ in take(run.left(set(), CHUNK, lambda rows: None)):
            most = max(most, held() - native)
        return most + tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def held() -> int:
    """Bytes that Parquet's own library holds."""
    try:
        from pyarrow import total_allocated_bytes
    except ImportError:
        return 0
    found: int = total_allocated_bytes()
    return found


@pytest.mark.parametrize("made", [as_csv, as_parquet, uploaded])
def test_ten_times_the_rows_take_no_more_memory(
    made: Callable[[Path, int], Register], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 1 << 14)  # so that these files are of many
    few, many = made(tmp_path, FEW), made(tmp_path, MANY)
    peak(few, iter)  # what is made once, of the first file that is read
    assert peak(many, iter) < 1.5 * peak(few, iter)
    assert peak(many, list) > 3 * peak(many, iter), "and whoever read all of it would be seen"
