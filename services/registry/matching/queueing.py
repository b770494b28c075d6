"""Who is to be compared, kept by the fold in its own transaction."""

from services.registry.facts.derived import Folded
from services.registry.facts.state import UNKNOWN_PERSON
from services.registry.identity.description import describe
from services.registry.matching import repository as sql
from shared.db import Connection


class Queueing:
    """What derives from people, of this feature (services/registry/facts/derived.py)."""

    async def __call__(self, connection: Connection, folded: Folded) -> None:
        """Queue who is new or described otherwise, and who goes on after a merge: reviews of the other have lapsed. A
        marriage or a death describes nobody otherwise."""
        joined = set(folded.merged.values())
        people = []
        for person, state in folded.after.items():
            before = folded.before.get(person)
            new = before is None or person in joined or describe(before) != describe(state)
            if new and state != UNKNOWN_PERSON:
                people.append(person)
        if people:
            await sql.queue(connection, people, folded.recorded_at)
