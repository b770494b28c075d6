"""What the CLI says to a running Tenfold: post, follow, status, and an example to begin with."""

from uuid import uuid4

import msgspec

from deploy.tenfold import county
from deploy.tenfold.talking_bulk import post_bulk
from deploy.tenfold.talking_follow import follow
from deploy.tenfold.talking_post import post
from deploy.tenfold.talking_status import status
from shared import clock

__all__ = ["example", "follow", "post", "post_bulk", "status"]


def example(type_name: str, people: int) -> str:
    """A valid CloudEvent about people of the demo's county, as JSON; another id, and most likely other people, each
    time. Raises ValueError for an unknown type, or a county too small to have anyone it could be about."""
    made = county.example(type_name, county.generate(people), clock.today(), str(uuid4()))
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()
