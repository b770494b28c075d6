"""Offers inside a transaction of whoever makes them: a worker, or the registry's word of a move."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import uuid4

import msgspec

from services.alerts.assignments import repository as assignments
from services.alerts.assignments.repository import Assigned
from services.alerts.episodes import life
from services.alerts.episodes.acting import Act
from services.alerts.episodes.repository import Episode
from services.alerts.handovers import agreement, repository
from services.alerts.handovers.agreement import HandoverNote
from services.alerts.handovers.repository import Offer
from services.alerts.handovers.rules import State
from services.alerts.life.handlers import Life, beside
from shared import clock

PLACE = "handover"  # what sealed bytes are bound to


def sealed(act: Act, episode: Episode, note: HandoverNote) -> bytes:
    """A note under the episode's key. Raises Erased."""
    return act.care.vault.seal(episode.episode_id, agreement.written(note), PLACE)


def opened(act: Act, offer: Offer) -> HandoverNote:
    """What is kept of an offer. Raises Erased."""
    if offer.sealed is None:
        return HandoverNote()
    return agreement.read(act.care.vault.unseal(offer.episode_id, offer.sealed, PLACE))


async def ask(act: Act, episode: Episode, to: str, area: str) -> None:
    """She moved to where another facility is on duty: her worker is to ask her. What a worker offered stands."""
    known = await repository.open_of(act.connection, episode.episode_id)
    if known is not None and (not known.by_move or known.to_facility == to):
        return
    if known is not None:
        await decide(act, known, State.WITHDRAWN)
    offer = Offer(
        uuid4(), episode.episode_id, episode.facility, to, area, State.ASKING, act.care.today(), None, True, None
    )
    await repository.insert(act.connection, offer)


async def take_back(act: Act, episode: Episode, *, all_of_them: bool) -> None:
    """What only a move made is open no longer: she lives here again, or where nobody serves. `all_of_them`: what a
    worker offered too."""
    known = await repository.open_of(act.connection, episode.episode_id)
    if known is not None and (known.by_move or all_of_them):
        await decide(act, known, State.WITHDRAWN)


async def offered(
    act: Act, episode: Episode, to: str, area: str, until: date | None, note: HandoverNote
) -> tuple[Offer, bool]:
    """She agreed: the other facility is told that there is an episode. The offer, and whether it is new; the same again
    is the one there is. Gives an offer to another facility, or for other days, back as it is."""
    known = await repository.open_of(act.connection, episode.episode_id)
    if known is None or (known.by_move and known.to_facility != to):
        if known is not None:
            await decide(act, known, State.WITHDRAWN)
        today = act.care.today()
        made = Offer(
            uuid4(),
            episode.episode_id,
            episode.facility,
            to,
            area,
            State.OFFERED,
            today,
            until,
            False,
            sealed(act, episode, note),
        )
        await repository.insert(act.connection, made)
        return made, True
    if known.state is State.ASKING:
        told = replace(
            known, state=State.OFFERED, since=act.care.today(), until=until, sealed=sealed(act, episode, note)
        )
        await repository.stand(act.connection, told)
        return told, True
    return known, False


async def hand_on(act: Act, episode: Episode, facility: str, workers: Sequence[str]) -> Episode:
    """A facility has the duty from now on, and these workers of it are named; nobody of the former one is. What the
    registry said is found anew: by what this facility may know, and no more by what the former one does."""
    former = await beside(act, episode)
    moved = await life.move_duty(act, episode, facility)
    named = [Assigned(each, act.care.today(), None) for each in workers]
    await assignments.name(act.connection, episode.episode_id, facility, named)
    await Life(act.care).settle_moved(act, moved, former)
    return moved


async def decide(act: Act, offer: Offer, state: State, episode: Episode | None = None, **noted: object) -> Offer:
    """Let an offer end so; with the episode, who decided is noted under its key. Raises Erased."""
    kept = offer.sealed
    if episode is not None:
        kept = sealed(act, episode, msgspec.structs.replace(opened(act, offer), **noted))
    stands = replace(offer, state=state, sealed=kept)
    await repository.stand(act.connection, stands, clock.now())
    return stands
