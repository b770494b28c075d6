"""A file in pieces reads as the file itself."""

import io
import os
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.registry.uploads.pieces import PIECE, StoredFile, place

CONTENT = os.urandom(2 * PIECE + 77)


@given(reads=st.lists(st.tuples(st.integers(0, len(CONTENT) + 9), st.integers(0, 3 * PIECE))))
def test_any_part_of_it_is_what_was_stored(reads: list[tuple[int, int]]) -> None:
    file = StoredFile("a", ".csv", len(CONTENT), lambda number: CONTENT[number * PIECE :][:PIECE])
    opened, plain = file.open("rb"), io.BytesIO(CONTENT)
    for start, length in reads:
        assert opened.seek(start) == plain.seek(start)
        assert opened.read(length) == plain.read(length)
    assert opened.seek(-5, io.SEEK_END) == plain.seek(-5, io.SEEK_END)
    assert opened.read() == plain.read()


def test_no_piece_is_taken_for_another() -> None:
    places = [place(UUID(int=file), number) for file in (1, 2) for number in (0, 1)]
    assert len(set(places)) == 4
