"""The pages of help that a person asked for, as a browser sends them: nothing without consent, nothing unexplained."""

import re
from datetime import date, timedelta

import pytest

from tests.care_world import NUMBER, CareWorld
from tests.page_forms import forms, send

pytest_plugins = ["tests.alerts"]

SUBSIDY = "follow-cn-child-subsidy/2025"
GUARDIAN = "110101199003070417"


async def filled(cared: CareWorld, kind: str, **more: str) -> dict[str, str]:
    """The form of a kind, filled in by a worker who is signed in."""
    await cared.world.login_cookie()
    form = (await forms(cared, f"/asked/{kind}"))[f"/asked/{kind}"]
    told = {"asked_for": "育儿补贴怎么领？", "name": "王安", "channel": "in-person-written", "agrees": "on"}
    return form | told | more


async def of_child(cared: CareWorld, kind: str = "entitlement", **more: str) -> dict[str, str]:
    """A guardian asks for a child of five days."""
    born = (cared.today - timedelta(days=5)).isoformat()
    return await filled(cared, kind, **{"born_on": born, "guardian": "王秀英"} | more)


async def episodes(cared: CareWorld) -> int:
    """How many there are."""
    found: int = await cared.care.pool.fetchval("SELECT count(*) FROM episode")
    return found


async def test_a_guardian_asks_agrees_and_is_shown_what_will_be_done(cared: CareWorld) -> None:
    numbers = {"number": NUMBER, "guardian_number": GUARDIAN, "phone": "13800000001", SUBSIDY: "on"}
    form = await of_child(cared, **numbers)
    answer = await send(cared, "/asked/entitlement", form)
    assert answer.status_code == 303, answer.text
    episode = answer.headers["location"].removeprefix("/episodes/").removesuffix("?noted=asked")
    shown = await cared.read(episode)
    assert (shown["kind"], shown["record"]["name"]) == ("entitlement", "王安")
    assert shown["record"]["details"] == {"asked_for": "育儿补贴怎么领？", "guardian": "王秀英"}
    assert shown["record"]["reach"] == [{"how": "phone", "value": "13800000001"}]
    assert [each["code"] for each in shown["contacts"]] == ["claim-year-1", "claim-year-2", "claim-year-3"]
    page = (await cared.world.http.get(answer.headers["location"])).text
    for words in ("已受理。", "育儿补贴怎么领？", "王秀英", "育儿补贴制度实施方案", "撤回同意"):
        assert words in page
    again = await send(cared, "/asked/entitlement", form)
    assert again.headers["location"] == f"/episodes/{episode}?noted=asked-before"
    assert await episodes(cared) == 1


async def test_a_child_follows_the_norms_unless_they_chose_among_them(cared: CareWorld) -> None:
    form = await of_child(cared, "child", preterm="yes", low_weight="on")
    del form["follow-cn-immunisation/2026"]
    answer = await send(cared, "/asked/child", form)
    episode = answer.headers["location"].removeprefix("/episodes/").removesuffix("?noted=asked")
    record = (await cared.read(episode))["record"]
    assert "cn-immunisation" not in {each["schedule"] for each in record["schedules"]}
    assert [(each["preterm"], each["low_weight"], each["birth_defect"]) for each in record["children"]] == [
        (True, True, False)
    ]


async def test_the_dates_are_shown_before_anything_is_kept(cared: CareWorld) -> None:
    form = await of_child(cared, **{SUBSIDY: "on", "agrees": "", "foresee": "yes", "name": ""})
    before = await cared.care.pool.fetchval("SELECT count(*) FROM access_log")
    shown = await send(cared, "/asked/entitlement", form)
    assert shown.status_code == 200
    for words in ("首次申领育儿补贴", "每名婴幼儿每年3600元", "育儿补贴怎么领？", f"{cared.today.year + 1}年12月31日"):
        assert words in shown.text
    assert await episodes(cared) == 0
    assert await cared.care.pool.fetchval("SELECT count(*) FROM access_log") == before
    tomorrow = form | {"born_on": (cared.today + timedelta(days=1)).isoformat()}
    refused = await send(cared, "/asked/entitlement", tomorrow)
    assert (refused.status_code, "须为已到的日期" in refused.text) == (422, True)


async def offered(cared: CareWorld) -> list[str]:
    """The boxes of the help that a guardian may choose among."""
    return re.findall(r'name="(follow-[^"]+)"', (await cared.world.http.get("/asked/entitlement")).text)


