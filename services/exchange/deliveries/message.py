"""What a webhook carries: that there is an entry, of which type, and where to pull it. Never what it says. Pure.

Thin on purpose: a webhook travels to an address a department once typed in, perhaps over several machines. It names
no person, no reference and no field; whoever reads the entry does so with a credential, under the agreement of that
moment.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

TESTED = "cn.tenfold.subscription.tested.v1"


def entry_message(feed: str, entry_id: UUID, type_: str, told_at: datetime, epoch: UUID, position: int) -> bytes:
    """The body about one entry; `after` is the cursor that `GET /v1/feed` gives it for, with `limit=1`."""
    return body(
        type_,
        told_at,
        {
            "feed": feed,
            "epoch": str(epoch),
            "position": position,
            "entry": str(entry_id),
            "after": f"{epoch}:{position - 1}",
        },
    )


def trial_message(feed: str, subscription: str, sent_at: datetime) -> bytes:
    """The body of a test: nothing to pull."""
    return body(TESTED, sent_at, {"feed": feed, "subscription": subscription})


def body(type_: str, timestamp: datetime, data: dict[str, Any]) -> bytes:
    """The three members Standard Webhooks gives a body."""
    return msgspec.json.encode({"type": type_, "timestamp": timestamp.isoformat(), "data": data})
