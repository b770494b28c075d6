"""From the registry's `changes` to receipts, cases and each department's own feed, in one transaction a page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.exchange.distribution import repository
from services.exchange.distribution.entries import TOLD, MergedTold, OutcomeTold, PersonTold, cloud_event, entry_id_for
from services.exchange.feeds.names import department_feed
from services.exchange.receipts.repository import NewOutcome, reported, settle
from shared import clock
from shared.db import Connection
from shared.feed.follow import FeedEntry
from shared.feed.log import FeedLog
from shared.feed.values import NewEntry
from shared.sharing.agreements import Agreements
from shared.sharing.disclose import disclose

Told = OutcomeTold | PersonTold | MergedTold


class Distribution:
    """Tells every department exactly what its agreements allow about the people it holds a case on."""

    def __init__(self, feeds: FeedLog, agreements: Agreements, departments: Sequence[str]) -> None:
        self.feeds, self.agreements, self.departments = feeds, agreements, departments

    async def handle(self, connection: Connection, entries: Sequence[FeedEntry]) -> None:
        """Apply a page of `changes`. Idempotent by entry id; order within the page is kept.

        Raises ValueError for an entry without an id or a time.
        """
        page = [(entry.known_id, entry.known_time, TOLD.decode(entry.data)) for entry in entries]
        outcomes = [(at, told) for _, at, told in page if isinstance(told, OutcomeTold)]
        reporters = await reported(connection, [told.receipt for _, told in outcomes])
        await settle(
            connection,
            [NewOutcome(o.receipt, o.status, o.reason, o.decider, o.due, at) for at, o in outcomes],
        )
        batch = Batch(self, reporters, await repository.cases(connection, wanted(page, reporters)))
        for entry_id, at, told in page:
            match told:
                case OutcomeTold():
                    batch.outcome(entry_id, at, told)
                case PersonTold():
                    batch.person(entry_id, at, told)
                case MergedTold():
                    batch.merged(entry_id, at, told)
        await repository.store(connection, batch.changed)
        await self.feeds.append_all(connection, batch.feeds)


def wanted(
    page: Sequence[tuple[UUID, datetime, Told]], reporters: dict[UUID, tuple[str, str, str]]
) -> set[repository.Key]:
    """Every (department, reference) a page speaks of."""
    keys: set[repository.Key] = set()
    for _, _, told in page:
        match told:
            case OutcomeTold() if told.receipt in reporters:
                keys.update((reporters[told.receipt][0], reference) for reference in told.people.values())
            case PersonTold():
                keys.update(told.references.items())
            case MergedTold():
                keys.update(told.before.items())
                keys.update(told.into.items())
    return keys


class Batch:
    """One page on its way: cases as they stand, cases that change, entries per feed."""

    def __init__(
        self,
        distribution: Distribution,
        reporters: dict[UUID, tuple[str, str, str]],
        cases: dict[repository.Key, repository.Case],
    ) -> None:
        self.agreements = {
            department: distribution.agreements.for_(department, None, clock.today())
            for department in distribution.departments
        }
        self.everyone = {
            department
            for department, agreements in self.agreements.items()
            if any(agreement.scope == "everyone" and agreement.fields for agreement in agreements)
        }
        self.reporters, self.cases = reporters, cases
        self.changed: dict[repository.Key, repository.Case] = {}
        self.feeds: dict[str, list[NewEntry]] = defaultdict(list)

    def tell(self, department: str, told: UUID, at: datetime, name: str, subject: str, data: dict[str, object]) -> None:
        """Put an entry on a department's feed."""
        entry_id = entry_id_for(told, department)
        body = cloud_event(entry_id, name, subject, at, data)
        self.feeds[department_feed(department)].append(NewEntry(entry_id, body))

    def standing(self, key: repository.Key, at: datetime) -> repository.Case | None:
        """The case as it stood when the registry told this: a feed that is read again comes before later cases."""
        case = self.cases.get(key)
        return case if case is not None and case.opened_at <= at else None

    def open(self, key: repository.Key, case: repository.Case) -> None:
        """Open a case, or note that its first entry is given."""
        self.cases[key] = self.changed[key] = case

    def outcome(self, entry_id: UUID, at: datetime, told: OutcomeTold) -> None:
        """The reporter hears what became of its event; what it reported on opens its case."""
        if told.receipt not in self.reporters:
            raise LookupError("the registry speaks of an event the journal does not have")
        department, source, id_ = self.reporters[told.receipt]
        data: dict[str, object] = {"receipt": str(told.receipt), "source": source, "id": id_, "status": told.status}
        for name in ("reason", "decider", "due"):
            if (value := getattr(told, name)) is not None:
                data[name] = str(value)
        if told.people:
            data["people"] = told.people
        self.tell(department, entry_id, at, "receipt.changed", str(told.receipt), data)
        for reference in told.people.values():
            if (department, reference) not in self.cases:
                self.open((department, reference), repository.Case(told.receipt, at, told=False))

    def person(self, entry_id: UUID, at: datetime, told: PersonTold) -> None:
        """Each entitled department hears what changed among its fields; at the start of a case, all of them.

        What is withheld is not named here: that a withheld field changed would already tell of a marriage.
        """
        for department, reference in told.references.items():
            key = (department, reference)
            standing = self.standing(key, at)
            if standing is None and not (told.registered and department in self.everyone):
                continue
            first = standing is not None and not standing.told
            if standing is not None and first:
                self.open(key, replace(standing, told=True))
            shown = disclose(
                told.state,
                self.agreements[department],
                receiver=department,
                holds_case=standing is not None,
                registered=told.registered,
                fields=sorted(told.state) if first else told.changed,
            )
            fields = {name: value for name, value in shown.fields.items() if value is not None or name in told.changed}
            if fields:
                data: dict[str, object] = {"changed": fields, "basis": list(shown.basis)}
                self.tell(department, entry_id, at, "person.changed", reference, data)

    def merged(self, entry_id: UUID, at: datetime, told: MergedTold) -> None:
        """Who may know the old reference hears that it is another's now; a case goes on under the new one, and is told
        everything once more, for about the other half it may have been told nothing."""
        for department, before in told.before.items():
            into = told.into[department]
            case = self.standing((department, before), at)
            if case is not None or (told.registered and department in self.everyone):
                data: dict[str, object] = {"merged": before, "into": into}
                self.tell(department, entry_id, at, "person.merged", into, data)
            if case is not None and (department, into) not in self.cases:
                self.open((department, into), repository.Case(entry_id, at, told=False))
