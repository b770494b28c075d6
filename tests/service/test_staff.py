"""Who works at a facility: listed by its supervisors, with dates, stand-ins and clinicians."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from services.alerts.facilities import repository
from services.alerts.facilities.handlers import Staff
from services.alerts.facilities.provisioned import FirstStaff
from shared.auth.caller import Caller
from tests.alerts_world import BORN, DAY_15, DONGMING, LIUQUAN, World

pytest_plugins = ["tests.alerts"]

HEAD = {"subject": "head", "roles": ["supervisor"]}


def head(world: World, facility: str = LIUQUAN) -> dict[str, str]:
    """Headers of a supervisor."""
    return world.token(facility, **HEAD)


async def put(
    world: World, subject: str, begins: date | None = None, *, status: int = 200, **more: object
) -> httpx.Response:
    """The supervisor lists somebody."""
    told = {"subject": subject, "from": begins and str(begins)} | more
    answer = await world.http.put("/v1/staff", json=told, headers=head(world))
    assert answer.status_code == status, answer.text
    return answer


async def sees(world: World, subject: str = "nurse", facility: str = LIUQUAN, **claims: object) -> int:
    """What a worker is answered for the worklist."""
    headers = world.token(facility, **{"subject": subject} | claims)
    return (await world.http.get("/v1/worklist", headers=headers)).status_code


@pytest.fixture
async def staffed(world: World) -> World:
    """Liuquan lists a supervisor and a nurse."""
    await put(world, "head", role="supervisor")
    await put(world, "nurse")
    return world


async def test_whom_the_facility_does_not_list_sees_nothing(staffed: World) -> None:
    assert [await sees(staffed, subject) for subject in ("nurse", "passer-by")] == [200, 403]
    answer = await staffed.http.get("/v1/worklist", headers=staffed.token(subject="passer-by"))
    assert answer.json()["type"] == "/errors#not-on-staff-list"
    assert await sees(staffed, facility=DONGMING) == 200, "a facility without a list goes by credentials here"


async def test_a_role_counts_only_where_credential_and_list_agree(staffed: World) -> None:
    promoted = staffed.token(roles=["care-worker", "supervisor"])
    assert (await staffed.http.put("/v1/staff", json={"subject": "friend"}, headers=promoted)).status_code == 403
    assert await sees(staffed, roles=["supervisor"]) == 403
    assert await sees(staffed, "head", roles=["care-worker"]) == 403


async def test_only_a_supervisor_lists_and_ends(staffed: World) -> None:
    nurse = staffed.token()
    (line, *_) = (await staffed.http.get("/v1/staff", headers=nurse)).json()["staff"]
    answers = [
        await staffed.http.put("/v1/staff", json={"subject": "friend"}, headers=nurse),
        await staffed.http.delete(f"/v1/staff/{line['id']}", headers=nurse),
        await staffed.http.post(f"/v1/staff/{line['id']}/revocation", headers=nurse),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


async def test_a_line_counts_on_its_days(staffed: World) -> None:
    begins, until = BORN + timedelta(days=3), BORN + timedelta(days=5)
    await put(staffed, "locum", begins, until=str(until))
    answers = {}
    for day in range(2, 7):
        staffed.today = BORN + timedelta(days=day)
        answers[day] = await sees(staffed, "locum")
    assert answers == {2: 403, 3: 200, 4: 200, 5: 200, 6: 403}


async def test_a_stand_in_from_elsewhere_has_a_last_day_and_a_colleague(staffed: World) -> None:
    assert (await put(staffed, "visitor", stands_in_for="nurse", status=422)).status_code == 422
    await put(staffed, "visitor", stands_in_for="visitor", until=str(DAY_15), status=422)
    line = (await put(staffed, "visitor", stands_in_for="nurse", until=str(DAY_15))).json()
    assert (line["stands_in_for"], line["active"]) == ("nurse", True)
    assert await sees(staffed, "visitor") == 200
    staffed.today = DAY_15 + timedelta(days=1)
    assert await sees(staffed, "visitor") == 403


async def test_said_again_nothing_is_listed_twice(staffed: World) -> None:
    first = (await put(staffed, "doctor", clinician=True)).json()
    again = await asyncio.gather(*(put(staffed, "doctor", clinician=True) for _ in range(8)))
    assert [answer.json() for answer in again] == [first] * 8
    staff = (await staffed.http.get("/v1/staff", headers=head(staffed))).json()["staff"]
    assert sorted(line["subject"] for line in staff) == ["doctor", "head", "nurse"]


async def test_a_clinician_is_one_only_while_listed_as_one(staffed: World) -> None:
    await put(staffed, "doctor", clinician=True, until=str(BORN))
    people = {
        name: Caller(name, roles=frozenset({"care-worker"}), purpose="care", facility=facility)
        for name, facility in (("doctor", LIUQUAN), ("nurse", LIUQUAN), ("elsewhere", DONGMING))
    }
    told = {name: await staffed.alerts.staff.is_clinician(who) for name, who in people.items()}
    assert told == {"doctor": True, "nurse": False, "elsewhere": False}
    staffed.today = BORN + timedelta(days=1)
    assert not await staffed.alerts.staff.is_clinician(people["doctor"])


async def test_a_list_needs_a_supervisor_from_its_first_line_on(world: World) -> None:
    assert (await put(world, "nurse", status=409)).json()["type"] == "/errors#supervisor-needed"
    assert await sees(world) == 200, "nothing was listed"
    line = (await put(world, "head", role="supervisor")).json()
    ended = await world.http.delete(f"/v1/staff/{line['id']}", headers=head(world))
    assert ended.status_code == 409
    assert await sees(world, "head", roles=["supervisor"]) == 200


async def test_two_supervisors_who_end_each_other_leave_one(staffed: World) -> None:
    await put(staffed, "deputy", role="supervisor")
    lines = (await staffed.http.get("/v1/staff", headers=head(staffed))).json()["staff"]
    ids = {line["subject"]: line["id"] for line in lines}
    deputy = staffed.token(subject="deputy", roles=["supervisor"])
    answers = await asyncio.gather(
        staffed.http.delete(f"/v1/staff/{ids['deputy']}", headers=head(staffed)),
        staffed.http.delete(f"/v1/staff/{ids['head']}", headers=deputy),
    )
    done, refused = sorted(answer.status_code for answer in answers)
    assert (done, refused in (401, 409)) == (204, True), "the other's credential may be void by then"
    async with staffed.alerts.service.pool.acquire() as connection:
        left = [line.subject for line in await repository.staff(connection, LIUQUAN) if line.on(BORN)]
    assert len({"head", "deputy"} & set(left)) == 1


async def test_another_facilitys_line_is_answered_like_one_that_does_not_exist(staffed: World) -> None:
    (line, *_) = (await staffed.http.get("/v1/staff", headers=head(staffed))).json()["staff"]
    other = head(staffed, DONGMING)
    for method, suffix in (("DELETE", ""), ("POST", "/revocation")):
        answers = [
            await staffed.http.request(method, f"/v1/staff/{each}{suffix}", headers=other)
            for each in (line["id"], "00000000-0000-0000-0000-000000000007")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    assert (await staffed.http.get("/v1/staff", headers=other)).json() == {"staff": []}


async def test_provisioning_begins_a_list_and_never_undoes_what_supervisors_did(world: World) -> None:
    first = [FirstStaff(facility=LIUQUAN, subject="head"), FirstStaff(facility=LIUQUAN, subject="deputy")]
    for _ in range(2):
        await world.alerts.staff.provision(first)
    lines = (await world.http.get("/v1/staff", headers=head(world))).json()["staff"]
    assert [line["subject"] for line in lines] == ["deputy", "head"]
    await world.http.delete(f"/v1/staff/{lines[0]['id']}", headers=head(world))
    await world.alerts.staff.provision(first)
    after = (await world.http.get("/v1/staff", headers=head(world))).json()["staff"]
    assert [line["active"] for line in after] == [False, True]


async def test_production_lets_nobody_in_whom_nobody_listed(world: World, tmp_path: Path) -> None:
    strict = Staff(world.alerts.service.pool, True, lambda: world.today)
    object.__setattr__(world.alerts, "staff", strict)
    assert await sees(world) == 403
    await strict.provision([FirstStaff(facility=LIUQUAN, subject="nurse", role="care-worker")])
    assert await sees(world) == 200


async def test_a_worker_of_two_facilities_has_each_on_its_own(staffed: World) -> None:
    await staffed.listed(("nurse", "care-worker"), facility=DONGMING)
    lines = (await staffed.http.get("/v1/staff", headers=head(staffed))).json()["staff"]
    (line,) = [each for each in lines if each["subject"] == "nurse"]
    assert (await staffed.http.delete(f"/v1/staff/{line['id']}", headers=head(staffed))).status_code == 204
    assert await sees(staffed) == 401, "an older token is void everywhere"
