"""The demo empties its own folder, and no other."""

from pathlib import Path

import pytest

from deploy.tenfold.demo_folder import MARKER, NotADemo, empty
from deploy.tenfold.process_lock import FolderInUse, FolderLock


def test_a_new_folder_is_made_and_marked(tmp_path: Path) -> None:
    """With the folders above it, for nobody else to read."""
    data = tmp_path / "state" / "demo"
    empty(data)
    assert (data / MARKER).is_file()
    assert data.stat().st_mode & 0o077 == 0


def test_a_marked_folder_is_emptied_whatever_lies_in_it(tmp_path: Path) -> None:
    """Folders, files and links; what a link leads to stays."""
    data, letters = tmp_path / "demo", tmp_path / "letters"
    letters.mkdir()
    (letters / "one").touch()
    empty(data)
    (data / "logs").mkdir()
    (data / "logs" / "exchange-api.log").touch()
    (data / "note").touch()
    (data / "link").symlink_to(letters)
    empty(data)
    assert {entry.name for entry in data.iterdir()} == {MARKER, "supervisor.lock"}
    assert (letters / "one").exists()


def test_what_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    """A folder of somebody else, a link to a demo, a file."""
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one").touch()
    empty(tmp_path / "demo")
    (tmp_path / "link").symlink_to(tmp_path / "demo")
    (tmp_path / "file").touch()
    for name in ("letters", "link", "file"):
        with pytest.raises(NotADemo):
            empty(tmp_path / name)
    assert (tmp_path / "letters" / "one").exists()


def test_a_running_demo_is_not_emptied(tmp_path: Path) -> None:
    """Its supervisor holds the lock."""
    empty(tmp_path)
    (tmp_path / "postgres").mkdir()
    lock = FolderLock(tmp_path / "supervisor.lock")
    lock.acquire()
    try:
        with pytest.raises(FolderInUse):
            empty(tmp_path)
    finally:
        lock.release()
    assert (tmp_path / "postgres").is_dir()
