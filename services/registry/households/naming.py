"""Who was ever named in a household is noted with the facts that name them: what was known once can be asked later."""

from services.registry.facts.derived import Folded
from services.registry.households import repository as sql
from shared.db import Connection


async def note_named(connection: Connection, folded: Folded) -> None:
    """Note the people whom new facts enter in a household."""
    named = {
        (fact.body.household.number, person)
        for person in folded.after
        for fact in folded.facts.get(person, ())
        if fact.recorded_at is None and fact.body.household is not None
    }
    if named:
        await sql.note(connection, sorted(named))
