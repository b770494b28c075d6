"""Blind indexes find an identifier and tell nothing else."""

import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.crypto.blind import blind_index, blind_keys, lock_key, normalise
from shared.crypto.keyring import KeyRing

NUMBER = "11010119900307123X"


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.create(tmp_path_factory.mktemp("keys") / "keys.json", ["identifiers", "care-index"])


@pytest.mark.parametrize(
    "spelling",
    [
        NUMBER.lower(),
        f" {NUMBER}\n",
        "110101 19900307 123x",
        "１１０１０１１９９００３０７１２３Ｘ",
        f"\ufeff{NUMBER}\u200b",
    ],
)
def test_every_spelling_of_one_number_has_one_index(ring: KeyRing, spelling: str) -> None:
    expected = blind_index(ring, "identifiers", "resident-identity-number", "", NUMBER)
    assert blind_index(ring, "identifiers", "resident-identity-number", "", spelling) == expected
    assert len(expected) == 16


def test_type_issuer_value_and_key_each_change_the_index(ring: KeyRing) -> None:
    indexes = {
        blind_index(ring, "identifiers", "passport", "CHN", "E12345678"),
        blind_index(ring, "identifiers", "passport", "", "E12345678"),
        blind_index(ring, "identifiers", "passport", "CHN", "E12345679"),
        blind_index(ring, "identifiers", "birth-certificate-number", "CHN", "E12345678"),
        blind_index(ring, "care-index", "passport", "CHN", "E12345678"),
        blind_index(ring, "identifiers", "passport", "CH", "NE12345678"),
        blind_index(ring, "identifiers", "passportC", "HN", "E12345678"),
    }
    assert len(indexes) == 7


def test_services_that_share_a_key_compute_the_same_index(ring: KeyRing, tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "registry.json", ["care-index", "identifiers"])
    alerts = KeyRing.share(tmp_path / "registry.json", tmp_path / "alerts.json", ["care-index"])
    registry = KeyRing.load(tmp_path / "registry.json")
    assert blind_index(alerts, "care-index", "t", "", NUMBER) == blind_index(registry, "care-index", "t", "", NUMBER)
    assert blind_index(ring, "care-index", "t", "", NUMBER) != blind_index(registry, "care-index", "t", "", NUMBER)


@given(value=st.text(max_size=40))
@example("U¨")
def test_normalising_twice_changes_nothing(value: str) -> None:
    assert normalise(normalise(value)) == normalise(value)


@given(index=st.binary(min_size=16, max_size=16))
def test_lock_keys_fit_postgresqls_signed_bigint(index: bytes) -> None:
    assert -(2**63) <= lock_key(index) < 2**63
    assert lock_key(index) == lock_key(index[:8] + bytes(8))


@given(texts=st.lists(st.text(max_size=80)))
def test_keys_are_the_first_bytes_of_an_hmac(ring: KeyRing, texts: list[str]) -> None:
    """Whoever holds the key can check an index with any HMAC-SHA-256 there is."""
    _, key = ring.current("identifiers")
    expected = [hmac.digest(key, text.encode(), hashlib.sha256)[:16] for text in texts]
    assert blind_keys(ring, "identifiers", texts) == expected
