"""On whom departments hold cases, while a page of what the registry tells is taken. Pure.

A department hears of a person while a case stands: one opened by its own reports, for all its agreements, or one opened
by call, for the agreement that the call named. What it was told is kept once per person, whatever the number of cases.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from shared.sharing.agreement import Agreement

Key = tuple[str, str]
"""Department, and its own reference of the person."""
Status = Literal["asked", "open", "not-found", "ended"]

NOTHING_REPORTED, MERGED = "nothing-reported", "merged"
"""Why a case opened by reporting ended: all of it was taken back, or it goes on under the other reference."""


@dataclass(frozen=True)
class Case:
    """What a department has to do with a person. `opened_by`: the receipt that opened it, or the case by call;
    `told`: everything was given once, from then on changes; `reporting`: something that it reported counts."""

    opened_by: UUID
    opened_at: datetime
    told: bool
    reporting: bool = True
    reported_until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Call:
    """A case by call as far as the registry has answered; `reference` is None until it is open."""

    case: UUID
    department: str
    purpose: str
    agreement: str
    until: date
    status: Status = "asked"
    reason: str | None = None
    reference: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def key(self) -> Key | None:
        """Where it stands."""
        return None if self.reference is None else (self.department, self.reference)


@dataclass
class Cases:
    """The cases of a page as they stand and as they change. `today` decides about `until`, its last day included."""

    known: dict[Key, Case]
    calls: dict[UUID, Call]
    today: date
    changed: dict[Key, Case] = field(default_factory=dict)
    changed_calls: dict[UUID, Call] = field(default_factory=dict)

    def agreements(self, key: Key) -> frozenset[str]:
        """On which agreements cases by call stand."""
        return frozenset(
            call.agreement
            for call in self.calls.values()
            if call.key == key and call.status == "open" and call.until >= self.today
        )

    def stands(self, key: Key) -> bool:
        """Whether any case stands now."""
        case = self.known.get(key)
        return case is not None and (case.reporting or bool(self.agreements(key)))

    def standing(self, key: Key, at: datetime) -> Case | None:
        """The case as it stood when the registry told this: a feed that is read again comes before later cases."""
        case = self.known.get(key)
        return case if case is not None and case.opened_at <= at and self.stands(key) else None

    def covers(self, key: Key, agreement: Agreement) -> bool:
        """Whether a standing case counts for this agreement: a call counts for the one it named alone."""
        case = self.known.get(key)
        return case is not None and (case.reporting or agreement.identifier in self.agreements(key))

    def put(self, key: Key, case: Case) -> None:
        """Open a case, or note what became of it."""
        self.known[key] = self.changed[key] = case

    def note(self, call: Call) -> None:
        """Note what became of a case by call."""
        self.calls[call.case] = self.changed_calls[call.case] = call

    def mark_told(self, key: Key) -> None:
        """Everything is given now."""
        self.put(key, replace(self.known[key], told=True))

    def reported(self, key: Key, receipt: UUID, at: datetime) -> None:
        """What a department reports on opens its case, or opens it again after it had ended."""
        case = self.known.get(key)
        if case is None or (not case.reporting and (case.reported_until is None or at > case.reported_until)):
            self.put(key, Case(receipt, at, told=False))

    def unreported(self, key: Key, at: datetime) -> bool:
        """Nothing of what the department reported counts any more; whether there was a case before this moment.

        One that was opened at the same moment, by the very event that takes everything back, ends without a word."""
        case = self.known.get(key)
        if case is None or not case.reporting or case.opened_at > at:
            return False
        self.put(key, replace(case, reporting=False, reported_until=at, reason=NOTHING_REPORTED))
        return case.opened_at < at

    def open(self, call: Call, reference: str, at: datetime) -> bool:
        """A case by call is open; whether that is news. One that was ended meanwhile stays so."""
        if call.status != "asked":
            return False
        key = (call.department, reference)
        case, before = self.known.get(key), self.agreements(key)
        if case is None or not self.stands(key):
            ended = case.reported_until if case else None
            reason = case.reason if case else None
            self.put(key, Case(call.case, at, told=False, reporting=False, reported_until=ended, reason=reason))
        elif not case.reporting and call.agreement not in before:
            self.put(key, replace(case, told=False))
        self.note(replace(call, status="open", reference=reference, opened_at=at))
        return True

    def end(self, call: Call, reason: str | None, at: datetime) -> None:
        """A case by call has ended, by whomever; one that the department closed was closed then."""
        self.note(replace(call, status="ended", reason=reason, closed_at=call.closed_at or at))

    def merge(self, before: Key, into: Key, at: datetime) -> None:
        """A case goes on under the reference of the person that two turned out to be. It is told everything once more:
        about the other half it may have been told nothing."""
        case = self.standing(before, at)
        if case is None:
            return
        other, stood = self.known.get(into), self.stands(into)
        gained = self.agreements(before) - self.agreements(into)
        if other is None or not stood:
            self.put(into, replace(case, opened_at=at, told=False))
        elif not other.reporting and (case.reporting or gained):
            self.put(into, replace(other, told=False, reporting=case.reporting))
        for call in [each for each in self.calls.values() if each.key == before and each.status == "open"]:
            self.note(replace(call, reference=into[1]))
        if case.reporting:
            self.put(before, replace(case, reporting=False, reported_until=at, reason=MERGED))

    def split(self, key: Key, other: Key, receipts: Sequence[UUID], calls: Collection[UUID], at: datetime) -> None:
        """One reference turned out to be two people's: what the department reported of the second opens its case, its
        cases by call go along, and of both everything is told once more."""
        case = self.known.get(key)
        if case is not None:
            self.put(key, replace(case, told=False))
        for receipt in receipts[:1]:
            self.reported(other, receipt, at)
        for call in [self.calls[each] for each in calls if each in self.calls and self.calls[each].key == key]:
            self.note(replace(call, reference=other[1]))
            if not self.stands(other) or other not in self.known:
                before = self.known.get(other)
                until, reason = (before.reported_until, before.reason) if before else (None, None)
                self.put(other, Case(call.case, at, told=False, reporting=False, reported_until=until, reason=reason))


def keys_of(keys: Iterable[Key]) -> tuple[list[str], list[str]]:
    """Two columns, sorted, each key once."""
    known = sorted(set(keys))
    return [department for department, _ in known], [reference for _, reference in known]


def granted(cases: Cases, key: Key, agreements: Iterable[Agreement], *, registered: bool) -> list[Agreement]:
    """The agreements that count for a person: by a case, or for everyone in the household register."""
    return [
        agreement
        for agreement in agreements
        if cases.covers(key, agreement) or (registered and agreement.scope == "everyone")
    ]
