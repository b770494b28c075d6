"""A receiver that somebody wrote from the served documents alone works: killed, reset, corrected, and nothing missed.

Why: ten departments' developers will have these documents, and nobody to ask. `from_the_docs/receiver.py` knows nothing
of Tenfold's code; what the exchange tells it must keep the schemas that the exchange serves.
"""

import ast
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import jsonschema_rs

from shared.contracts.holding import holding
from tests.line import Line, running_line, until

PROGRAM = Path(__file__).parent / "from_the_docs" / "receiver.py"
DEPARTMENT, SECURITY = "education", "public-security"
Json = dict[str, Any]


@asynccontextmanager
async def started(folder: Path, line: Line) -> AsyncIterator[None]:
    """The programme in a process of its own, alone in its folder; killed at the end."""
    token = line.issuer.issue(subject="roll", department=DEPARTMENT, roles=["reporter", "follower"])
    told = {"EXCHANGE": line.layout.url("exchange"), "TOKEN": token, "STATE": str(folder / "state.json"), "WAIT": "5"}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with (folder / "lines").open("ab") as lines:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(PROGRAM), cwd=folder, env=kept | told, stdout=lines
        )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


def learnt(folder: Path, what: str) -> list[Json]:
    """What the programme said it learnt, of all its lives; a line that a kill cut off is not there."""
    lines = [json.loads(line) for line in (folder / "lines").read_text().splitlines() if line.endswith("}")]
    return [line for line in lines if line["learnt"] == what]


def state(folder: Path) -> Json:
    """What it keeps."""
    try:
        found: Json = json.loads((folder / "state.json").read_text())
    except FileNotFoundError:
        found = {"cursor": None}
    return found


async def feed(line: Line) -> Json:
    """The whole feed, as anybody reads it."""
    async with line.client("exchange", DEPARTMENT) as client:
        page: Json = await client.get("/v1/feed", limit=1000)
    return page


async def at_rest(folder: Path, line: Line) -> None:
    """Wait until it stands where the feed ends and owes no acknowledgement."""

    async def stands() -> bool:
        kept = state(folder)
        return kept["cursor"] == (await feed(line))["next_after"] and not kept["owed"]

    await until(stands, "the receiver stands at the end of its feed")


async def settled(line: Line, count: int) -> None:
    """Wait until so many of the department's events are applied."""

    async def applied() -> bool:
        async with line.client("exchange", DEPARTMENT) as client:
            return len((await client.get("/v1/receipts", status="applied"))["receipts"]) == count

    await until(applied, f"{count} events are applied")


def registered(person: Json, catalogue: Json, born: str, of: str | None = None) -> Json:
    """Public security registers a child, or corrects that: the served example, about somebody else."""
    (example,) = [each["example"] for each in catalogue["types"] if each["type"].endswith("household.registered.v1")]
    superseding = {"action": "corrected", "supersedes": {"source": example["source"], "id": of}} if of else {}
    data = example["data"] | {"person": person | {"birth_date": born}} | superseding
    return {**example, "id": f"h-{born}", "data": data}


Validators = dict[str, jsonschema_rs.Draft202012Validator]


async def validators(line: Line) -> tuple[Validators, Validators]:
    """By type: the message of the AsyncAPI document, and the schema of its data. Both as they are served."""
    async with line.client("exchange") as client:
        document, catalogue = await client.get("/asyncapi.json"), await client.get("/v1/catalogue")
        data = {each["type"]: await client.get(each["schema"]) for each in catalogue["messages"]}
    messages = {
        message["name"]: {"$ref": f"#/components/messages/{name}/payload", "components": document["components"]}
        for name, message in document["components"]["messages"].items()
    }
    whole, parts = (
        {name: jsonschema_rs.Draft202012Validator(schema, validate_formats=True) for name, schema in schemas.items()}
        for schemas in (messages, data)
    )
    return whole, parts


async def page_validator(line: Line) -> jsonschema_rs.Draft202012Validator:
    """The page of a feed by the OpenAPI document."""
    async with line.client("exchange") as client:
        document = await client.get("/openapi.json")
    answer = document["paths"]["/v1/feed"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator({**answer, "components": document["components"]}, validate_formats=True)


def test_it_imports_nothing_of_ours_and_is_short() -> None:
    text = PROGRAM.read_text()
    names = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or "."] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert names - sys.stdlib_module_names == {"jsonschema"}, "a validator where one is at hand, and no other package"
    assert len(text.splitlines()) <= 200


