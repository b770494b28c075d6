"""Contacts of an episode that rests: nothing is shown or announced, and nothing is forgotten."""

from collections.abc import Sequence

from services.alerts.contacts import repository
from services.alerts.contacts.announcing import entry
from services.alerts.contacts.planning import Told
from services.alerts.contacts.repository import Contact
from services.alerts.contacts.rules import Kind, State
from services.alerts.episodes.care import Care
from shared.db import Connection


async def suspend(connection: Connection, care: Care, contacts: Sequence[Contact]) -> Told:
    """Take everything unfinished off worklists and off the clock; what is to be told of it. It needs no key.

    The next replan (planning.py) puts them on the clock again, as of that day."""
    resting = [each for each in contacts if each.unfinished]
    shown = [(each.facility, entry(each, Kind.CLOSED, care.today())) for each in resting if each.shown]
    await repository.stand(connection, [each.but(state=State.PLANNED, next_change_on=None) for each in resting])
    return shown
