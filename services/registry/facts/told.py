"""What the registry tells: outcomes and changes to the exchange, who lives where to alerts. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from uuid import UUID, uuid4, uuid5

import msgspec

from services.registry.cases.rules import unreported
from services.registry.cases.told import nothing_reported
from services.registry.facts.corrections import Corrected
from services.registry.facts.page import DECIDERS, Page, Split
from services.registry.facts.reported import CARE, Reported
from services.registry.facts.state import PersonState, changed_fields
from services.registry.facts.values import CORRECTION, RESIDENT_NUMBER, Mention
from services.registry.imports.receipts import is_imported
from shared.crypto.blind import blind_index
from shared.crypto.keyring import KeyRing
from shared.crypto.references import mint
from shared.feed.values import NewEntry
from shared.sharing.fields import FIELDS, REFERENCE_FIELDS

CHANGES, CARE_FEED = "changes", "care"
ALERTS = "alerts"

Relatives = Mapping[Mention, UUID]


@dataclass(frozen=True)
class Moved:
    """What went with a split: source records (receipt, role), cases by call, former names of the id, and whose entries
    of imported registers some of the records are, by receipt: the exchange's journal has none of those."""

    split: Split
    records: tuple[tuple[UUID, str], ...] = ()
    cases: tuple[UUID, ...] = ()
    former: tuple[UUID, ...] = ()
    imported: Mapping[UUID, Mapping[str, str]] = field(default_factory=dict)


