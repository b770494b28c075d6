"""What a woman withdrew stays gone: through crashes at every place, restored databases, keys and ledgers."""

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.tenfold.embedded import EmbeddedPostgres
from services.alerts.episodes.ledger import LedgerBroken
from services.alerts.episodes.vault import Erased, Vault
from shared import clock
from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable
from shared.settings import Settings
from tests.alerts_world import running
from tests.care_world import NUMBER, CareWorld, enrolment

pytest_plugins = ["tests.alerts"]

# The first half of an erasure, in a process that dies before the second: written down, and the key still there.
WRITE_DOWN_AND_DIE = """
import os, signal, sys
from pathlib import Path
from uuid import UUID
from services.alerts.episodes.vault import Vault
from shared import clock
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import Unsealable
vault = Vault(Path(sys.argv[1]), KeyRing.load(Path(sys.argv[2])))
vault.ledger.append([UUID(sys.argv[3])], clock.now())
os.kill(os.getpid(), signal.SIGKILL)
"""
BREAK_COMMITS = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no commit today'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER DELETE ON episode DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse();
"""
HEAL = "DROP TRIGGER refuse ON episode"


@asynccontextmanager
async def opened(settings: Settings, issuer: Issuer) -> AsyncIterator[CareWorld]:
    """A service that is opened, used and closed."""
    async with running(settings, issuer) as world:
        yield CareWorld(world)


@asynccontextmanager
async def restored(postgres: EmbeddedPostgres, settings: Settings) -> AsyncIterator[Settings]:
    """A backup of the database as it is now, and settings that use it. Nobody may be connected."""
    name = f"restored_{uuid4().hex[:12]}"
    server = await asyncpg.connect(postgres.dsn("postgres"))
    await server.execute(f"CREATE DATABASE {name} TEMPLATE {database_name(settings)}")
    try:
        yield settings.model_copy(update={"database_url": postgres.dsn(name)})
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


def database_name(settings: Settings) -> str:
    return settings.database_url.rpartition("/")[2].partition("?")[0]


async def withdrawn(cared: CareWorld, episode: str) -> None:
    answer = await cared.call("DELETE", f"/v1/episodes/{episode}/consent")
    assert answer.status_code == 204, answer.text


async def left(cared: CareWorld) -> int:
    """Rows about any episode."""
    tables = ("episode", "episode_consent", "care_contact", "care_outcome")
    return sum([await cared.care.pool.fetchval(f"SELECT count(*) FROM {name}") for name in tables])


async def test_a_restored_database_forgets_her_before_it_serves(
    settings: Settings, issuer: Issuer, postgres: EmbeddedPostgres
) -> None:
    async with opened(settings, issuer) as cared:
        episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
        other = await cared.enrolled()
    async with restored(postgres, settings) as backup:
        async with opened(settings, issuer) as cared:
            await withdrawn(cared, episode)
        async with opened(backup, issuer) as cared:
            assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404
            assert (await cared.read(other))["record"]["name"] == "王秀英"
            assert await cared.care.pool.fetchval("SELECT count(*) FROM episode") == 1
            kinds = [kind for kind, _ in await cared.told()]
            assert kinds == ["withheld", "opened", "closed"]


async def test_restored_keys_of_who_withdrew_are_destroyed_before_anything_is_served(
    settings: Settings, issuer: Issuer, tmp_path: Path
) -> None:
    keys = settings.episode_folder / "keys"
    async with opened(settings, issuer) as cared:
        episode, other = await cared.enrolled(), await cared.enrolled()
        shutil.copytree(keys, tmp_path / "backup")
        await withdrawn(cared, episode)
    shutil.rmtree(keys)
    shutil.copytree(tmp_path / "backup", keys)
    async with opened(settings, issuer) as cared:
        assert [each.name for each in keys.rglob("*-*-*")] == [other]
        assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404
        assert (await cared.read(other))["record"]["name"] == "王秀英"


async def test_database_and_keys_restored_together_give_nothing_back(
    settings: Settings, issuer: Issuer, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    keys = settings.episode_folder / "keys"
    async with opened(settings, issuer) as cared:
        episode = await cared.enrolled()
        shutil.copytree(keys, tmp_path / "backup")
    async with restored(postgres, settings) as backup:
        async with opened(settings, issuer) as cared:
            await withdrawn(cared, episode)
        shutil.rmtree(keys)
        shutil.copytree(tmp_path / "backup", keys)
        async with opened(backup, issuer) as cared:
            assert await left(cared) == 0
            assert not list(keys.rglob("*-*-*"))


async def test_a_process_killed_between_ledger_and_key_is_finished_by_the_next(
    settings: Settings, issuer: Issuer
) -> None:
    async with opened(settings, issuer) as cared:
        episode = await cared.enrolled()
        path = cared.care.vault.path(UUID(episode))
        program = [
            sys.executable,
            "-c",
            WRITE_DOWN_AND_DIE,
            str(settings.episode_folder),
            str(settings.keys_file),
            episode,
        ]
        died = subprocess.run(program, check=False)  # noqa: ASYNC221 — it dies at once
        assert died.returncode == -9
        assert path.exists()
        await cared.on(cared.today)  # a worker that runs finishes it
        assert not path.exists()
        assert await left(cared) == 0


async def test_the_same_is_finished_at_the_next_opening(settings: Settings, issuer: Issuer) -> None:
    async with opened(settings, issuer) as cared:
        episode = await cared.enrolled()
        cared.care.vault.ledger.append([UUID(episode)], clock.now())
        assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 200
    async with opened(settings, issuer) as cared:
        assert await left(cared) == 0
        assert not cared.care.vault.path(UUID(episode)).exists()


async def test_a_withdrawal_whose_commit_fails_is_no_success_and_cannot_be_read_and_is_finished(
    cared: CareWorld,
) -> None:
    episode = await cared.enrolled()
    await cared.care.pool.execute(BREAK_COMMITS)
    failed = await cared.call("DELETE", f"/v1/episodes/{episode}/consent")
    assert failed.status_code == 500
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404
    assert await left(cared) > 0
    await cared.care.pool.execute(HEAL)
    await cared.on(cared.today)
    assert await left(cared) == 0
    assert (await cared.told())[-1][0] == "closed"


async def test_a_withdrawal_that_failed_can_be_tried_again(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    await cared.care.pool.execute(BREAK_COMMITS)
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 500
    await cared.care.pool.execute(HEAL)
    await withdrawn(cared, episode)
    assert await left(cared) == 0


async def test_days_pass_over_an_episode_without_a_key_and_nobody_is_shown_anything(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    cared.care.vault.path(UUID(episode)).unlink()
    await cared.on(cared.today + timedelta(days=200))
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404
    for what in ("pause", "resume", "dates", "end"):
        body = {"dates": {"lmp": cared.lmp.isoformat()}, "end": {"because": "x"}}.get(what)
        assert (await cared.act(episode, what, body)).status_code == 404
    await withdrawn(cared, episode)
    assert await left(cared) == 0


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault of its own."""
    return Vault(tmp_path / "episodes", KeyRing.create(tmp_path / "ring", ["episode-wrap"]))


