"""A worker in a process of its own, to be killed: `python -m tests.webhook_worker`, settings from the environment.

Its lease and its patience are short, so that another one can soon take over.
"""

import asyncio

from shared.app import open_service
from shared.settings import Settings
from tests.webhooks_world import worker_of


async def main() -> None:
    """Deliver until killed."""
    service = await open_service(Settings.model_validate({}))
    await worker_of(service, lease=1.0, patience=1.0).run()


if __name__ == "__main__":
    asyncio.run(main())
