"""Use case of workers: what they decided about what had to be looked at."""

from collections.abc import Sequence
from uuid import UUID

from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.duty import at_duty
from services.alerts.episodes.enrolment import identifiers, resolved
from services.alerts.episodes.identity import awaited
from services.alerts.episodes.life import holds, link, note, opened, unlink
from services.alerts.episodes.problems import no_consent
from services.alerts.episodes.repository import Episode, families, update
from services.alerts.life.handlers import Life, beside
from services.alerts.life.knowing import noted, people_of
from services.alerts.life.repository import between_pages
from services.alerts.life.schemas import LookedBody
from services.alerts.life.sealed import LifeNote
from shared.auth.caller import Caller
from shared.contracts.values import Identifier
from shared.errors import Conflict, declare
from shared.errors_text import ErrorText

declare(
    "findings-changed",
    ErrorText(
        409,
        "Something else is to be looked at by now",
        "待核对的内容已有变化",
        "Nothing was decided. Read what the record says now, then decide.",
        "尚未作出任何决定。请先阅读记录中的最新内容，再作决定。",
    ),
)


async def looked(life: Life, caller: Caller, episode_id: UUID, body: LookedBody) -> None:
    """The worker decides about what was shown. Again is the same. Raises NotFound for an episode of another facility,
    and Conflict where it would go on without a consent that holds, or something else was found since (protection rule
    11): what nobody saw, nobody answers."""
    async with acting(life.care) as act:
        await between_pages(act.connection)
        await families(act.connection)
        episode = await at_duty(act, caller, episode_id)
        if body.goes_on and not holds(episode, act.care.today()):
            raise no_consent()
        episode = await life.stand(act, episode)
        if seen := as_shown(await noted(act, episode), episode, body):
            await note(act, caller, episode, "decide-on-findings")
            former = await beside(act, episode)
            episode = await life.decide(act, episode, goes_on=body.goes_on, because=body.because)
            if body.identifiers is not None:
                known = await people_of(act, opened(act.care, episode).reference)
                episode = await linked_anew(act, episode, body.identifiers)
                if episode.person_index not in known:
                    await life.named(act, episode, former)
    if not seen:  # what stands by now stays
        raise Conflict("findings-changed")


def as_shown(found: LifeNote, episode: Episode, body: LookedBody) -> bool:
    """Whether a decision is about what is found; or was made before, and nothing was found since."""
    decided = not found.findings and (episode.state == "ended") is not body.goes_on
    return decided or set(body.findings) == {each.value for each in found.findings}


async def linked_anew(act: Act, episode: Episode, given: Sequence[Identifier]) -> Episode:
    """Link an episode to whom these identifiers name; it waits for the first of them where that is nobody."""
    indexes = identifiers(act.care, given)
    if (reference := await resolved(act, indexes)) is not None:
        return await link(act, episode, reference)
    waiting = (await unlink(act, episode)).but(awaits=awaited(act.care.ring, indexes[0]))
    await update(act.connection, waiting)
    return waiting