def test_a_ledger_that_was_rolled_back_is_noticed(vault: Vault, tmp_path: Path) -> None:
    first, second = uuid4(), uuid4()
    vault.erase([first], clock.now())
    shutil.copytree(tmp_path / "episodes/ledger", tmp_path / "old")
    vault.erase([second], clock.now())
    shutil.rmtree(tmp_path / "episodes/ledger")
    with pytest.raises(LedgerBroken):
        Vault(tmp_path / "episodes", vault.ring).ledger.open()
    shutil.rmtree(tmp_path / "episodes/ledger")
    shutil.copytree(tmp_path / "old", tmp_path / "episodes/ledger")
    with pytest.raises(LedgerBroken):
        Vault(tmp_path / "episodes", vault.ring).ledger.open()
    with pytest.raises(LedgerBroken):
        vault.ledger.ids()


@pytest.mark.parametrize("change", ["a line", "its order", "one line less"])
def test_a_ledger_that_was_changed_is_noticed(vault: Vault, tmp_path: Path, change: str) -> None:
    vault.erase([uuid4(), uuid4(), uuid4()], clock.now())
    lines = vault.ledger.path.read_bytes().splitlines(keepends=True)
    if change == "a line":
        lines[0] = json.dumps(json.loads(lines[0]) | {"episode": str(uuid4())}, separators=(",", ":")).encode() + b"\n"
    elif change == "its order":
        lines[1:] = lines[:0:-1]
    else:
        del lines[1]
    vault.ledger.path.write_bytes(b"".join(lines))
    with pytest.raises(LedgerBroken):
        Vault(tmp_path / "episodes", vault.ring).ledger.open()


def test_half_a_line_that_a_crash_left_is_no_erasure_and_no_trouble(vault: Vault, tmp_path: Path) -> None:
    first, second = uuid4(), uuid4()
    vault.erase([first], clock.now())
    with vault.ledger.path.open("ab") as file:
        file.write(b'{"n":2,"episode":"' + str(second).encode())
    again = Vault(tmp_path / "episodes", vault.ring)
    again.ledger.open()
    assert again.ledger.ids() == [first]
    again.erase([second], clock.now())
    third = Vault(tmp_path / "episodes", vault.ring)
    third.ledger.open()
    assert third.ledger.ids() == vault.ledger.ids() == [first, second]


def test_what_was_erased_gets_no_key_again_and_opens_nothing(vault: Vault) -> None:
    episode = uuid4()
    vault.create(episode)
    sealed = vault.seal(episode, b"secret", "record")
    assert vault.unseal(episode, sealed, "record") == b"secret"
    vault.erase([episode], clock.now())
    vault.erase([episode], clock.now())
    assert vault.key(episode) is None
    with pytest.raises(Erased):
        vault.create(episode)
    with pytest.raises(Erased):
        vault.unseal(episode, sealed, "record")
    assert vault.ledger.ids() == [episode]


def test_a_key_is_bound_to_its_episode(vault: Vault) -> None:
    one, two = uuid4(), uuid4()
    vault.create(one)
    vault.create(two)
    sealed = vault.seal(one, b"secret", "record")
    shutil.copy(vault.path(one), vault.path(two))
    with pytest.raises(Unsealable):
        vault.unseal(two, sealed, "record")
