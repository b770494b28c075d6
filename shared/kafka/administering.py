"""A connection for administration: topics, rights, users."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.kafka.calls import whole
from shared.kafka.errors import Unreachable
from shared.kafka.settings import KafkaSettings

DEADLINE_SECONDS: Final = 15.0


@asynccontextmanager
async def administering(settings: KafkaSettings) -> AsyncIterator[Any]:
    """aiokafka's admin client, for at most DEADLINE_SECONDS. Raises Unreachable."""
    admin = AIOKafkaAdminClient(**settings.connection())
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await whole(admin.start())
            yield admin
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unreachable(type(error).__name__) from error
    finally:
        await whole(admin.close())