async def kept(cared: CareWorld) -> list[int]:
    """How many episodes and steps of consents there are."""
    tables = ("episode", "episode_consent")
    return [await cared.care.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


async def test_what_differs_from_the_help_that_there_is_is_refused_with_a_way_to_it(cared: CareWorld) -> None:
    page = await filled(cared, "entitlement")
    (papers,) = [each for each in await offered(cared) if each != SUBSIDY]
    assert not {papers, SUBSIDY} & set(page)
    first = await of_child(cared, number=NUMBER, **{papers: "on"})
    episode = (await send(cared, "/asked/entitlement", first)).headers["location"].split("?")[0]
    before = await kept(cared)
    other = await of_child(cared, number=NUMBER, **{SUBSIDY: "on", "asked_for": "补贴呢？"})
    refused = await send(cared, "/asked/entitlement", other)
    assert (refused.status_code, f'href="{episode}#followed"' in refused.text) == (409, True)
    assert "该人在本机构的登记采用其他方案" in refused.text
    assert "补贴呢？" in refused.text, "what was filled in stays"
    assert await kept(cared) == before
    logged = "SELECT count(*) FROM access_log WHERE action = 'enrol'"
    assert await cared.care.pool.fetchval(logged) == 2, "who was told of it is written down"
    again = await of_child(cared, number=NUMBER, **{papers: "on"})
    assert (await send(cared, "/asked/entitlement", again)).headers["location"] == f"{episode}?noted=asked-before"


async def test_where_the_consent_has_expired_it_is_to_be_renewed(cared: CareWorld) -> None:
    form = await of_child(cared, number=NUMBER, **{SUBSIDY: "on"})
    episode = (await send(cared, "/asked/entitlement", form)).headers["location"].split("?")[0]
    until = (await cared.read(episode.removeprefix("/episodes/")))["consent_until"]
    await cared.on(date.fromisoformat(until) + timedelta(days=3))
    before = await kept(cared)
    anew = await of_child(cared, number=NUMBER, **{SUBSIDY: "on"})
    refused = await send(cared, "/asked/entitlement", anew)
    assert (refused.status_code, f'href="{episode}/consent"' in refused.text) == (409, True)
    assert await kept(cared) == before
    same = await send(cared, "/asked/entitlement", form)
    assert same.headers["location"] == f"{episode}?noted=asked-before"


WRONG = {
    "no consent": ({"agrees": None}, "同意: 须在其同意后勾选"),
    "no help named": ({SUBSIDY: None}, "须在 schedules 中列明所请求的帮助"),
    "nothing asked for": ({"asked_for": ""}, "请求内容: 必填"),
    "no guardian": ({"guardian": ""}, "监护人姓名: 至少 1 个字符"),
    "no day of birth": ({"born_on": ""}, "监护人和出生日期"),
    "another text": ({"version": "1999-01"}, "同意"),
    "what is no number": ({"number": "12"}, "身份证号"),
}


@pytest.mark.parametrize(("change", "said"), WRONG.values(), ids=WRONG.keys())
async def test_what_is_wrong_is_said_beside_what_was_filled_in(
    cared: CareWorld, change: dict[str, str | None], said: str
) -> None:
    form = await of_child(cared, **{SUBSIDY: "on", "phone": "13800000001"})
    sent = {name: text for name, text in (form | change).items() if text is not None}
    answer = await send(cared, "/asked/entitlement", sent)
    assert answer.status_code == 422
    alert = answer.text.partition('role="alert"')[2].partition("</div>")[0]
    assert said in alert
    assert 'value="13800000001"' in answer.text
    assert await episodes(cared) == 0


async def test_the_list_tells_rules_and_nobody_and_unknown_help_is_not_found(cared: CareWorld) -> None:
    await cared.enrolled()
    await cared.world.login_cookie()
    page = await cared.world.http.get("/asked?lang=en")
    for words in ("Help with claiming the child-care subsidy, 2025", "Article 45", "The guardian asks and agrees."):
        assert words in page.text
    assert "王秀英" not in page.text
    for path in ("/asked/maternal", "/asked/other"):
        assert (await cared.world.http.get(path)).status_code == 404
    foreign = await cared.world.http.post("/asked/child", data={}, headers={"origin": "http://elsewhere"})
    assert foreign.status_code == 403
