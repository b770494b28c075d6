"""What is stored of contradictions follows what the rules find: added, changed, gone, and back again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from services.registry.contradictions import repository as sql
from services.registry.contradictions.family import Relative
from services.registry.contradictions.rules import living_of, own
from services.registry.contradictions.values import OWN_KINDS, Contradiction
from services.registry.facts.derived import Folded
from services.registry.facts.state import UNKNOWN_PERSON, PersonState
from services.registry.facts.values import Fact
from shared.crypto.keyring import KeyRing
from shared.crypto.sealing import seal, unseal
from shared.db import Connection

KEY, CONTEXT, EXPLAINED = "registry", b"contradiction", b"explanation"
FAMILY_EVENTS = frozenset({"birth.certified", "marriage.registered", "marriage.dissolved"})
FAMILY_FIELDS = ("died_on", "birth_date", "mother", "father", "spouse", "civil_status")
encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Contradiction).decode


@dataclass(frozen=True)
class Keeping:
    """Writes contradictions. Statements quote people: they are sealed, bound to their row."""

    ring: KeyRing

    def sealed(self, row: UUID, found: Contradiction) -> bytes:
        """A contradiction at rest."""
        return seal(self.ring, KEY, encode(found), CONTEXT + row.bytes)

    def opened(self, row: UUID, body: bytes) -> Contradiction:
        """A stored contradiction."""
        return decode(unseal(self.ring, KEY, body, CONTEXT + row.bytes))

    def sealed_reason(self, row: UUID, reason: str) -> bytes:
        """An explanation at rest."""
        return seal(self.ring, KEY, reason.encode(), EXPLAINED + row.bytes)

    def opened_reason(self, row: UUID, body: bytes) -> str:
        """A stored explanation."""
        return unseal(self.ring, KEY, body, EXPLAINED + row.bytes).decode()

    async def derive(self, connection: Connection, folded: Folded) -> None:
        """What facts about one person tell, in the transaction that folds them; families are asked to be judged."""
        found = {
            person: own(folded.facts.get(person, ()), folded.dead, state) for person, state in folded.after.items()
        }
        found |= {loser: set() for loser in folded.merged}
        await self.settle(connection, found, OWN_KINDS, folded.recorded_at)
        asked = [person for person, state in folded.after.items() if in_question(folded, person, state)]
        asked += [*folded.merged, *folded.merged.values()]
        if asked:
            await sql.ask(connection, sorted(set(asked)))

    async def settle(
        self,
        connection: Connection,
        found: Mapping[UUID, set[Contradiction]],
        kinds: Collection[str],
        at: datetime,
    ) -> None:
        """Make what is stored of these people and kinds what was found. What differs in a word stands anew, and so
        does what comes back: whatever explained it was about other facts."""
        same: dict[tuple[UUID, Contradiction], UUID] = {}
        free: dict[tuple[UUID, str, tuple[str, ...]], list[UUID]] = {}
        standing: set[UUID] = set()
        for row in await sql.of_people(connection, found.keys(), kinds):
            row_id, person = row["contradiction_id"], row["person_id"]
            known = self.opened(row_id, row["body"])
            if row["gone_at"] is None:
                standing.add(row_id)
                if row["departments"] == known.departments and known in found[person] and (person, known) not in same:
                    same[person, known] = row_id
                    continue
            free.setdefault((person, known.kind, known.key), []).append(row_id)
        rows: list[tuple[object, ...]] = []
        taken: set[UUID] = set()
        for person, all_of_them in found.items():
            for each in all_of_them:
                if (person, each) not in same:
                    # Two of one key, a father and a mother who were born on one day, have a row each.
                    old = free.get((person, each.kind, each.key))
                    row_id = old.pop() if old else uuid4()
                    taken.add(row_id)
                    rows.append((row_id, person, each.kind, ",".join(each.departments), self.sealed(row_id, each)))
        if rows:
            await sql.put(connection, rows, at)
        if left := sorted(standing - {*same.values()} - taken):
            await sql.gone(connection, left, at)


def in_question(folded: Folded, person: UUID, state: PersonState) -> bool:
    """Whether anything changed that the rules between relatives look at, or that their statements name; or whether
    anything about the person was ever corrected."""
    facts: Collection[Fact] = folded.facts.get(person, ())
    if any(fact.supersedes or fact.event in folded.dead for fact in facts):
        return True
    if all(fact.recorded_at is not None for fact in facts):
        return True  # nothing new is said: links moved, or a spouse's death came in
    if not any(fact.type in FAMILY_EVENTS for fact in facts):
        return False
    before = folded.before.get(person) or UNKNOWN_PERSON
    if any(getattr(before, field) != getattr(state, field) for field in FAMILY_FIELDS):
        return True
    if any(fact.recorded_at is None and fact.type in FAMILY_EVENTS for fact in facts):
        return True
    named = Relative(person, living_of(facts, folded.dead), state)
    return any(fact is not None and fact.recorded_at is None for fact in (named.death(), named.birth()))
