"""Use case of workers: what they decided about what had to be looked at."""

from collections.abc import Sequence
from uuid import UUID

from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.duty import at_duty
from services.alerts.episodes.enrolment import identifiers, resolved
from services.alerts.episodes.identity import awaited
from services.alerts.episodes.life import holds, link, note, unlink
from services.alerts.episodes.problems import no_consent
from services.alerts.episodes.repository import Episode, update
from services.alerts.life.handlers import Life
from services.alerts.life.repository import between_pages
from services.alerts.life.schemas import LookedBody
from shared.auth.caller import Caller
from shared.contracts.values import Identifier


async def looked(life: Life, caller: Caller, episode_id: UUID, body: LookedBody) -> None:
    """The worker decides. Again is the same. Raises NotFound for an episode of another facility, and Conflict where it
    would go on without a consent that holds."""
    async with acting(life.care) as act:
        await between_pages(act.connection)
        episode = await at_duty(act, caller, episode_id)
        if body.goes_on and not holds(episode, act.care.today()):
            raise no_consent()
        await note(act, caller, episode, "decide-on-findings")
        if body.identifiers is not None:
            episode = await linked_anew(act, episode, body.identifiers)
        await life.decide(act, episode, goes_on=body.goes_on, because=body.because)


async def linked_anew(act: Act, episode: Episode, given: Sequence[Identifier]) -> Episode:
    """Link an episode to whom these identifiers name; it waits for the first of them where that is nobody."""
    indexes = identifiers(act.care, given)
    if (reference := await resolved(act, indexes)) is not None:
        return await link(act, episode, reference)
    waiting = (await unlink(act, episode)).but(awaits=awaited(act.care.ring, indexes[0]))
    await update(act.connection, waiting)
    return waiting
