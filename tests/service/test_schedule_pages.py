"""Schedules by page, as a browser sends them: what would move is shown first, and what is wrong changes nothing."""

import httpx

from tests.care_world import CareWorld
from tests.page_forms import Forms, send

pytest_plugins = ["tests.alerts"]

WHO = {"schedule": "who-antenatal", "version": "2016"}


async def followed(cared: CareWorld, episode: str) -> set[str]:
    """What the episode follows."""
    return {each["schedule"] for each in (await cared.read(episode))["record"]["schedules"]}


async def change(cared: CareWorld, episode: str, form: dict[str, str]) -> httpx.Response:
    """Send the form, and the one that confirms it."""
    path = f"/episodes/{episode}/schedules"
    shown = await send(cared, path, form)
    assert shown.status_code == 200, shown.text
    return await send(cared, path, Forms(shown.text).sent[path])


async def test_one_more_schedule_is_followed_and_left_after_a_look_at_what_moves(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    await cared.world.login_cookie()
    path, before = f"/episodes/{episode}/schedules", await cared.contacts(episode)
    page = (await cared.world.http.get(f"/episodes/{episode}?lang=en")).text
    assert 'name="schedule" value="who-antenatal"' in page
    shown = await send(cared, path, WHO)
    assert (shown.status_code, "(new)" in shown.text) == (200, True)
    assert await cared.contacts(episode) == before
    applied = await send(cared, path, Forms(shown.text).sent[path])
    assert (applied.status_code, applied.headers["location"]) == (303, f"/episodes/{episode}?noted=schedules")
    assert "who-antenatal" in await followed(cared, episode)
    assert "who-antenatal" in {each["schedule"] for each in await cared.contacts(episode)}
    assert (await change(cared, episode, {"schedule": "who-antenatal"})).status_code == 303
    assert "who-antenatal" not in await followed(cared, episode)
    assert [each for each in await cared.contacts(episode) if each["state"] != "closed"] == before


async def test_what_is_not_on_offer_or_would_leave_nothing_is_refused_in_words(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    await cared.world.login_cookie()
    path, before = f"/episodes/{episode}/schedules", await followed(cared, episode)
    unknown = await send(cared, path, {"schedule": "cn-child-subsidy", "version": "2025"})
    assert (unknown.status_code, "版本: 不是可选用的保健方案" in unknown.text) == (422, True)
    for name in sorted(before)[1:]:
        assert (await change(cared, episode, {"schedule": name})).status_code == 303
    (last,) = await followed(cared, episode)
    only = (await cared.world.http.get(f"/episodes/{episode}")).text
    assert "不再执行" not in only
    refused = await send(cared, path, {"schedule": last, "apply": "yes"})
    assert (refused.status_code, "将不再有任何适用方案" in refused.text) == (409, True)
    assert await followed(cared, episode) == {last}


async def test_another_facilitys_episode_has_no_schedules_to_change(cared: CareWorld) -> None:
    episode = await cared.enrolled(facility="H370102012")
    await cared.world.login_cookie()
    answer = await send(cared, f"/episodes/{episode}/schedules", WHO | {"apply": "yes"})
    assert answer.status_code == 404
