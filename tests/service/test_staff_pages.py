"""Staff by page, as a browser sends it: listed, changed, shut out, and an end undone; who is named for an episode."""

from datetime import timedelta

import httpx
import pytest

from services.alerts.facilities.repository import Listed
from shared.auth.caller import Caller
from tests.alerts_world import DONGMING, LIUQUAN
from tests.care_world import CareWorld
from tests.page_forms import forms, send

pytest_plugins = ["tests.alerts"]


@pytest.fixture
async def supervised(cared: CareWorld) -> CareWorld:
    """Liuquan lists a supervisor, who is signed in, and a nurse."""
    await cared.world.listed(("nurse", "supervisor"), ("zhao.min", "care-worker"))
    await cared.world.login_cookie(roles=["supervisor"])
    return cared


async def lines(cared: CareWorld, subject: str, facility: str = LIUQUAN) -> list[Listed]:
    """What a facility's list says of somebody."""
    caller = Caller("head", "health", roles=frozenset({"supervisor"}), purpose="care", facility=facility)
    return [each for each in await cared.world.alerts.staff.listed(caller) if each.subject == subject]


def led_to(answer: httpx.Response) -> str:
    """Where a form that was taken leads."""
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_a_stand_in_is_listed_and_their_line_changed(supervised: CareWorld) -> None:
    last = supervised.today + timedelta(days=14)
    told = {"subject": "li.na", "role": "care-worker", "stands_in_for": "zhao.min", "from": "", "until": str(last)}
    assert led_to(await send(supervised, "/staff", told)) == "/staff?noted=listed"
    (line,) = await lines(supervised, "li.na")
    assert (line.stands_in_for, line.valid_from, line.valid_until) == ("zhao.min", supervised.today, last)
    page = (await supervised.world.http.get("/staff?noted=listed")).text
    assert "代zhao.min履职" in page
    path, later = f"/staff/{line.staff_id}", str(last + timedelta(days=7))
    form = (await forms(supervised, path))[path]
    assert led_to(await send(supervised, path, form | {"until": later, "clinician": "on"})) == "/staff?noted=listed"
    (line,) = await lines(supervised, "li.na")
    assert (str(line.valid_until), line.clinician, line.stands_in_for) == (later, True, "zhao.min")


async def test_who_left_is_shut_out_and_an_end_can_be_undone(supervised: CareWorld) -> None:
    (line,) = await lines(supervised, "zhao.min")
    token = supervised.world.token(subject="zhao.min")

    async def sees(headers: dict[str, str]) -> int:
        return (await supervised.world.http.get("/v1/worklist", headers=headers)).status_code

    assert await sees(token) == 200
    there = led_to(await send(supervised, f"/staff/{line.staff_id}/end", {}))
    assert there == f"/staff?noted=left&line={line.staff_id}"
    assert await sees(token) == 401
    shown = await forms(supervised, there)
    assert led_to(await send(supervised, f"/staff/{line.staff_id}/again", shown[f"/staff/{line.staff_id}/again"]))
    (line,) = await lines(supervised, "zhao.min")
    assert line.ended_at is None
    assert await sees(token) == 401, "what was shut out stays void"


async def test_an_old_form_lists_nobody_again_who_left_meanwhile(supervised: CareWorld) -> None:
    (line,) = await lines(supervised, "zhao.min")
    path = f"/staff/{line.staff_id}"
    page = await forms(supervised, path)
    (action, old) = next((where, form) for where, form in page.items() if "until" in form)
    assert led_to(await send(supervised, f"{path}/end", {})).startswith("/staff?noted=left")
    refused = await send(supervised, action, old | {"clinician": "on"})
    assert (refused.status_code, "该记录已被结束" in refused.text, f"{path}/again" in refused.text) == (409, True, True)
    (line,) = await lines(supervised, "zhao.min")
    assert (line.ended_at is None, line.clinician) == (False, False)


async def test_a_lost_device_is_shut_out_and_the_worker_stays_listed(supervised: CareWorld) -> None:
    (line,) = await lines(supervised, "zhao.min")
    token = supervised.world.token(subject="zhao.min")
    said = "设备找回后无须撤销"
    assert said not in (await supervised.world.http.get(f"/staff/{line.staff_id}")).text
    assert led_to(await send(supervised, f"/staff/{line.staff_id}/revocation", {})) == "/staff?noted=revoked"
    assert said in (await supervised.world.http.get(f"/staff/{line.staff_id}")).text
    answer = await supervised.world.http.get("/v1/worklist", headers=token)
    assert answer.status_code == 401
    (line,) = await lines(supervised, "zhao.min")
    assert line.on(supervised.today)


async def test_what_is_wrong_is_said_and_nothing_is_changed(supervised: CareWorld) -> None:
    (own,) = await lines(supervised, "nurse")
    last = await send(supervised, f"/staff/{own.staff_id}/end", {})
    assert (last.status_code, "当日须有主管在列" in last.text) == (
        409,
        True,
    )
    endless = {"subject": "li.na", "role": "care-worker", "stands_in_for": "zhao.min"}
    for form, said in (
        (endless, "代岗须有末日"),
        (endless | {"until": str(supervised.today), "stands_in_for": "li.na"}, "不能代自己履职"),
        ({"subject": "li.na", "role": "care-worker", "until": "2020-01-01"}, "末日: 结束日期早于开始日期"),
        ({"subject": "", "role": "care-worker"}, "登录账号名: 必填"),
    ):
        refused = await send(supervised, "/staff", form)
        assert (refused.status_code, said in refused.text) == (422, True), said
    assert await lines(supervised, "li.na") == []
    assert (await lines(supervised, "nurse"))[0].ended_at is None


async def test_another_facilitys_staff_is_not_found_and_workers_list_nobody(supervised: CareWorld) -> None:
    await supervised.world.listed(("wang.fang", "care-worker"), facility=DONGMING)
    (line,) = await lines(supervised, "wang.fang", DONGMING)
    assert (await supervised.world.http.get(f"/staff/{line.staff_id}")).status_code == 404
    for what in ("", "/end", "/revocation", "/again"):
        assert (await send(supervised, f"/staff/{line.staff_id}{what}", {})).status_code == 404, what
    assert (await lines(supervised, "wang.fang", DONGMING))[0].on(supervised.today)
    assert "wang.fang" not in (await supervised.world.http.get("/staff")).text


async def test_two_workers_share_an_episode_for_some_days(cared: CareWorld) -> None:
    await cared.world.listed(("nurse", "care-worker"), ("zhao.min", "care-worker"), ("head", "supervisor"))
    episode = await cared.enrolled()
    await cared.world.login_cookie()
    path, until = f"/episodes/{episode}/workers", str(cared.today + timedelta(days=30))
    form = (await forms(cared, path))[path]
    assert form["subject_1"] == "nurse"
    refused = await send(cared, path, form | {"subject_2": "head"})
    assert (refused.status_code, "不是本机构的保健人员" in refused.text) == (422, True)
    twice = await send(cared, path, form | {"subject_2": "nurse"})
    assert (twice.status_code, "重复指定同一人" in twice.text) == (422, True)
    sent = form | {"subject_2": "zhao.min", "until_2": until}
    assert led_to(await send(cared, path, sent)) == f"/episodes/{episode}?noted=workers"
    named = (await cared.call("GET", f"/v1/episodes/{episode}/workers")).json()["workers"]
    today = str(cared.today)
    assert sorted((each["subject"], each["from"], each["until"]) for each in named) == [
        ("nurse", today, None),
        ("zhao.min", today, until),
    ]
