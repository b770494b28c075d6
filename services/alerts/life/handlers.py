"""Use cases: what a page of the registry's feed does to episodes, and what their workers decide about it.

Everything happens in the transaction that takes the page over: before another entry can leave a facility's feed, what a
death ended is closed (protection rule 3: the registry is never asked, and is told nothing).
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec
import structlog

from services.alerts.contacts import repository as contacts
from services.alerts.contacts.pausing import suspend
from services.alerts.directory.entries import PersonTold
from services.alerts.directory.handlers import Heard
from services.alerts.episodes import repository as episodes
from services.alerts.episodes.acting import Act, apart
from services.alerts.episodes.care import Care
from services.alerts.episodes.identity import awaited, person_index, person_indexes
from services.alerts.episodes.ledger import LedgerBroken
from services.alerts.episodes.life import end, holds, link, opened, rewrite
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.vault import UNREADABLE, Erased
from services.alerts.life import repository, rules
from services.alerts.life.knowing import judged, keep, noted, of_guardians, others, own
from services.alerts.life.rules import Finding, Kin
from services.alerts.life.sealed import KinNote, LifeNote
from shared.crypto.sealing import Unsealable
from shared.feed.follow import PASSING

log = structlog.get_logger()


@dataclass(frozen=True)
class Life:
    """What the use cases need."""

    care: Care

    async def heard(self, act: Act, heard: Heard) -> None:
        """Let every episode stand as the directory, just changed, says."""
        indexes = person_indexes(act.care.ring, heard.names)
        if not await repository.concerned(act.connection, indexes, numbers_of(act.care, heard.people)):
            return
        await episodes.families(act.connection)
        for episode in await self.awaiting(act, heard.people):
            await self.settle(act, episode)
        kin = await repository.of_kin(act.connection, indexes)
        concerned = {each.episode_id: each for each in await episodes.of_people(act.connection, indexes)}
        for episode_id in sorted({*kin} - set(concerned)):
            if (found := await episodes.one(act.connection, episode_id)) is not None:
                concerned[episode_id] = found
        for episode_id in sorted(concerned):
            await self.settle(act, concerned[episode_id])
        for episode_id in sorted(concerned):  # only now is it known which of them go on
            await self.settle_others(act, concerned[episode_id])

    async def awaiting(self, act: Act, people: Collection[PersonTold]) -> list[Episode]:
        """Link the episodes that waited for a number, where one person alone has it; a number of two is for people."""
        numbers = numbers_of(act.care, people)
        linked = []
        for episode in await episodes.awaiting(act.connection, sorted(numbers)):
            holders = await repository.holders(act.connection, numbers[episode.awaits or b""])
            if len(holders) == 1:
                with suppress(Erased, Unsealable):
                    async with apart(act):
                        linked.append(await link(act, episode, holders[0]))
        return linked

    async def settle(self, act: Act, episode: Episode) -> None:
        """Let one locked episode stand as the directory says. What a worker ended, stays as it ended. One that cannot
        be opened rests: whatever was said, nobody is reminded by it, and everybody else's words are heard."""
        try:
            async with apart(act):
                await self.stand(act, episode)
        except Erased:  # withdrawn, and about to be removed
            return
        except (*PASSING, LedgerBroken):
            raise
        except Exception as trouble:
            log.error("episode_not_settled", trouble=type(trouble).__name__)
            known = await contacts.of_episodes(act.connection, [episode.episode_id])
            act.told += await suspend(act.connection, act.care, known)
            if episode.state == "active":
                await episodes.update(act.connection, episode.but(state="paused"))

    async def settle_others(self, act: Act, episode: Episode) -> None:
        """What stands beside an episode, and was found to by what it is a moment ago."""
        await self.settle_all(act, await beside(act, episode))

    async def settle_all(self, act: Act, episode_ids: Collection[UUID]) -> None:
        """Those of them that are still there."""
        for each in sorted(set(episode_ids)):
            if (found := await episodes.one(act.connection, each)) is not None:
                await self.settle(act, found)

    async def settle_moved(self, act: Act, episode: Episode, former: Collection[UUID] = ()) -> None:
        """One that stands otherwise, or somewhere else, by now, and what is beside it. `former`: what was so before."""
        await self.settle(act, episode)
        await self.settle_all(act, [*former, *await beside(act, episode)])

    async def stand(self, act: Act, episode: Episode) -> Episode:
        """The same for one that can be opened. Raises Erased, Unsealable, UnknownSchedule."""
        note = await noted(act, episode)
        if episode.state == "ended" and not note.stopped:
            if note.compared:  # of what is over nothing is compared any more
                await keep(act, episode, msgspec.structs.replace(note, compared=()))
            return episode
        found = rules.together(await judged(act, episode, note))
        if found.stops and episode.state != "ended":
            episode = await end(act, episode, found.findings[0].value, act.care.today())
        elif note.stopped and not found.stops:
            # Only where a word came late: in the order in which they were said, none of them stops it.
            episode = await again(act, episode)
        goes_on = note.compared and episode.state != "ended"
        still = [each for each in await others(act, episode) if each in note.compared] if goes_on else []
        stands = msgspec.structs.replace(note, findings=found.findings, stopped=found.stops, compared=tuple(still))
        if stands != note:
            await keep(act, episode, stands)
        return episode

    async def decide(self, act: Act, episode: Episode, *, goes_on: bool, because: str | None) -> Episode:
        """The worker has looked: the episode goes on, from today if the registry's words had stopped it, or is over.
        Nothing that was said until now asks again. Raises Erased."""
        note = await noted(act, episode)
        found = rules.together(await judged(act, episode, note))
        stopped = note.stopped
        seen = tuple(await others(act, episode)) if goes_on else ()
        note = msgspec.structs.replace(note.answering(found.latest), findings=(), stopped=False, compared=seen)
        if not goes_on:
            episode = await end(act, episode, because or "", act.care.today())
        elif stopped and episode.state == "ended":
            episode = await again(act, episode)
        await keep(act, episode, note)
        await self.settle_others(act, episode)
        return episode

    async def named(self, act: Act, episode: Episode, former: Collection[UUID]) -> None:
        """A worker has named somebody else as whom it is about. That answers whose it is, where two were told apart; of
        all else that was said of this person nothing was shown, and it is looked at first. `former`: what was beside
        it. Raises Erased, Unsealable, UnknownSchedule."""
        note = msgspec.structs.replace(await noted(act, episode), answered_at=None, answered_position=0)
        found = rules.together(await judged(act, episode, note))
        if set(found.findings) <= {Finding.PARTED}:
            note = note.answering(found.latest)
        await keep(act, episode, note)
        await self.settle_moved(act, episode, former)


