"""A person's timeline, as far as the caller may see each state of it; who was told of them, for those who watch."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from services.registry.citizens import repository as own
from services.registry.facts.fold import spouses
from services.registry.facts.repository import mentioned
from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact, Mention
from services.registry.keys import CITIZEN
from services.registry.people.handlers import NOW, Instant, LookUps
from services.registry.people.rules import Asking, Subject
from services.registry.people.schemas import ChangeShown, Disclosure, Disclosures, Step, Timeline
from services.registry.people.timeline import Reported, changes, versions
from shared.audit.log import Reading, record
from shared.auth.caller import DEPARTMENTS, Caller
from shared.crypto.keyring import KeyRing
from shared.crypto.references import UnknownReference, read
from shared.db import Connection, transaction
from shared.errors import NotFound
from shared.sharing.disclose import Disclosed


async def timeline(look_ups: LookUps, caller: Caller, reference: str, instant: Instant) -> Timeline:
    """What held of a person from which day on, who said so and when it was known, in the fields that the caller may see
    of each state. Raises NotFound where the person may not be seen as they are at that instant."""
    department = caller.department or ""
    async with transaction(look_ups.pool, one_moment=True) as connection:
        agreements = await look_ups.entitled(connection, caller)
        subject = await look_ups.subject(connection, caller, agreements, reference, instant)
        asking = Asking(caller, agreements, subject)
        now = await look_ups.disclosed(connection, [asking], instant=instant)
        if not now:
            raise NotFound
        facts, headers = await look_ups.facts(connection, subject.person, instant.known_at)
        married = await spouses_of(look_ups, connection, facts, instant)
        known = versions(facts, headers, look_ups.authorities, instant.valid_at, instant.known_at, married)
        states = {state for version in known for _, state in version.days}
        once = [replace(asking, subject=Subject(subject.person, state, subject.by_case)) for state in states]
        shown = await look_ups.disclosed(connection, once, instant=instant)
        by_state: dict[PersonState, Disclosed] = {each.subject.state: cut for each, cut in shown}
        found = changes(known, lambda state: by_state[state].fields if state in by_state else {}, look_ups.authorities)
        everything = together([cut for _, cut in [*now, *shown]])
        given = now if instant == NOW else ()
        await look_ups.write_down(connection, [(asking, everything)], action="timeline", given=given)
    return Timeline(
        reference=look_ups.telling.reference(department, subject.person),
        steps=[
            Step(on=day, changes=[ChangeShown.model_validate(each, from_attributes=True) for each in changed])
            for day, changed in groupby(found, key=lambda change: change.on)
        ],
        withheld=list(everything.withheld),
        basis=list(everything.basis),
        valid_at=instant.valid_at,
        known_at=instant.known_at,
    )


async def spouses_of(
    look_ups: LookUps, connection: Connection, facts: Sequence[Fact], instant: Instant
) -> dict[Mention, Reported]:
    """What is known of whoever was ever called a spouse, by whom they were known to be then."""
    who = await mentioned(connection, spouses(facts, frozenset()), instant.known_at)
    return {mention: await look_ups.facts(connection, person, instant.known_at) for mention, person in who.items()}


def together(cuts: list[Disclosed]) -> Disclosed:
    """All fields that are shown in any of these, the names of the rest, and every agreement they rest on."""
    fields: dict[str, object] = {}
    for cut in cuts:
        fields = {**cut.fields, **fields}
    withheld = tuple(name for name in cuts[0].withheld if name not in fields)
    return Disclosed(fields, withheld, tuple(sorted({name for cut in cuts for name in cut.basis})))


async def disclosures(look_ups: LookUps, caller: Caller, reference: str, after: UUID | None, limit: int) -> Disclosures:
    """Who was told of a person, the newest first. `reference`: any department's, or the person's own subject, as it
    stands in the complaint. The look itself is written down, and the person sees it. Raises NotFound."""
    asked = read_any(look_ups.vault.ring, reference)
    async with transaction(look_ups.pool) as connection:
        people = await own.one_person(connection, asked)
        if not people:
            raise NotFound
        rows = await own.disclosures(connection, people, after, limit)
        await record(connection, caller, [Reading(str(people[0]), ())], action="disclosures", basis="")
    return Disclosures(
        disclosures=[Disclosure.model_validate({**dict(row), "entry": row["access_id"]}) for row in rows],
        next_after=rows[-1]["access_id"] if len(rows) == limit else None,
    )


def read_any(ring: KeyRing, reference: str) -> UUID:
    """Whom a reference means, whoever's it is: only its own key opens it. Raises NotFound."""
    for receiver in (*sorted(DEPARTMENTS), CITIZEN):
        try:
            return read(ring, receiver, reference)
        except UnknownReference:
            continue
    raise NotFound
