"""What the registry is told of agreements, on the feed `sharing`. Pure."""

from uuid import UUID

import msgspec

from shared.feed.values import NewEntry


def agreement_told(entry_id: UUID, identifier: str, status: str, document: str) -> NewEntry:
    """How an agreement stands now: `in-force`, `suspended` or `ended`; the newest entry of an identifier counts."""
    body = {
        "kind": "agreement",
        "identifier": identifier,
        "status": status,
        "agreement": msgspec.Raw(document.encode()),
    }
    return NewEntry(entry_id, msgspec.json.encode(body))
