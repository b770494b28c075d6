"""POST /v1/events: what is accepted, what is refused, in which words; and that nothing refused is ever stored."""

import asyncio
import json
import random
from collections import Counter
from typing import Any

import pytest

from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from tests.exchange_world import BATCH, POLICE, STRUCTURED, Exchange, Json, binary, registration, running

pytest_plugins = ["tests.exchange"]

IDENTITY_NUMBER: str = registration("x")["data"]["person"]["identifiers"][0]["value"]
DEEP = 100_000


def changed(path: str, value: Any, event: Json | None = None) -> Json:
    """A registration with one place changed; `path` is its JSON pointer."""
    event = json.loads(json.dumps(event or registration("bad")))
    *steps, last = path.split("/")[1:]
    here: Any = event
    for step in steps:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[last] = value
    assert isinstance(event, dict)
    return event


def dumped(event: Any) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


async def test_an_event_is_accepted_and_a_repeat_gets_the_same_receipt(exchange: Exchange) -> None:
    first = await exchange.post(registration("a"))
    again = await exchange.post(registration("a"))
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["status"] == "accepted"
    assert first.json()["receipt"] == again.json()["receipt"]
    assert await exchange.accepted() == 1


async def test_a_repeat_is_known_after_the_keys_were_rotated(exchange: Exchange, issuer: Issuer) -> None:
    first = await exchange.post(registration("a"))
    for name in ("digest", "journal", "feed", "parked"):
        KeyRing.rotate(exchange.settings.keys_file, name)
    async with running(exchange.settings, issuer) as after:
        again = await after.post(registration("a"))
        other = await after.post(registration("a", subject="other"))
        assert (again.status_code, other.status_code) == (200, 409)
        assert again.json()["receipt"] == first.json()["receipt"]
        assert (await after.post(registration("b"))).status_code == 202
        headers = after.headers(None, service="registry", roles=())
        pages = [await after.http.get(f"/v1/feeds/vital-events?partition={n}", headers=headers) for n in range(5)]
        assert {e["data"]["event"]["id"] for page in pages for e in page.json()["entries"]} == {"a", "b"}


async def test_every_transport_gives_the_same_receipt(exchange: Exchange) -> None:
    event = registration("a")
    first = await exchange.post_binary(event)
    assert first.status_code == 202
    again = await exchange.post(event)
    (batched,) = await exchange.post_batch([event])
    assert again.status_code == batched["code"] == 200
    assert first.json()["receipt"] == again.json()["receipt"] == batched["receipt"]
    assert await exchange.accepted() == 1


