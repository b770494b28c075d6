"""Which episode a caller may see or change: one whose duty of care is at the caller's facility, and nothing else."""

from uuid import UUID

from services.alerts.episodes import problems, repository
from services.alerts.episodes.acting import Act
from services.alerts.episodes.life import holds
from services.alerts.episodes.repository import Episode
from shared.auth.caller import Caller
from shared.errors import NotFound


async def at_duty(act: Act, caller: Caller, episode_id: UUID) -> Episode:
    """Lock an episode of the caller's facility. Raises NotFound for any other, and for one that was erased."""
    episode = await repository.one(act.connection, episode_id, caller.facility or "")
    if episode is None or act.care.vault.key(episode_id) is None:
        raise NotFound
    return episode


async def to_change(act: Act, caller: Caller, episode_id: UUID) -> Episode:
    """The same, where a consent holds and it has not ended. Raises NotFound, or Conflict."""
    episode = await at_duty(act, caller, episode_id)
    if episode.state == "ended":
        raise problems.episode_over()
    if not holds(episode, act.care.today()):
        raise problems.no_consent()
    return episode