async def test_a_receiver_written_from_the_documents_misses_nothing(tmp_path: Path) -> None:
    async with running_line(tmp_path / "line") as line:
        async with started(tmp_path, line):
            await until(lambda: learnt(tmp_path, "receipt"), "it has reported")  # and is killed
        await settled(line, 1)
        async with started(tmp_path, line):
            await settled(line, 2)
            await the_exchange_is_killed(line)  # and asked again
            await a_correction_is_acknowledged(tmp_path, line)
        before = state(tmp_path)
        await the_feed_begins_anew(line)
        async with started(tmp_path, line):
            await until(lambda: learnt(tmp_path, "reset"), "it is told of the reset")
            await settled(line, 3)
            await at_rest(tmp_path, line)
            page, after = await feed(line), state(tmp_path)
            await what_an_ended_agreement_gave_is_not_kept(tmp_path, line)
        validator, (whole, parts) = await page_validator(line), await validators(line)
    said = {each["message"]["id"]: each["message"] for each in learnt(tmp_path, "entry")}
    assert said == {each["id"]: each["data"] for each in page["entries"]}
    assert after["people"] == before["people"] == holding(each["data"] for each in page["entries"])
    assert len(after["mine"]) == len(learnt(tmp_path, "receipt")) == 3
    assert learnt(tmp_path, "unknown-type") == []
    assert {message["type"].split(".", 2)[2] for message in said.values()} == {
        "receipt.changed.v1",
        "person.changed.v1",
        "value.corrected.v1",
    }
    validator.validate(page)
    for message in said.values():
        whole[message["type"]].validate(message)
        parts[message["type"]].validate(message["data"])
        assert not whole[message["type"]].is_valid(message | {"data": {}}), "the schema says something"


async def a_correction_is_acknowledged(folder: Path, line: Line) -> None:
    """Public security had registered the child with a wrong birthday, and says so."""
    async with line.client("exchange", SECURITY) as client:
        catalogue = await client.get("/v1/catalogue")
        (enrolment,) = [each for each in catalogue["types"] if each["type"].endswith("enrolment.registered.v1")]
        child = enrolment["example"]["data"]["child"]
        await client.report(registered(child, catalogue, "2015-11-09"))
        await until(lambda: told(folder, "2015-11-09"), "what was registered is told")
        await client.report(registered(child, catalogue, "2015-11-08", of="h-2015-11-09"))
    await until(lambda: learnt(folder, "acknowledged"), "the correction is acknowledged")
    await at_rest(folder, line)
    async with line.client("exchange", DEPARTMENT) as client:
        corrections = (await client.get("/v1/corrections"))["corrections"]
    assert [each["acknowledged_at"] is None for each in corrections] == [False]
    assert learnt(folder, "acknowledged")[0]["entries"] == [corrections[0]["entry"]]
    assert told(folder, "2015-11-08")


async def what_an_ended_agreement_gave_is_not_kept(folder: Path, line: Line) -> None:
    """Its end begins the feed anew; what rested on it is withheld."""
    async with line.client("exchange", DEPARTMENT, "reviewer") as client:
        await client.post("/v1/agreements/education-school-planning/end", {"reason": "It has served its purpose."})
    await until(lambda: learnt(folder, "withheld"), "something is withheld")
    await at_rest(folder, line)
    page = await feed(line)
    withheld = [each["position"] for each in page["entries"] if each.get("withheld")]
    assert [each["position"] for each in learnt(folder, "withheld")] == withheld
    assert state(folder)["people"] == holding(each.get("data") for each in page["entries"]) == {}
    assert len(state(folder)["mine"]) == 3
    (await page_validator(line)).validate(page)


def told(folder: Path, born: str) -> bool:
    """Whether it holds that birthday now."""
    return [each.get("birth_date") for each in state(folder).get("people", {}).values()] == [born]


async def the_exchange_is_killed(line: Line) -> None:
    """In the middle of a long poll; another process takes its place."""
    process = line.running["exchange-api"]
    await line.kill("exchange-api")
    await until(lambda: line.running["exchange-api"] is not process, "it is started again")
    async with line.client("exchange") as client:
        await until(client.ready, "it is ready")


async def the_feed_begins_anew(line: Line) -> None:
    """As after a restored backup: another epoch, the same entries."""
    connection = await asyncpg.connect(line.postgres.dsn("exchange"))
    try:
        await connection.execute(
            "UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed = $1", f"department:{DEPARTMENT}"
        )
    finally:
        await connection.close()
