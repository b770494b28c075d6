"""Forms of the episode pages, sent as a browser sends them: what is not touched stays as it was."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import yaml

from services.alerts.schedules.catalogue import load
from tests.alerts_world import LIUQUAN
from tests.care_world import CareWorld, Json, enrolment
from tests.page_forms import Forms, forms, send

pytest_plugins = ["tests.alerts"]
SAID = {"zh": "地方方案", "en": "Local plan"}


async def change(cared: CareWorld, episode: str, what: str, **fields: str | None) -> None:
    """Change these fields of a form (None: the box is not ticked), look at what would move, and let it."""
    path = f"/episodes/{episode}/{what}"
    form = (await forms(cared, f"/episodes/{episode}"))[path] | {k: v for k, v in fields.items() if v is not None}
    shown = await send(cared, path, {k: v for k, v in form.items() if k not in fields or fields[k] is not None})
    assert shown.status_code == 200, shown.text
    applied = await send(cared, path, Forms(shown.text).sent[path])
    assert (applied.status_code, applied.headers["location"]) == (303, f"/episodes/{episode}?noted={what}")


async def born(cared: CareWorld, **first: object) -> tuple[str, Json]:
    """Twins were born three days ago; the episode and its record."""
    cared.world.today += timedelta(days=210)
    episode = await cared.enrolled(enrolment(cared.today - timedelta(days=270)))
    day = (cared.today - timedelta(days=3)).isoformat()
    children = [{"number": 1, "born_on": day} | first, {"number": 2, "born_on": day, "preterm": False}]
    answer = await cared.act(episode, "delivery", {"delivered_on": day, "children": children})
    assert answer.status_code == 200, answer.text
    await cared.world.login_cookie()
    return episode, (await cared.read(episode))["record"]


async def test_telling_the_day_of_discharge_leaves_each_child_as_it_was(cared: CareWorld) -> None:
    later = {"preterm": True, "low_weight": True, "birth_defect": True}
    episode, before = await born(cared, **later, discharged_on=(cared.today + timedelta(days=209)).isoformat())
    today = cared.today.isoformat()
    await change(cared, episode, "delivery", discharged_on=today)
    after = (await cared.read(episode))["record"]
    assert (after["children"], after["discharged_on"]) == (before["children"], today)
    await change(cared, episode, "delivery", discharged_on_2=today, low_weight_1=None)
    one, two = (await cared.read(episode))["record"]["children"]
    assert (one, two) == (
        before["children"][0] | {"low_weight": False},
        before["children"][1] | {"discharged_on": today},
    )


async def test_a_program_that_tells_the_discharge_alone_keeps_the_children(cared: CareWorld) -> None:
    episode, before = await born(cared, low_weight=True)
    told = {"delivered_on": before["delivered_on"], "discharged_on": cared.today.isoformat()}
    assert (await cared.act(episode, "delivery", told)).status_code == 200
    assert (await cared.read(episode))["record"]["children"] == before["children"]
    assert (await cared.act(episode, "delivery", told | {"children": []})).status_code == 200
    assert (await cared.read(episode))["record"]["children"] == []


async def test_a_childs_care_is_over_without_a_word_why(cared: CareWorld) -> None:
    episode, _ = await born(cared, low_weight=True)

    async def standing(child: int) -> list[Json]:
        return [each for each in await cared.contacts(episode, "planned", "open", "overdue") if each["child"] == child]

    other = await standing(2)
    gone = {each["contact"] for each in await standing(1)}
    assert gone
    assert other
    await change(cared, episode, "delivery", ended_1="on")
    assert (await standing(1), await standing(2)) == ([], other)
    assert {kind for kind, contact in await cared.told() if contact in gone} <= {"opened", "overdue", "closed"}
    record = (await cared.read(episode))["record"]
    assert [each["ended"] for each in record["children"]] == [True, False]
    # A program that knows nothing of it does not bring the child back; who says so does.
    told = {"delivered_on": record["delivered_on"], "children": []}
    told["children"] = [{"number": n, "born_on": record["delivered_on"], "low_weight": True} for n in (1, 2)]
    assert (await cared.act(episode, "delivery", told)).status_code == 200
    assert await standing(1) == []
    await change(cared, episode, "delivery", ended_1=None)
    assert await standing(1)


async def test_a_due_date_that_was_revised_counts(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    await cared.world.login_cookie()
    due = (cared.lmp + timedelta(days=270)).isoformat()
    await change(cared, episode, "dates", edd=due)
    record = (await cared.read(episode))["record"]
    assert (record["due_on"], record["counts"], record["lmp"]) == (due, "edd", cared.lmp.isoformat())
    path = f"/episodes/{episode}/dates"
    other = (cared.lmp + timedelta(days=3)).isoformat()
    await change(cared, episode, "dates", lmp=other)
    assert (await cared.read(episode))["record"]["counts"] == "lmp"
    await change(cared, episode, "dates")
    assert (await cared.read(episode))["record"]["counts"] == "lmp"
    unclear = await send(cared, path, {"lmp": cared.lmp.isoformat(), "edd": other, "counts": ""})
    assert unclear.status_code == 422
    assert re.search("两个日期均有改动时须选定其一|must be said where both dates are new", unclear.text)
    told = {"lmp": cared.lmp.isoformat(), "edd": other}
    refused = await cared.act(episode, "dates?dry_run=true", told)
    assert (refused.status_code, "/counts" in refused.text) == (422, True)
    assert (await cared.read(episode))["record"]["lmp"] == other


async def test_who_serves_an_area_with_a_plan_of_its_own_enrols_by_page(cared: CareWorld, tmp_path: Path) -> None:
    prefixes = cared.care.serves(LIUQUAN)
    assert prefixes
    variant = {
        "variant": "liuquan", "of": "cn-antenatal", "base": "2017", "title": SAID, "source": SAID,
        "in_force_from": cared.today - timedelta(days=900), "areas": prefixes,
        "changes": [{"code": "first", "clause": SAID, "due": "70 days"}],
    }  # fmt: skip
    (tmp_path / "schedules" / "variants").mkdir(parents=True)
    (tmp_path / "schedules" / "variants" / "liuquan.yaml").write_text(yaml.safe_dump(variant), "utf-8")
    alerts = replace(cared.world.alerts, care=replace(cared.care, catalogue=load(tmp_path)))
    cared.world.alerts = cared.world.app.state.alerts = alerts
    await cared.world.login_cookie()
    form = (await forms(cared, "/enrolment"))["/enrolment"]
    assert "follow-cn-antenatal/2017+liuquan" in form
    form |= {"channel": "in-person-written", "agrees": "on", "name": "王秀英", "lmp": cared.lmp.isoformat()}
    answer = await send(cared, "/enrolment", form)
    assert answer.status_code == 303, answer.text
