"""From the registry's `changes` to receipts, cases and each department's own feed, in one transaction a page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.exchange.agreements import repository as purges
from services.exchange.agreements.current import CurrentAgreements
from services.exchange.cases import repository
from services.exchange.cases.standing import Call, Cases, Key, granted
from services.exchange.corrections.decided import decided
from services.exchange.corrections.repository import store as store_corrections
from services.exchange.corrections.rules import ACKNOWLEDGE_WITHIN, Kind, NewCorrection, correction_id, own_values
from services.exchange.distribution.entries import (
    TOLD,
    CaseTold,
    CorrectionTold,
    LookedUpTold,
    MergedTold,
    OutcomeTold,
    PersonTold,
    ProtectedTold,
    Record,
    SplitTold,
    Told,
    applied_id,
    cloud_event,
    entry_id_for,
    fields_id,
)
from services.exchange.distribution.repository import positions
from services.exchange.feeds.names import SHARING, department_feed
from services.exchange.protection import repository as protected
from services.exchange.protection.standing import Protection
from services.exchange.receipts.repository import NewOutcome, reported, settle
from services.exchange.told import repository as told_rows
from services.exchange.told.disclosures import Disclosure, told_to_registry
from services.exchange.told.ledger import Ledger
from shared import clock
from shared.db import Connection
from shared.feed.follow import FeedEntry
from shared.feed.log import FeedLog
from shared.feed.values import NewEntry
from shared.sharing.agreements import Agreements
from shared.sharing.disclose import Disclosed, as_state, disclose
from shared.sharing.protected import WITHHELD, withheld_from

WITHDRAWING = PersonTold(references={}, registered=False, changed=[], state={})
"""What takes values back without anything having been corrected."""


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
        splits = [told for _, _, told in page if isinstance(told, SplitTold)]
        records = [record for told in splits for record in told.moved]
        moved = [record.receipt for record in records]
        reporters = await reported(connection, [*(o.receipt for _, o in outcomes), *moved])
        reporters |= imported_by([*(o for _, o in outcomes), *records])
        await settle(
            connection,
            [NewOutcome(o.receipt, o.status, o.reason, o.decider, o.due, at) for at, o in outcomes],
        )
        agreements = await self.agreements.current(connection)
        calls = {told.case for _, _, told in page if isinstance(told, CaseTold) and told.case}
        calls |= {case for told in splits for case in told.cases}
        cases = await repository.cases(connection, wanted(page, reporters), calls, clock.today())
        places = await positions(connection, entries_of(moved, reporters)) if moved else {}
        protection = await protected.protection(connection, concerned(page, reporters))
        batch = Batch(self.departments, agreements, reporters, cases, places, protection)
        ring = self.feeds.ring
        batch.ledger = await told_rows.rows(connection, ring, listening(page, reporters, cases, batch.everyone))
        for entry_id, at, told in page:
            match told:
                case OutcomeTold():
                    batch.outcome(entry_id, at, told)
                case PersonTold():
                    batch.person(entry_id, at, told)
                case MergedTold():
                    batch.merged(entry_id, at, told)
                case SplitTold():
                    batch.split(entry_id, at, told)
                case CaseTold():
                    batch.case(entry_id, at, told)
                case LookedUpTold():
                    batch.looked_up(entry_id, at, told)
                case ProtectedTold():
                    batch.protect(entry_id, at, told)
        await repository.store(connection, cases.changed, cases.changed_calls)
        await protected.store(connection, protection)
        for department in sorted(batch.purging):
            await purges.ask_for_purge(connection, department)
        await purges.cases_ended(connection, batch.forgetting)  # before heads are locked, as by whoever ends agreements
        placed = await self.feeds.place_all(connection, batch.feeds)
        batch.ledger.place(placed)
        await told_rows.store(connection, ring, batch.ledger)
        fresh = {each.entry_id for each in placed}
        await store_corrections(connection, [each for each in batch.corrections if each.entry_id in fresh])
        await decided(connection, [(told, at) for _, at, told in page if isinstance(told, CorrectionTold)])
        # "department:…" sorts before "sharing": its head is locked last, as everywhere.
        disclosed = [each for each in batch.disclosed if each.entry in fresh]
        await self.feeds.append(connection, SHARING, told_to_registry(disclosed, batch.agreements, "feed"))


def imported_by(told: Iterable[OutcomeTold | Record]) -> dict[UUID, tuple[str, str, str]]:
    """Whose entries of imported registers these are: receipt → (department, source, id)."""
    return {each.receipt: (i.department, i.source, i.id) for each in told if (i := each.imported) is not None}


def wanted(page: Sequence[tuple[UUID, datetime, Told]], reporters: dict[UUID, tuple[str, str, str]]) -> set[Key]:
    """Every (department, reference) a page speaks of."""
    keys: set[Key] = set()
    for _, _, told in page:
        match told:
            case OutcomeTold() if told.receipt in reporters:
                keys.update((reporters[told.receipt][0], reference) for reference in told.people.values())
            case PersonTold() | ProtectedTold():
                keys.update(told.references.items())
            case MergedTold() | SplitTold():
                keys.update(told.before.items())
                keys.update(told.into.items())
            case CaseTold() if told.reference is not None:
                keys.add((told.department, told.reference))
    return keys


def concerned(page: Sequence[tuple[UUID, datetime, Told]], reporters: dict[UUID, tuple[str, str, str]]) -> set[Key]:
    """Every (department, reference) of whom it must be known whether they are protected."""
    looked_up = {(told.department, told.reference) for _, _, told in page if isinstance(told, LookedUpTold)}
    return wanted(page, reporters) | looked_up


def listening(
    page: Sequence[tuple[UUID, datetime, Told]],
    reporters: dict[UUID, tuple[str, str, str]],
    cases: Cases,
    everyone: set[str],
) -> set[Key]:
    """Those (department, reference) of a page that may be told something: of most people most departments are not."""
    corrected = [told for _, _, told in page if isinstance(told, PersonTold) and told.corrected]
    looked_up = {(told.department, told.reference) for _, _, told in page if isinstance(told, LookedUpTold)}
    others = [each for each in page if not isinstance(each[2], PersonTold)]
    return (
        {key for key in wanted(page, reporters) if key in cases.known or key[0] in everyone}
        | {key for told in corrected for key in told.references.items()}
        | wanted(others, reporters)
        | looked_up
    )


def entries_of(receipts: Iterable[UUID], reporters: Mapping[UUID, tuple[str, str, str]]) -> list[tuple[str, UUID]]:
    """Where departments heard whom their events mean: feed and entry id."""
    found = [(reporters[receipt][0], receipt) for receipt in receipts if receipt in reporters]
    return [(department_feed(department), applied_id(receipt, department)) for department, receipt in found]


class Batch:
    """One page on its way: cases as they stand, cases that change, entries per feed."""

    def __init__(
        self,
        departments: Sequence[str],
        agreements: Agreements,
        reporters: dict[UUID, tuple[str, str, str]],
        cases: Cases,
        places: Mapping[UUID, int],
        protection: Protection,
    ) -> None:
        self.agreements = {department: agreements.for_(department, None, clock.today()) for department in departments}
        self.everyone = {
            department
            for department, found in self.agreements.items()
            if any(agreement.scope == "everyone" and agreement.fields for agreement in found)
        }
        self.reporters, self.cases, self.places = reporters, cases, places
        self.feeds: dict[str, list[NewEntry]] = defaultdict(list)
        self.ledger = Ledger({})
        self.corrections: list[NewCorrection] = []
        self.disclosed: list[Disclosure] = []
        self.protection = protection
        self.forgetting: set[str] = set()
        self.purging: set[str] = set()

    def tell(self, department: str, told: UUID, at: datetime, name: str, subject: str, data: dict[str, object]) -> None:
        """Put an entry on a department's feed."""
        self.put(entry_id_for(told, department), department, at, name, subject, data)

    def put(
        self, entry_id: UUID, department: str, at: datetime, name: str, subject: str, data: dict[str, object]
    ) -> None:
        """Put an entry on a department's feed under an id of its own."""
        body = cloud_event(entry_id, name, subject, at, data)
        self.feeds[department_feed(department)].append(NewEntry(entry_id, body))

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

        What is withheld is not named here: that a withheld field changed would already tell of a marriage. Who held
        something only because the person stood in the household register, and they do so no longer, hears which fields
        are withdrawn.
        """
        for department, reference in told.references.items():
            key = (department, reference)
            standing = self.cases.standing(key, at)
            entitled = standing is not None or (told.registered and department in self.everyone)
            lost = not (entitled or told.registered) and self.held_as_registered(key)
            if not (entitled or lost or told.corrected) or self.ledger.past(key, at):
                continue
            first = standing is not None and not standing.told
            if first:
                self.cases.mark_told(key)
            shown = self.cut(key, told.state, holds_case=standing is not None, registered=told.registered)
            values = own_values(told.state, told.corrected, department)
            wrong = self.ledger.wrong(key, values, at)
            if lost:
                self.forgetting.add(department)
                wrong = sorted({*wrong, *self.ledger.holds(key)})
                values |= dict.fromkeys(wrong)
            news = self.ledger.news(key, shown.fields, everything=first or told.again)
            if news:
                entry = fields_id(entry_id, department, news)
                self.ledger.tell(entry, key, at, news)
                basis = self.give(entry, key, at, shown, news)
                self.put(entry, department, at, "person.changed", reference, {"changed": news, "basis": basis})
            if wrong:
                self.correct(entry_id, at, key, told, shown, {name: values[name] for name in wrong})
            self.ledger.note(key, told.registered)

    def held_as_registered(self, key: Key) -> bool:
        """Whether a department holds something of a person who stood in the household register when it was told."""
        row = self.ledger.rows.get(key)
        return row is not None and row.registered and bool(row.holds)

    def cut(self, key: Key, state: Mapping[str, object], *, holds_case: bool, registered: bool) -> Disclosed:
        """What a department may be told of a person today."""
        agreements = granted(self.cases, key, self.agreements[key[0]], registered=registered)
        return disclose(
            state,
            agreements,
            receiver=key[0],
            holds_case=holds_case,
            registered=registered,
            protected_from=self.protection.withheld(key),
        )

    def give(self, entry: UUID, key: Key, at: datetime, shown: Disclosed, fields: Iterable[str]) -> list[str]:
        """Note that an entry discloses these fields; gives the agreements by which it does."""
        given = set(fields)
        basis = [
            agreement.identifier
            for agreement in self.agreements[key[0]]
            if agreement.identifier in shown.basis and given.intersection(agreement.fields)
        ]
        self.disclosed.append(Disclosure(entry, key, tuple(sorted(given)), tuple(basis), at))
        return sorted(basis)

    def correct(
        self, told_id: UUID, at: datetime, key: Key, told: PersonTold, shown: Disclosed, values: Mapping[str, object]
    ) -> None:
        """A department that had wrong values hears what is right, or, where that is not its matter any more, only that
        they are wrong."""
        due = clock.today() + ACKNOWLEDGE_WITHIN
        right = {name: value for name, value in values.items() if name in shown.fields}
        gone = [name for name in values if name not in shown.fields]
        kinds: tuple[tuple[Kind, list[str]], ...] = (("corrected", list(right)), ("withdrawn", gone))
        for kind, names in kinds:
            if not names:
                continue
            entry = correction_id(told_id, key[0], kind, names)
            data: dict[str, object] = {"corrected": right} if kind == "corrected" else {"withdrawn": gone}
            if kind == "corrected":
                data["basis"] = self.give(entry, key, at, shown, right)
            data["acknowledge_by"] = due.isoformat()
            if told.batch:
                data["batch"] = told.batch
            self.ledger.correct(entry, key, at, right if kind == "corrected" else dict.fromkeys(gone))
            self.put(entry, key[0], at, f"value.{kind}", key[1], data)
            self.corrections.append(
                NewCorrection(entry, key, kind, tuple(names), tuple(told.corrections), told.batch, at, due)
            )

    def merged(self, entry_id: UUID, at: datetime, told: MergedTold) -> None:
        """Who may know the old reference hears that it is another's now, and nobody else: that there was another record
        would tell of a birth or a death. A case goes on under the new one, and is told everything once more, for about
        the other half it may have been told nothing."""
        for department, before in told.before.items():
            into = told.into[department]
            known = self.cases.standing((department, before), at) or self.ledger.holds((department, before))
            if known or (told.before_registered and department in self.everyone):
                data: dict[str, object] = {"merged": before, "into": into}
                self.tell(department, entry_id, at, "person.merged", into, data)
            self.cases.merge((department, before), (department, into), at)
            self.ledger.merge((department, before), (department, into), at)
            self.protection.follow((department, before), (department, into), at)
            self.withdraw(entry_id, at, (department, into))

    def looked_up(self, entry_id: UUID, at: datetime, told: LookedUpTold) -> None:
        """Note what a look-up gave; one that was under way while the person came to be protected is taken back."""
        key = (told.department, told.reference)
        self.ledger.looked_up(key, told.at, told.fields)
        self.withdraw(entry_id, at, key)

    def protect(self, entry_id: UUID, at: datetime, told: ProtectedTold) -> None:
        """Where a protected person lives is taken back from everyone who was told and does not protect them."""
        for department, reference in told.references.items():
            key = (department, reference)
            self.protection.note(key, withheld_from(department, told.protected_by), at)
            self.withdraw(entry_id, at, key)

    def withdraw(self, told_id: UUID, at: datetime, key: Key) -> None:
        """Take back what a department was told that is withheld from it now; its topics are begun anew at once. The
        words are those for any value that is not the department's matter any more."""
        row = self.ledger.rows.get(key)
        if row is None or not self.protection.withheld(key):
            return
        if told := WITHHELD & (row.holds.keys() | row.given.keys()):
            self.purging.add(key[0])
            nothing = Disclosed({}, (), ())
            self.correct(told_id, at, key, WITHDRAWING, nothing, dict.fromkeys(sorted(told)))

    def split(self, entry_id: UUID, at: datetime, told: SplitTold) -> None:
        """Who may know the reference hears that what was told under it was of two people, and which of its own records
        are the other one's; of the other one's reference only who may know it. Cases go with what they rest on, and
        both are told once more."""
        for department, before in told.before.items():
            key, other = (department, before), (department, told.into[department])
            own = [each for each in told.moved if self.reporters.get(each.receipt, ("",))[0] == department]
            case = self.cases.standing(key, at)
            everyone = department in self.everyone
            if self.ledger.past(key, at) or not (
                case or self.ledger.holds(key) or own or (told.registered and everyone)
            ):
                continue
            self.cases.split(key, other, [each.receipt for each in own], told.cases, at)
            self.protection.follow(key, other, at)
            known = self.cases.stands(other) or (told.into_registered and everyone)
            data: dict[str, object] = {
                "split": before,
                "into": other[1] if known else None,
                "moved": [
                    {
                        "receipt": str(each.receipt),
                        "role": each.role,
                        "position": self.places.get(applied_id(each.receipt, department)),
                    }
                    for each in own
                ],
            }
            self.tell(department, entry_id, at, "person.split", before, data)
            self.ledger.forget(entry_id_for(entry_id, department), key, at)

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
        if told.status == "ended" and told.reference is not None:
            self.forget(entry_id, at, (told.department, told.reference), told.registered)

    def forget(self, told_id: UUID, at: datetime, key: Key, registered: bool | None) -> None:
        """Who hears that its case has ended forgets the person; what it may know without that case is told again."""
        self.forgetting.add(key[0])
        entry = entry_id_for(told_id, key[0])
        row = self.ledger.rows.get(key)
        held = self.ledger.forget(entry, key, at)
        if row is None or not held:
            return
        if registered is not None:
            self.ledger.note(key, registered)
        state = as_state(held, key[0])
        shown = self.cut(key, state, holds_case=self.cases.stands(key), registered=row.registered)
        if left := {name: value for name, value in shown.fields.items() if value is not None}:
            entry = fields_id(told_id, key[0], left)
            self.ledger.tell(entry, key, at, left)
            basis = self.give(entry, key, at, shown, left)
            self.put(entry, key[0], at, "person.changed", key[1], {"changed": left, "basis": basis})
