"""A lost device and a worker who left are shut out at once: tokens, sessions, codes, waiting polls, open streams."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.alerts.facilities import streams
from services.alerts.facilities.streams import OpenStreams
from shared import clock
from shared.feed import http
from tests.alerts_world import BORN, DAY_15, DONGMING, LIUQUAN, World, person, served, wish

pytest_plugins = ["tests.alerts"]

NOON = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
PROMISED = 60.0  # seconds


@pytest.fixture
async def staffed(world: World) -> World:
    """Liuquan lists a supervisor and a nurse."""
    await world.listed(("head", "supervisor"), ("nurse", "care-worker"))
    return world


async def shut_out(world: World, *, left: bool, subject: str = "nurse") -> None:
    """The supervisor ends a worker's line, or revokes what is on a lost device."""
    supervisor = world.token(subject="head", roles=["supervisor"])
    lines = (await world.http.get("/v1/staff", headers=supervisor)).json()["staff"]
    (line,) = [each for each in lines if each["subject"] == subject]
    for _ in range(2):
        if left:
            answer = await world.http.delete(f"/v1/staff/{line['id']}", headers=supervisor)
        else:
            answer = await world.http.post(f"/v1/staff/{line['id']}/revocation", headers=supervisor)
        assert answer.status_code == 204


@pytest.mark.parametrize("left", [False, True])
async def test_older_tokens_and_sessions_are_void_from_then_on(staffed: World, left: bool) -> None:
    with clock.frozen(NOON):
        token, unused = staffed.token(), await staffed.code()
        await staffed.login_cookie()
        assert (await staffed.http.get("/v1/worklist")).status_code == 200
        await shut_out(staffed, left=left)
        assert (await staffed.http.get("/v1/worklist", headers=token)).status_code == 401
        assert (await staffed.http.get("/v1/worklist")).status_code == 401
        assert (await staffed.http.get("/worklist")).headers["location"].startswith("/login")
        refused = await staffed.http.post("/login", data={"code": unused}, headers={"origin": "http://alerts"})
        assert refused.status_code == 403


@pytest.mark.parametrize("left", [False, True])
async def test_a_supervisor_shuts_nobody_out_elsewhere(staffed: World, left: bool) -> None:
    await staffed.listed(("chief", "supervisor"), ("stranger", "care-worker"), facility=DONGMING)
    with clock.frozen(NOON):
        elsewhere = staffed.token(DONGMING, subject="stranger")
        cookie = await staffed.login_cookie(DONGMING)  # of "nurse", who works there too
        await staffed.listed(("nurse", "care-worker"), facility=DONGMING)
        supervisor = staffed.token(subject="head", roles=["supervisor"])
        for subject in ("stranger", "own:00000000-0000-0000-0000-000000000007"):
            wanted = {"subject": subject, "role": "care-worker"}
            assert (await staffed.http.put("/v1/staff", json=wanted, headers=supervisor)).status_code == 200
            await shut_out(staffed, left=left, subject=subject)
        await shut_out(staffed, left=left)
        assert cookie
        assert (await staffed.http.get("/v1/worklist", headers=elsewhere)).status_code == 200
        assert (await staffed.http.get("/v1/worklist")).status_code == 200, "the session there goes on"
        assert (await staffed.http.get("/v1/worklist", headers=staffed.token())).status_code == 401


@pytest.mark.parametrize(("left", "status"), [(False, 200), (True, 403)])
async def test_after_a_lost_device_one_logs_in_again_and_who_left_does_not(
    staffed: World, left: bool, status: int
) -> None:
    with clock.frozen(NOON):
        await shut_out(staffed, left=left)
    with clock.frozen(NOON + timedelta(seconds=20)):  # an issuer's clock may be that far ahead
        assert (await staffed.http.get("/v1/worklist", headers=staffed.token())).status_code == 401
    with clock.frozen(NOON + timedelta(seconds=20)):  # a session begins by this service's own clock
        await staffed.login_cookie()
        assert (await staffed.http.get("/v1/worklist")).status_code == status
    staffed.http.cookies.clear()
    with clock.frozen(NOON + timedelta(seconds=31)):
        assert (await staffed.http.get("/v1/worklist", headers=staffed.token())).status_code == status


async def test_a_device_that_is_found_again_is_logged_in_on_and_what_was_open_on_it_stays_dead(staffed: World) -> None:
    with clock.frozen(NOON):
        old = staffed.token()
        await shut_out(staffed, left=False)
    with clock.frozen(NOON + timedelta(minutes=1)):
        head = staffed.token(subject="head", roles=["supervisor"])
        lines = (await staffed.http.get("/v1/staff", headers=head)).json()["staff"]
        said = {each["subject"]: each["shut_out_at"] for each in lines}
        assert said["head"] is None
        since = datetime.fromisoformat(said["nurse"])
        assert timedelta(0) <= since - NOON < timedelta(minutes=1), "by an issuer's clock that may be ahead"
        await staffed.login_cookie()
        assert (await staffed.http.get("/v1/worklist")).status_code == 200
        staffed.http.cookies.clear()
        assert (await staffed.http.get("/v1/worklist", headers=old)).status_code == 401