def numbers_of(care: Care, people: Collection[PersonTold]) -> dict[bytes, bytes]:
    """The blind indexes of what was said of people, by what stands for each while nobody is known by it."""
    indexes = {bytes.fromhex(index) for told in people for index in told.indexes}
    return {awaited(care.ring, index): index for index in indexes}


async def beside(act: Act, episode: Episode) -> list[UUID]:
    """What else stands as an episode lets it: others of the same person, and the care of the guardians who asked for
    it. Nothing where it cannot be opened: nobody's withdrawal waits for that."""
    try:
        return [*await others(act, episode), *await of_guardians(act, episode)]
    except (Erased, *UNREADABLE):
        return []


async def begins(act: Act, episode: Episode) -> None:
    """Note what was said before an episode began, so that only what comes later concerns it. The caller holds
    `between_pages` from before it looked the person up."""
    note = LifeNote().answering((await own(act, episode)).latest)
    await keep(act, episode, note)


async def concerns(act: Act, episode_id: UUID, kin: Kin, reference: str) -> None:
    """An episode that has just begun concerns somebody else too, such as a child's guardian."""
    episode = await episodes.one(act.connection, episode_id)
    assert episode is not None
    note = await noted(act, episode)
    note = msgspec.structs.replace(note, kin=(*note.kin, KinNote(kin, reference)))
    await repository.add_kin(act.connection, episode_id, person_index(act.care.ring, reference))
    await keep(act, episode, note)


async def again(act: Act, episode: Episode) -> Episode:
    """An episode that the registry's words had ended is taken up again, by its plan as of today; it rests where no
    consent holds. Raises Erased."""
    kept = opened(act.care, episode)
    facts = replace(kept.facts, ended=False) if kept.facts else None
    record = msgspec.structs.replace(kept, facts=facts, ended_because=None, ended_on=None)
    state = "active" if holds(episode, act.care.today()) and not kept.paused else "paused"
    return await rewrite(act, episode.but(state=state), record)
