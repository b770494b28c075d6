"""Receipts: a department sees what became of its own reports, page by page, and nothing of anyone else's."""

from datetime import date
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