async def test_a_login_at_the_same_moment_leaves_no_session(staffed: World) -> None:
    for _ in range(5):
        code = await staffed.code()
        own = {"origin": "http://alerts"}
        _, login = await asyncio.gather(
            shut_out(staffed, left=False), staffed.http.post("/login", data={"code": code}, headers=own)
        )
        sessions = await staffed.alerts.service.pool.fetch("SELECT expires_at FROM login_session")
        revoked_at = await staffed.alerts.service.pool.fetchval("SELECT revoked_at FROM revocation")
        begun = [row["expires_at"] - timedelta(hours=8) for row in sessions]
        assert all(each > revoked_at for each in begun) or login.status_code == 403
        staffed.http.cookies.clear()


async def heard(stream: httpx.Response) -> AsyncIterator[str]:
    """The lines of a stream."""
    async for line in stream.aiter_lines():
        yield line


async def test_an_open_stream_ends_and_tells_nothing_more(staffed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "COMMENT_EVERY", 0.2)
    fast = OpenStreams(staffed.alerts.staff, look_every=0.2)
    object.__setattr__(staffed.alerts, "streams", fast)
    await staffed.birth()
    await staffed.on(DAY_15)
    async with served(staffed.app) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        async with client.stream("GET", "/v1/feed/stream", headers=staffed.token()) as stream:
            lines = heard(stream)
            while "event: entry" not in await anext(lines):
                pass
            await shut_out(staffed, left=False)
            began = time.monotonic()
            rest = [line async for line in lines]
            assert time.monotonic() - began < PROMISED / 2
        assert not any("event: entry" in line for line in rest[2:])
        again = await client.get("/v1/feed/stream", headers=staffed.token())
        assert again.status_code == 401


async def test_what_comes_after_the_revocation_is_not_told_even_before_the_next_look(staffed: World) -> None:
    slow = OpenStreams(staffed.alerts.staff, look_every=600)
    object.__setattr__(staffed.alerts, "streams", slow)
    await staffed.birth()
    async with served(staffed.app) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        async with client.stream("GET", "/v1/feed/stream", headers=staffed.token()) as stream:
            lines = heard(stream)
            assert await anext(lines) == "retry: 2000"
            await shut_out(staffed, left=True)
            await staffed.on(DAY_15)
            rest = [line async for line in lines]
        assert not any("event: entry" in line for line in rest)


async def test_a_waiting_poll_is_judged_again_before_it_is_answered(staffed: World) -> None:
    await staffed.birth()
    waiting = asyncio.create_task(staffed.http.get("/v1/feed", params={"wait": 20}, headers=staffed.token()))
    while not staffed.alerts.service.watch.waiting:  # noqa: ASYNC110 — nothing tells that a poll waits
        await asyncio.sleep(0.01)
    await shut_out(staffed, left=True)
    await staffed.on(DAY_15)
    answer = await waiting
    assert answer.status_code == 401
    assert "entries" not in answer.text


async def test_a_stream_of_a_colleague_goes_on(staffed: World) -> None:
    open_streams = OpenStreams(staffed.alerts.staff)
    await staffed.listed(("colleague", "care-worker"))
    verify = staffed.app.state.verifier.verify
    own, other = (
        open_streams.listening(verify(staffed.token(subject=each)["authorization"].removeprefix("Bearer ")))
        for each in ("nurse", "colleague")
    )
    await shut_out(staffed, left=True)
    await open_streams.judge_all()
    assert (own.over, other.over) == (True, False)
    del own, other
    async with asyncio.timeout(10):
        while open_streams.streams:  # noqa: ASYNC110 — a stream that ended is forgotten, as soon as no look holds it
            await asyncio.sleep(0.01)


async def test_a_last_day_that_passes_ends_the_stream(staffed: World) -> None:
    supervisor = staffed.token(subject="head", roles=["supervisor"])
    until = {"subject": "locum", "until": str(BORN)}
    assert (await staffed.http.put("/v1/staff", json=until, headers=supervisor)).status_code == 200
    token = staffed.token(subject="locum")["authorization"].removeprefix("Bearer ")
    stream = staffed.alerts.streams.listening(staffed.app.state.verifier.verify(token))
    await staffed.alerts.streams.judge_all()
    assert not stream.over
    staffed.today = BORN + timedelta(days=1)
    await staffed.alerts.streams.judge_all()
    assert stream.over


def test_with_the_silence_of_a_stream_the_looks_stay_within_the_promise() -> None:
    assert streams.LOOK_EVERY + http.COMMENT_EVERY < PROMISED / 2


async def test_nothing_of_staff_is_written_where_people_are_read(staffed: World) -> None:
    await staffed.tell(person("mother"), wish())
    await shut_out(staffed, left=True)
    rows = await staffed.alerts.service.pool.fetch("SELECT * FROM access_log WHERE facility = $1", LIUQUAN)
    assert rows == []
