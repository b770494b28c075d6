"""Consents end: their facility is told thirty days before and on the last day, each exactly once.

No key is needed for it. Consent is looked at in the transaction that tells: of one that is over nothing is told,
however long nobody looked; the list of those (services/alerts/needs) goes by the date alone.
"""

from datetime import date
from uuid import UUID

from services.alerts.contacts.announcing import entry_id, gathered
from services.alerts.episodes import repository
from services.alerts.episodes.care import Care
from services.alerts.episodes.rules import Ends, next_step, to_tell
from shared.db import transaction
from shared.feed.values import NewEntry

BATCH = 500


async def tell_ends(care: Care, batch: int = BATCH) -> int:
    """Tell of one batch of consents that end; how many there were."""
    async with transaction(care.pool) as connection:
        today = care.today()
        found = await repository.ending(connection, today, batch)
        told = [
            (day, each.facility, entry(each.episode_id, kind, day, each.until))
            for each in found
            for day, kind in to_tell(each.until, each.tell_on, today)
        ]
        await repository.tell_next(connection, {each.episode_id: next_step(each.until, today) for each in found})
        in_order = sorted(told, key=lambda each: each[0])
        await care.feeds.append_all(connection, gathered((facility, said) for _, facility, said in in_order))
    return len(found)


def entry(episode_id: UUID, kind: Ends, on: date, until: date) -> NewEntry:
    """One entry: an id and days. Its own id begins like the episode's, by which a withdrawal finds it in every feed."""
    told = f'{{"kind":"{kind.value}","episode":"{episode_id}","on":"{on}","ends_on":"{until}"}}'
    return NewEntry(entry_id(episode_id), told.encode())
