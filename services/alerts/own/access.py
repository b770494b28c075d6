"""When her slip, her own code and the sessions they opened stop working, in the transaction of what ends them."""

from uuid import UUID

from services.alerts.own import repository
from services.alerts.own.callers import by_slip, subject_of
from shared.db import Connection
from shared.sessions.repository import end_all_of


async def shut(connection: Connection, episode_id: UUID) -> None:
    """Nobody gets in any more by a code of before, or is in."""
    await repository.forget(connection, episode_id)
    await end_all_of(connection, by_slip(episode_id))
    await end_all_of(connection, subject_of(episode_id))


async def shut_slip(connection: Connection, episode_id: UUID) -> None:
    """What a worker printed lets nobody in any more; the code of her own, which no worker saw, does."""
    await repository.forget_slip(connection, episode_id)
    await end_all_of(connection, by_slip(episode_id))
