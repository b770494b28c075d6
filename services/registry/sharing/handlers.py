"""Follow the exchange's feed `sharing`: one handler per kind of entry, each idempotent by entry id or by key."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.registry.corrections import told as acknowledgements
from services.registry.facts.handlers import Folding
from services.registry.facts.told import CHANGES
from services.registry.sharing import agreements, cases, disclosures
from services.registry.sharing.entries import (
    TOLD,
    Acknowledged,
    AgreementTold,
    CaseAsked,
    CaseClosed,
    Disclosed,
    Retry,
)
from services.registry.sharing.retries import look_again
from shared.db import Connection
from shared.feed.follow import FeedEntry, Singly


@dataclass
class Sharing:
    """What the exchange agreed, was asked and told, brought into the registry."""

    folding: Folding

    async def handle(self, connection: Connection, entries: Sequence[FeedEntry]) -> None:
        """Apply a page in order, in the follower's transaction.

        Cases and retries come first: they lock identifiers, and those stand before everything else in the order of
        locks. A case is answered by the agreements that stand when the page has ended. What is told of cases comes
        last, for it takes the feed's head.

        Raises Singly for a page with both: a case is told the person as they are, and a retry may change them.
        """
        page = [(TOLD.decode(entry.data), entry) for entry in entries]
        agreed = [(told, entry) for told, entry in page if isinstance(told, AgreementTold)]
        asked = [told for told, _ in page if isinstance(told, CaseAsked | CaseClosed)]
        retries = [told.receipt for told, _ in page if isinstance(told, Retry)]
        if asked and retries:
            raise Singly
        told_of_cases = await cases.take(connection, self.folding, asked, [told for told, _ in agreed])
        await look_again(connection, self.folding, retries)
        for told, entry in agreed:
            await agreements.take(connection, told, entry.known_time)
        disclosed = [told for told, _ in page if isinstance(told, Disclosed)]
        await disclosures.take(connection, self.folding.vault.ring, disclosed)
        await acknowledgements.take(connection, [told for told, _ in page if isinstance(told, Acknowledged)])
        await self.folding.feeds.append(connection, CHANGES, told_of_cases)
