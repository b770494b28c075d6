"""Use cases of help with birth registration: take over what the registry tells, let days pass, take down a refusal."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4, uuid5

from services.alerts.directory.entries import HelpTold, Told
from services.alerts.directory.handlers import Heard
from services.alerts.facilities.duty import Facilities
from services.alerts.keys import NAMES
from services.alerts.registration_help import repository, rules
from services.alerts.registration_help.rules import Kind, Standing, State, Window
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection, Pool, transaction
from shared.errors import NotFound
from shared.feed import heads
from shared.feed.log import FeedLog
from shared.feed.values import NewEntry

# Help is named by the child's reference: the same again after any repetition.
HELP = UUID("6f0b1d8e-6a53-5c0f-9d0e-5b5b9f1f7a51")
BATCH = 200
ASKED = "asked-at-certification"  # the basis of every read and act: the mother's own request


def facility_feed(code: str) -> str:
    """The name of a facility's feed."""
    return f"facility:{code}"


@dataclass(frozen=True)
class Helps:
    """What the use cases need. `today` is the date in Asia/Shanghai."""

    pool: Pool
    ring: KeyRing
    feeds: FeedLog
    facilities: Facilities
    today: Callable[[], date]

    async def ensure_feeds(self) -> None:
        """Create the feeds of provisioned facilities where they are missing."""
        async with transaction(self.pool) as connection:
            for code in self.facilities.codes:
                await heads.ensure(connection, facility_feed(code))

    async def heard(self, connection: Connection, heard: Heard) -> list[tuple[str, NewEntry]]:
        """Take over what a page said of births where help was asked for; then each help that it concerns settles. What
        is to be told by facility, late in the transaction."""
        for when, told_help in heard.helps:
            await self.tell(connection, when, told_help)
        return await self.settled(connection, await repository.of_people(connection, heard.names))

    async def tell(self, connection: Connection, when: Told, told: HelpTold) -> None:
        """Take over what was said about one birth, names sealed."""
        help_id = uuid5(HELP, told.child)
        names = json.dumps({"mother": told.mother_name, "child": told.child_name}, ensure_ascii=False).encode()
        sealed = seal(self.ring, NAMES, names, context(help_id))
        await repository.tell(connection, help_id, (told.child, told.mother), told.born_on, sealed, told.asked, when)

    def names(self, help_id: UUID, sealed: bytes) -> tuple[str | None, str | None]:
        """Mother's and child's name."""
        names = json.loads(unseal(self.ring, NAMES, sealed, context(help_id)))
        return names["mother"], names["child"]

    async def settle(self, connection: Connection, help_ids: Collection[UUID]) -> None:
        """Let contacts stand as window, facts and today say, and announce what changed, in this transaction."""
        announced: dict[str, list[NewEntry]] = defaultdict(list)
        for code, each in await self.settled(connection, help_ids):
            announced[facility_feed(code)].append(each)
        await self.feeds.append_all(connection, announced)

    async def settled(self, connection: Connection, help_ids: Collection[UUID]) -> list[tuple[str, NewEntry]]:
        """The same; what is to be told by facility is the caller's to announce, with everything else at once."""
        if not help_ids:
            return []
        today = self.today()
        told: list[tuple[str, NewEntry]] = []
        for contact in await repository.locked(connection, help_ids):
            window = Window.of(contact.born_on)
            state = rules.state(window, contact.facts, today)
            facility = {
                State.WAITING: None,
                State.OPEN: self.facilities.keeps(contact.held, contact.area, today),
                State.CLOSED: contact.standing.facility,
            }[state]
            standing = Standing(state, facility)
            step = contact.step
            for code, kind in rules.announcements(contact.standing, standing, announced=step > 0):
                step += 1
                # A fresh id: the transaction that makes it true numbers it, so it is told once. An id made from the
                # step would come again for another announcement after a restore, and readers would skip that one.
                told.append((code, NewEntry(uuid4(), body(contact.help_id, kind, window, contact.born_on))))
            following = rules.next_change_on(window, contact.facts, today)
            await repository.stand(connection, contact, standing, contact.area, following, step)
        return told

    async def let_days_pass(self) -> int:
        """Settle one batch of contacts that the date has changed; returns how many. Missed days are made up once."""
        async with transaction(self.pool) as connection:
            due = await repository.due(connection, self.today(), BATCH)
            await self.settle(connection, due)
        return len(due)

    async def settle_all(self) -> None:
        """Settle everything that is not closed: provisioning may have given an area to another facility."""
        after = UUID(int=0)
        while True:
            async with transaction(self.pool) as connection:
                batch = await repository.not_closed(connection, after, BATCH)
                await self.settle(connection, batch)
            if len(batch) < BATCH:
                return
            after = batch[-1]

    async def refuse(self, caller: Caller, help_id: UUID) -> None:
        """The mother does not want help: it closes, and nothing else changes anywhere. Again is the same.

        Raises NotFound for what is not, or was not last, on this facility's list.
        """
        async with transaction(self.pool) as connection:
            people = await repository.seen_here(connection, help_id, caller.facility or "")
            if people is None:
                raise NotFound
            await repository.end(connection, help_id)
            _, mother = people
            await record(connection, caller, [Reading(mother, ())], action="close-help", basis=ASKED)
            await self.settle(connection, [help_id])


def context(help_id: UUID) -> bytes:
    """Bind sealed names to their help."""
    return b"help:" + help_id.bytes


def body(help_id: UUID, kind: Kind, window: Window, born_on: date) -> bytes:
    """An announcement. It holds no name: feeds are kept, and who may see a name changes."""
    members: dict[str, str] = {"kind": kind.value, "help": str(help_id), "reason": "birth-registration"}
    if kind in (Kind.OPENED, Kind.MOVED_HERE):
        members |= {
            "born_on": born_on.isoformat(),
            "opened_on": window.opens_on.isoformat(),
            "due_on": window.due_on.isoformat(),
        }
    return json.dumps(members).encode()
