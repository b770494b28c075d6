"""A parked entry tried again by an administrator: settled if it succeeds, parked under its new fault if it does not."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec
import structlog

from shared.crypto.keyring import KeyRing
from shared.db import AWAY, Connection, Pool, transaction
from shared.errors import Conflict, NotFound, Problem, Unavailable
from shared.errors_text import ErrorText, Text, declare
from shared.feed import parked
from shared.feed.follow import PASSING, FeedEntry, Handle

log = structlog.get_logger()
ENTRY = msgspec.json.Decoder(FeedEntry)

declare(
    "still-failing",
    ErrorText(
        409,
        "The parked entry failed again",
        "暂存条目重试后仍然失败",
        "It stays parked; `fault` is the kind of fault of this try. It needs a newer software, or a repair.",
        "该条目仍处于暂存状态；fault 为本次失败的类别。需要升级软件或修复数据后再试。",
    ),
)
declare(
    "retried-elsewhere",
    ErrorText(
        409,
        "This is tried again by another call",
        "该条目须通过其他接口重试",
        "`origin` says where it came from, and the detail which call tries it again.",
        "origin 为其来源，详细信息说明应使用的接口。",
    ),
)

# A follower holds its cursor's row from the beginning of its transaction: its handler may rely on being alone.
HOLD_FOLLOWERS = "SELECT FROM feed_cursor WHERE feed = $1 ORDER BY partition FOR NO KEY UPDATE"

Retry = Callable[[Connection, UUID | None, bytes], Awaitable[None]]


class StillFailing(Exception):
    """What was tried again is refused for a reason that has a name; `fault` holds no personal data."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def entry_of(entry_id: UUID | None, body: bytes) -> FeedEntry:
    """The entry as it came. Entries that were parked before places and times were kept are only their data."""
    try:
        return ENTRY.decode(body)
    except msgspec.DecodeError:
        return FeedEntry(0, entry_id, data=msgspec.Raw(body))


def by(feed: str, handle: Handle) -> Retry:
    """Hand an entry of a followed feed to its handler once more; its followers wait meanwhile, as for each other."""

    async def again(connection: Connection, entry_id: UUID | None, body: bytes) -> None:
        await connection.execute(HOLD_FOLLOWERS, feed)
        await handle(connection, [entry_of(entry_id, body)])

    return again


@dataclass(frozen=True)
class Retries:
    """How a service tries again what it has parked: by origin, and for the origins with a call of their own, which."""

    pool: Pool
    ring: KeyRing
    by_origin: Mapping[str, Retry]
    elsewhere: Callable[[str], Text | None] = lambda origin: None

    async def retry(self, parked_id: UUID) -> None:
        """Try once more, in one transaction with being settled: of several who try at once one does.

        Raises NotFound for what does not wait here, Conflict (retried-elsewhere, still-failing), Unavailable.
        """
        async with self.pool.acquire() as connection:
            origin = await parked.origin_of(connection, parked_id)
        if origin is None:
            raise NotFound
        again = self.by_origin.get(origin)
        if again is None:
            raise Conflict("retried-elsewhere", detail=self.elsewhere(origin), origin=origin)
        try:
            async with transaction(self.pool) as connection:
                taken = await parked.take(connection, self.ring, parked_id)
                if taken is None:
                    raise NotFound
                await again(connection, taken[1], taken[2])
        except (NotFound, *AWAY):
            raise
        except (*PASSING, Unavailable):
            raise Unavailable(retry_after=1) from None
        except Exception as trouble:
            fault = fault_of(trouble)
        else:
            log.info("parked_settled", origin=origin)
            return
        log.error("parked_failed_again", origin=origin, fault=fault)
        async with transaction(self.pool) as connection:
            await parked.blame(connection, parked_id, fault)
        raise Conflict("still-failing", origin=origin, fault=fault)


def fault_of(trouble: Exception) -> str:
    """The kind of a fault, never its text."""
    if isinstance(trouble, StillFailing):
        return trouble.fault
    return trouble.slug if isinstance(trouble, Problem) else type(trouble).__name__
