"""People put right by a switch are told of and compared as after a fold, in the transaction that puts them right."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.registry.cases import repository as cases
from services.registry.facts import repository as facts
from services.registry.facts.handlers import HEADS
from services.registry.facts.state import RELATIVES, UNKNOWN_PERSON, PersonState, changed_fields
from services.registry.facts.told import CARE_FEED, CHANGES, Telling
from services.registry.identity.description import describe
from services.registry.matching import repository as matching
from services.registry.protection import repository as protection
from shared.db import Connection
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.feed.values import NewEntry


@dataclass(frozen=True)
class Righted:
    """People before and after a switch, who has reported on them, and who stands in other blocks now."""

    before: Mapping[UUID, PersonState]
    after: Mapping[UUID, PersonState]
    reporters: Mapping[UUID, Collection[str]]
    blocked: Collection[UUID]


@dataclass(frozen=True)
class TellRighted:
    """Lets departments, alerts and the matching worker know."""

    telling: Telling
    feeds: FeedLog

    async def __call__(self, connection: Connection, righted: Righted) -> None:
        """Queue whom searches met otherwise, and tell of everyone whose state was wrong. Locks the feeds' heads: last
        in a transaction."""
        before, after = righted.before, righted.after
        changed = sorted(person for person, state in after.items() if state != before[person])
        compared = {person for person in changed if describe(before[person]) != describe(after[person])}
        compared |= set(righted.blocked) & after.keys()
        compared = {person for person in compared if after[person] != UNKNOWN_PERSON}
        if not changed and not compared:
            return
        states = [each[person] for each in (before, after) for person in changed]
        named = {mention for state in states for field in RELATIVES if (mention := getattr(state, field))}
        relatives = await facts.mentioned(connection, named)
        hidden = await protection.standing(connection, changed)
        called = await cases.called(connection, changed)
        at = await heads.lock(connection, HEADS)
        if compared:
            await matching.queue(connection, compared, at)
        changes: list[NewEntry] = []
        care: list[NewEntry] = []
        for person in changed:
            receivers = self.telling.registering | set(righted.reporters.get(person, ()))
            receivers |= {row["department"] for row in called if row["person_id"] == person}
            fields = changed_fields(before[person], after[person], relatives)
            changes.append(self.telling.person(person, after[person], relatives, fields, receivers=receivers))
            care += self.telling.care(person, before[person], after[person], hidden=person in hidden)
        await self.feeds.append_all(connection, {CHANGES: changes, CARE_FEED: care}, locked=HEADS)
