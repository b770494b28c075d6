"""Who serves where she lives, as it was when an episode was looked at last: only a change of it is a move."""

from services.alerts.episodes.acting import Act
from services.alerts.episodes.repository import Episode
from services.alerts.handovers import repository


async def serving_now(act: Act, reference: str) -> tuple[str | None, str | None]:
    """Where a person lives as the registry told last, and who serves there; UNTOLD where that is not told."""
    area = await repository.area(act.connection, reference)
    serving = act.care.facilities.on_duty(area, act.care.today())
    return area, repository.UNTOLD if area is None else serving


async def begins_here(act: Act, episode: Episode, reference: str) -> None:
    """From now on it is known whom the episode is about: that she chose this facility is no move."""
    _, serving = await serving_now(act, reference)
    await repository.serve(act.connection, episode.episode_id, serving)
