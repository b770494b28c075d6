"""Receipts: a department sees what became of its own reports, page by page, and nothing of anyone else's."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.exchange.receipts.repository import NewOutcome, settle
from shared import clock
from shared.db import transaction
from tests.exchange_world import Exchange, Json, registration

pytest_plugins = ["tests.exchange"]


async def get(exchange: Exchange, path: str, department: str = "public-security", **query: Any) -> Any:
    return await exchange.http.get(path, params=query, headers=exchange.headers(department))


async def report(exchange: Exchange, count: int) -> list[str]:
    """Receipts of new reports, in order."""
    results = await exchange.post_batch([registration(f"n{n}", n) for n in range(count)])
    return [result["receipt"] for result in results]


async def outcome(exchange: Exchange, receipt: str, status: str, **more: Any) -> None:
    """The registry tells what became of an event."""
    given = {"reason": None, "decider": None, "due": None} | more
    async with transaction(exchange.service.pool) as connection:
        await settle(connection, [NewOutcome(UUID(receipt), status, settled_at=clock.now(), **given)])


async def walk(exchange: Exchange, limit: int, **query: Any) -> list[Json]:
    """All pages, one after the other."""
    found: list[Json] = []
    after: dict[str, str] = {}
    while True:
        page = (await get(exchange, "/v1/receipts", limit=limit, **after, **query)).json()
        assert len(page["receipts"]) <= limit
        found += page["receipts"]
        if page["next_after"] is None:
            return found
        after = {"after": page["next_after"]}


async def test_pages_give_every_receipt_once_in_the_order_of_acceptance(exchange: Exchange) -> None:
    receipts = await report(exchange, 10)
    for limit in (1, 3, 5, 10, 1000):
        assert sorted(each["receipt"] for each in await walk(exchange, limit)) == sorted(receipts)
    first = (await get(exchange, "/v1/receipts", limit=4)).json()
    later = await report(exchange, 12)
    rest = await walk(exchange, 3)
    assert [each["receipt"] for each in rest][:4] == [each["receipt"] for each in first["receipts"]]
    assert {each["receipt"] for each in rest} == {*receipts, *later}


async def test_pages_by_status_give_every_receipt_of_that_status_once_and_in_order(exchange: Exchange) -> None:
    receipts = sorted(await report(exchange, 24))
    statuses = ["accepted", "applied", "held", "rejected"]
    for number, receipt in reversed(list(enumerate(receipts))):
        if number % 4:
            await outcome(exchange, receipt, statuses[number % 4])
    for place, status in enumerate(statuses):
        for limit in (1, 4, 6, 1000):
            found = await walk(exchange, limit, status=status)
            assert [each["receipt"] for each in found] == receipts[place::4], (status, limit)
            assert {each["status"] for each in found} == {status}
        later = (await get(exchange, "/v1/receipts", status=status, after=receipts[11])).json()
        assert [each["receipt"] for each in later["receipts"]] == receipts[12 + place :: 4]
        assert await walk(exchange, 10, department="health", status=status) == []


async def test_a_receipt_tells_where_its_event_stands(exchange: Exchange) -> None:
    receipts = await report(exchange, 4)
    await outcome(exchange, receipts[1], "applied")
    await outcome(exchange, receipts[2], "held", reason="person-unclear", decider="clerk", due=date(2026, 3, 1))
    await outcome(exchange, receipts[3], "rejected", reason="deadline-passed")
    told = [(await get(exchange, f"/v1/receipts/{receipt}")).json() for receipt in receipts]
    assert [each["status"] for each in told] == ["accepted", "applied", "held", "rejected"]
    assert [each["reason"] for each in told] == [None, None, "person-unclear", "deadline-passed"]
    assert (told[2]["decider"], told[2]["due"]) == ("clerk", "2026-03-01")
    assert told[0]["settled_at"] is None
    for status, receipt in zip(("accepted", "applied", "held", "rejected"), receipts, strict=True):
        assert [each["receipt"] for each in await walk(exchange, 1, status=status)] == [receipt]


async def test_what_was_applied_or_rejected_stays_so_and_what_is_held_may_move(exchange: Exchange) -> None:
    (receipt,) = await report(exchange, 1)
    for status, expected in (("held", "held"), ("held", "held"), ("applied", "applied"), ("rejected", "applied")):
        await outcome(exchange, receipt, status)
        assert (await get(exchange, f"/v1/receipts/{receipt}")).json()["status"] == expected


async def test_another_departments_receipt_is_answered_like_one_that_never_was(exchange: Exchange) -> None:
    (receipt,) = await report(exchange, 1)
    for department in ("civil-affairs", "health", "population-family"):
        foreign = await get(exchange, f"/v1/receipts/{receipt}", department)
        unknown = await get(exchange, f"/v1/receipts/{uuid4()}", department)
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content
        assert (await get(exchange, "/v1/receipts", department)).json() == {"receipts": [], "next_after": None}
        assert (await get(exchange, "/v1/receipts", department, after=receipt)).json()["receipts"] == []


async def test_what_is_no_receipt_status_or_cursor_is_refused(exchange: Exchange) -> None:
    assert (await get(exchange, "/v1/receipts/nonsense")).status_code == 422
    assert (await get(exchange, "/v1/receipts/%00")).status_code == 422
    for query in ({"status": "lost"}, {"after": "1"}, {"limit": 0}, {"limit": 1001}):
        assert (await get(exchange, "/v1/receipts", **query)).status_code == 422, query


async def test_what_should_have_been_settled_by_now_is_overdue_and_says_why(exchange: Exchange) -> None:
    receipts = sorted(await report(exchange, 6))
    today = clock.today()
    await outcome(exchange, receipts[0], "applied")
    await outcome(exchange, receipts[1], "held", reason="identity-ambiguous", decider="registry clerk", due=today)
    late = today - timedelta(days=1)
    await outcome(exchange, receipts[2], "held", reason="identity-ambiguous", decider="registry clerk", due=late)
    await outcome(exchange, receipts[3], "rejected", reason="deadline-passed", due=late)
    assert [each["receipt"] for each in await walk(exchange, 1, overdue=True)] == [receipts[2]]
    assert [each["receipt"] for each in await walk(exchange, 1, overdue=True, minutes=0)] == [
        receipts[2],
        receipts[4],
        receipts[5],
    ]
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        for limit in (1, 2, 3, 4):
            found = await walk(exchange, limit, overdue=True)
            assert [each["receipt"] for each in found] == [receipts[2], receipts[4], receipts[5]]
        assert [(each["status"], each["reason"], each["decider"]) for each in found] == [
            ("held", "identity-ambiguous", "registry clerk"),
            ("accepted", "on-its-way", None),
            ("accepted", "on-its-way", None),
        ]
        assert {each["overdue"] for each in found} == {True}
        assert [each["receipt"] for each in await walk(exchange, 1, overdue=True, status="held")] == [receipts[2]]
        assert [each["receipt"] for each in await walk(exchange, 1, reason="on-its-way")] == receipts[4:]
        assert [each["receipt"] for each in await walk(exchange, 9, overdue=True, reason="identity-ambiguous")] == [
            receipts[2]
        ]
        assert await walk(exchange, 1, overdue=True, status="applied") == []
        assert await walk(exchange, 1, overdue=True, department="health") == []
        everything = await walk(exchange, 100)
        assert [each["overdue"] for each in everything] == [False, False, True, False, True, True]


async def test_the_overview_counts_what_is_overdue_of_each_department(exchange: Exchange) -> None:
    receipts = sorted(await report(exchange, 3))
    late = clock.today() - timedelta(days=1)
    await outcome(exchange, receipts[0], "held", reason="identity-ambiguous", decider="registry clerk", due=late)
    await outcome(exchange, receipts[1], "applied")
    administrator = exchange.headers(None, roles=("administrator",))
    for wait, expected in ((timedelta(), 1), (timedelta(minutes=11), 2)):
        with clock.frozen(clock.now() + wait):
            told = (await exchange.http.get("/v1/overview", headers=administrator)).json()
        assert [(each["department"], each["overdue"]) for each in told["departments"]] == [
            ("public-security", expected)
        ]


async def test_receipts_are_found_by_reason_type_and_time_of_acceptance(exchange: Exchange) -> None:
    first = sorted(await report(exchange, 3))
    between = clock.now()
    results = await exchange.post_batch([registration(f"later{n}", n) for n in range(3)])
    later = sorted(result["receipt"] for result in results)
    await outcome(exchange, first[0], "held", reason="identity-ambiguous", decider="registry clerk", due=clock.today())
    await outcome(exchange, later[0], "rejected", reason="deadline-passed")

    async def found(**query: Any) -> list[str]:
        return [each["receipt"] for each in await walk(exchange, 2, **query)]

    assert await found(reason="identity-ambiguous") == [first[0]]
    assert await found(reason="deadline-passed", status="rejected") == [later[0]]
    assert await found(reason="deadline-passed", status="held") == []
    assert await found(type="household.registered") == [*first, *later]
    assert await found(type="birth.certified") == []
    assert await found(since=between.isoformat()) == later
    assert await found(until=between.isoformat()) == first
    assert await found(since=between.isoformat(), status="accepted") == later[1:]
    assert await found(since=between.isoformat(), until=between.isoformat()) == []
    assert await found(until=between.isoformat(), status="held", type="household.registered") == [first[0]]
    for wrong in ({"since": "yesterday"}, {"until": "2026-01-01"}, {"type": "x"}, {"reason": "A"}, {"minutes": -1}):
        assert (await get(exchange, "/v1/receipts", **wrong)).status_code == 422, wrong


async def retry(exchange: Exchange, receipt: str, department: str = "public-security", role: str = "clerk") -> Any:
    return await exchange.http.post(
        f"/v1/receipts/{receipt}/retry", headers=exchange.headers(department, roles=(role,))
    )


async def asked(exchange: Exchange) -> list[str]:
    """The receipts that the registry is asked to look at again."""
    async with exchange.service.pool.acquire() as connection:
        page = await exchange.service.feeds.read(connection, "sharing", 0, None, 1000)
    told = [json.loads(entry.body or b"") for entry in page.entries]
    return [each["receipt"] for each in told if each["kind"] == "retry"]


async def test_only_a_held_event_is_tried_again_and_only_by_its_department(exchange: Exchange) -> None:
    receipts = sorted(await report(exchange, 4))
    for receipt, status in zip(receipts[1:], ("applied", "held", "rejected"), strict=True):
        await outcome(exchange, receipt, status)
    for place, status in ((0, "accepted"), (1, "applied"), (3, "rejected")):
        refused = await retry(exchange, receipts[place])
        assert (refused.status_code, refused.json()["type"]) == (409, "/errors#not-held")
        assert refused.json()["standing"] == status
    foreign, unknown = await retry(exchange, receipts[2], "health"), await retry(exchange, str(uuid4()))
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    assert (await retry(exchange, receipts[2], role="follower")).status_code == 403
    assert await asked(exchange) == []
    taken = await retry(exchange, receipts[2], role="reporter")
    assert (taken.status_code, taken.json()["status"]) == (202, "held")
    assert await asked(exchange) == [receipts[2]]
    assert (await get(exchange, f"/v1/receipts/{receipts[2]}")).json()["retried_at"] == taken.json()["retried_at"]


async def test_sixteen_who_ask_at_once_have_a_held_event_looked_at_once(exchange: Exchange) -> None:
    (receipt,) = await report(exchange, 1)
    await outcome(exchange, receipt, "held")
    answers = await asyncio.gather(*(retry(exchange, receipt) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["retried_at"] for answer in answers}) == 1
    assert await asked(exchange) == [receipt]
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert (await retry(exchange, receipt)).status_code == 202
    assert await asked(exchange) == [receipt, receipt]
