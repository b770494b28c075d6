"""Vital events that are nearly right: the intake never breaks, and takes none that the published schema refuses.

The schema of all 24 types together is slow to draw from, so each type is drawn from by itself; and each type's example
is changed in one place, thousands of times. The judge is the schema in the OpenAPI document, read by another validator.
"""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.auth.caller import Caller
from shared.auth.issuer import Issuer
from shared.contracts.catalogue import TYPES, EventType
from shared.contracts.examples import example_of
from tests.conftest import Database
from tests.exchange_world import STRUCTURED, Exchange, running, settings_for
from tests.hostile_world import LEAST, TIMES, Hostile, token_of

CHANGED, DRAWN = 240, 3  # of each type: changed examples, and events drawn from its schema in either mode
Json = dict[str, Any]


def deep(levels: int = 200) -> Any:
    """An array in an array in an array."""
    here: Any = []
    for _ in range(levels):
        here = [here]
    return here


WRONG: list[Any] = [
    None, True, False, 0, -1, 1, 1.5, 10**30, -(2**63) - 1, 1e308, "", " ", "x" * 5_000, "a\u0000b", "\ud800", "\udfff",
    "\u202e王", "2026-02-30", "2026-01-01T00:00:00Z", "0001-01-01", "９", "１９９０-01-01", [], {}, [None], {"": None},
    {"\ud800": 1}, {"__proto__": {}}, deep(), "null", "true", "1e5", "%00", "' OR 1=1 --", "\ufeff", "\r\n",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value but the whole."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield (*path, name)
        yield from places(inner, (*path, name))


def changed(event: Json, chance: random.Random) -> Json:
    """The event with one place changed."""
    event = copy.deepcopy(event)
    *steps, last = chance.choice(list(places(event)))
    here: Any = event
    for step in steps:
        here = here[step]
    match chance.randrange(6):
        case 0:
            del here[last]
        case 1 if isinstance(here, dict):
            here[chance.choice(["extra", "", "ID", "data", "\u0000", "sex "])] = here[last]
        case 2 if isinstance(here[last], str):
            here[last] = chance.choice([" {}", "{} ", "{}\n", "{}{}", "x{}", "{}\u0000"]).format(here[last], here[last])
        case 3 if isinstance(here[last], str):
            here[last] = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c.swapcase() for c in here[last])
        case 4:
            here[last] = chance.choice([[here[last]], {"value": here[last]}, [here[last]] * 300])
        case _:
            here[last] = copy.deepcopy(chance.choice(WRONG))
    return event


def reporter(entry: EventType, issuer: Issuer) -> dict[str, str]:
    """Headers of the department whose example it is."""
    department = str(example_of(entry)["source"]).split(":")[2]
    who = Caller("somebody", department, roles=frozenset({"reporter"}))
    return {"authorization": f"Bearer {token_of(issuer, who)}", "content-type": STRUCTURED}


@pytest.fixture
async def exchange(database: Database, issuer: Issuer, tmp_path: Path) -> Any:
    """An exchange without a limit of events a second."""
    settings = settings_for(await database("exchange"), tmp_path, issuer)
    async with running(settings.model_copy(update={"events_per_second": 0}), issuer) as world:
        yield world


async def test_an_event_changed_in_one_place_is_taken_only_where_the_schema_allows_it(exchange: Exchange) -> None:
    hostile = Hostile("exchange", exchange.app, exchange.issuer, exchange.http)
    content = hostile.document["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    for entry in TYPES:
        content[STRUCTURED]["schema"] = {"$ref": f"#/components/schemas/{entry.name}"}
        chance = random.Random(entry.name if TIMES == 1 else None)
        headers = reporter(entry, exchange.issuer)
        for number in range(CHANGED * TIMES):
            event = changed({**example_of(entry), "id": f"{entry.name}-{number}"}, chance)
            request = exchange.http.build_request(
                "POST", "/v1/events", content=json.dumps(event).encode(), headers=headers
            )
            hostile.cases += 1
            await hostile.sent("POST /v1/events", "/v1/events", request)
    assert not hostile.found, hostile.report()
    assert hostile.cases == len(TYPES) * CHANGED * TIMES >= LEAST["intake, changed"] * TIMES
    assert hostile.succeeded > hostile.cases // 50
    assert await exchange.accepted() <= hostile.succeeded


async def test_an_event_drawn_from_its_schema_never_breaks_the_intake_or_passes_the_schema_by(
    exchange: Exchange,
) -> None:
    cases = 0
    for entry in TYPES:
        chosen = reporter(entry, exchange.issuer)
        hostile = Hostile("exchange", exchange.app, exchange.issuer, exchange.http, chosen=chosen)
        hostile.document["paths"] = {"/v1/events": hostile.document["paths"]["/v1/events"]}
        content = {STRUCTURED: {"schema": {"$ref": f"#/components/schemas/{entry.name}"}}}
        hostile.document["paths"]["/v1/events"]["post"]["requestBody"]["content"] = content
        await hostile.fire({}, DRAWN, {})
        assert not hostile.found, hostile.report()
        cases += hostile.cases
    assert cases >= LEAST["intake, drawn"] * TIMES


async def test_the_judge_refuses_what_the_schema_refuses_and_nothing_else(exchange: Exchange) -> None:
    hostile = Hostile("exchange", exchange.app, exchange.issuer, exchange.http)
    build = exchange.http.build_request
    event = example_of(TYPES[0])
    kind = {"content-type": STRUCTURED}
    right = [
        build("POST", "/v1/events", json=event, headers=kind),
        build("GET", "/v1/receipts?limit=7&overdue=true"),
    ]
    wrong = [
        build("POST", "/v1/events", json={**event, "extra": 1}, headers=kind),
        build("POST", "/v1/events", json=event, headers={"content-type": "text/plain"}),
        build("POST", "/v1/events?dry_run=yes", json=event, headers=kind),
        build("GET", "/v1/receipts?limit=1_0"),
        build("GET", "/v1/receipts?limit=0"),
        build("GET", "/v1/receipts?after=x"),
    ]
    assert [bool(hostile.judge.faults(each.method, each.url.path, each)) for each in right] == [False] * len(right)
    assert [bool(hostile.judge.faults(each.method, each.url.path, each)) for each in wrong] == [True] * len(wrong)


def test_ten_thousand_cases_are_sent_in_all() -> None:
    assert sum(LEAST.values()) >= 10_000
