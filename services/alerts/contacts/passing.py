"""Days pass: plain windows change their state and are announced, batch by batch, each exactly once.

No key is needed for it. However long nobody looked, every transition is announced with the day on which it came.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from services.alerts.contacts import repository, rules
from services.alerts.contacts.announcing import gathered, named, words
from services.alerts.contacts.outcomes import Window
from services.alerts.contacts.repository import Contact
from services.alerts.contacts.rules import Facts, State
from services.alerts.episodes.care import Care
from shared.db import transaction
from shared.feed.values import NewEntry

BATCH = 2_000
PLAIN = Facts()  # nothing known but the window


async def let_days_pass(care: Care, batch: int = BATCH) -> int:
    """Pass over one batch of contacts that the date has changed; how many there were."""
    async with transaction(care.pool) as connection:
        today = care.today()
        found = await repository.due(connection, today, batch)
        stands, told = passed(found, today)
        await repository.stand(connection, stands)
        await repository.look_again(connection, missed_in(stands), today)
        await care.feeds.append_all(connection, gathered(told))
    return len(found)


async def awaken(care: Care) -> int:
    """Put contacts that a former version left off the clock when reminders went on back onto it; how many there were.
    What rests stays at rest."""
    async with transaction(care.pool) as connection:
        return await repository.awaken(connection)


class Passage(NamedTuple):
    """How a window stands on a day, and the way there: each step's day and words."""

    state: State
    next_change_on: date | None
    steps: tuple[tuple[date, tuple[str, str]], ...]


@lru_cache(maxsize=100_000)  # a city's contacts share their windows, some thousand to one
def passage(window: Window, was: State, today: date) -> Passage:
    """What the days made of a plain window."""
    steps = rules.transitions(window, PLAIN, was, today)
    dates = (window.opens_on, window.due_on, window.closes_on)
    told = tuple((each.on, words(each.kind, each.on, *dates)) for each in steps)
    return Passage(rules.state(window, PLAIN, today), rules.next_change_on(window, PLAIN, today), told)


def passed(contacts: Iterable[Contact], today: date) -> tuple[list[Contact], list[tuple[str, NewEntry]]]:
    """How contacts stand that day, and what is told of the way there, in order of days. Pure but for fresh ids."""
    stands: list[Contact] = []
    told: list[tuple[date, str, NewEntry]] = []
    for contact in contacts:
        state, following, steps = passage(contact.window, contact.state, today)
        told += [(on, contact.facility, named(contact.contact_id, text)) for on, text in steps]
        stands.append(contact.but(state=state, step=contact.step + len(steps), next_change_on=following))
    told.sort(key=itemgetter(0))
    return stands, [(facility, each) for _, facility, each in told]


def missed_in(contacts: Iterable[Contact]) -> set[UUID]:
    """The episodes of which a contact is missed by now: another one may follow it."""
    return {each.episode_id for each in contacts if each.state is State.MISSED}
