"""Use cases: the episodes of a facility that need a look, for its care workers. Every episode shown is written into the
access log in the transaction of the read."""

from dataclasses import dataclass

from services.alerts import cursors
from services.alerts.episodes.identity import name_of
from services.alerts.episodes.life import BASIS, RECORD
from services.alerts.episodes.record import read_record
from services.alerts.episodes.vault import skipping
from services.alerts.life import sealed
from services.alerts.life.knowing import PLACE
from services.alerts.life.sealed import LifeNote
from services.alerts.needs import repository
from services.alerts.needs.repository import BY_DAY, Stored
from services.alerts.needs.rules import Need
from services.alerts.state import Alerts
from services.alerts.worklist.rules import BEGINNING, Place
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import transaction

ACTION = "list-episodes"
FIELDS = ("name", "consent", "findings")


@dataclass(frozen=True)
class Needing:
    """An episode that needs a look, opened as far as its consent lets it: `name` and `note` are None where it has
    expired, for then the record is shown to nobody; and where the record is `damaged`, so that nobody can read it."""

    stored: Stored
    name: str | None
    note: LifeNote | None
    damaged: bool = False


@dataclass(frozen=True)
class Needs:
    """A page of one list, and how many episodes each list has. `unopened`: how many of this page were left out, for
    their keys cannot be read (or went a moment ago)."""

    need: Need
    episodes: list[Needing]
    unopened: int
    next_after: str | None
    counts: dict[Need, int]


async def listed(alerts: Alerts, caller: Caller, wanted: Need | None, after: str | None, limit: int) -> Needs:
    """A page of the facility's episodes with one need; None is the first that has somebody. Raises Invalid for a cursor
    of another list."""
    facility, today, ring = caller.facility or "", alerts.today(), alerts.service.ring
    async with transaction(alerts.service.pool) as connection:
        counts = await repository.counts(connection, facility, today)
        need = wanted or next((each for each, count in counts.items() if count), Need.DECISION)
        page = f"episodes:{facility}:{need.value}"
        place = cursors.read(ring, page, [need], after).get(need) if after else None
        rows = await repository.page(connection, facility, need, today, place, limit + 1)
        found = [each for row in rows[:limit] if (each := readable(alerts, row))]
        await record(connection, caller, [reading for _, reading in found], action=ACTION, basis=BASIS)
    more = cursors.write(ring, page, [need], {need: place_of(need, rows[limit - 1])}) if len(rows) > limit else None
    return Needs(need, [each for each, _ in found], min(len(rows), limit) - len(found), more, counts)


async def counts(alerts: Alerts, caller: Caller) -> dict[Need, int]:
    """How many episodes of the facility need a look, by need; nothing about any of them."""
    async with alerts.service.pool.acquire() as connection:
        return await repository.counts(connection, caller.facility or "", alerts.today())


def place_of(need: Need, row: Stored) -> Place:
    """Where an episode stands in a list."""
    return (row.consent_until if need in BY_DAY else BEGINNING[0], row.episode_id)


def readable(alerts: Alerts, row: Stored) -> tuple[Needing, Reading] | None:
    """An episode, opened, and its reading. None where it was erased a moment ago, or its key cannot be opened: its
    reading could not be written down. One whose record is damaged keeps its place without a name. The log tells of
    both: a list does not fail for one."""
    with skipping("episode_not_opened"):
        episode = alerts.care.vault.opened(row.episode_id)
        if row.consent_until >= alerts.today():
            with skipping("episode_not_opened"):
                kept = read_record(episode.unseal(row.sealed, RECORD))
                note = sealed.read(episode.unseal(row.life, PLACE)) if row.life is not None else LifeNote()
                return Needing(row, kept.name, note), Reading(name_of(episode), FIELDS)
        damaged = row.consent_until >= alerts.today()
        return Needing(row, None, None, damaged), Reading(name_of(episode), ())
    return None
