"""Who comes under an agreement that has come into force is told to its receiver once more, page by page.

While it was suspended, or granted less, the receiver was not told what happened, and what it read meanwhile was cut.
The registry tells the people as they are, nothing changed; the exchange tells all of it that the department may know.
"""

from time import monotonic
from typing import Final

from services.registry.facts.repository import mentioned
from services.registry.facts.state import RELATIVES
from services.registry.facts.stored import Vault
from services.registry.facts.told import CHANGES, Telling
from services.registry.retelling import repository
from shared import clock
from shared.db import Pool, transaction
from shared.feed import heads
from shared.feed.log import FeedLog

PAGE: Final = 200  # people looked at in one transaction: others wait for the feed's head that long


async def retell(pool: Pool, feeds: FeedLog, vault: Vault, telling: Telling) -> float | None:
    """Tell one page; for how many seconds it held the feed's head, None where nothing was to do. What is told is as it
    stands: a fold that would change it waits for the feed's head, or has committed."""
    today = clock.today()
    async with pool.acquire() as connection:
        if await repository.due(connection, today) is None:
            return None
    async with transaction(pool) as connection:
        await heads.lock(connection, [(CHANGES, 0)])
        begun = monotonic()
        asked = await repository.due(connection, today)
        if asked is None:
            return None
        up_to = asked.up_to or await repository.begin(connection, asked)
        rows = await repository.people(connection, asked, up_to, PAGE)
        states = {
            row["person_id"]: (vault.open_state(row["person_id"], row["state"]), row["case_held"])
            for row in rows
            if row["lives"] and (row["case_held"] or asked.everyone)
        }
        theirs = {person: state for person, (state, case_held) in states.items() if case_held or state.registered}
        named = {mention for state in theirs.values() for name in RELATIVES if (mention := getattr(state, name))}
        relatives = await mentioned(connection, named)
        entries = [
            telling.person(person, state, relatives, receivers=(asked.department,), again=asked.again)
            for person, state in theirs.items()
        ]
        await repository.go_on(connection, asked, rows[-1]["person_id"] if len(rows) == PAGE else None)
        await feeds.append(connection, CHANGES, entries)
    return monotonic() - begun
