"""Each department knows a person by a reference of its own."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.auth.caller import DEPARTMENTS
from shared.crypto.keyring import KeyRing, UnknownKey
from shared.crypto.references import UnknownReference, is_current, key_name, mint, read
from shared.errors import NotFound

ROOT = UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.create(tmp_path_factory.mktemp("keys") / "keys.json", map(key_name, DEPARTMENTS))


@given(root=st.uuids(), department=st.sampled_from(sorted(DEPARTMENTS)))
def test_a_minted_reference_reads_back_to_its_root(ring: KeyRing, root: UUID, department: str) -> None:
    reference = mint(ring, department, root)
    assert read(ring, department, reference) == root
    assert mint(ring, department, root) == reference
    assert is_current(ring, department, reference)


@given(root=st.uuids())
def test_no_part_of_a_reference_joins_two_departments(ring: KeyRing, root: UUID) -> None:
    references = [mint(ring, department, root) for department in sorted(DEPARTMENTS)]
    assert len({reference.partition(".")[2] for reference in references}) == len(DEPARTMENTS)
    assert len({reference.partition(".")[0] for reference in references}) == len(DEPARTMENTS)
    assert not any(str(root)[:8] in reference for reference in references)


def test_another_departments_reference_is_unknown(ring: KeyRing) -> None:
    with pytest.raises(UnknownReference):
        read(ring, "education", mint(ring, "health", ROOT))


def test_even_one_key_for_two_departments_would_not_join_them() -> None:
    key = bytes(range(64))
    names = {key_name(name): "k" for name in ("health", "education")}
    same = KeyRing(names, {(name, "k"): key for name in names})
    assert mint(same, "health", ROOT) != mint(same, "education", ROOT)
    with pytest.raises(UnknownReference):
        read(same, "education", mint(same, "health", ROOT))


def test_references_stay_readable_after_rotation_and_new_ones_differ(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    old = mint(KeyRing.create(path, [key_name("health")]), "health", ROOT)
    ring = KeyRing.rotate(path, key_name("health"))
    new = mint(ring, "health", ROOT)
    assert new != old
    assert read(ring, "health", old) == read(ring, "health", new) == ROOT
    assert not is_current(ring, "health", old)


@given(place=st.integers(0, 51), letter=st.characters(codec="utf-8"))
def test_a_reference_has_exactly_one_spelling(ring: KeyRing, place: int, letter: str) -> None:
    reference = mint(ring, "health", ROOT)
    changed = reference[:place] + letter + reference[place + 1 :]
    if changed != reference:
        with pytest.raises(UnknownReference):
            read(ring, "health", changed)


def test_unused_bits_and_padding_give_no_second_spelling(ring: KeyRing) -> None:
    reference = mint(ring, "health", ROOT)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [reference[:-1] + letter for letter in letters if letter != reference[-1]]
    for other in [*others, reference + "=", reference + "\n", reference[:20] + "!" + reference[20:]]:
        with pytest.raises(UnknownReference):
            read(ring, "health", other)


@given(text=st.text(max_size=60))
def test_rubbish_is_unknown_and_answered_like_anything_unknown(ring: KeyRing, text: str) -> None:
    for rubbish in (text, f"{ring.current(key_name('health'))[0]}.{text}"):
        with pytest.raises(UnknownReference) as refused:
            read(ring, "health", rubbish)
        assert refused.value.body() == NotFound().body()


def test_a_receiver_without_a_key_cannot_be_minted_for(ring: KeyRing) -> None:
    with pytest.raises(UnknownKey):
        mint(ring, "nobody", uuid4())
    with pytest.raises(UnknownReference):
        read(ring, "nobody", mint(ring, "health", ROOT))
