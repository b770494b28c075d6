"""From the registry's `changes` to receipts, cases and each department's own feed, in one transaction a page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.exchange.agreements.current import CurrentAgreements
from services.exchange.cases import repository
from services.exchange.cases.standing import Call, Case, Cases, Key, granted
from services.exchange.distribution.entries import (
    TOLD,
    CaseTold,
    MergedTold,
    OutcomeTold,
    PersonTold,
    cloud_event,
    entry_id_for,
)
from services.exchange.feeds.names import department_feed
from services.exchange.receipts.repository import NewOutcome, reported, settle
from shared import clock
from shared.db import Connection
from shared.feed.follow import FeedEntry
from shared.feed.log import FeedLog
from shared.feed.values import NewEntry
from shared.sharing.agreements import Agreements
from shared.sharing.disclose import disclose

Told = OutcomeTold | PersonTold | MergedTold | CaseTold


class Distribution:
    """Tells every department exactly what its agreements allow about the people it holds a case on."""

    def __init__(self, feeds: FeedLog, agreements: CurrentAgreements, departments: Sequence[str]) -> None:
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
        agreements = await self.agreements.current(connection)
        calls = {told.case for _, _, told in page if isinstance(told, CaseTold) and told.case}
        cases = await repository.cases(connection, wanted(page, reporters), calls, clock.today())
        batch = Batch(self.departments, agreements, reporters, cases)
        for entry_id, at, told in page:
            match told:
                case OutcomeTold():
                    batch.outcome(entry_id, at, told)
                case PersonTold():
                    batch.person(entry_id, at, told)
                case MergedTold():
                    batch.merged(entry_id, at, told)
                case CaseTold():
                    batch.case(entry_id, at, told)
        await repository.store(connection, cases.changed, cases.changed_calls)
        await self.feeds.append_all(connection, batch.feeds)


def wanted(page: Sequence[tuple[UUID, datetime, Told]], reporters: dict[UUID, tuple[str, str, str]]) -> set[Key]:
    """Every (department, reference) a page speaks of."""
    keys: set[Key] = set()
    for _, _, told in page:
        match told:
            case OutcomeTold() if told.receipt in reporters:
                keys.update((reporters[told.receipt][0], reference) for reference in told.people.values())
            case PersonTold():
                keys.update(told.references.items())
            case MergedTold():
                keys.update(told.before.items())
                keys.update(told.into.items())
            case CaseTold() if told.reference is not None:
                keys.add((told.department, told.reference))
    return keys


class Batch:
    """One page on its way: cases as they stand, cases that change, entries per feed."""

    def __init__(
        self,
        departments: Sequence[str],
        agreements: Agreements,
        reporters: dict[UUID, tuple[str, str, str]],
        cases: Cases,
    ) -> None:
        self.agreements = {department: agreements.for_(department, None, clock.today()) for department in departments}
        self.everyone = {
            department
            for department, found in self.agreements.items()
            if any(agreement.scope == "everyone" and agreement.fields for agreement in found)
        }
        self.reporters, self.cases = reporters, cases
        self.feeds: dict[str, list[NewEntry]] = defaultdict(list)

    def tell(self, department: str, told: UUID, at: datetime, name: str, subject: str, data: dict[str, object]) -> None:
        """Put an entry on a department's feed."""
        entry_id = entry_id_for(told, department)
        body = cloud_event(entry_id, name, subject, at, data)
        self.feeds[department_feed(department)].append(NewEntry(entry_id, body))

    def standing(self, key: Key, at: datetime) -> Case | None:
        """The case as it stood when the registry told this: a feed that is read again comes before later cases."""
        return self.cases.standing(key, at)

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
            self.cases.reported((department, reference), told.receipt, at)

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
                self.cases.mark_told(key)
            shown = disclose(
                told.state,
                granted(self.cases, key, self.agreements[department], registered=told.registered),
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
            self.cases.merge((department, before), (department, into), at)

    def case(self, entry_id: UUID, at: datetime, told: CaseTold) -> None:
        """The department hears that its case is open, was not found, or has ended, and why."""
        data = told.data()
        if told.case is None:
            if told.reference is None or not self.cases.unreported((told.department, told.reference), at):
                return
        else:
            call = self.cases.calls.get(told.case) or Call(
                told.case, told.department, told.purpose, told.agreement, told.until
            )
            if told.status == "open" and not self.cases.open(call, told.reference or "", at):
                return  # closed by the department before it was open: it hears of the end
            if told.status == "not-found" and call.status == "asked":
                self.cases.note(replace(call, status="not-found"))
            if told.status == "ended":
                self.cases.end(call, told.reason, at)
        self.tell(told.department, entry_id, at, "case.changed", str(told.case or told.reference), data)
