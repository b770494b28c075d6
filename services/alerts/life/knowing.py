"""What is known of an episode: what is kept of the registry's words about it, and about whom else it concerns."""

from collections.abc import Collection
from contextlib import suppress
from typing import Final
from uuid import UUID

import msgspec

from services.alerts.directory.repository import names_of
from services.alerts.episodes import repository as episodes
from services.alerts.episodes.acting import Act
from services.alerts.episodes.identity import person_indexes
from services.alerts.episodes.life import opened
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.vault import Erased
from services.alerts.life import repository, rules, sealed
from services.alerts.life.rules import Finding, Kin, Known
from services.alerts.life.sealed import KinNote, LifeNote
from shared.crypto.sealing import Unsealable

PLACE: Final = "life"  # what sealed bytes are bound to
OF_CHILDREN: Final = ("child", "entitlement")  # these are about a child, and hang on its birth


async def noted(act: Act, episode: Episode) -> LifeNote:
    """What is kept of an episode. Raises Erased."""
    stored = await repository.stored(act.connection, episode.episode_id)
    if stored is None:
        return LifeNote()
    return sealed.read(act.care.vault.unseal(episode.episode_id, stored, PLACE))


async def noted_now(act: Act, episode: Episode) -> LifeNote:
    """What is kept of an episode; that there are two only while there are. Raises Erased."""
    note = await noted(act, episode)
    if Finding.TWICE not in note.findings or await others(act, episode):
        return note
    return msgspec.structs.replace(note, findings=tuple(each for each in note.findings if each is not Finding.TWICE))


async def keep(act: Act, episode: Episode, note: LifeNote) -> None:
    """Keep it. Raises Erased."""
    text = act.care.vault.seal(episode.episode_id, sealed.written(note), PLACE)
    await repository.store(act.connection, episode.episode_id, note.asks, text)


async def own(act: Act, episode: Episode) -> Known:
    """What is known of whom the episode is about; nothing while it is linked to nobody. Raises Erased."""
    return await known_of(act, opened(act.care, episode).reference)


async def known_of(act: Act, reference: str | None) -> Known:
    """What is known of a person; nothing of nobody."""
    return Known() if reference is None else await repository.known_of(act.connection, reference)


async def judged(act: Act, episode: Episode, note: LifeNote) -> list[rules.Life]:
    """What the words about everyone whom it concerns do to it. Raises Erased."""
    reference = opened(act.care, episode).reference
    people = await people_of(act, reference)
    found = await others_of(act, episode, people) if episode.state != "ended" else []
    born, compared = episode.kind in OF_CHILDREN, {*found} <= {*note.compared}
    known = await known_of(act, reference)
    lives = [rules.life(known, note.answered, born=born, twice=bool(found), compared=compared)]
    for each in [*note.kin, *await children(act, episode, people)]:
        known = await repository.known_of(act.connection, each.reference)
        lives.append(rules.life_of_kin(each.kin, known, note.answered))
    return lives


async def others(act: Act, episode: Episode) -> list[UUID]:
    """What its person has beside it, of the same kind and at the same facility, that is not over, while consent holds.
    Raises Erased."""
    if episode.person_index is None:
        return []
    return await others_of(act, episode, await people_of(act, opened(act.care, episode).reference))


async def others_of(act: Act, episode: Episode, people: Collection[bytes]) -> list[UUID]:
    """The same. `people`: what stands for its person (people_of)."""
    return await repository.others(act.connection, episode, people, act.care.today()) if people else []


async def people_of(act: Act, reference: str | None) -> list[bytes]:
    """What stands for a person in the tables, under every name; nothing for nobody."""
    if reference is None:
        return []
    return person_indexes(act.care.ring, {*await names_of(act.connection, [reference]), reference})


async def children(act: Act, episode: Episode, people: Collection[bytes]) -> list[KinNote]:
    """Children for whom she, as their guardian, asked for help at this facility: nobody tells alerts of any other.
    `people`: what stands for her (people_of)."""
    if episode.kind in OF_CHILDREN or not people:
        return []
    found = await repository.asked_for(act.connection, episode.facility, people, OF_CHILDREN, act.care.today())
    kin = set()
    for each in found:
        with suppress(Erased, Unsealable):
            child = await episodes.one(act.connection, each)
            if child is not None and (reference := opened(act.care, child).reference) is not None:
                kin.add(reference)
    return [KinNote(Kin.CHILD, each) for each in sorted(kin)]


async def of_guardians(act: Act, episode: Episode) -> list[UUID]:
    """The care at this facility of the guardians who asked for what an episode about a child is for. Raises Erased."""
    if episode.kind not in OF_CHILDREN:
        return []
    references = [each.reference for each in (await noted(act, episode)).kin if each.kin is Kin.GUARDIAN]
    people = [index for each in references for index in await people_of(act, each)]
    return [
        each.episode_id
        for each in await episodes.of_people(act.connection, people)
        if each.facility == episode.facility and each.kind not in OF_CHILDREN
    ]
