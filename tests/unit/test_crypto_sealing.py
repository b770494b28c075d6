"""Sealed bytes open only where they belong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable, seal, seal_under, sealer, unseal, unseal_under


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "keys.json"


@pytest.fixture(scope="module")
def ring(path: Path) -> KeyRing:
    return KeyRing.create(path, ["journal", "feeds"])


@given(plaintext=st.binary(max_size=300), context=st.binary(max_size=60))
def test_what_was_sealed_can_be_unsealed(ring: KeyRing, plaintext: bytes, context: bytes) -> None:
    assert unseal(ring, "journal", seal(ring, "journal", plaintext, context), context) == plaintext


@given(plaintext=st.binary(max_size=100), context=st.binary(max_size=20), other=st.binary(max_size=20))
def test_another_context_or_name_opens_nothing(ring: KeyRing, plaintext: bytes, context: bytes, other: bytes) -> None:
    sealed = seal(ring, "journal", plaintext, context)
    if other != context:
        with pytest.raises(Unsealable):
            unseal(ring, "journal", sealed, other)
    with pytest.raises(Unsealable):
        unseal(ring, "feeds", sealed, context)


@given(data=st.data())
def test_one_changed_byte_anywhere_opens_nothing(ring: KeyRing, data: st.DataObject) -> None:
    sealed = bytearray(seal(ring, "journal", b"name", b"here"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unsealable):
        unseal(ring, "journal", bytes(sealed), b"here")


@given(rubbish=st.binary(max_size=80))
def test_rubbish_is_unsealable_and_nothing_else(ring: KeyRing, rubbish: bytes) -> None:
    for form in (rubbish, b"\x01" + rubbish):
        with pytest.raises(Unsealable):
            unseal(ring, "journal", form, b"")


def test_moving_the_kid_boundary_does_not_open_another_context(ring: KeyRing) -> None:
    kid = ring.current("journal")[0].encode()
    sealed = seal(ring, "journal", b"name", b"context")
    assert sealed[:2] + kid == b"\x01" + bytes([len(kid)]) + sealed[2 : 2 + len(kid)]
    with pytest.raises(Unsealable):
        unseal(ring, "journal", sealed[:1] + bytes([len(kid) + 1]) + sealed[2:], b"ontext")


def test_the_same_plaintext_is_never_sealed_alike_and_never_visible(ring: KeyRing) -> None:
    first, second = (seal(ring, "journal", b"Zhang San", b"") for _ in range(2))
    assert first != second
    assert b"Zhang" not in first
    assert len(first) == len(b"Zhang San") + 38


def test_sealed_bytes_stay_readable_after_rotation(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    sealed = seal(KeyRing.create(path, ["journal"]), "journal", b"name", b"")
    assert unseal(KeyRing.rotate(path, "journal"), "journal", sealed, b"") == b"name"


def test_a_ring_without_the_key_opens_nothing(ring: KeyRing, tmp_path: Path) -> None:
    stranger = KeyRing.create(tmp_path / "keys.json", ["journal"])
    with pytest.raises(Unsealable) as refused:
        unseal(stranger, "journal", seal(ring, "journal", b"name", b""), b"")
    assert str(refused.value) == ""


@given(plaintext=st.binary(max_size=100), context=st.binary(max_size=20))
def test_one_key_outside_the_ring_seals_and_unseals(plaintext: bytes, context: bytes) -> None:
    key = bytes(range(32))
    sealed = seal_under(key, plaintext, context)
    assert unseal_under(key, sealed, context) == plaintext
    for wrong in ((bytes(32), sealed, context), (key, sealed, context + b"x"), (key, sealed[:5], context)):
        with pytest.raises(Unsealable):
            unseal_under(*wrong)


def test_many_sealed_in_a_row_open_one_by_one_and_never_share_a_nonce(ring: KeyRing) -> None:
    sealed = sealer(ring, "journal", 3)
    made = [sealed(b"the same", b"here") for _ in range(3)]
    assert len(set(made)) == 3
    assert [unseal(ring, "journal", each, b"here") for each in made] == [b"the same"] * 3
    with pytest.raises(StopIteration):
        sealed(b"one too many", b"here")
