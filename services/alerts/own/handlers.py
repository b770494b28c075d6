"""Use cases of her own page. She reads and decides by the code on her slip; nobody is asked who she is."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.alerts.episodes import life, repository
from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.duty import to_change
from services.alerts.episodes.identity import log_name
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.vault import Erased
from services.alerts.episodes.views import FIELDS, EpisodeView, view
from services.alerts.facilities import repository as staff
from services.alerts.life.handlers import Life, beside
from services.alerts.own import codes
from services.alerts.own import repository as own
from services.alerts.own.access import shut
from services.alerts.own.callers import by_slip, episode_of, subject_of
from services.alerts.own.repository import Code, Look
from services.alerts.own.schemas import CopyView, LooksView, LookView, OwnView
from services.alerts.questions import reading
from services.alerts.reports import handlers as reports
from services.alerts.state import Alerts
from shared import clock
from shared.auth.caller import Caller
from shared.db import transaction
from shared.errors import NotFound, Unauthenticated
from shared.sessions import repository as sessions
from shared.sessions.codes import normalise
from shared.sessions.handlers import MOST_TRIES, TRIES_WITHIN, TooManyTries, WrongCode
from shared.sharing.words import Words

SESSION_LIVES = timedelta(minutes=30)  # a phone is shared in many families
CODE = "own-code"  # what fingerprints of own codes are bound to
SLIP_WORKS = timedelta(days=14)  # unused; the code she is given for it works until her care goes elsewhere
MOST_LOOKS = 10_000


@dataclass(frozen=True)
class Entered:
    """A session's secret; `fresh`: the code of her own, shown this once, where she came with the slip."""

    secret: str
    fresh: str | None


async def make_code(alerts: Alerts, caller: Caller, episode_id: UUID) -> str:
    """A new code for her slip, made by staff on duty; the one before, and every session it opened, ends. While it is
    not used it ends with whoever made it: shut out, or listed no more.

    Raises NotFound, Conflict, Unauthenticated.
    """
    code = codes.fresh()
    async with acting(alerts.care) as act:
        episode = await to_change(act, caller, episode_id)
        await staff.one_by_one(act.connection, episode.facility)
        if await alerts.staff.judged(act.connection, [caller]) != [
            True
        ]:  # shut out a moment ago: no slip is left behind
            raise Unauthenticated
        await shut(act.connection, episode_id)
        await own.keep(
            act.connection, Code(episode_id, printed=True), fingerprint(alerts, code), clock.now(), caller.subject
        )
        await life.note(act, caller, episode, "make-own-code")
    return code


async def log_in(alerts: Alerts, typed: str, address: str) -> Entered:
    """Open a session by a code. The one on a slip works once: whoever uses it is given another, which no worker has
    seen, and the slip is dead for everyone else. Raises WrongCode, TooManyTries.
    """
    now = clock.now()
    origin = alerts.sessions.fingerprint("address", address)
    async with transaction(alerts.service.pool) as connection:  # commits by itself: a try counts even if the rest fails
        tries, since = await sessions.count_try(connection, origin, now, TRIES_WITHIN)
    if tries > MOST_TRIES:
        raise TooManyTries(since + TRIES_WITHIN - now)
    secret, wanted = secrets.token_urlsafe(32), (fingerprint(alerts, typed[:100]), now - SLIP_WORKS, alerts.today())
    async with acting(alerts.care) as act:
        code = await own.find(act.connection, *wanted)
        episode = code and await repository.one(act.connection, code.episode_id)
        # Again under the lock: who used the slip at the same moment, or ended it, was first.
        if not code or not episode or code != await own.find(act.connection, *wanted):
            raise WrongCode
        if alerts.care.vault.key(episode.episode_id) is None:
            raise WrongCode
        fresh = codes.fresh() if code.printed else None
        if fresh:
            own_code = Code(episode.episode_id, printed=False)
            await own.keep(act.connection, own_code, fingerprint(alerts, fresh), now)
        subject = by_slip(episode.episode_id) if fresh else subject_of(episode.episode_id)
        person = Caller(subject, roles=frozenset({"citizen"}), purpose="own-data")
        await sessions.sweep(act.connection, now, TRIES_WITHIN)
        await sessions.add_session(act.connection, alerts.sessions.session_print(secret), person, now + SESSION_LIVES)
        await sessions.forgive(act.connection, origin)
        await life.note(act, person, episode, "own-log-in")
    return Entered(secret, fresh)


