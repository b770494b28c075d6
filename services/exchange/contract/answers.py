"""What FastAPI cannot read off answers that are written as bytes: what the intake says, pages and streams of feeds."""

from typing import Any, Final

from services.exchange.contract.asyncapi import components, told_envelope, told_example
from shared.contracts.entries import ENTRIES

Json = dict[str, Any]
REFERENCE: Final = "#/components/schemas/{name}"
RECEIPT: Final = "01981d2e-6f3a-7c21-9d0a-5b1f0a7c4e11"
EPOCH: Final = "9b2d6c1e-0d5e-4f43-8a4b-2f6f0a1d7c33"
WITHHELD: Final[Json] = {
    "type": "object",
    "description": "An entry of which nothing may be read any more. Pass over it; the cursor moves on.",
    "properties": {"position": {"type": "integer", "minimum": 1}, "withheld": {"const": True}},
    "required": ["position", "withheld"],
}
ACCEPTED: Final[Json] = {
    "type": "object",
    "description": "Committed. What becomes of it is told on the feed (receipt.changed), and by GET /v1/receipts.",
    "properties": {
        "receipt": {
            "type": ["string", "null"],
            "format": "uuid",
            "description": "The same for every repeat of one source and id; null for a dry run.",
        },
        "status": {"enum": ["accepted", "valid"], "description": "`valid`: a dry run, nothing was stored."},
    },
    "required": ["receipt", "status"],
}
RESULTS: Final[Json] = {
    "type": "object",
    "description": "Of a batch: one result for each event, in the order of the batch. One bad event spoils no other.",
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "oneOf": [
                    {
                        "allOf": [{"$ref": REFERENCE.format(name="Accepted")}],
                        "properties": {
                            "code": {"enum": [200, 202], "description": "202: new. 200: a repeat, or a dry run."}
                        },
                        "required": ["code"],
                    },
                    {"$ref": REFERENCE.format(name="Problem")},
                ]
            },
        }
    },
    "required": ["results"],
}


def answers() -> Json:
    """The schemas of these answers, and of every message that may stand in a feed."""
    messages = {entry.name: told_envelope(entry) for entry in ENTRIES}
    entry = {
        "type": "object",
        "description": "One message. Types that are not listed may come: pass over them.",
        "properties": {
            "position": {
                "type": "integer",
                "minimum": 1,
                "description": "1, 2, 3 without a hole in one epoch; a subscription leaves out what it filters.",
            },
            "id": {"type": "string", "format": "uuid", "description": "The message's id, the same in every epoch."},
            "recorded_at": {"type": "string", "format": "date-time"},
            "data": {
                "description": "A CloudEvent; its own `data` is what the message says.",
                "anyOf": [*({"$ref": REFERENCE.format(name=name)} for name in messages), {"type": "object"}],
            },
        },
        "required": ["position", "id", "recorded_at", "data"],
    }
    page = {
        "type": "object",
        "properties": {
            "epoch": {"type": "string", "format": "uuid", "description": "One life of the feed."},
            "head": {"type": "integer", "minimum": 0, "description": "The position of the feed's last entry; 0: none."},
            "next_after": {
                "type": "string",
                "description": "The cursor behind this page, also behind an empty one: ask on with it as it is.",
            },
            "entries": {
                "type": "array",
                "description": "In the order of the feed. Empty: nothing new.",
                "items": {"oneOf": [{"$ref": REFERENCE.format(name=name)} for name in ("FeedEntry", "WithheldEntry")]},
            },
        },
        "required": ["epoch", "head", "next_after", "entries"],
    }
    own = {
        "Accepted": ACCEPTED,
        "AcceptedBatch": RESULTS,
        "FeedEntry": entry,
        "WithheldEntry": WITHHELD,
        "FeedPage": page,
    }
    models = {entry.model.__name__ for entry in ENTRIES} | {"DisclosedFields", "MovedRecord"}
    return messages | own | {name: each for name, each in components().items() if name in models}


def page_example() -> Json:
    """A page as it is answered: two messages, and one that is withheld."""
    shown = [told_example(entry) for entry in ENTRIES[:2]]
    entries: list[Json] = [
        {"position": place, "id": each["id"], "recorded_at": each["time"], "data": each}
        for place, each in enumerate(shown, start=1)
    ]
    entries.append({"position": 3, "withheld": True})
    return {"epoch": EPOCH, "head": 3, "next_after": f"{EPOCH}:3", "entries": entries}


def json_of(name: str, description: str, **examples: Json) -> Json:
    """A response in JSON."""
    shown = {"examples": {each: {"value": value} for each, value in examples.items()}} if examples else {}
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": REFERENCE.format(name=name)}, **shown}},
    }


def accepted(description: str) -> Json:
    """The answer of the intake."""
    told = json_of("Accepted", description, one={"receipt": RECEIPT, "status": "accepted"})
    content = told["content"]["application/json"]
    content["schema"] = {"oneOf": [content["schema"], {"$ref": REFERENCE.format(name="AcceptedBatch")}]}
    return told


STREAM: Final[Json] = {
    "description": "`event: entry` with `id: <cursor>` and an entry as in GET /v1/feed as `data`. `event: reset`: what"
    " was told before is of an earlier life of the feed, everything comes again from the beginning. It ends after ten"
    " minutes: come back with the last `id` as Last-Event-ID.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
