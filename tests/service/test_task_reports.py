"""Tasks that are said to be wrong: told to the facility's supervisors, without a name; and the worklist of care."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.alerts_world import DAY_15, DONGMING, World
from tests.care_world import CareWorld, Json, enrolment

pytest_plugins = ["tests.alerts"]
SUPERVISOR: dict[str, Any] = {"roles": ["supervisor"]}
WRONG = {"wrong": "wrong-person", "note": "不是王秀英"}


async def tasks(cared: CareWorld, query: str = "", **claims: Any) -> list[Json]:
    """What stands on the list."""
    answer = await cared.call("GET", f"/v1/worklist{query}", **claims)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["tasks"]
    return found


async def reports(cared: CareWorld, **claims: Any) -> list[Json]:
    """What a supervisor sees."""
    answer = await cared.call("GET", "/v1/task-reports", **SUPERVISOR | claims)
    assert answer.status_code == 200, answer.text
    assert "王秀英" not in answer.text
    found: list[Json] = answer.json()["reports"]
    return found


async def test_a_task_of_care_names_her_its_reason_and_its_clause_at_her_facility_alone(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    (task,) = await tasks(cared)
    assert (task["episode"], task["kind"], task["when"], task["name"]) == (episode, "maternal", "today", "王秀英")
    assert (task["avoid"], task["reach"]) == (["婆婆"], [{"how": "phone", "value": "13800000001"}])
    assert task["reason"]["source"]["zh"]
    assert task["reason"]["norm"]["en"]
    assert await tasks(cared, facility=DONGMING) == []
    assert await tasks(cared, **SUPERVISOR) == []


async def test_a_report_goes_to_supervisors_without_a_name_and_is_settled_once(cared: CareWorld) -> None:
    await cared.enrolled()
    (task,) = await tasks(cared)
    path = f"/v1/worklist/{task['id']}/wrong"
    assert (await cared.call("POST", path, WRONG, facility=DONGMING)).status_code == 404
    assert (await cared.call("POST", path, WRONG, **SUPERVISOR)).status_code == 403
    for _ in range(2):
        assert (await cared.call("POST", path, WRONG)).status_code == 204
    (report,) = await reports(cared)
    assert (report["wrong"], report["by"], report["help"]) == ("wrong-person", "nurse", "care")
    assert await reports(cared, facility=DONGMING) == []
    settle = f"/v1/task-reports/{report['report']}"
    assert (await cared.call("DELETE", settle, facility=DONGMING, **SUPERVISOR)).status_code == 404
    answers = [(await cared.call("DELETE", settle, **SUPERVISOR)).status_code for _ in range(2)]
    assert answers == [204, 404]
    assert await reports(cared) == []


async def test_withdrawal_takes_reports_and_the_slip_with_it(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    (task,) = await tasks(cared)
    assert (await cared.call("POST", f"/v1/worklist/{task['id']}/wrong", WRONG)).status_code == 204
    assert (await cared.call("POST", f"/v1/episodes/{episode}/own-code")).status_code == 201
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    for table in ("task_report", "own_code"):
        assert await cared.care.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await reports(cared) == []
    assert (await cared.call("POST", f"/v1/worklist/{task['id']}/wrong", WRONG)).status_code == 404


async def test_a_report_is_shown_while_the_consent_holds_and_at_the_facility_on_duty_alone(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    (task,) = await tasks(cared)
    wrong = f"/v1/worklist/{task['id']}/wrong"
    assert (await cared.call("POST", wrong, WRONG)).status_code == 204
    (report,) = await reports(cared)
    begun = cared.today
    cared.world.today = date.fromisoformat((await cared.read(episode))["consent_until"]) + timedelta(days=1)
    assert await reports(cared) == []
    assert (await cared.call("POST", wrong, WRONG)).status_code == 404
    cared.world.today = begun
    agreed = {"version": "2026-01", "language": "zh", "channel": "in-person-written"}
    offer = await cared.call("POST", f"/v1/episodes/{episode}/handover", {"to": DONGMING, "agreed": agreed})
    there = await cared.call("POST", f"/v1/handovers/{offer.json()['id']}/accept", facility=DONGMING)
    assert there.status_code == 200, there.text
    assert await reports(cared) == []
    assert await reports(cared, facility=DONGMING) == []
    answer = await cared.call("DELETE", f"/v1/task-reports/{report['report']}", **SUPERVISOR)
    assert answer.status_code == 404


async def test_help_with_birth_registration_can_be_reported_too(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    (task,) = await world.worklist()
    said = await world.http.post(f"/v1/worklist/{task['id']}/wrong", json=WRONG, headers=world.token())
    assert said.status_code == 204, said.text
    listed = await world.http.get("/v1/task-reports", headers=world.token(roles=["supervisor"]))
    (report,) = listed.json()["reports"]
    assert (report["help"], report["wrong"]) == ("birth-registration", "wrong-person")
    assert "王秀英" not in listed.text


async def test_taps_at_the_same_moment_record_once_and_undo_once(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    (task,) = await tasks(cared)
    path = f"/v1/episodes/{episode}/contacts/{task['id']}/outcome"
    taps = await asyncio.gather(*(cared.call("POST", path, {"kind": "done"}) for _ in range(5)))
    assert {tap.status_code for tap in taps} == {200}
    standing = "SELECT count(*) FROM care_outcome WHERE undone_at IS NULL"
    assert await cared.care.pool.fetchval(standing) == 1
    undos = await asyncio.gather(*(cared.call("DELETE", path) for _ in range(3)))
    assert {undo.status_code for undo in undos} == {204}
    assert await cared.care.pool.fetchval(standing) == 0
    assert [each["id"] for each in await tasks(cared)] == [task["id"]]


async def test_lists_of_care_and_registration_are_one_list_in_order_of_what_is_due(cared: CareWorld) -> None:
    world = cared.world
    await world.birth()
    await cared.on(DAY_15)
    await world.on(DAY_15)
    for _ in range(3):
        await cared.enrolled(enrolment(cared.lmp))
    whole = await tasks(cared)
    assert len(whole) == 4
    assert [each["due_on"] for each in whole] == sorted(each["due_on"] for each in whole)
    paged: list[str] = []
    after = ""
    while True:
        answer = (await cared.call("GET", f"/v1/worklist?limit=1{after}")).json()
        paged += [each["id"] for each in answer["tasks"]]
        if answer["next_after"] is None:
            break
        after = f"&after={answer['next_after']}"
    assert paged == [each["id"] for each in whole]
    assert [each["kind"] for each in await tasks(cared, "?kind=birth-registration")] == ["birth-registration"]
    assert {each["kind"] for each in await tasks(cared, "?mine=true")} == {"maternal"}


async def test_the_page_says_when_it_was_reported_by_the_clock_of_the_reader(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    (task,) = await tasks(cared)
    assert (await cared.call("POST", f"/v1/worklist/{task['id']}/wrong", WRONG)).status_code == 204
    late = datetime(2026, 2, 28, 17, 5, tzinfo=UTC)  # already the first of March in Shanghai
    await cared.care.pool.execute("UPDATE task_report SET reported_at = $1", late)
    await cared.world.login_cookie()
    assert "于2026年3月1日 01:05报告有误" in (await cared.world.http.get(f"/episodes/{episode}")).text


async def test_her_copy_holds_what_is_said_of_her_tasks_and_no_other_persons_name(cared: CareWorld) -> None:
    hers, other = [await cared.enrolled() for _ in range(2)]
    (task,) = [each for each in await tasks(cared) if each["episode"] == hers]
    kept = []
    for said in ({"wrong": "wrong-date", "note": "已改约周三"}, {"wrong": "wrong-person", "note": "应为李梅"}):
        assert (await cared.call("POST", f"/v1/worklist/{task['id']}/wrong", said)).status_code == 204
        kept += (await copy(cared, hers))["reports"]
    assert [(each["task"], each["by"]) for each in kept] == [(task["id"], "nurse")] * 2
    assert [(each["wrong"], each["note"], each["withheld"]) for each in kept] == [
        ("wrong-date", "已改约周三", False),
        ("wrong-person", None, True),
    ]
    assert (await copy(cared, other))["reports"] == []
    (report,) = await reports(cared)
    assert (await cared.call("DELETE", f"/v1/task-reports/{report['report']}", **SUPERVISOR)).status_code == 204
    assert (await copy(cared, hers))["reports"] == [], "what is settled is gone"


async def copy(cared: CareWorld, episode: str) -> Json:
    """Her copy of everything, by a token for her own page."""
    token = cared.world.issuer.issue(subject=f"own:{episode}", roles=["citizen"], purpose="own-data")
    headers = {"authorization": f"Bearer {token}"}
    answer = await cared.world.http.get("/v1/me/episode/copy", headers=headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found
