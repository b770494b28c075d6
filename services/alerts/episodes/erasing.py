"""Erasing episodes: every row goes, feeds name none of it any more, and the key is destroyed."""

from collections.abc import Collection
from uuid import UUID

from services.alerts.contacts import repository as contacts
from services.alerts.contacts.announcing import entry, feed_of, ids_of
from services.alerts.contacts.rules import Kind
from services.alerts.episodes import repository
from services.alerts.episodes.acting import Act
from services.alerts.webhooks import repository as webhooks


async def erase(act: Act, episode_ids: Collection[UUID]) -> None:
    """Erase episodes that the act has locked: their rows now, their keys when it finishes."""
    await erase_rows(act, episode_ids)
    act.gone += episode_ids


async def erase_rows(act: Act, episode_ids: Collection[UUID]) -> None:
    """Remove every row, and withhold what was announced of contacts and of the consent. Who has the duty and shows a
    task is told that it is closed, no more; for a former facility nothing changes."""
    known = await contacts.of_episodes(act.connection, episode_ids)
    ids = [(each.facility, ids_of(each.contact_id)) for each in known]
    ids += [(facility, ids_of(each)) for each, facility in await repository.facilities(act.connection, episode_ids)]
    await webhooks.forget(act.connection, [(lowest, highest, facility) for facility, (lowest, _, highest) in ids])
    await contacts.withhold(act.connection, [(*told, feed_of(facility)) for facility, told in ids])
    await repository.remove(act.connection, episode_ids)
    today = act.care.today()
    act.told += [(each.facility, entry(each, Kind.CLOSED, today)) for each in known if each.shown]
