"""Who she is: the session that her slip opened, or a token for the same subject. It names one episode."""

import re
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from shared.auth.caller import Caller
from shared.auth.require import require
from shared.errors import Forbidden, NotFound
from shared.sessions.callers import any_caller

SLIP = "slip:"
SUBJECT = re.compile(r"(?:own|slip):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def for_own_data(caller: Caller) -> None:
    """Refuse whoever is here for anything but their own data, from the credential alone."""
    if caller.purpose not in (None, "own-data") or caller.facility is not None:
        raise Forbidden


Herself = Annotated[Caller, Depends(require("citizen", by=any_caller, also=for_own_data))]


def subject_of(episode_id: UUID) -> str:
    """What a session calls her that the code of her own opened. It says nothing of who she is."""
    return f"own:{episode_id}"


def by_slip(episode_id: UUID) -> str:
    """What a session calls whoever came with the slip that a worker printed: she, or somebody who saw it."""
    return f"{SLIP}{episode_id}"


def episode_of(caller: Caller) -> UUID:
    """The episode she may see. Raises NotFound for a citizen who has none here, as for one that is over."""
    found = SUBJECT.fullmatch(caller.subject)
    if found is None:
        raise NotFound
    return UUID(found[1])
