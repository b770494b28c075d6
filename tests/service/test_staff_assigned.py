"""Workers named for an episode: several share it, stand-ins have it for their days, a hand-over forgets them."""

from datetime import timedelta

import httpx
import pytest

from services.alerts.assignments import repository
from tests.alerts_world import BORN, DONGMING, LIUQUAN
from tests.care_world import CareWorld, Json, enrolment

pytest_plugins = ["tests.alerts"]

WEEK = timedelta(days=7)


@pytest.fixture
async def staffed(cared: CareWorld) -> CareWorld:
    """Liuquan lists two nurses and their supervisor."""
    await cared.world.listed(("head", "supervisor"), ("nurse", "care-worker"), ("sister", "care-worker"))
    return cared


async def named(cared: CareWorld, episode: str, *workers: Json, **claims: object) -> httpx.Response:
    """Name these for an episode."""
    return await cared.call("PUT", f"/v1/episodes/{episode}/workers", {"workers": list(workers)}, **claims)


async def mine(cared: CareWorld, subject: str) -> list[str]:
    """The episodes of a worker today."""
    async with cared.world.alerts.service.pool.acquire() as connection:
        return [str(each) for each in await repository.mine(connection, LIUQUAN, subject, cared.today)]


async def test_two_workers_share_an_episode(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    for _ in range(2):
        answer = await named(staffed, episode, {"subject": "nurse"}, {"subject": "sister"})
        assert answer.status_code == 200, answer.text
    shared = (await staffed.call("GET", f"/v1/episodes/{episode}/workers")).json()
    assert [each["subject"] for each in shared["workers"]] == ["nurse", "sister"]
    assert await mine(staffed, "nurse") == await mine(staffed, "sister") == [episode]


async def test_a_stand_in_has_a_colleagues_episodes_for_their_days(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    await named(staffed, episode, {"subject": "nurse"})
    wanted = {"subject": "sister", "stands_in_for": "nurse", "from": str(BORN + WEEK), "until": str(BORN + 2 * WEEK)}
    listed = await staffed.call("PUT", "/v1/staff", wanted, subject="head", roles=["supervisor"])
    assert listed.status_code == 200
    has = {}
    for days in (0, 7, 14, 15):
        staffed.world.today = BORN + timedelta(days=days)
        has[days] = await mine(staffed, "sister")
    assert has == {0: [], 7: [episode], 14: [episode], 15: []}


async def test_an_assignment_has_days(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    await named(
        staffed, episode, {"subject": "nurse", "until": str(BORN)}, {"subject": "sister", "from": str(BORN + WEEK)}
    )
    assert (await mine(staffed, "nurse"), await mine(staffed, "sister")) == ([episode], [])
    staffed.world.today = BORN + WEEK
    assert (await mine(staffed, "nurse"), await mine(staffed, "sister")) == ([], [episode])


async def test_only_care_workers_of_the_facility_are_named_and_only_by_them(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    for stranger in ("head", "passer-by"):
        assert (await named(staffed, episode, {"subject": "nurse"}, {"subject": stranger})).status_code == 422
    assert (await named(staffed, episode, {"subject": "nurse"}, {"subject": "nurse"})).status_code == 422
    early = {"subject": "nurse", "until": str(BORN - WEEK)}
    assert (await named(staffed, episode, early)).status_code == 422
    assert (
        await named(staffed, episode, {"subject": "nurse"}, subject="head", roles=["supervisor"])
    ).status_code == 403
    assert (await named(staffed, episode, {"subject": "nurse"}, facility=DONGMING)).status_code == 404


async def test_whoever_takes_over_names_workers_anew(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    await named(staffed, episode, {"subject": "nurse"})
    agreed = {"version": "2026-01", "language": "zh", "channel": "telephone"}
    offer = await staffed.act(episode, "handover", {"to": DONGMING, "agreed": agreed})
    accepted = await staffed.call("POST", f"/v1/handovers/{offer.json()['id']}/accept", facility=DONGMING)
    assert accepted.status_code == 200
    assert await mine(staffed, "nurse") == []
    workers = await staffed.call("GET", f"/v1/episodes/{episode}/workers", facility=DONGMING)
    assert [each["subject"] for each in workers.json()["workers"]] == ["nurse"], "who accepted"


async def todo(cared: CareWorld, subject: str) -> list[str]:
    """The episodes on a worker's own worklist."""
    answer = await cared.call("GET", "/v1/worklist?mine=true", subject=subject)
    assert answer.status_code == 200, answer.text
    return [each["episode"] for each in answer.json()["tasks"]]


async def test_a_worklist_is_as_episodes_are_assigned(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    assert (await todo(staffed, "nurse"), await todo(staffed, "sister")) == ([episode], [])
    await named(staffed, episode, {"subject": "sister"})
    assert (await todo(staffed, "nurse"), await todo(staffed, "sister")) == ([], [episode])
    assert (await staffed.read(episode))["record"]["worker"] == "sister"
    (task,) = (await staffed.call("GET", "/v1/worklist")).json()["tasks"]
    assert task["worker"] == "sister"


async def test_a_stand_in_has_a_colleagues_tasks(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    wanted = {"subject": "sister", "stands_in_for": "nurse", "until": str(BORN + WEEK)}
    listed = await staffed.call("PUT", "/v1/staff", wanted, subject="head", roles=["supervisor"])
    assert listed.status_code == 200
    assert await todo(staffed, "sister") == [episode]


async def test_tasks_whose_workers_have_left_are_everybodys(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    head: Json = {"subject": "head", "roles": ["supervisor"]}
    before = (await staffed.call("GET", "/v1/supervision", **head)).json()["workers"]
    lines = (await staffed.call("GET", "/v1/staff", **head)).json()["staff"]
    (line,) = [each["id"] for each in lines if each["subject"] == "nurse"]
    assert (await staffed.call("DELETE", f"/v1/staff/{line}", **head)).status_code == 204
    after = (await staffed.call("GET", "/v1/supervision", **head)).json()["workers"]
    assert ([each["worker"] for each in before], [each["worker"] for each in after]) == (["nurse"], [None])
    assert await todo(staffed, "sister") == [episode]


async def test_nobody_is_enrolled_for_a_worker_who_is_not_listed(staffed: CareWorld) -> None:
    body = enrolment(staffed.lmp)
    body["care"]["worker"] = "passer-by"
    answer = await staffed.call("POST", "/v1/episodes", body)
    assert (answer.status_code, answer.json()["faults"][0]["pointer"]) == (422, "/care/worker")
    body["care"]["worker"] = "sister"
    episode = await staffed.enrolled(body)
    assert await mine(staffed, "sister") == [episode]


async def test_after_a_stay_it_is_its_workers_again(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    await named(staffed, episode, {"subject": "nurse"}, {"subject": "sister"})
    agreed = {"version": "2026-01", "language": "zh", "channel": "telephone"}
    wanted = {"to": DONGMING, "agreed": agreed, "until": str(BORN + WEEK)}
    offer = await staffed.act(episode, "handover", wanted)
    await staffed.call("POST", f"/v1/handovers/{offer.json()['id']}/accept", facility=DONGMING)
    assert await mine(staffed, "nurse") == []
    staffed.world.today = BORN + WEEK + timedelta(days=1)
    assert await staffed.world.alerts.moving.let_stays_end() == 1
    assert await mine(staffed, "nurse") == await mine(staffed, "sister") == [episode]


async def test_a_withdrawal_leaves_no_assignment(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    await named(staffed, episode, {"subject": "nurse"})
    assert (await staffed.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    assert await mine(staffed, "nurse") == []


async def test_a_supervisor_reads_no_record(staffed: CareWorld) -> None:
    episode = await staffed.enrolled()
    for method, path in (("GET", f"/v1/episodes/{episode}"), ("DELETE", f"/v1/episodes/{episode}/consent")):
        answer = await staffed.call(method, path, subject="head", roles=["supervisor"])
        assert answer.status_code == 403
        assert answer.json()["required_roles"] == ["care-worker"]
