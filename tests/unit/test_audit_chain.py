"""The chain over the access log: trees as RFC 6962 has them, and rows that are never mistaken for others."""

import hashlib
import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.chain import BEGINNING, Leaf, Row, encoded, packed, root, sealed, unpacked
from shared.audit.checkpoint import Checkpoint, Forged, keys_in, keys_of, public_jwks, read, sign
from shared.crypto.keyring import KeyRing

# The leaves and roots that RFC 6962's reference implementation is tested with.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SAID = Checkpoint(service="registry", seal=3, rows=7, head="ab" * 32, at=datetime(2026, 1, 1, tzinfo=UTC))


def as_defined(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + as_defined(leaves[:split]) + as_defined(leaves[split:])).digest()


@pytest.mark.parametrize(("size", "wanted"), ROOTS.items())
def test_roots_are_those_of_the_known_trees(size: int, wanted: str) -> None:
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(text)).digest() for text in INPUTS[:size]]
    assert root(leaves).hex() == wanted


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_roots_of_every_size_are_as_the_standard_defines_them(leaves: list[bytes]) -> None:
    assert root(leaves) == as_defined(leaves)


TEXT = st.text(st.sampled_from("a,b\0é性"), max_size=4)
ROWS = st.builds(
    Row,
    access_id=st.uuids(),
    at=st.datetimes(timezones=st.just(UTC)),
    subject=TEXT,
    department=TEXT | st.none(),
    service=TEXT | st.none(),
    facility=TEXT | st.none(),
    purpose=TEXT,
    action=TEXT,
    reference=TEXT,
    fields=st.lists(TEXT, max_size=3).map(tuple),
    basis=TEXT,
    written_by=st.integers(0, 2**63 - 1),
)


@given(ROWS, ROWS, st.data())
def test_rows_are_written_alike_only_if_they_are_the_same(one: Row, other: Row, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([each.name for each in fields(Row)]))
    nearly = replace(one, **{name: getattr(other, name)})
    assert (encoded(one) == encoded(nearly)) == (one == nearly)
    assert (encoded(one) == encoded(other)) == (one == other)


@given(st.lists(ROWS, min_size=2, max_size=5, unique_by=lambda row: row.access_id))
def test_a_head_depends_on_every_row_their_order_and_all_before(rows: list[Row]) -> None:
    seal = sealed(BEGINNING, 1, rows)
    heads = {seal.head, sealed(BEGINNING, 2, rows).head, sealed(seal.head, 1, rows).head}
    heads |= {sealed(BEGINNING, 1, rows[::-1]).head, sealed(BEGINNING, 1, rows[1:]).head}
    assert len(heads) == 5


@given(st.lists(st.builds(Leaf, st.uuids(), st.binary(min_size=32, max_size=32)), max_size=5))
def test_leaves_are_read_back_as_they_were_stored(leaves: list[Leaf]) -> None:
    assert unpacked(packed(leaves)) == tuple(leaves)
    assert unpacked(packed([*leaves, Leaf(UUID(int=1), b"x" * 32)])[:-1]) == tuple(leaves), "half a leaf is none"


def test_a_checkpoint_is_one_line_that_the_public_key_alone_can_check(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "ring", ["audit"])
    line = sign(ring, SAID)
    assert "\n" not in line
    assert read(line, keys_of(ring)) == SAID
    shown = public_jwks(ring)
    assert "d" not in shown["keys"][0], "the private half stays"
    assert read(line, keys_in(json.dumps(shown).encode())) == SAID


def test_checkpoints_of_a_former_key_stay_readable(tmp_path: Path) -> None:
    line = sign(KeyRing.create(tmp_path / "ring", ["audit"]), SAID)
    after = KeyRing.rotate(tmp_path / "ring", "audit")
    assert read(line, keys_of(after)) == SAID
    assert public_jwks(after)["keys"][0]["kid"] == after.current("audit")[0]


@pytest.mark.parametrize("line", ["", "x", "a.b.c", "é.é.é", "." * 5_000])
def test_what_nobody_signed_is_forged(line: str, tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "ring", ["audit"])
    with pytest.raises(Forged):
        read(line, keys_of(ring))


def test_a_line_of_another_key_or_with_another_content_is_forged(tmp_path: Path) -> None:
    ring, other = (KeyRing.create(tmp_path / name, ["audit"]) for name in ("ring", "other"))
    line = sign(ring, SAID)
    head, _, signature = line.split(".")
    _, body, _ = sign(ring, SAID.model_copy(update={"rows": 6})).split(".")
    for forged in (sign(other, SAID), f"{head}.{body}.{signature}"):
        with pytest.raises(Forged):
            read(forged, keys_of(ring))
