"""The webhooks of a subscription in OpenAPI: what a department's system is called with, and what its answer does."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from services.exchange.deliveries.message import TESTED, entry_message, trial_message
from services.exchange.feeds.names import department_feed
from shared.webhooks import ID, SIGNATURE, TIMESTAMP

Json = dict[str, Any]
FEED: Final = department_feed("education")
AT: Final = datetime(2026, 3, 1, 8, tzinfo=UTC)
EPOCH, ENTRY = UUID("9b2d6c1e-0d5e-4f43-8a4b-2f6f0a1d7c33"), UUID("01981d2e-7000-5c21-9d0a-5b1f0a7c4e12")
EXAMPLES: Final = {
    "entry": entry_message(FEED, ENTRY, "cn.tenfold.person.changed.v1", AT, EPOCH, 42),
    "test": trial_message(FEED, "school", AT),
}
DESCRIPTION: Final = (
    "Sent to the `url` of a subscription by the rules of Standard Webhooks. It says that there is an entry and where,"
    " never what it says: pull it with your token, `GET /v1/feed?after=<data.after>&limit=1`, or go on from your own"
    " cursor. Answer within 20 seconds; what is not answered 2xx is tried ten times over three days, then parked (POST"
    " /v1/subscriptions/{name}/retry). A message may come twice or out of order. In production the address is public"
    " and https."
)
HEADERS: Final = {
    ID: "The entry's id, the same on every try: skip what you have handled.",
    TIMESTAMP: "Seconds since 1970 of this try. Refuse what is more than five minutes away from now.",
    SIGNATURE: "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, the body as it came, under the bytes that"
    " the base64 behind `whsec_` in the secret stands for. Several, with a space between, while a secret is exchanged:"
    " one must fit. Compare in constant time.",
}
BODY: Final[Json] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "description": f"The type of the entry; {TESTED} for a test, with nothing to pull."},
        "timestamp": {"type": "string", "format": "date-time", "description": "When the entry was made."},
        "data": {
            "type": "object",
            "properties": {
                "feed": {"type": "string"},
                "epoch": {"type": "string", "format": "uuid"},
                "position": {"type": "integer", "minimum": 1},
                "entry": {"type": "string", "format": "uuid", "description": "The entry's id."},
                "after": {"type": "string", "description": "The cursor before the entry."},
                "subscription": {"type": "string", "description": "Of a test: its name."},
            },
            "required": ["feed"],
        },
    },
    "required": ["type", "timestamp", "data"],
}


def webhooks() -> Json:
    """The `webhooks` member of the document."""
    headers = [
        {"name": name, "in": "header", "required": True, "description": says, "schema": {"type": "string"}}
        for name, says in HEADERS.items()
    ]
    examples = {name: {"value": msgspec.json.decode(body)} for name, body in EXAMPLES.items()}
    content = {"application/json": {"schema": BODY, "examples": examples}}
    answers = {
        "2XX": "Handled, or kept: it is not sent again.",
        "410": "Gone: the subscription is disabled until POST /v1/subscriptions/{name}/resume or another address.",
        "429": "Nothing at all is sent for the seconds of Retry-After, a day at most. So with 503.",
        "default": "Tried again, after Retry-After where there is one. Redirects are not followed.",
    }
    operation = {
        "summary": "Your feed has grown",
        "description": DESCRIPTION,
        "tags": ["subscriptions"],
        "parameters": headers,
        "requestBody": {"required": True, "content": content},
        "responses": {status: {"description": says} for status, says in answers.items()},
    }
    return {"feed-has-grown": {"post": operation}}
