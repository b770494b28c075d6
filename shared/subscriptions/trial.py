"""Send a webhook a test message, and say what its receiver said."""

import time
from uuid import uuid4

from shared import clock
from shared.client import NotDelivered, Sender
from shared.deliveries.rules import Outcome, outcome_of
from shared.subscriptions.schemas import Tried
from shared.webhooks import signed_headers


async def try_webhook(sender: Sender, url: str, secrets: list[str], message: bytes) -> Tried:
    """Send it now, signed with each of the secrets; the answer after 20 seconds at most."""
    headers = signed_headers(secrets, str(uuid4()), clock.now(), message)
    began = time.monotonic()
    outcome: Outcome
    try:
        answer = await sender.deliver(url, {**headers, "content-type": "application/json"}, message)
        outcome, status = outcome_of(answer.status), answer.status
        said = answer.body.decode(errors="replace")[:1000]
    except NotDelivered as trouble:
        outcome, status, said = trouble.why, None, ""
    seconds = round(time.monotonic() - began, 3)
    return Tried(delivered=outcome == "delivered", outcome=outcome, status=status, seconds=seconds, body=said)