async def read(alerts: Alerts, caller: Caller) -> OwnView:
    """Her episode. Raises NotFound once it is over."""
    async with acting(alerts.care) as act:
        episode = await hers(act, caller)
        shown = await opened(act, episode)
        await life.note(act, own_purpose(caller), episode, "own-episode", FIELDS)
    return OwnView.of(shown, facility(alerts, episode.facility) or Words(zh=episode.facility, en=episode.facility))


async def pause(alerts: Alerts, caller: Caller) -> None:
    """She wants no reminders for now. Again is the same. Raises NotFound."""
    async with acting(alerts.care) as act:
        episode = await hers(act, caller)
        await life.note(act, own_purpose(caller), episode, "own-pause")
        await life.pause(act, episode)


async def resume(alerts: Alerts, caller: Caller) -> None:
    """Reminders begin again, where her consent holds. Again is the same. Raises NotFound."""
    async with acting(alerts.care) as act:
        episode = await hers(act, caller)
        await life.note(act, own_purpose(caller), episode, "own-resume")
        try:
            await life.resume(act, episode)
        except Erased:
            raise NotFound from None


async def withdraw(alerts: Alerts, caller: Caller) -> None:
    """She withdraws: nothing of it is left, within this call. Again is the same."""
    async with acting(alerts.care) as act:
        await repository.families(act.connection)
        episode = await repository.one(act.connection, episode_of(caller))
        if episode is not None:
            known = await beside(act, episode)
            await life.withdraw(act, own_purpose(caller), episode)
            await Life(act.care).settle_all(act, known)


async def looks(alerts: Alerts, caller: Caller, after: UUID | None, limit: int) -> LooksView:
    """Who looked, and who did something, the newest first. Raises NotFound."""
    async with acting(alerts.care) as act:
        episode = await hers(act, caller)
        found = await own.looks(act.connection, log_name(act.care.vault, episode.episode_id), after, limit + 1)
        await life.note(act, own_purpose(caller), episode, "own-looks")
    shown = [look_view(alerts, each) for each in found[:limit]]
    return LooksView(looks=shown, next_after=shown[-1].entry if len(found) > limit else None)


async def copy(alerts: Alerts, caller: Caller) -> CopyView:
    """Everything. Raises NotFound."""
    async with acting(alerts.care) as act:
        episode = await hers(act, caller)
        shown = await opened(act, episode)
        found = await own.looks(act.connection, log_name(act.care.vault, episode.episode_id), None, MOST_LOOKS)
        asked = await reading.hers(act, alerts.facilities, episode.episode_id)
        wrong = await reports.hers(act, episode.episode_id)
        await life.note(act, own_purpose(caller), episode, "own-copy", FIELDS)
    seen = [look_view(alerts, each) for each in found]
    return CopyView(episode=shown, looks=seen, questions=asked, reports=wrong)


async def hers(act: Act, caller: Caller) -> Episode:
    """Lock her episode. Raises NotFound for one that is over."""
    episode_id = episode_of(caller)
    episode = await repository.one(act.connection, episode_id)
    if episode is None or act.care.vault.key(episode_id) is None:
        raise NotFound
    return episode


async def opened(act: Act, episode: Episode) -> EpisodeView:
    """Her episode, opened. Raises NotFound for one that is over."""
    try:
        return await view(act, episode)
    except Erased:
        raise NotFound from None


def own_purpose(caller: Caller) -> Caller:
    """A citizen's token may name no purpose; whoever reads their own data does it for that."""
    return Caller(caller.subject, roles=caller.roles, purpose="own-data")


def look_view(alerts: Alerts, look: Look) -> LookView:
    """An entry with the facility's name."""
    return LookView.of(look, facility(alerts, look.facility))


def facility(alerts: Alerts, code: str | None) -> Words | None:
    """What a facility is called; None for one that is not provisioned."""
    found = alerts.facilities.get(code)
    return Words(zh=found.zh, en=found.en) if found else None


def fingerprint(alerts: Alerts, code: str) -> bytes:
    """The keyed fingerprint under which a code is kept."""
    return alerts.sessions.fingerprint(CODE, normalise(code))
