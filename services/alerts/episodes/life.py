"""What happens to an episode inside a transaction of whoever makes it happen: a worker, the registry's news, herself.

Each function takes an episode that the act has locked (repository.py), and gives it back as it is then. What is to be
told is gathered in the act and leaves with it (acting.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import uuid4

import msgspec

from services.alerts.contacts import repository as contacts
from services.alerts.contacts import rules
from services.alerts.contacts.announcing import entry
from services.alerts.contacts.pausing import suspend
from services.alerts.contacts.planning import Held, held, replan
from services.alerts.contacts.repository import Contact
from services.alerts.episodes import repository
from services.alerts.episodes.acting import Act
from services.alerts.episodes.care import Care
from services.alerts.episodes.erasing import erase
from services.alerts.episodes.identity import erased_name, log_name, person_index
from services.alerts.episodes.record import CareRecord, ConsentNote, read_consent, read_record, written
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.rules import next_step
from services.alerts.handovers.serving import begins_here
from services.alerts.own import access
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.clock import SHANGHAI

RECORD, CONSENT = "record", "consent"  # what sealed bytes are bound to
BASIS: Final = "her-consent"  # of every read and act: for a child, its guardian's
WITHDRAWN: Final = "withdraw-consent"
KEPT_AFTER = timedelta(days=30)  # so long after its consent has ended a record can be renewed; then it is erased
ANSWERED_WITHIN = timedelta(days=30)  # a proposal that nobody answered leaves nothing


def opened(care: Care, episode: Episode) -> CareRecord:
    """The care record. Raises Erased."""
    return read_record(care.vault.unseal(episode.episode_id, episode.sealed, RECORD))


def consent_of(care: Care, episode: Episode, sealed: bytes) -> ConsentNote:
    """What is kept of a step of a consent. Raises Erased."""
    return read_consent(care.vault.unseal(episode.episode_id, sealed, CONSENT))


def holds(episode: Episode, today: date) -> bool:
    """Whether a consent is given and has not expired."""
    return episode.consent_until is not None and today <= episode.consent_until


def next_look_on(episode: Episode) -> date | None:
    """The day after its consent, or the one on which it is erased."""
    if episode.consent_until is None:
        return episode.next_look_on
    return episode.consent_until + timedelta(days=1)


async def note(act: Act, caller: Caller, episode: Episode, action: str, fields: Sequence[str] = ()) -> None:
    """Write down who did, or read, what of an episode. Raises Erased."""
    reading = Reading(log_name(act.care.vault, episode.episode_id), tuple(fields))
    await record(act.connection, caller, [reading], action=action, basis=BASIS)


async def keep(act: Act, episode: Episode, kept: CareRecord) -> Episode:
    """Write an episode with its record."""
    sealed = act.care.vault.seal(episode.episode_id, written(kept), RECORD)
    stored = episode.but(sealed=sealed, revision=episode.revision + 1)
    await repository.update(act.connection, stored)
    return stored


async def rewrite(act: Act, episode: Episode, kept: CareRecord, known: Sequence[Held] | None = None) -> Episode:
    """Write an episode with its record, and bring its contacts to what follows; while it rests, or no consent holds any
    more, they wait."""
    stored = await keep(act, episode, kept)
    if stored.state == "ended" or (stored.state == "active" and holds(stored, act.care.today())):
        found = await held(act.connection, act.care, stored) if known is None else known
        act.told += await replan(act.connection, act.care, stored, kept, found)
    return stored


async def consented(act: Act, episode: Episode, state: str, until: date | None, told: ConsentNote) -> None:
    """The next step of its consent."""
    sealed = act.care.vault.seal(episode.episode_id, written(told), CONSENT)
    await repository.add_consent(act.connection, uuid4(), episode.episode_id, state, until, sealed)


async def pause(act: Act, episode: Episode) -> Episode:
    """She wants no reminders for now. Again is the same. Raises Erased."""
    if episode.state != "active":
        return episode
    kept = msgspec.structs.replace(opened(act.care, episode), paused=True)
    stored = await keep(act, episode.but(state="paused"), kept)
    known = await contacts.of_episodes(act.connection, [episode.episode_id])
    act.told += await suspend(act.connection, act.care, known)
    return stored


async def resume(act: Act, episode: Episode) -> Episode:
    """Reminders begin again, as of today; without a consent that holds nothing happens. Raises Erased."""
    if episode.state != "paused" or not holds(episode, act.care.today()):
        return episode
    kept = msgspec.structs.replace(opened(act.care, episode), paused=False)
    return await rewrite(act, episode.but(state="active"), kept)


async def end(act: Act, episode: Episode, because: str, on: date) -> Episode:
    """It is over. Tasks close without a reason; that is sealed in the record and read there alone. One that ended stays
    as it ended. Raises Erased."""
    if episode.state == "ended":
        return episode
    kept = opened(act.care, episode)
    await access.shut_slip(act.connection, episode.episode_id)
    facts = replace(kept.facts, ended=True) if kept.facts else None
    over = msgspec.structs.replace(kept, facts=facts, ended_because=because, ended_on=on)
    return await rewrite(act, episode.but(state="ended"), over)


async def link(act: Act, episode: Episode, reference: str) -> Episode:
    """It turned out whom it is about; `reference` is the person's present one. Raises Erased."""
    kept = msgspec.structs.replace(opened(act.care, episode), reference=reference)
    index = person_index(act.care.ring, reference)
    await begins_here(act, episode, reference)
    return await keep(act, episode.but(person_index=index, awaits=None), kept)


async def unlink(act: Act, episode: Episode) -> Episode:
    """It is not known any more whom it is about; its worker is shown that. Raises Erased."""
    kept = msgspec.structs.replace(opened(act.care, episode), reference=None)
    return await keep(act, episode.but(person_index=None), kept)


async def move_duty(act: Act, episode: Episode, facility: str) -> Episode:
    """Another facility has the duty from now on, and sees what the former one saw no longer; nor does whoever there
    knows a code to her own page, which ends with its sessions. It needs no key."""
    if episode.facility == facility:
        return episode
    tell_on = None
    if episode.consent_until is not None:  # what was told of its end at the former facility is told here once more
        given_at = (await repository.consents(act.connection, episode.episode_id))[-1].recorded_at
        tell_on = next_step(episode.consent_until, given_at.astimezone(SHANGHAI).date())
    stored = episode.but(facility=facility, consent_tell_on=tell_on)
    await repository.update(act.connection, stored)
    await access.shut(act.connection, episode.episode_id)
    moved = []
    for row in await contacts.of_episodes(act.connection, [episode.episode_id]):
        there = row.but(facility=facility)
        steps = rules.announcements(standing(row), standing(there))
        act.told += [(code, entry(row, kind, act.care.today())) for code, kind in steps]
        moved.append(there.but(step=row.step + len(steps)))
    await contacts.write(act.connection, moved)
    return stored


def standing(row: Contact) -> rules.Standing:
    """A contact as facilities see it."""
    return rules.Standing(row.state, row.facility)


async def withdraw(act: Act, caller: Caller, episode: Episode) -> None:
    """The consent is withdrawn: every row goes, feeds name nothing of it any more, and its key is destroyed.

    It needs no key: whoever tries again after a transaction that failed is answered the same. It is written down under
    the episode's id alone: beside the name of its other accesses it would say whose they were."""
    reading = Reading(erased_name(episode.episode_id), ())
    await record(act.connection, caller, [reading], action=WITHDRAWN, basis=BASIS)
    await erase(act, [episode.episode_id])
