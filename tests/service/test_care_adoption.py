"""Another version of a schedule for an episode that is running: shown first, then applied to what is still to come."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from services.alerts.schedules.catalogue import load
from services.alerts.schedules.handlers import follow
from services.alerts.schedules.moves import Change
from shared.auth.caller import Caller
from shared.errors import Invalid
from tests.alerts_world import DONGMING, LIUQUAN
from tests.care_world import CareWorld, consent

pytest_plugins = ["tests.alerts"]
NURSE = Caller("nurse", roles=frozenset({"care-worker"}), purpose="care", facility=LIUQUAN)
WHO = "schedules/who-antenatal"
SAID = {"zh": "地方方案", "en": "Local plan"}
VARIANT = {
    "variant": "liuquan", "of": "cn-antenatal", "base": "2017", "title": SAID, "source": SAID,
    "in_force_from": date(2020, 1, 1), "facilities": [LIUQUAN],
    "changes": [
        {"code": "first", "clause": SAID, "due": "70 days"},
        {"code": "weeks-16-20", "clause": SAID, "opens": "119 days"},
    ],
    "leaves_out": [{"code": "weeks-37-40", "reason": SAID}],
}  # fmt: skip


async def test_what_may_be_followed_is_listed_with_its_clauses(cared: CareWorld) -> None:
    answer = await cared.call("GET", "/v1/schedules?kind=maternal")
    found = {each["schedule"]: each for each in answer.json()["schedules"]}
    assert found["cn-antenatal"]["by_default"]
    assert not found["who-antenatal"]["by_default"]
    assert found["cn-case-management"]["contacts"][0]["dates_by"] == "ourselves"
    assert found["cn-antenatal"]["contacts"][0]["clause"]["en"] == "Services, (1): early pregnancy"
    assert (await cared.call("GET", "/v1/schedules?kind=nothing")).status_code == 422


async def test_another_schedule_is_shown_then_followed_then_left(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    path = f"/v1/episodes/{episode}/{WHO}"
    before = await cared.contacts(episode)
    preview = (await cared.call("PUT", f"{path}?dry_run=true", {"version": "2016"})).json()
    assert preview["applied"] is False
    assert {each["change"] for each in preview["moves"]} == {"appears"}
    assert await cared.contacts(episode) == before
    told = await cared.told()
    applied = (await cared.call("PUT", path, {"version": "2016"})).json()
    assert applied == {"applied": True, "moves": preview["moves"]}
    mine, asked = [each for each in await cared.contacts(episode) if each["schedule"] == "who-antenatal"]
    assert (asked["code"], asked["state"]) == ("ask-about-birth", "planned")
    assert (mine["code"], mine["state"]) == ("week-12", "open")
    assert await cared.told() == [*told, ("opened", mine["contact"])]
    again = (await cared.call("PUT", path, {"version": "2016"})).json()
    assert again == {"applied": True, "moves": []}
    left = (await cared.call("DELETE", path)).json()
    assert {each["change"] for each in left["moves"]} == {"vanishes"}
    assert (await cared.told())[-1] == ("closed", mine["contact"])
    assert not [each for each in await cared.contacts(episode, "open") if each["schedule"] == "who-antenatal"]
    assert (await cared.call("DELETE", path)).json() == {"applied": True, "moves": []}


async def test_what_was_done_stays_done_when_its_schedule_is_left(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    path = f"/v1/episodes/{episode}/{WHO}"
    await cared.call("PUT", path, {"version": "2016"})
    (mine,) = [each for each in await cared.contacts(episode) if each["code"] == "week-12"]
    assert (await cared.outcome(episode, mine["contact"])).status_code == 200
    await cared.call("DELETE", path)
    (kept,) = [each for each in await cared.contacts(episode) if each["schedule"] == "who-antenatal"]
    assert (kept["code"], kept["outcome"]["kind"]) == ("week-12", "done")


async def test_a_local_variant_moves_what_is_to_come_and_nothing_finished(cared: CareWorld, tmp_path: Path) -> None:
    episode = await cared.enrolled()
    (tmp_path / "schedules" / "variants").mkdir(parents=True)
    (tmp_path / "schedules" / "variants" / "liuquan.yaml").write_text(yaml.safe_dump(VARIANT), "utf-8")
    care = replace(cared.care, catalogue=load(tmp_path))
    begun = cared.lmp

    async def due() -> list[date]:
        return [
            row["due_on"]
            for row in await cared.care.pool.fetch(
                "SELECT due_on FROM care_contact WHERE episode_id = $1 AND state = 'open'", UUID(episode)
            )
        ]

    async def adopt(*, dry_run: bool) -> list[tuple[Change, str]]:
        found = await follow(care, NURSE, UUID(episode), "cn-antenatal", "2017+liuquan", dry_run=dry_run)
        return [(move.change, (move.after or move.before).code) for move in found]  # type: ignore[union-attr]

    expected = [
        (Change.MOVES, "first"),
        (Change.MOVES, "weeks-16-20"),
        (Change.VANISHES, "weeks-37-40"),
    ]
    assert await adopt(dry_run=True) == expected
    assert await due() == [begun + timedelta(days=90)]
    assert await adopt(dry_run=False) == expected
    assert await due() == [begun + timedelta(days=70)]
    assert await adopt(dry_run=False) == []
    with pytest.raises(Invalid):
        await follow(care, NURSE, UUID(episode), "cn-antenatal", "2030", dry_run=False)


async def test_what_is_not_on_offer_leaves_nothing_or_is_elsewhere_is_refused(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    path = f"/v1/episodes/{episode}"
    for schedule, version in (("cn-antenatal", "1999"), ("cn-child-checks", "2017"), ("nothing", "2017")):
        answer = await cared.call("PUT", f"{path}/schedules/{schedule}", {"version": version})
        assert answer.status_code == 422, schedule
    elsewhere = await cared.call("PUT", f"{path}/{WHO}", {"version": "2016"}, facility=DONGMING)
    assert elsewhere.status_code == 404
    followed = [each["schedule"] for each in (await cared.read(episode))["record"]["schedules"]]
    for schedule in followed[:-1]:
        assert (await cared.call("DELETE", f"{path}/schedules/{schedule}")).status_code == 200
    last = await cared.call("DELETE", f"{path}/schedules/{followed[-1]}")
    assert (last.status_code, last.json()["type"]) == (409, "/errors#nothing-to-follow")


async def test_a_proposed_episode_follows_nothing_yet(cared: CareWorld) -> None:
    proposed = {"request": "request-1", "state": "proposed", "consent": consent()}
    episode = await cared.enrolled(proposed)
    assert (await cared.call("PUT", f"/v1/episodes/{episode}/{WHO}", {"version": "2016"})).status_code == 409
