"""What the date does to episodes: consents expire, records are erased in their time, contacts follow missed ones."""

from datetime import timedelta

import structlog

from services.alerts.contacts import repository as contacts
from services.alerts.contacts.pausing import suspend
from services.alerts.episodes import life, repository
from services.alerts.episodes.acting import Act, acting, apart
from services.alerts.episodes.care import Care
from services.alerts.episodes.erasing import erase
from services.alerts.episodes.ledger import LedgerBroken
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.vault import Erased
from services.alerts.life.handlers import Life, beside
from shared.feed.follow import PASSING

log = structlog.get_logger()
BATCH = 100


async def look(care: Care, batch: int = BATCH) -> int:
    """Look at one batch of episodes that the date concerns; how many there were."""
    async with acting(care) as act:
        await repository.families(act.connection)
        found = await repository.due(act.connection, care.today(), batch)
        gone, others = [], []
        for episode in found:
            if not life.holds(episode, care.today()):
                others += await beside(act, episode)
            if over(care, episode):
                gone.append(episode.episode_id)
            else:
                await each_apart(act, episode)
        if gone:
            await erase(act, gone)
        await Life(care).settle_all(act, others)  # by what no consent lets be known any more
    return len(found)


def over(care: Care, episode: Episode) -> bool:
    """Whether nobody answered its proposal, or its consent ended so long ago that it is erased."""
    return episode.consent_until is None or care.today() > episode.consent_until + life.KEPT_AFTER


async def each_apart(act: Act, episode: Episode) -> None:
    """Look at one. Where that cannot be done - its key cannot be read, its schedule is not provided any more - the log
    says that there is one, and it is looked at again tomorrow: the others do not wait for it, and it is still erased in
    its time."""
    try:
        async with apart(act):
            await concern(act, episode)
    except (*PASSING, LedgerBroken):
        raise
    except Exception as trouble:
        if isinstance(trouble, Erased) and episode.episode_id in act.care.vault.ledger:
            again = None  # there is nothing to do, and soon nothing left
        else:
            log.error("episode_not_looked_at", trouble=type(trouble).__name__)
            again = act.care.today() + timedelta(days=1)
        await repository.update(act.connection, episode.but(next_look_on=again))


async def concern(act: Act, episode: Episode) -> None:
    """Let an expired consent rest, and a plan go on. Raises Erased, Unsealable, UnknownSchedule."""
    if not life.holds(episode, act.care.today()):
        await expire(act, episode)
    elif episode.state == "active":
        looked = episode.but(next_look_on=life.next_look_on(episode))
        await life.rewrite(act, looked, life.opened(act.care, episode))
    else:
        await repository.update(act.connection, episode.but(next_look_on=life.next_look_on(episode)))


async def expire(act: Act, episode: Episode) -> None:
    """Everything stops until she is asked again; in a month it is erased."""
    last = (await repository.consents(act.connection, episode.episode_id))[-1]
    assert episode.consent_until is not None
    erased_on = episode.consent_until + life.KEPT_AFTER + timedelta(days=1)
    state = "paused" if episode.state == "active" else episode.state
    await life.consented(
        act, episode, "expired", episode.consent_until, life.consent_of(act.care, episode, last.sealed)
    )
    await repository.update(act.connection, episode.but(state=state, next_look_on=erased_on))
    known = await contacts.of_episodes(act.connection, [episode.episode_id])
    act.told += await suspend(act.connection, act.care, known)
