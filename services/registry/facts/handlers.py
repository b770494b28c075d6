"""Fold a page of accepted vital events into people, and tell exchange and alerts, all in one transaction.

Order of locks, always: advisory locks on identifiers, sorted; resolve; lock people, sorted; read facts; fold; take the
feed counters, sorted; write; commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from services.registry.cases import repository as cases
from services.registry.facts import repository as sql
from services.registry.facts.corrections import corrected, split_corrects
from services.registry.facts.derived import Derive, Folded
from services.registry.facts.fold import Authorities
from services.registry.facts.page import AMBIGUOUS, DECIDERS, MISMATCH, NOT_ARRIVED, KnownEvent, Page, empty_page
from services.registry.facts.reported import IDENTITY, Reported, locks_of, read
from services.registry.facts.state import RELATIVES, PersonState
from services.registry.facts.stored import Vault
from services.registry.facts.told import CARE_FEED, CHANGES, Moved, Telling
from services.registry.facts.values import EventKey, Fact, Mention
from services.registry.facts.widowed import fold_page, may_leave_widowed
from services.registry.protection import repository as protection
from services.registry.protection.keeping import follow_split
from services.registry.reviews import repository as reviews
from services.registry.reviews.rules import ANOTHER_KIND, kind_of
from shared import clock
from shared.crypto.blind import blind_index
from shared.db import Connection
from shared.feed import heads
from shared.feed.follow import Again, FeedEntry
from shared.feed.log import FeedLog, Sealed

HEADS = [(CHANGES, 0), (CARE_FEED, 0)]
HELD_FOR = timedelta(days=30)  # a held event that nobody decides is rejected after this


@dataclass
class Folding:
    """Applies vital events to the registry. One per process; several processes may run side by side."""

    vault: Vault
    feeds: FeedLog
    telling: Telling
    authorities: Authorities
    derive: Sequence[Derive] = ()

    async def handle(self, connection: Connection, entries: Sequence[FeedEntry]) -> None:
        """Apply entries of `vital-events`. Any order, any repetition: the same people (for fixed links)."""
        reported = [read(self.vault.ring, entry.known_id, bytes(entry.data)) for entry in entries]
        await self.apply(connection, reported)

    async def apply(self, connection: Connection, reported: Sequence[Reported]) -> Page:
        """Apply events, and after them those that waited for them."""
        await sql.lock_keys(connection, [key for event in reported for key in locks_of(event)])
        rejected = await sql.rejected(connection, [event.receipt for event in reported])
        reported = [event for event in reported if event.receipt not in rejected]
        released, waited = await self.released(connection, reported)
        events = [*reported, *released]
        page = await self.load(connection, events)
        page.take_all(events)
        if page.unsure:
            await self.know_decisions(connection, page)
            page.settle()
        page.close()
        await self.write(connection, page, waited)
        return page

    async def know_decisions(self, connection: Connection, page: Page) -> None:
        """Read what was decided about the records of everyone in a page."""
        known = [person for person, state in page.states.items() if state is not None]
        page.decisions.add(await reviews.decisions_about(connection, known))

    async def released(
        self, connection: Connection, reported: Sequence[Reported], numbers: Iterable[bytes] = ()
    ) -> tuple[list[Reported], set[tuple[UUID, str]]]:
        """Held events that wait for one of these, or that were ambiguous and share an identifier with one (or have one
        of `numbers`), and those that do so with them in turn; and each with the reason for which it is held."""
        found: dict[UUID, Reported] = {}
        reasons: set[tuple[UUID, str]] = set()
        known = {event.receipt for event in reported}
        fresh, named = list(reported), set(numbers)
        while fresh or named:
            rows = await sql.waiting_for(connection, [event.key for event in fresh])
            rows += await sql.held_by_numbers(connection, numbers_of(fresh) | named)
            named = set()
            rows = [row for row in rows if row["receipt"] not in known]
            fresh = [
                read(self.vault.ring, row["receipt"], self.vault.open_held(row["receipt"], row["body"])) for row in rows
            ]
            await sql.lock_keys(connection, [key for event in fresh for key in locks_of(event)])
            found |= {event.receipt: event for event in fresh}
            known |= found.keys()
            reasons |= {(row["receipt"], row["reason"]) for row in rows}
        return list(found.values()), reasons

    async def load(
        self, connection: Connection, events: Sequence[Reported], also: Iterable[UUID] = (), *, locked: bool = True
    ) -> Page:
        """Resolve and lock everyone concerned, and read what is known of them. `also`: people whom no event names;
        not `locked`: only to look. Raises Again where somebody was merged meanwhile."""
        page = empty_page(await sql.new_ids(connection, sum(len(event.facts) for event in events)))
        numbers = numbers_of(events)
        mentions = [fact.mention for event in events for fact in event.facts.values()]
        page.decisions.add(await reviews.decisions_of(connection, mentions, numbers))
        keys = {event.key for event in events} | {event.supersedes for event in events if event.supersedes}
        for row in await sql.applied_events(connection, keys):
            page.known[row["source"], row["id"]] = KnownEvent(
                row["receipt"], row["type"], row["department"], row["lineage"]
            )
        page.known_lineages = {known.lineage for known in page.known.values()}
        page.permitted = await self.permitted(connection, page, events)
        for row in await sql.resolve(connection, numbers):
            page.holders.setdefault(row["blind_index"], set()).add(row["person_id"])
        people = {person for holders in page.holders.values() for person in holders} | set(also)
        targets = [event.supersedes for event in events if event.supersedes]
        people |= await sql.lineage_people(connection, targets)
        decided = {other for mention in mentions for other in page.decisions.together(mention)}
        people |= set((await sql.mentioned(connection, decided)).values())
        dying = may_leave_widowed(events, page.holders) | set(also)
        if targets or decided:
            dying |= people
        page.survivors = await sql.spouses(connection, dying)
        people |= page.survivors
        for row in await (sql.lock_people if locked else sql.people)(connection, people):
            if row["merged_into"] is not None:
                raise Again
            page.states[row["person_id"]] = self.vault.open_state(row["person_id"], row["state"])
        if dying and not await sql.spouses(connection, dying) <= people:
            raise Again  # a marriage was applied while we waited
        # Another correction of the same line may have brought in somebody while we waited for the locks.
        if targets and not await sql.lineage_people(connection, targets) <= people:
            raise Again
        lineages = {known.lineage for known in page.known.values()}  # one of them may mention nobody
        for row in await sql.facts(connection, people):
            fact = self.vault.open_fact(row["receipt"], row["role"], row["body"])
            page.facts[row["person_id"]].append(msgspec.structs.replace(fact, recorded_at=row["recorded_at"]))
            page.lineage_people[row["lineage"]].add(row["person_id"])
            lineages.add(row["lineage"])
        page.headers += await sql.superseding(connection, lineages)
        for row in await cases.called(connection, people):
            page.called[row["person_id"]].add(row["department"])
        return page

    async def permitted(
        self, connection: Connection, page: Page, events: Sequence[Reported]
    ) -> set[tuple[EventKey, str]]:
        """Which departments an approved correction lets supersede another department's event."""
        asked = {
            (event.supersedes, event.department)
            for event in events
            if event.supersedes is not None
            and (target := page.known.get(event.supersedes))
            and target.department != event.department
        }
        return await sql.permitted(connection, asked) if asked else set()

    async def write(self, connection: Connection, page: Page, waited: AbstractSet[tuple[UUID, str]]) -> datetime:
        """Fold everyone touched and write everything: facts, people, links, held events, and what others are told.
        `waited`: which events were held before, each with the reason. Gives the instant of the recording."""
        dead = page.dead()
        after = await fold_page(connection, self.vault, page, dead, self.authorities)
        relatives = await self.relatives(connection, page, after)
        self.set_aside(page, waited)
        # Whoever holds the heads lets all others wait: what can be made ready, is ready before.
        told = [] if page.merged or page.splits else await self.told(connection, page, after, relatives)
        stored = [(person, self.vault.seal_state(person, state)) for person, state in sorted(after.items())]
        facts, indexes = self.fact_rows(page), index_rows(page)
        # One who was new in this page leaves no trace.
        losers = {loser: page.root(loser) for loser in page.merged if page.states[loser] is not None}
        recorded_at = await heads.lock(connection, HEADS)
        if page.applied:
            await connection.execute(sql.INSERT_EVENTS, *sql.columns(event_rows(page)), recorded_at)
        if stored:
            await connection.execute(sql.STORE_PEOPLE, *sql.columns(stored), recorded_at)
        moved = await self.part(connection, page, recorded_at)
        for loser, winner in losers.items():
            await sql.merge(connection, loser, winner, recorded_at)
        if facts:
            await connection.execute(sql.INSERT_FACTS, *sql.columns(facts))
        if indexes:
            await connection.execute(sql.INSERT_INDEXES, *sql.columns(indexes))
        await self.store_residencies(connection, page, after)
        if losers:
            await reviews.lapse_of(connection, losers)
        folded = Folded(page.states, after, losers, page.facts, dead, relatives, recorded_at)
        for store in self.derive:
            await store(connection, folded)
        await self.hold(connection, page)
        applied = {event.receipt for event, _, _ in page.applied} | {event.receipt for event, _ in page.repeated}
        if await sql.release(connection, sorted(applied)):
            await reviews.lapse(connection, applied)
        if page.merged or page.splits:  # what goes with people who are joined or parted is known when it went
            told = await self.told(connection, page, after, relatives, moved)
        await self.feeds.place(connection, told, locked=HEADS)
        return recorded_at

    async def told(
        self,
        connection: Connection,
        page: Page,
        after: Mapping[UUID, PersonState],
        relatives: Mapping[Mention, UUID],
        moved: Sequence[Moved] = (),
    ) -> list[Sealed]:
        """What others are told of a page, sealed. Its people are locked: nobody is protected meanwhile."""
        wrong = corrected(page, after, relatives, self.authorities) if page.corrections else {}
        wrong |= split_corrects(page, after, relatives)
        hidden = await protection.standing(connection, after)
        parted = await protection.protectors(connection, [split.into for split in page.splits])
        due = clock.today() + HELD_FOR
        return self.feeds.sealed(self.telling.page(page, after, relatives, due, wrong, moved, hidden, parted))

    def set_aside(self, page: Page, waited: AbstractSet[tuple[UUID, str]]) -> None:
        """Keep of what is held what is news."""
        # What waits goes on waiting: it is neither stored nor told again, and its day stays.
        page.held = [(event, reason) for event, reason in page.held if (event.receipt, reason) not in waited]
        # A page that tells an event twice, or one that waits here already, holds it once.
        page.held = list({event.receipt: (event, reason) for event, reason in page.held}.values())

    async def hold(self, connection: Connection, page: Page) -> None:
        """Store what waits for another event, or for a clerk, who gets a review of it."""
        for event, reason in page.held:
            waits = event.supersedes if reason == NOT_ARRIVED else None
            await connection.execute(
                sql.HOLD,
                event.receipt,
                event.department,
                reason,
                DECIDERS[reason],
                clock.today() + HELD_FOR,
                *(waits or (None, None)),
                self.vault.seal_held(event.receipt, event.body),
            )
        if wrong := [(event.receipt, ANOTHER_KIND) for event, reason in page.held if reason == MISMATCH]:
            await reviews.hold(connection, wrong, clock.today() + HELD_FOR)
        if doubtful := [event for event, reason in page.held if reason == AMBIGUOUS]:
            due = clock.today() + HELD_FOR
            await reviews.hold(connection, [(e.receipt, kind_of(page, e)) for e in doubtful], due)
            await sql.remember_numbers(
                connection, [(i, event.receipt) for event in doubtful for i in numbers_of([event])]
            )

    async def part(self, connection: Connection, page: Page, recorded_at: datetime) -> list[Moved]:
        """Re-point what leaves a person, and give back the former name it had."""
        found = []
        for split in page.splits:
            moved = await reviews.part(connection, split, recorded_at)
            if split.restored:
                moved = await reviews.restore(connection, split, moved, recorded_at)
            await follow_split(connection, self.vault.ring, split.person, split.into)
            ring = self.vault.ring
            rows = {
                (blind_index(ring, IDENTITY, n.type, n.issuer, n.value), person, n.type)
                for person in (split.person, split.into)
                for fact in page.facts[person]
                for n in fact.body.identifiers
            }
            await reviews.index_anew(connection, [split.person, split.into], sorted(rows))
            found.append(moved)
        return found

    async def relatives(
        self, connection: Connection, page: Page, after: Mapping[UUID, PersonState]
    ) -> dict[Mention, UUID]:
        """Who the mentions in old and new states are: from this page, or from the facts."""
        known = {link.fact.mention: page.root(link.person) for link in page.links}
        for person, facts in page.facts.items():
            known |= {fact.mention: page.root(person) for fact in facts}
        states = [*after.values(), *(state for state in page.states.values() if state)]
        wanted = {m for state in states for field in RELATIVES if (m := getattr(state, field)) and m not in known}
        known |= await sql.mentioned(connection, wanted)
        # Alerts is told the name of a mother whom no event of this page mentions.
        mothers = {known[state.help_mother] for state in after.values() if state.help_mother in known}
        if unread := mothers - page.states.keys():
            for row in await sql.states(connection, sorted(unread)):
                page.states[row["person_id"]] = self.vault.open_state(row["person_id"], row["state"])
        return known

    def fact_rows(self, page: Page) -> list[tuple[UUID, UUID, str, bytes]]:
        """New facts, sealed, linked to whoever goes on after this page."""
        return [
            (page.root(link.person), link.receipt, link.role, self.vault.seal_fact(link.receipt, link.role, link.fact))
            for link in page.links
        ]

    async def store_residencies(self, connection: Connection, page: Page, after: Mapping[UUID, PersonState]) -> None:
        """Replace residencies where they changed."""
        rows, people = [], []
        for person, state in after.items():
            before = page.states[person]
            if before is None or before.residencies != state.residencies:
                people.append(person)
                rows += sql.residencies_of(person, state)
        if people:
            await sql.store_residencies(connection, people, rows)


def numbers_of(events: Iterable[Reported]) -> set[bytes]:
    """The blind indexes of everyone whom events mention."""
    return {number.index for event in events for found in event.numbers.values() for number in found}


def index_rows(page: Page) -> list[tuple[bytes, UUID, str]]:
    """By which identifiers whom is found from now on."""
    return sorted({(n.index, page.root(link.person), n.named.type) for link in page.links for n in link.numbers})


def event_rows(page: Page) -> list[tuple[object, ...]]:
    """Applied events as rows of vital_event."""
    rows: list[tuple[object, ...]] = []
    for event, lineage, _ in page.applied:
        fact: Fact = event.fact
        supersedes = fact.supersedes or (None, None)
        rows.append(
            (
                event.receipt,
                *event.key,
                fact.type,
                event.department,
                fact.action,
                fact.effective_on,
                fact.time,
                *supersedes,
                lineage,
            )
        )
    return rows
