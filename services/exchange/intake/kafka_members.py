"""The workers that read intake topics, and which of them takes which partition. No worker leads, none is asked.

Each writes down that it lives and sees who else does; the same arithmetic then gives everybody the same shares. For
the moments in which two see it differently the position of each partition is the fence, and every effect is idempotent.
"""

import asyncio
import hashlib
from collections.abc import Collection
from contextlib import suppress
from typing import Final
from uuid import UUID, uuid4

import structlog

from services.exchange.intake import repository
from shared.db import AWAY, Pool
from shared.feed.follow import PASSING

BEAT_SECONDS: Final = 1.0
LOST_SECONDS: Final = 8.0  # without a sign of life; then the others take its partitions
LEAVE_SECONDS: Final = 1.0

log = structlog.get_logger()


def holder(topic: str, partition: int, members: Collection[UUID]) -> UUID:
    """Who of the members takes a partition (rendezvous hashing): one that comes or goes moves only its own share."""

    def weight(member: UUID) -> bytes:
        return hashlib.sha256(b"%b/%d/%b" % (topic.encode(), partition, member.bytes)).digest()

    return max(members, key=weight)


class Members:
    """This process among the others. One task calls `run`; before its first look it stands alone."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.me = pool, uuid4()
        self.living = frozenset({self.me})
        self.generation = 0
        """Grows whenever shares may have changed: then positions are read anew."""

    def holds(self, topic: str, partition: int) -> bool:
        """Whether this process takes the partition at the moment."""
        return holder(topic, partition, self.living) == self.me

    def share(self, topic: str, partitions: Collection[int]) -> list[int]:
        """Those of the partitions that this process takes."""
        return [partition for partition in partitions if self.holds(topic, partition)]

    async def look(self) -> None:
        """Say that this process lives, and see who else does."""
        living = await repository.living(self.pool, self.me, LOST_SECONDS)
        if living != self.living:
            self.living = living
            self.generation += 1
            log.info("kafka_members_changed", members=len(living))

    async def run(self) -> None:
        """Until cancelled; the others then take over at their next look."""
        try:
            while True:
                try:
                    await self.look()
                except PASSING as trouble:  # positions are in the same database: nobody takes anything meanwhile
                    log.warning("kafka_members_unknown", trouble=type(trouble).__name__)
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            with suppress(*AWAY):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await repository.leave(self.pool, self.me)