class Telling:
    """Builds feed entries. References are minted here only: root ids never leave the registry.

    `registering`: the departments that register a field. Nobody else can hold an agreement about everyone (protection
    rule 2), so that others need to hear only of people they have something to do with. Without it all hear of everyone.
    """

    def __init__(self, ring: KeyRing, departments: Sequence[str], registering: Collection[str] | None = None) -> None:
        self.ring, self.departments = ring, departments
        self.registering = frozenset(departments if registering is None else registering)
        self.reference = lru_cache(maxsize=300_000)(self.mint)

    def mint(self, receiver: str, person: UUID) -> str:
        """A person's reference for a department or for alerts."""
        return mint(self.ring, receiver, person)

    def references(self, person: UUID, receivers: Collection[str] | None = None) -> dict[str, str]:
        """A person's reference for each of these departments; for all where none are named."""
        return {each: self.reference(each, person) for each in receivers or self.departments}

    def for_alerts(self, person: UUID) -> str:
        """A person's reference for alerts."""
        return self.reference(ALERTS, person)

    def receivers(self, page: Page, person: UUID, wrong: Corrected | None) -> Collection[str]:
        """Whom the exchange may have to tell of a person: who registers a field, who has ever reported on them or asked
        for a case. Of a correction anyone: the value may have been looked up without a case. The exchange sees no more
        references of one person side by side than it needs."""
        if wrong is not None:
            return self.departments
        return self.registering | {fact.department for fact in page.facts[person]} | page.called[person]

    def page(
        self,
        page: Page,
        after: Mapping[UUID, PersonState],
        relatives: Relatives,
        due: date,
        wrong: Mapping[UUID, Corrected],
        moved: Sequence[Moved] = (),
        hidden: Collection[UUID] = (),
        protectors: Mapping[UUID, Collection[str]] | None = None,
    ) -> dict[str, list[NewEntry]]:
        """Everything to be told of one page: outcomes first, then cases that move with a merge or end, so that a case
        stands, or does not, before its person is told.

        `wrong`: of whom something was corrected; `moved`: what went with each split; `hidden`: who is protected;
        `protectors`: who protects those that a split made. That is told to everyone, and before the person is: a
        department that may hear nothing of the split may have a case on the second one later.
        """
        changes = [
            outcome(event.receipt, "applied", people=self.people(page, event.department, people), of=imported(event))
            for event, _, people in page.applied
            if event.fact.type != CORRECTION  # the registry's own: no reporter waits for it, and no journal has it
        ]
        changes += [
            outcome(event.receipt, "applied", people=self.people(page, event.department, people), of=imported(event))
            for event, people in page.repeated
        ]
        changes += [
            outcome(event.receipt, "held", reason=reason, due=due, of=imported(event)) for event, reason in page.held
        ]
        care: list[NewEntry] = []
        for loser in sorted(page.merged):
            if (old := page.states[loser]) is not None:
                winner = page.root(loser)
                changes.append(
                    told(
                        {
                            "kind": "merged",
                            "from": self.references(loser),
                            "into": self.references(winner),
                            "registered": after[winner].registered,
                            "from_registered": old.registered,
                        }
                    )
                )
                care.append(told({"kind": "merged", "from": self.for_alerts(loser), "into": self.for_alerts(winner)}))
        for each in moved:
            changes.append(self.split(page, each, after))
            if by := (protectors or {}).get(each.split.into):
                changes += [self.protected(person, by) for person in (each.split.into, *each.former)]
            care.append(
                told(
                    {
                        "kind": "split",
                        "from": self.for_alerts(each.split.person),
                        "into": self.for_alerts(each.split.into),
                        "former": [self.for_alerts(person) for person in each.former],
                    }
                )
            )
        changes += [
            nothing_reported(
                department,
                self.reference(department, person),
                registered=(after.get(person) or page.states[person] or PersonState()).registered,
            )
            for department, person in unreported(page)
        ]
        for person, state in sorted(after.items()):
            before = page.states[person]
            changed = changed_fields(before, state, relatives)
            receivers = self.receivers(page, person, wrong.get(person))
            changes.append(self.person(person, state, relatives, changed, wrong.get(person), receivers=receivers))
            care += self.care(person, before, state, hidden=person in hidden)
            care += self.help(page, person, before, state, after, relatives)
        return {CHANGES: changes, CARE_FEED: care}

    def person(
        self,
        person: UUID,
        state: PersonState,
        relatives: Relatives,
        changed: Sequence[str] = (),
        wrong: Corrected | None = None,
        *,
        receivers: Collection[str],
        again: bool = False,
    ) -> NewEntry:
        """A person as they are now: what changed, and what of it had been wrong. Only `receivers` can hear of it;
        `again`: of all there is, whatever they were told before."""
        body: dict[str, object] = {
            "kind": "person",
            "references": self.references(person, receivers),
            "registered": state.registered,
            "changed": changed,
            "state": self.state(state, relatives, receivers),
        }
        if wrong is not None:
            body |= {"corrected": wrong.fields, "corrections": wrong.receipts, "batch": wrong.batch}
        if again:
            body["again"] = True
        return told(body)

    def split(self, page: Page, moved: Moved, after: Mapping[UUID, PersonState]) -> NewEntry:
        """One person turned out to be two: under which references, and what goes to the second."""
        person, into = moved.split.person, moved.split.into
        receivers = {each for who in (person, into) for each in self.receivers(page, who, None)}
        return told(
            {
                "kind": "split",
                "from": self.references(person, receivers),
                "into": self.references(into, receivers),
                "registered": after[person].registered,
                "into_registered": after[into].registered,
                "moved": [
                    {"receipt": receipt, "role": role}
                    | ({"imported": moved.imported[receipt]} if receipt in moved.imported else {})
                    for receipt, role in moved.records
                ],
                "cases": moved.cases,
            }
        )

    def protected(self, person: UUID, by: Collection[str]) -> NewEntry:
        """Which departments protect a person now, under one of their names; nobody any more where there are none."""
        return told({"kind": "protected", "references": self.references(person), "protected_by": sorted(by)})

    def people(self, page: Page, department: str, people: Mapping[str, UUID]) -> dict[str, str]:
        """The reporter's own references of the people in its event, by role."""
        return {role: self.reference(department, page.root(person)) for role, person in people.items()}

    def state(
        self, state: PersonState, relatives: Relatives, receivers: Collection[str] | None = None
    ) -> dict[str, object]:
        """All disclosable fields that are known; relatives as a map of references by department."""
        fields: dict[str, object] = {}
        for name in FIELDS:
            value = getattr(state, name)
            if name in REFERENCE_FIELDS and value is not None:
                value = self.references(relatives[value], receivers) if value in relatives else None
            if value is not None:
                fields[name] = value
        return fields

    def care(
        self, person: UUID, before: PersonState | None, state: PersonState, *, hidden: bool = False
    ) -> list[NewEntry]:
        """Who lives where, for alerts to resolve an enrolment without asking: told of everyone, when it changes. Of a
        protected person it is told that it is not known (`hidden`), at every change: they may be so only now."""
        numbers, place = care_of(state)
        if hidden:
            place["area"] = None
        elif before is not None and care_of(before) == (numbers, place):
            return []
        indexes = sorted(blind_index(self.ring, CARE, *number).hex() for number in numbers)
        return [told({"kind": "person", "reference": self.for_alerts(person), "indexes": indexes, **place})]

    def help(
        self,
        page: Page,
        person: UUID,
        before: PersonState | None,
        state: PersonState,
        after: Mapping[UUID, PersonState],
        relatives: Relatives,
    ) -> list[NewEntry]:
        """A mother's wish for help with registering her child: told when asked, changed or taken back."""
        old = before or PersonState()
        if old.help_asked == state.help_asked and (
            not state.help_asked
            or (old.name, old.birth_date, relatives.get(old.help_mother or ("", "", "")))
            == (state.name, state.birth_date, relatives.get(state.help_mother or ("", "", "")))
        ):
            return []
        mother = relatives.get(state.help_mother or old.help_mother or ("", "", ""))
        if mother is None:
            return []
        mother_state = after.get(mother) or page.states.get(mother)
        return [
            told(
                {
                    "kind": "help",
                    "child": self.for_alerts(person),
                    "mother": self.for_alerts(mother),
                    "born_on": state.birth_date or old.birth_date,
                    "mother_name": mother_state.name if mother_state else None,
                    "child_name": state.name,
                    "asked": state.help_asked,
                }
            )
        ]


