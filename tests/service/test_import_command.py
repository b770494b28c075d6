"""`tenfold import`: judged without writing, killed and gone on with, refused when the file changed."""

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.histories import number
from tests.imports_world import HEADER, MAPPING, ImportWorld, line, written
from tests.registry_world import RegistryWorld

pytest_plugins = ["tests.registry"]
ROOT = Path(__file__).parents[2]
MANY = 8_000


@pytest.fixture
def register(registry: RegistryWorld, tmp_path: Path) -> ImportWorld:
    """An empty registry, and a folder with the mapping."""
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return ImportWorld(registry, tmp_path)


def command(world: ImportWorld, *arguments: str, file: str = "register.csv") -> list[str]:
    """The command with its arguments."""
    register, mapping = world.folder / file, world.folder / "mapping.yaml"
    return [sys.executable, "-m", "deploy.tenfold.cli", "import", str(register), "--mapping", str(mapping), *arguments]


def environment(world: ImportWorld) -> dict[str, str]:
    """The service's settings, as a process is told them."""
    settings = world.registry.service.settings
    return {
        **os.environ,
        "TENFOLD_DATABASE_URL": settings.database_url,
        "TENFOLD_KEYS_FILE": str(settings.keys_file),
        "TENFOLD_JWKS_FILE": str(settings.jwks_file),
    }


def started(world: ImportWorld) -> "subprocess.Popen[bytes]":
    """The command, running."""
    return subprocess.Popen(command(world), env=environment(world), cwd=ROOT, stderr=subprocess.DEVNULL)


def run(world: ImportWorld, *arguments: str, file: str = "register.csv") -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    asked = command(world, *arguments, file=file)
    return subprocess.run(asked, env=environment(world), cwd=ROOT, capture_output=True, text=True, timeout=120)


async def test_a_dry_run_names_faults_and_writes_nothing(register: ImportWorld) -> None:
    written(register.folder / "register.csv", [line(1), line(2, 性别="7"), line(3)])
    done = run(register, "--dry-run")
    assert done.returncode == 2, done.stderr
    with (register.folder / "register.faults.csv").open(encoding="utf-8-sig", newline="") as opened:
        header, fault = csv.reader(opened)
    assert header == ["row", "column", "fault", "问题"]
    assert fault == ["3", "性别", "is not among the mapped codes", "不在映射的代码中"]
    for table in ("person", "vital_event", "register_import", "import_chunk"):
        assert await register.registry.count(table) == 0


async def test_an_import_that_was_killed_is_gone_on_with_and_nobody_is_lost_or_doubled(register: ImportWorld) -> None:
    written(register.folder / "register.csv", many())
    process = started(register)
    while process.poll() is None and await register.registry.count("import_chunk") < 2:
        pass
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 0 < await register.registry.count("person") < MANY
    refused = run(register)
    assert refused.returncode == 1
    assert "--resume" in refused.stderr
    done = run(register, "--resume")
    assert done.returncode == 0, done.stderr
    assert await register.registry.count("person") == await register.registry.count("fact") == MANY
    assert await register.registry.service.pool.fetchval("SELECT standing FROM register_import") == "done"
    assert run(register).returncode == 0  # once more: nothing is left to do
    assert await register.registry.count("person") == MANY


async def test_a_changed_file_is_not_gone_on_with(register: ImportWorld) -> None:
    world = register.run([line(1), line(2)])
    await world.begin(resume=False)
    written(register.folder / "register.csv", [line(1), line(3)])
    refused = run(register, "--resume")
    assert refused.returncode == 1
    assert "changed" in refused.stderr
    assert await register.registry.count("person") == 0


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (MAPPING.replace("  name: 姓名\n", ""), "name is required"),
        (MAPPING + "  name: 姓名\n", "mapping.yaml:14: stands twice"),
        (MAPPING.replace("gb-t-4761", "gb-t-9"), "mapping.yaml:12"),
        (MAPPING.replace("姓名", "名字"), "名字"),
        (MAPPING.replace("household-register", "no-such-system"), "not provisioned"),
    ],
)
async def test_a_mapping_that_does_not_fit_is_refused(register: ImportWorld, mapping: str, said: str) -> None:
    (register.folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    written(register.folder / "register.csv", [line(1)])
    refused = run(register)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert await register.registry.count("register_import") == 0


async def test_parquet_means_the_same_as_csv(register: ImportWorld) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    from pyarrow import table

    rows = [line(n) for n in range(1, 6)]
    parquet.write_table(table({name: [row[name] for row in rows] for name in HEADER}), register.folder / "r.parquet")
    done = run(register, file="r.parquet")
    assert done.returncode == 0, done.stderr
    assert await register.registry.count("person") == 5
    assert (await register.registry.named("Person 3")).birth_date is not None


def many() -> Sequence[dict[str, str]]:
    """More rows than are imported before the process is killed; no number stands twice."""
    made = []
    for n in range(MANY):
        born = date(1990, 1, 1) + timedelta(days=n // 900)
        identity = number(n % 900 + 1, born)["value"]
        made.append(line(n, entry=f"row-{n:06}", 出生日期=str(born), 身份证号=identity))
    return made
