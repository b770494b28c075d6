"""Channels by page, as a browser sends it: addresses shown once, webhooks tested, paused, tried again."""

import re

import httpx

from tests.alerts_world import DONGMING
from tests.care_world import CareWorld
from tests.channels_world import Channels
from tests.line import until
from tests.page_forms import OWN, forms, send
from tests.webhooks_world import always, fine, receiving

pytest_plugins = ["tests.alerts"]

SECRET = re.compile(r"http://127\.0\.0\.1:8103(/secret/[A-Za-z0-9_-]{43}/\S+?)<")


async def made(cared: CareWorld, path: str, form: dict[str, str]) -> str:
    """The path of the address that a page shows this once."""
    answer = await send(cared, path, form)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
    (found,) = SECRET.findall(answer.text)
    return str(found)


async def read_by(cared: CareWorld, path: str) -> int:
    """What whoever holds an address is answered: with nothing but the address."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(cared.world.app), base_url="http://alerts") as reader:
        return (await reader.get(path)).status_code


async def test_an_address_is_shown_once_rotated_and_revoked(cared: CareWorld) -> None:
    await cared.world.login_cookie()
    calendar = await made(cared, "/channels/addresses", {"kind": "calendar", "language": "en"})
    assert await read_by(cared, calendar) == 200
    page = (await cared.world.http.get("/channels")).text
    assert "共 1 次" in page
    assert calendar not in page
    assert "Webhook" not in page, "a care worker sets up no webhook"
    (rotate,) = [each for each in await forms(cared, "/channels") if each.endswith("/rotate")]
    other = await made(cared, rotate, {})
    assert (await read_by(cared, calendar), await read_by(cared, other)) == (404, 200)
    (revoke,) = [each for each in await forms(cared, "/channels") if each.endswith("/revocation")]
    assert (await send(cared, revoke, {})).headers["location"] == "/channels?noted=revoked"
    assert await read_by(cared, other) == 404
    assert not [each for each in await forms(cared, "/channels") if each.endswith("/rotate")]
    assert (await send(cared, rotate, {})).status_code == 404
    assert (await send(cared, "/channels/addresses", {"kind": "everything"})).status_code == 422
    for _ in range(10):
        await made(cared, "/channels/addresses", {"kind": "feed", "language": "zh-CN"})
    full = await send(cared, "/channels/addresses", {"kind": "feed", "language": "zh-CN"})
    assert (full.status_code, "您已有 10 个地址" in full.text) == (409, True)


async def test_a_supervisor_makes_tests_pauses_and_ends_a_webhook(channels: Channels) -> None:
    cared = channels.cared
    await cared.world.login_cookie(roles=["supervisor"])
    async with receiving() as receiver:
        form = {"name": "clinic", "url": receiver.url, "kinds": "digest"}
        shown = await send(cared, "/channels/webhooks", form)
        assert (shown.status_code, "whsec_" in shown.text) == (200, True)
        hook = (await channels.hooks("GET", "clinic")).json()
        assert (hook["kinds"], hook["url"]) == (["digest"], receiver.url)
        kept = (await forms(cared, "/channels/webhooks/clinic"))["/channels/webhooks/clinic"]
        assert kept == {"url": receiver.url, "kinds": "digest"}
        changed = await send(cared, "/channels/webhooks/clinic", kept | {"kinds": ""})
        assert changed.headers["location"] == "/channels/webhooks/clinic?noted=changed"
        assert (await channels.hooks("GET", "clinic")).json()["kinds"] == []
        tried = await send(cared, "/channels/webhooks/clinic/test", {})
        assert (tried.status_code, "接收方已收到：204" in tried.text) == (200, True)
        receiver.says = always(503)
        assert "未送达" in (await send(cared, "/channels/webhooks/clinic/test", {})).text
        for what, state in (("pause", "paused"), ("resume", "active")):
            assert (await send(cared, f"/channels/webhooks/clinic/{what}", {})).status_code == 303
            assert (await channels.hooks("GET", "clinic")).json()["state"] == state
        assert "whsec_" in (await send(cared, "/channels/webhooks/clinic/rotate", {})).text
        ended = await send(cared, "/channels/webhooks/clinic/deletion", {})
        assert ended.headers["location"] == "/channels?noted=deleted"
        assert (await cared.world.http.get("/channels/webhooks/clinic")).status_code == 404


async def test_a_form_that_is_sent_twice_makes_one_secret_and_moves_no_other_webhook(channels: Channels) -> None:
    cared, rotate = channels.cared, "/channels/webhooks/clinic/rotate"
    await cared.world.login_cookie(roles=["supervisor"])
    first = {"name": "clinic", "url": "https://clinic.example/hook", "kinds": ""}
    assert (await send(cared, "/channels/webhooks", first)).status_code == 200
    taken = await send(cared, "/channels/webhooks", first | {"url": "https://other.example/hook"})
    assert (taken.status_code, "已有同名的 webhook" in taken.text) == (409, True)
    assert (await channels.hooks("GET", "clinic")).json()["url"] == "https://clinic.example/hook"
    form = (await forms(cared, "/channels/webhooks/clinic"))[rotate]
    known = await cared.care.pool.fetchval("SELECT secret FROM care_webhook")
    assert (await send(cared, rotate, form)).status_code == 200
    again = await send(cared, rotate, form)
    assert (again.status_code, "whsec_" in again.text, "本次未作更改" in again.text) == (409, False, True)
    assert await cared.care.pool.fetchval("SELECT old_secret FROM care_webhook") == known, (
        "what the receiver knows signs for its whole day"
    )
    anew = (await forms(cared, "/channels/webhooks/clinic"))[rotate]
    assert (await send(cared, rotate, anew)).status_code == 200
    gone = await send(cared, "/channels/webhooks/nobody", {"url": "https://clinic.example/hook", "kinds": ""})
    assert gone.status_code == 404


async def test_what_is_parked_is_shown_without_a_task_and_tried_again(channels: Channels) -> None:
    cared = channels.cared
    await cared.world.login_cookie(roles=["supervisor"])
    async with receiving(always(500)) as receiver, channels.sending():
        await channels.hook(receiver.url)
        await cared.enrolled()
        ((_, contact),) = await cared.told()

        async def parked() -> bool:
            return bool((await channels.hooks("GET", "clinic")).json()["parked"] == 1)

        await until(parked, "parked after the last try")
        page = (await cared.world.http.get("/channels/webhooks/clinic")).text
        for words in ("待发 0，搁置 1", "已尝试 3 次", "500"):
            assert words in page
        assert contact[:18] not in page
        receiver.says = fine
        assert (await send(cared, "/channels/webhooks/clinic/retry", {})).status_code == 303
        await receiver.has(4)


async def test_what_is_wrong_is_said_and_another_facilitys_webhook_is_not_found(channels: Channels) -> None:
    cared = channels.cared
    await cared.world.login_cookie(roles=["supervisor"])
    for form, said in (
        ({"name": "Clinic", "url": "https://clinic.example/hook"}, "名称"),
        ({"name": "clinic", "url": "ftp://clinic.example"}, "地址: 必须以 https:// 开头"),
        ({"name": "clinic", "url": ""}, "地址: 必填"),
    ):
        refused = await send(cared, "/channels/webhooks", form)
        assert (refused.status_code, said in refused.text) == (422, True), said
    assert (await channels.hooks("GET", "")).json()["webhooks"] == []
    await channels.hooks("PUT", "theirs", {"url": "https://clinic.example/hook"}, facility=DONGMING)
    assert "theirs" not in (await cared.world.http.get("/channels")).text
    for what in ("/test", "/pause", "/resume", "/retry", "/rotate", "/deletion", ""):
        form = {"url": "https://clinic.example/hook"}
        refused = await cared.world.http.post(f"/channels/webhooks/theirs{what}", data=form, headers=OWN)
        assert refused.status_code == 404, what