def care_of(state: PersonState) -> tuple[set[tuple[str, str, str]], dict[str, object]]:
    """What alerts is told of a person: their numbers (type, issuer, value), never as they are, and where they live."""
    numbers = {(number.type, number.issuer, number.value) for number in state.other_identifiers}
    if state.identity_number:
        numbers.add((RESIDENT_NUMBER, "", state.identity_number))
    return numbers, {
        "area": state.registered_area,
        "alive": state.died_on is None,
        "registered": state.registered,
        "adopted": state.adopted,
    }


def told(body: Mapping[str, object]) -> NewEntry:
    """An entry under a new id: it is numbered in the transaction that makes it true, so it can never be told twice."""
    return NewEntry(uuid4(), msgspec.json.encode(body))


def imported(event: Reported) -> dict[str, str] | None:
    """Whose entry of an imported register an event is; None of one that came through the exchange."""
    return entry_of(event.department, *event.key) if is_imported(event.receipt) else None


def entry_of(department: str, source: str, id_: str) -> dict[str, str]:
    """An entry of an imported register, as the exchange is told of it."""
    return {"department": department, "source": source, "id": id_}


def outcome(
    receipt: UUID,
    status: str,
    *,
    reason: str | None = None,
    due: date | None = None,
    people: dict[str, str] | None = None,
    of: Mapping[str, str] | None = None,
) -> NewEntry:
    """What became of an event. One id per receipt, status and reason: told once, whatever is repeated. `of`: whose
    entry of an imported register it is, where the exchange does not know the receipt."""
    body = {
        "kind": "outcome",
        "receipt": receipt,
        "status": status,
        "reason": reason,
        "decider": DECIDERS.get(reason or ""),
        "due": due,
        "people": people or {},
        **({"imported": of} if of else {}),
    }
    return NewEntry(uuid5(receipt, f"{status} {reason}"), msgspec.json.encode(body))
