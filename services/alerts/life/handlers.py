"""Use cases: what a page of the registry's feed does to episodes, and what their workers decide about it.

Everything happens in the transaction that takes the page over: before another entry can leave a facility's feed, what a
death ended is closed (protection rule 3: the registry is never asked, and is told nothing).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import msgspec

from services.alerts.directory.entries import PersonTold
from services.alerts.directory.handlers import Heard
from services.alerts.episodes import repository as episodes
from services.alerts.episodes.acting import Act
from services.alerts.episodes.care import Care
from services.alerts.episodes.identity import awaited, person_index, person_indexes
from services.alerts.episodes.life import end, holds, link, opened, rewrite
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.vault import Erased
from services.alerts.life import repository, rules, sealed
from services.alerts.life.rules import Kin, Known
from services.alerts.life.sealed import KinNote, LifeNote

PLACE: Final = "life"  # what sealed bytes are bound to
OF_CHILDREN: Final = ("child", "entitlement")  # these are about a child, and hang on its birth


@dataclass(frozen=True)
class Life:
    """What the use cases need."""

    care: Care

    async def heard(self, act: Act, heard: Heard) -> None:
        """Let every episode stand as the directory, just changed, says."""
        for episode in await self.awaiting(act, heard.people):
            await self.settle(act, episode)
        indexes = person_indexes(act.care.ring, heard.names)
        kin = await repository.of_kin(act.connection, indexes)
        concerned = {each.episode_id: each for each in await episodes.of_people(act.connection, indexes)}
        for episode_id in sorted(set(kin) - set(concerned)):
            if (found := await episodes.one(act.connection, episode_id)) is not None:
                concerned[episode_id] = found
        for episode_id in sorted(concerned):
            await self.settle(act, concerned[episode_id])

    async def awaiting(self, act: Act, people: Collection[PersonTold]) -> list[Episode]:
        """Link the episodes that waited for a number, where one person alone has it; a number of two is for people."""
        indexes = {bytes.fromhex(index) for told in people for index in told.indexes}
        numbers = {awaited(act.care.ring, index): index for index in indexes}
        linked = []
        for episode in await episodes.awaiting(act.connection, sorted(numbers)):
            holders = await repository.holders(act.connection, numbers[episode.awaits or b""])
            if len(holders) == 1:
                try:
                    linked.append(await link(act, episode, holders[0]))
                except Erased:
                    continue
        return linked

    async def settle(self, act: Act, episode: Episode) -> None:
        """Let one locked episode stand as the directory says. What a worker ended, stays as it ended."""
        try:
            note = await noted(act, episode)
            if episode.state == "ended" and not note.stopped:
                return
            found = rules.together(await judged(act, episode, note))
            if found.stops and episode.state != "ended":
                episode = await end(act, episode, found.findings[0].value, act.care.today())
            elif note.stopped and not found.stops:
                # Only where a word came late: in the order in which they were said, none of them stops it.
                episode = await again(act, episode)
            stands = msgspec.structs.replace(note, findings=found.findings, stopped=found.stops)
            if stands != note:
                await keep(act, episode, stands)
        except Erased:  # withdrawn, and about to be removed
            return

    async def decide(self, act: Act, episode: Episode, *, goes_on: bool, because: str | None) -> Episode:
        """The worker has looked: the episode goes on, from today if the registry's words had stopped it, or is over.
        Nothing that was said until now asks again. Raises Erased."""
        note = await noted(act, episode)
        found = rules.together(await judged(act, episode, note))
        stopped = note.stopped
        note = msgspec.structs.replace(note.answering(found.latest), findings=(), stopped=False)
        if not goes_on:
            episode = await end(act, episode, because or "", act.care.today())
        elif stopped and episode.state == "ended":
            episode = await again(act, episode)
        await keep(act, episode, note)
        return episode


async def noted(act: Act, episode: Episode) -> LifeNote:
    """What is kept of an episode. Raises Erased."""
    stored = await repository.stored(act.connection, episode.episode_id)
    if stored is None:
        return LifeNote()
    return sealed.read(act.care.vault.unseal(episode.episode_id, stored, PLACE))


async def keep(act: Act, episode: Episode, note: LifeNote) -> None:
    """Keep it. Raises Erased."""
    text = act.care.vault.seal(episode.episode_id, sealed.written(note), PLACE)
    await repository.store(act.connection, episode.episode_id, note.asks, text)


async def own(act: Act, episode: Episode) -> Known:
    """What is known of whom the episode is about; nothing while it is linked to nobody. Raises Erased."""
    reference = opened(act.care, episode).reference
    return Known() if reference is None else await repository.known_of(act.connection, reference)


async def judged(act: Act, episode: Episode, note: LifeNote) -> list[rules.Life]:
    """What the words about everyone whom it concerns do to it."""
    lives = [rules.life(await own(act, episode), note.answered, born=episode.kind in OF_CHILDREN)]
    for each in note.kin:
        known = await repository.known_of(act.connection, each.reference)
        lives.append(rules.life_of_kin(each.kin, known, note.answered))
    return lives


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