async def test_order_of_bytes_spaces_escapes_offsets_and_trace_headers_do_not_matter(exchange: Exchange) -> None:
    event = registration("a")
    first = (await exchange.post(event)).json()["receipt"]
    shuffled = dict(reversed(event.items())) | {"data": dict(reversed(event["data"].items()))}
    same = [
        dumped(shuffled),
        json.dumps(event, indent=4, ensure_ascii=True).encode(),
        dumped(event | {"time": "2026-02-01T16:00:00.000+08:00"}),
        dumped(event | {"time": "2026-02-01t08:00:00z"}),
        dumped(event | {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=b"}),
        dumped({name: value for name, value in event.items() if name != "datacontenttype"}),
        dumped(event | {"dataschema": "/schemas/household.registered.json"}),
    ]
    for content in same:
        answer = await exchange.post(content, accept_language="zh", content_type=f"{STRUCTURED}; a=b; charset=UTF-8")
        assert (answer.status_code, answer.json().get("receipt")) == (200, first), content
    traced = await exchange.post_binary(event, ce_traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    assert traced.json()["receipt"] == first
    assert await exchange.accepted() == 1


async def test_the_same_id_with_other_content_is_a_conflict(exchange: Exchange) -> None:
    await exchange.post(registration("a"))
    for path, value in (
        ("/time", "2026-02-01T08:00:01Z"),
        ("/subject", "HR-2"),
        ("/data/person/name", "王秀兰"),
        ("/data/household/relation", "spouse"),
        ("/data/effective_on", "2026-01-30"),
    ):
        answer = await exchange.post(changed(path, value, registration("a")))
        assert (answer.status_code, answer.json()["type"]) == (409, "/errors#same-id-other-content")
    assert await exchange.accepted() == 1


async def test_ids_belong_to_their_source(exchange: Exchange) -> None:
    first = await exchange.post(registration("a"))
    other = await exchange.post(registration("a", source="urn:tenfold:public-security:migration"))
    assert (first.status_code, other.status_code) == (202, 202)
    assert first.json()["receipt"] != other.json()["receipt"]


async def test_a_dry_run_judges_and_stores_nothing(exchange: Exchange) -> None:
    given = exchange.headers(content_type=STRUCTURED)
    good = await exchange.http.post("/v1/events?dry_run=true", content=dumped(registration("a")), headers=given)
    bad = await exchange.http.post("/v1/events?dry_run=true", content=dumped(registration("a", id="")), headers=given)
    assert (good.status_code, good.json()) == (200, {"status": "valid", "receipt": None})
    assert bad.status_code == 422
    batch = await exchange.http.post(
        "/v1/events?dry_run=true", content=dumped([registration("a"), 7]), headers=given | {"content-type": BATCH}
    )
    assert [result.get("status") for result in batch.json()["results"]] == ["valid", 422]
    assert await exchange.accepted() == 0


async def test_a_dry_run_is_true_or_false_and_asked_for_by_a_reporter(exchange: Exchange) -> None:
    """The route reads its one query value by itself (services/exchange/intake/routes.py): as the contract says."""
    given, event = exchange.headers(content_type=STRUCTURED), dumped(registration("a"))
    for query in ("yes", "1", "True", "", "true%20", "true&dry_run=no"):
        refused = await exchange.http.post(f"/v1/events?dry_run={query}", content=event, headers=given)
        assert (refused.status_code, refused.json()["faults"][0]["pointer"]) == (422, "query/dry_run"), query
        stranger = await exchange.http.post(
            f"/v1/events?dry_run={query}", content=event, headers={"content-type": STRUCTURED}
        )
        assert stranger.status_code == 401
    assert await exchange.accepted() == 0
    stored = await exchange.http.post("/v1/events?dry_run=false", content=event, headers=given)
    assert stored.status_code == 202
    assert await exchange.accepted() == 1


FAULTS: list[tuple[str, Any]] = [
    ("/id", ""),
    ("/id", 7),
    ("/id", "x" * 201),
    ("/id", "a\u0000b"),
    ("/id", "a\nb"),
    ("/id", "\ud800"),
    ("/id", IDENTITY_NUMBER),
    ("/subject", IDENTITY_NUMBER),
    ("/subject", IDENTITY_NUMBER.lower()),
    ("/subject", f"person-{IDENTITY_NUMBER}/1"),
    ("/subject", "".join(chr(ord(digit) + 0xFEE0) for digit in IDENTITY_NUMBER)),
    ("/subject", None),
    ("/source", "police"),
    ("/specversion", "0.3"),
    ("/type", "cn.tenfold.household.cancelled.v9"),
    ("/type", "household.registered"),
    ("/type", {}),
    ("/datacontenttype", "text/plain"),
    ("/dataschema", "x" * 201),
    ("/traceparent", "王"),
    ("/comment", "extensions could carry personal data"),
    ("/data", None),
    ("/data", []),
    ("/data", "text"),
    ("/time", "0001-01-01T00:00:00+14:00"),
    ("/time", "0001-01-01T00:00:00Z"),
    ("/time", "9999-12-31T23:59:59-12:00"),
    ("/time", "2026-02-01"),
    ("/time", "2026-02-01T08:00:00"),
    ("/time", "2026-02-01T08:00:00+08"),
    ("/time", "2026-02-01 08:00:00Z"),
    ("/time", "2026-W05-7T08:00:00Z"),
    ("/time", "2026-02-30T08:00:00Z"),
    ("/time", "2026-02-01T08:00:00+99:00"),
    ("/time", "2026-02-01T080000.12345Z"),
    ("/time", "\uff12026-02-01T08:00:00Z"),
    ("/time", 1_769_932_800),
    ("/data/effective_on", "2026-02-30"),
    ("/data/effective_on", "2026-W05-6"),
    ("/data/effective_on", "1849-12-31"),
    ("/data/effective_on", "2026-01-31T00:00:00Z"),
    ("/data/effective_on", 20260131),
    ("/data/action", "deleted"),
    ("/data/unknown", 1),
    ("/data/person", None),
    ("/data/person/sex", "f"),
    ("/data/person/sex", 2),
    ("/data/person/name", ""),
    ("/data/person/name", "a\u0000b"),
    ("/data/person/name", "\udfff"),
    ("/data/person/identifiers", []),
    ("/data/person/identifiers/0/value", "370102199005170011"),
    ("/data/household/number", 10**30),
    ("/data/household/area", "37010"),
    ("/data/household/area", "３７０１０２"),
    ("/data/household/kind", True),
]


async def test_every_fault_is_named_by_its_pointer_in_both_languages_and_nothing_is_stored(
    exchange: Exchange, subtests: pytest.Subtests
) -> None:
    for pointer, value in FAULTS:
        with subtests.test(pointer=pointer, value=repr(value)[:40]):
            await names_the_fault(exchange, pointer, value)
    assert await exchange.accepted() == 0


async def names_the_fault(exchange: Exchange, pointer: str, value: Any) -> None:
    content = json.dumps(changed(pointer, value)).encode()
    english = await exchange.post(content)
    chinese = await exchange.post(content, accept_language="zh-CN,zh;q=0.9,en;q=0.5")
    assert (english.status_code, chinese.status_code) == (422, 422), english.text
    assert english.headers["content-type"] == "application/problem+json"
    named = {fault["pointer"].rstrip("/") for fault in english.json()["faults"]}
    assert any(
        place == pointer or place.startswith(f"{pointer}/") or pointer.startswith(f"{place}/") for place in named
    )
    assert named == {fault["pointer"].rstrip("/") for fault in chinese.json()["faults"]}
    for fault in chinese.json()["faults"]:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in fault["message"]), fault
    assert IDENTITY_NUMBER not in english.text + chinese.text


async def test_all_faults_of_an_event_are_named_at_once(exchange: Exchange) -> None:
    event = changed("/data/person/sex", "f", changed("/data/household/area", "1", registration("", time="now")))
    answer = await exchange.post(event)
    assert {fault["pointer"] for fault in answer.json()["faults"]} == {
        "/id",
        "/time",
        "/data/person/sex",
        "/data/household/area",
    }


async def test_an_event_of_nothing_but_faults_is_answered_briefly(exchange: Exchange) -> None:
    event = registration("a")
    event["data"] |= {f"unknown{number}": 0 for number in range(90)}
    event["data"]["person"] |= {f"unknown{number}": 0 for number in range(90)}
    answer = await exchange.post(event)
    assert answer.status_code == 422
    faults = answer.json()["faults"]
    assert faults[-1] == {"pointer": "/data", "message": "has 80 more faults"}
    assert len(faults) == 101
    event["data"] |= {f"unknown{number}": 0 for number in range(10_000)}
    answer = await exchange.post(event)
    assert (answer.status_code, len(answer.json()["faults"])) == (422, 1)
    assert len(answer.content) < 1_000


async def test_a_missing_attribute_is_named_once(exchange: Exchange) -> None:
    for name in ("id", "source", "type", "subject", "time", "specversion", "data"):
        answer = await exchange.post({k: v for k, v in registration("a").items() if k != name})
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["faults"]] == [f"/{name}"]


BYTES: list[tuple[bytes, int]] = [
    (b"", 422),
    (b"null", 422),
    (b"[]", 422),
    (b"7", 422),
    (b'"text"', 422),
    (b"{", 422),
    (b"\xff\xfe{\x00}\x00", 422),
    (b"\xef\xbb\xbf" + json.dumps(registration("a")).encode(), 422),
    (json.dumps(registration("a")).encode("utf-16"), 422),
    (json.dumps(registration("a"), ensure_ascii=False).encode("gb18030"), 422),
    (json.dumps(registration("a")).encode() + b"{}", 422),
    (json.dumps(registration("a")).encode()[:-1] + b',"id":"b"}', 422),
    (json.dumps(registration("a")).encode()[:-1] + b',"x":NaN}', 422),
    (json.dumps(registration("a")).encode()[:-1] + b',"x":-Infinity}', 422),
    (json.dumps(registration("a")).encode()[:-1] + b',"x":1e999}', 422),
    (json.dumps(registration("a")).encode()[:-1] + b',"x":' + b"9" * 10_000 + b"}", 422),
    (json.dumps(registration("a")).encode()[:-1] + b',"\\ud800":1}', 422),
    (json.dumps(registration("a")).encode()[:-1] + b',"a\\u0000/~b":1}', 422),
    (json.dumps(registration("a", data={"\ud800": 1})).encode(), 422),
    (b"[" * DEEP, 422),
    (b'{"data":' * (DEEP // 4), 422),
    (b'{"data":' + b"[" * DEEP + b"]" * DEEP + b"}", 422),
    (json.dumps(registration("a")).encode()[:-1] + b',"x":' + b"[" * 900 + b"]" * 900 + b"}", 422),
    (b'{"id":"' + b"x" * 300_000 + b'"}', 413),
    (b" " * (9 * 1024 * 1024), 413),
]


async def test_bytes_that_are_no_event_are_refused_and_never_break_us(
    exchange: Exchange, subtests: pytest.Subtests
) -> None:
    for content, status in BYTES:
        with subtests.test(content=repr(content[-40:])):
            await is_refused(exchange, content, status)
    assert await exchange.accepted() == 0


async def is_refused(exchange: Exchange, content: bytes, status: int) -> None:
    answer = await exchange.post(content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    in_binary = await exchange.http.post(
        "/v1/events", content=content, headers=exchange.headers() | binary(registration("a"))[0]
    )
    assert 400 <= in_binary.status_code < 500
    in_batch = await exchange.post(b"[" + content + b"]", content_type=BATCH)
    assert 400 <= in_batch.status_code < 500 or all(r["status"] in (413, 422) for r in in_batch.json()["results"])


async def test_other_media_types_charsets_and_encodings_are_refused(exchange: Exchange) -> None:
    for headers in (
        {"content_type": "application/json"},
        {"content_type": "text/plain"},
        {"content_type": ""},
        {"content_type": "application/cloudevents+xml"},
        {"content_type": f"{STRUCTURED}; charset=gb18030"},
        {"content_type": f"{STRUCTURED}; a=b; charset=iso-8859-1"},
        {"content_encoding": "gzip"},
        {"content_encoding": "br"},
    ):
        answer = await exchange.post(registration("a"), **headers)
        assert answer.status_code == 415, headers
    assert await exchange.accepted() == 0


async def test_a_body_of_unknown_length_is_cut_off_at_its_limit(exchange: Exchange) -> None:
    async def endless() -> Any:
        for _ in range(10_000):
            yield b" " * 65_536

    headers = exchange.headers(content_type=STRUCTURED)
    answer = await exchange.http.post("/v1/events", content=endless(), headers=headers)
    assert answer.status_code == 413
    lying = await exchange.post(registration("a"), content_length="many")
    assert lying.status_code < 500


async def test_only_a_reporter_of_the_department_may_report(exchange: Exchange) -> None:
    content = dumped(registration("a"))

    async def status(headers: dict[str, str]) -> tuple[int, str]:
        answer = await exchange.http.post("/v1/events", content=content, headers=headers | {"content-type": STRUCTURED})
        return answer.status_code, answer.json()["type"]

    assert await status({}) == (401, "/errors#unauthenticated")
    assert await status({"authorization": "Bearer nonsense"}) == (401, "/errors#unauthenticated")
    assert await status(exchange.headers(roles=["follower"])) == (403, "/errors#role-required")
    assert await status(exchange.headers(None)) == (403, "/errors#department-required")
    assert await status(exchange.headers(None, service="registry", roles=())) == (403, "/errors#department-required")
    assert await status(exchange.headers("education")) == (403, "/errors#not-your-type")
    assert await exchange.accepted() == 0


async def test_a_source_that_is_not_provisioned_for_the_department_is_forbidden(exchange: Exchange) -> None:
    for source in (
        "urn:tenfold:health:birth-certificates",
        "urn:tenfold:public-security:never-provisioned",
        "urn:tenfold:public-security",
        "urn:tenfold:public-security-2:household-register",
        "urn:elsewhere:system",
    ):
        answer = await exchange.post(registration("a", source=source))
        assert (answer.status_code, answer.json()["type"]) == (403, "/errors#not-your-source")
    assert await exchange.accepted() == 0


async def test_the_department_is_the_credentials_and_never_the_bodys(exchange: Exchange) -> None:
    answer = await exchange.post(registration("a"), department="civil-affairs")
    assert (answer.status_code, answer.json()["type"]) == (403, "/errors#not-your-type")


async def test_one_bad_event_never_spoils_a_batch_and_answers_keep_their_order(exchange: Exchange) -> None:
    await exchange.post(registration("known"))
    results = await exchange.post_batch(
        [
            registration("one", 1),
            {"id": "nothing else"},
            registration("known"),
            registration("known", subject="other"),
            registration("foreign", source="urn:tenfold:health:birth-certificates"),
            None,
            registration("twice", 2),
            registration("twice", 2),
            registration("twice", 3),
            registration("large", data={"x": "y" * 300_000}),
            registration("two", 4),
        ]
    )
    assert [result.get("code") or result["status"] for result in results] == [
        202, 422, 200, 409, 403, 422, 202, 200, 409, 413, 202,
    ]  # fmt: skip
    assert results[6]["receipt"] == results[7]["receipt"]
    assert await exchange.accepted() == 4
    repeated = await exchange.post_batch([registration("two", 4), registration("one", 1)])
    assert [result["receipt"] for result in repeated] == [results[10]["receipt"], results[0]["receipt"]]


async def test_an_empty_batch_is_answered_and_one_too_many_is_refused(exchange: Exchange) -> None:
    assert await exchange.post_batch([]) == []
    full = await exchange.post_batch([registration(f"n{n}", n) for n in range(1000)])
    assert {result["code"] for result in full} == {202}
    answer = await exchange.post(b"[" + b",".join([b"{}"] * 1001) + b"]", content_type=BATCH)
    assert answer.status_code == 413
    assert await exchange.accepted() == 1000


async def test_headers_of_the_binary_mode_are_judged_as_strictly(exchange: Exchange) -> None:
    headers, body = binary(registration("a"))
    for name, value in (
        ("ce-subject", "%FF"),
        ("ce-subject", "%E7%8E"),
        ("ce-subject", "%00"),
        ("ce-data", "{}"),
        ("ce-note", "x"),
        ("ce-", "x"),
        ("ce-time", "yesterday"),
        ("ce-datacontenttype", "text/plain"),
        ("ce-specversion", "0.3"),
        ("ce-id", f"%{ord(IDENTITY_NUMBER[0]):02X}{IDENTITY_NUMBER[1:]}"),
    ):
        given = exchange.headers() | headers | {name: value}
        answer = await exchange.http.post("/v1/events", content=body, headers=given)
        assert answer.status_code == 422, (name, value, answer.text)
    assert await exchange.accepted() == 0


async def test_an_attribute_that_stands_twice_or_in_raw_bytes_is_refused(exchange: Exchange) -> None:
    headers, body = binary(registration("a"))
    given = exchange.headers() | headers
    twice = await exchange.http.post("/v1/events", content=body, headers=[*given.items(), ("ce-id", "b")])
    raw = [(k.encode(), v.encode()) for k, v in given.items() if k != "ce-subject"]
    in_bytes = await exchange.http.post("/v1/events", content=body, headers=[*raw, (b"ce-subject", "档案1".encode())])
    assert (twice.status_code, in_bytes.status_code) == (422, 422)
    assert await exchange.accepted() == 0


async def test_header_values_are_unquoted_and_percent_decoded_once(exchange: Exchange) -> None:
    event = registration("a%20b", subject="档案 1")
    headers, body = binary(event | {"id": "", "subject": ""})
    encoded = {"ce-id": '"a%2520b"', "ce-subject": "%E6%A1%A3%E6%A1%88%201"}
    first = await exchange.http.post("/v1/events", content=body, headers=exchange.headers() | headers | encoded)
    again = await exchange.post(event)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["receipt"] == again.json()["receipt"]


async def test_sixteen_clients_with_overlapping_ids_get_each_id_accepted_once(exchange: Exchange) -> None:
    chosen = random.Random(7)
    plans = [[chosen.randrange(60) for _ in range(25)] for _ in range(16)]
    answers: list[tuple[int, int, str]] = []

    async def client(plan: list[int], batched: bool) -> None:
        if batched:
            results = await exchange.post_batch([registration(f"n{n}", n) for n in plan])
            answers.extend((n, r["code"], r["receipt"]) for n, r in zip(plan, results, strict=True))
            return
        for n in plan:
            answer = await exchange.post(registration(f"n{n}", n))
            answers.append((n, answer.status_code, answer.json()["receipt"]))

    await asyncio.gather(*(client(plan, number % 4 == 0) for number, plan in enumerate(plans)))
    wanted = {n for plan in plans for n in plan}
    assert Counter(n for n, status, _ in answers if status == 202) == dict.fromkeys(wanted, 1)
    assert {status for _, status, _ in answers} == {202, 200}
    assert len({(n, receipt) for n, _, receipt in answers}) == len(wanted) == await exchange.accepted()


async def test_nothing_personal_is_stored_in_the_clear(exchange: Exchange) -> None:
    await exchange.post(registration("a"))
    row = await exchange.service.pool.fetchrow("SELECT * FROM journal")
    assert row is not None
    stored = b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
    for secret in (IDENTITY_NUMBER, "王秀英", "1990-05-17", "370102901001"):
        assert secret.encode() not in stored
        assert json.dumps(secret).strip('"').encode() not in stored
    assert row["source"] == POLICE
