"""The key ring's file: atomic, private, additive."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.crypto.keyfile import UnsafeKeyFile, write_whole
from shared.crypto.keyring import BrokenKeyRing, KeyRing, NeverRotated, UnknownKey


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys.json"


def test_a_created_ring_is_readable_by_its_owner_only(path: Path) -> None:
    before = os.umask(0)
    try:
        KeyRing.create(path, ["journal"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_creating_again_adds_missing_names_and_keeps_the_others(path: Path) -> None:
    first = KeyRing.create(path, ["journal"])
    second = KeyRing.create(path, ["journal", "feeds"])
    assert second.current("journal") == first.current("journal")
    assert KeyRing.load(path).current("feeds") == second.current("feeds")
    assert second.names == {"journal", "feeds"}


def test_creating_with_nothing_missing_leaves_the_file_alone(path: Path) -> None:
    KeyRing.create(path, ["journal"])
    before = path.stat().st_ino
    KeyRing.create(path, ["journal"])
    assert path.stat().st_ino == before


def test_keys_are_64_random_bytes_each(path: Path) -> None:
    ring = KeyRing.create(path, ["a", "b"])
    keys = {ring.current("a")[1], ring.current("b")[1]}
    assert len(keys) == 2
    assert {len(key) for key in keys} == {64}


def test_rotation_keeps_the_old_key_readable(path: Path) -> None:
    old_kid, old_key = KeyRing.create(path, ["journal"]).current("journal")
    ring = KeyRing.rotate(path, "journal")
    assert ring.current("journal")[0] != old_kid
    assert ring.get("journal", old_kid) == old_key
    assert KeyRing.load(path).current("journal") == ring.current("journal")


def test_a_new_version_never_takes_the_id_of_a_kept_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["aaaa0001", "aaaa0001", "aaaa0002"])
    monkeypatch.setattr("shared.crypto.keyring.secrets.token_hex", lambda _: next(ids))
    old = KeyRing.create(path, ["journal"]).current("journal")
    ring = KeyRing.rotate(path, "journal")
    assert ring.current("journal")[0] == "aaaa0002"
    assert ring.get("journal", "aaaa0001") == old[1]


@pytest.mark.parametrize("name", ["identity", "care-index", "partition", "episode-person"])
def test_a_key_by_which_things_are_found_is_not_rotated(path: Path, name: str) -> None:
    before = KeyRing.create(path, [name]).current(name)
    with pytest.raises(NeverRotated, match=f"{name} is not rotated: what was indexed"):
        KeyRing.rotate(path, name)
    assert KeyRing.load(path).current(name) == before


def test_unknown_names_and_versions_are_unknown_keys(path: Path) -> None:
    ring = KeyRing.create(path, ["journal"])
    for ask in (
        lambda: ring.current("feeds"),
        lambda: ring.get("journal", "00000000-no"),
        lambda: KeyRing.rotate(path, "x"),
        lambda: KeyRing.share(path, path.with_name("other"), ["x"]),
    ):
        with pytest.raises(UnknownKey):
            ask()
    assert issubclass(UnknownKey, KeyError)


def test_a_shared_key_is_the_same_in_both_rings_and_the_only_one_given(path: Path, tmp_path: Path) -> None:
    giver = KeyRing.create(path, ["care-index", "journal"])
    receiver = KeyRing.share(path, tmp_path / "alerts.json", ["care-index"])
    assert receiver.current("care-index") == giver.current("care-index")
    assert receiver.names == {"care-index"}
    assert stat.S_IMODE((tmp_path / "alerts.json").stat().st_mode) == 0o600


def test_a_ring_others_may_read_is_refused(path: Path) -> None:
    KeyRing.create(path, ["journal"])
    path.chmod(0o640)
    with pytest.raises(UnsafeKeyFile):
        KeyRing.load(path)


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        '{"keys": {"a": {"current": "k", "kept": {}}}}',
        '{"keys": {"a": {"current": "k", "kept": {"k": "c2hvcnQ="}}}}',
        '{"keys": {"a": {"current": "k", "kept": {"k": "*"}}}}',
        '{"keys": {}, "more": 1}',
    ],
)
def test_a_broken_ring_is_refused_without_showing_its_content(path: Path, content: str) -> None:
    path.parent.mkdir()
    write_whole(path, content.encode())
    with pytest.raises(BrokenKeyRing) as refused:
        KeyRing.load(path)
    assert content not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_failed_write_leaves_the_old_ring_and_no_draft(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeyRing.create(path, ["journal"])
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        KeyRing.create(path, ["journal", "feeds"])
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["keys.json", "keys.json.lock"]


def test_makers_at_the_same_time_lose_no_key(path: Path) -> None:
    names = [f"name-{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        rings = list(pool.map(lambda name: KeyRing.create(path, ["common", name]), names))
    assert KeyRing.load(path).names == {"common", *names}
    assert len({ring.current("common") for ring in rings}) == 1


def test_neither_repr_nor_names_show_key_bytes(path: Path) -> None:
    ring = KeyRing.create(path, ["journal"])
    secret = next(iter(json.loads(path.read_text())["keys"]["journal"]["kept"].values()))
    assert secret not in repr(ring)
    assert repr(ring) == "KeyRing(['journal'])"
