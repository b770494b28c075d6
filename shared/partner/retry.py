"""Call until it is answered: reports and reads may be repeated, so a lost answer is asked for once more."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

import httpx
import msgspec

from shared.client import Refused

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds; doubled from one to the other
# 401 passes too: a token that ended is renewed by whoever issues tokens.
PASSING: Final = frozenset({401, 408, 425, 429, 500, 502, 503, 504})

# What a call of the client may meet; an answer that is no JSON comes from something that stands in between.
TROUBLES: Final = (httpx.TransportError, httpx.HTTPStatusError, Refused, msgspec.DecodeError)

Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")


def passes(trouble: Exception) -> bool:
    """Whether to try again: nobody answered, or the answer says later. A refusal of what was sent does not pass."""
    status = status_of(trouble)
    return status is None or status in PASSING


def status_of(trouble: Exception) -> int | None:
    """The status that was answered; None where there was no answer of Tenfold's."""
    if isinstance(trouble, httpx.HTTPStatusError):
        return trouble.response.status_code
    return trouble.status if isinstance(trouble, Refused) else None


def pause_after(trouble: Exception, failures: int) -> float:
    """Seconds until the next try: what the other side asked for, else twice as long each time, spread so that a
    hundred departments do not come back at once."""
    if isinstance(trouble, Refused) and trouble.retry_after is not None:
        return min(trouble.retry_after, LONGEST_PAUSE)
    return min(FIRST_PAUSE * 2.0 ** min(failures, 16), LONGEST_PAUSE) * random.uniform(0.5, 1.0)


async def persistently(
    call: Callable[Asked, Awaitable[Answer]], patience: float, *args: Asked.args, **kwargs: Asked.kwargs
) -> Answer:
    """Call until it is answered, for `patience` seconds. Raises what stopped it last, and at once what does not pass
    (TROUBLES)."""
    deadline, failures = time.monotonic() + patience, 0
    while True:
        try:
            return await call(*args, **kwargs)
        except TROUBLES as trouble:
            pause = pause_after(trouble, failures)
            if not passes(trouble) or time.monotonic() + pause > deadline:
                raise
        failures += 1
        await asyncio.sleep(pause)
