"""A city's care contacts for benchmarks: those of one facility are sealed as the service seals them, each under the key
of its own episode; all others share the sealed bytes of one, for nobody opens them."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg

from services.alerts.contacts.notes import ContactNote
from services.alerts.contacts.notes import written as written_note
from services.alerts.contacts.planning import CONTACT
from services.alerts.episodes.life import RECORD
from services.alerts.episodes.record import CareRecord, Reach, written
from services.alerts.episodes.vault import Vault, context
from services.alerts.facilities import repository as facilities
from services.alerts.keys import WRAP
from services.alerts.schedules.catalogue import load
from services.alerts.schedules.schedule import Schedule
from shared.crypto.sealing import seal, seal_under

FACILITY = "H370102011"  # the one whose contacts are real
OPEN_TO_ALL = date(2099, 1, 1)
EACH = 2  # contacts of an episode
WORKERS = [f"nurse-{number}" for number in range(10)]

EPISODE = ("episode_id", "kind", "facility", "state", "sealed", "consent_until", "revision")
CONTACT_COLUMNS = (
    "contact_id",
    "episode_id",
    "facility",
    "opens_on",
    "due_on",
    "closes_on",
    "state",
    "next_change_on",
    "sealed",
)
# As many facilities of the same size and shape: each episode and each contact is a real one, moved to another facility.
OTHER_EPISODES = """
INSERT INTO episode (episode_id, kind, facility, state, sealed, consent_until, revision)
SELECT md5(n || ':' || episode_id)::uuid, kind, 'X' || n, state, $2, consent_until, revision
  FROM generate_series($3::int, $4::int) n, episode WHERE facility = $1
"""
OTHER_CONTACTS = """
INSERT INTO care_contact (contact_id, episode_id, facility, opens_on, due_on, closes_on, state, next_change_on, sealed)
SELECT gen_random_uuid(), md5(n || ':' || episode_id)::uuid, 'X' || n, opens_on, due_on, closes_on, state,
       next_change_on, $2
  FROM generate_series($3::int, $4::int) n, care_contact WHERE facility = $1
"""


async def fill(url: str, vault: Vault, today: date, contacts: int, of_one: int) -> int:
    """Put so many open contacts into an alerts database, `of_one` of each facility; how many there are. Raises
    ValueError for fewer than one facility has."""
    if contacts < of_one:
        raise ValueError("there are fewer contacts than one facility has")
    connection = await asyncpg.connect(url, command_timeout=600)
    record, note = await real(connection, vault, today, of_one)
    await connection.execute("ANALYZE")
    for first in range(1, contacts // of_one, 20):
        last = min(first + 19, contacts // of_one - 1)
        await connection.execute(OTHER_EPISODES, FACILITY, record, first, last)
        await connection.execute(OTHER_CONTACTS, FACILITY, note, first, last)
    for subject in WORKERS:
        days = (today, None)
        await facilities.provision(connection, FACILITY, subject, "care-worker", days, clinician=False)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    found: int = await connection.fetchval("SELECT count(*) FROM care_contact WHERE next_change_on IS NOT NULL")
    await connection.close()
    return found


async def real(connection: asyncpg.Connection, vault: Vault, today: date, count: int) -> tuple[bytes, bytes]:
    """The contacts of one facility, each opened by its episode's own key; the sealed record and note of the last."""
    chance, schedules = random.Random(5), list(load().values())
    episodes, rows, workers = [], [], []
    record = note = b""
    for _ in range(count // EACH):
        episode, schedule = uuid4(), chance.choice(schedules)
        key = kept_key(vault, episode)
        record = seal_under(key, written(mother(chance)), context(episode, RECORD))
        episodes.append((episode, "maternal", FACILITY, "active", record, OPEN_TO_ALL, 1))
        workers.append((episode, chance.choice(WORKERS), FACILITY, today))
        for _ in range(EACH):
            note = seal_under(key, written_note(contact_of(chance, schedule)), context(episode, CONTACT))
            rows.append((uuid4(), episode, FACILITY, *window(chance, today), note))
    await connection.copy_records_to_table("episode", records=episodes, columns=EPISODE)
    await connection.copy_records_to_table("care_contact", records=rows, columns=CONTACT_COLUMNS)
    columns = ("episode_id", "subject", "facility", "valid_from")
    await connection.copy_records_to_table("episode_worker", records=workers, columns=columns)
    return record, note


def kept_key(vault: Vault, episode: UUID) -> bytes:
    """A key as the vault keeps it, without waiting for the disk at each."""
    key, path = random.randbytes(32), vault.path(episode)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(0o600)
    path.write_bytes(seal(vault.ring, WRAP, key, context(episode)))
    return key


def mother(chance: random.Random) -> CareRecord:
    """A made-up record."""
    return CareRecord(
        request="0" * 64,
        enrolled_by=WORKERS[0],
        language="zh",
        name=chance.choice("王李张刘陈杨") + chance.choice(("秀英", "丽", "雪梅", "思远")),
        reach=(Reach("phone", f"138{chance.randrange(10**8):08d}"),),
        avoid=("婆婆",),
    )


def contact_of(chance: random.Random, schedule: Schedule) -> ContactNote:
    """One contact of a schedule."""
    return ContactNote(schedule.schedule, schedule.version, chance.choice(schedule.contacts).code)


def window(chance: random.Random, today: date) -> Sequence[object]:
    """A window, its state and when that changes: one in twenty-five overdue, one in six open, the rest to come within
    four months."""
    long, late, drawn = chance.randrange(5, 30), chance.randrange(10, 40), chance.random()
    if drawn < 0.04:
        due = today - timedelta(days=chance.randrange(1, 9))
        return due - timedelta(days=long), due, due + timedelta(days=late), "overdue", due + timedelta(days=late + 1)
    if drawn < 0.2:
        due = today + timedelta(days=chance.randrange(long))
        return due - timedelta(days=long), due, due + timedelta(days=late), "open", due + timedelta(days=1)
    opens = today + timedelta(days=chance.randrange(1, 120))
    due = opens + timedelta(days=long)
    return opens, due, due + timedelta(days=late), "planned", opens
