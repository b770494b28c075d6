"""Who sees a facility's work, and that every look is written down."""

import base64
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from tests.alerts_world import BORN, DAY_15, DONGMING, IN_DONGMING, LIUQUAN, World, person, wish
from tests.care_world import CareWorld

pytest_plugins = ["tests.alerts"]

READS = ["/v1/worklist", "/v1/feed", "/v1/feed.json"]
NOBODY = UUID(int=7)


@pytest.fixture
async def open_help(world: World) -> str:
    """Open help at Liuquan; its id."""
    await world.birth()
    await world.on(DAY_15)
    (task,) = await world.worklist()
    return str(task["id"])


STRANGERS: dict[str, dict[str, object]] = {
    "another department": {"department": "education", "facility": None, "roles": ["follower"]},
    "another department with a care role": {"department": "civil-affairs"},
    "health without facility": {"department": "health", "facility": None},
    "another purpose": {"purpose": "statistics"},
    "no purpose": {"purpose": None},
    "a citizen": {"roles": ["citizen"]},
    "an administrator": {"roles": ["administrator"]},
    "a service": {"service": "registry", "roles": []},
}


@pytest.mark.parametrize("path", [*READS, "/v1/feed/stream"])
@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS.keys())
async def test_strangers_are_refused_alike_whether_or_not_there_is_anything(
    world: World, path: str, stranger: dict[str, object]
) -> None:
    headers = world.token(**stranger)  # type: ignore[arg-type]
    before = await world.http.get(path, headers=headers)
    await world.birth()
    await world.on(DAY_15)
    after = await world.http.get(path, headers=headers)
    assert before.status_code == after.status_code == 403
    assert (before.content, before.headers) == (after.content, after.headers)


@pytest.mark.parametrize("path", [*READS, "/v1/feed/stream"])
async def test_without_a_credential_nothing_is_answered(world: World, path: str) -> None:
    assert (await world.http.get(path)).status_code == 401
    assert (await world.http.get(path, headers={"cookie": "tenfold_alerts=made-up"})).status_code == 401


async def test_another_facilitys_help_is_answered_like_one_that_does_not_exist(world: World, open_help: str) -> None:
    answers = [
        await world.http.post(f"/v1/worklist/{help_id}/refusal", headers=world.token(DONGMING))
        for help_id in (open_help, NOBODY)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert len(await world.worklist()) == 1


async def test_a_stranger_cannot_refuse_for_her(world: World, open_help: str) -> None:
    for stranger in STRANGERS.values():
        headers = world.token(**stranger)  # type: ignore[arg-type]
        assert (await world.http.post(f"/v1/worklist/{open_help}/refusal", headers=headers)).status_code == 403
    assert len(await world.worklist()) == 1


async def test_a_supervisor_who_is_no_care_worker_sees_and_closes_nobodys_help(world: World, open_help: str) -> None:
    head = world.token(subject="head", roles=["supervisor"])
    reads = "SELECT count(*) FROM access_log WHERE subject = 'head'"
    for method, path in (
        ("GET", f"/worklist/{open_help}/refusal"),
        ("POST", f"/worklist/{open_help}/refusal"),
        ("POST", f"/v1/worklist/{open_help}/refusal"),
        *(("GET", path) for path in (*READS[1:], "/v1/feed/stream")),
    ):
        answer = await world.http.request(method, path, headers=head)
        assert (answer.status_code, "王秀英" in answer.text) == (403, False), path
    assert await world.alerts.service.pool.fetchval(reads) == 0
    assert len(await world.worklist()) == 1
    assert "王秀英" in (await world.http.get(f"/worklist/{open_help}/refusal", headers=world.token())).text


async def test_asking_to_close_a_care_contact_opens_no_record(cared: CareWorld) -> None:
    await cared.enrolled()
    (task,) = await cared.world.worklist()
    reads = "SELECT count(*) FROM access_log"
    before = await cared.care.pool.fetchval(reads)
    answer = await cared.world.http.get(f"/worklist/{task['id']}/refusal", headers=cared.world.token())
    assert answer.status_code == 404
    assert await cared.care.pool.fetchval(reads) == before


async def test_whoever_lacks_the_role_is_told_which_roles_there_are(world: World) -> None:
    answer = await world.http.get("/v1/worklist", headers=world.token(roles=["citizen"]))
    problem = answer.json()
    assert (problem["type"], problem["required_roles"]) == ("/errors#role-required", ["care-worker", "supervisor"])
    assert "extra" not in problem


async def test_a_facility_that_is_not_provisioned_has_no_list(world: World) -> None:
    assert (await world.http.get("/v1/worklist", headers=world.token("H999999999"))).status_code == 404


async def test_a_move_away_takes_the_right_to_act_with_it(world: World, open_help: str) -> None:
    await world.tell(person("mother", area=IN_DONGMING))
    assert (await world.http.post(f"/v1/worklist/{open_help}/refusal", headers=world.token())).status_code == 404


async def test_every_look_at_the_worklist_is_written_down_with_its_fields(world: World, open_help: str) -> None:
    pool = world.alerts.service.pool
    await pool.execute("TRUNCATE access_log")
    await world.worklist()
    rows = await pool.fetch("SELECT * FROM access_log ORDER BY access_id")
    told = {row["reference"]: (row["subject"], row["facility"], row["purpose"], row["fields"]) for row in rows}
    assert told == {
        "mother": ("nurse", LIUQUAN, "care", ["name", "registered_area"]),
        "child": ("nurse", LIUQUAN, "care", ["name", "birth_date"]),
    }
    assert {row["basis"] for row in rows} == {"asked-at-certification"}


@pytest.mark.parametrize("path", [*READS, "/worklist"])
async def test_a_look_that_cannot_be_written_down_fails(world: World, open_help: str, path: str) -> None:
    await world.alerts.service.pool.execute("ALTER TABLE access_log RENAME TO access_log_gone")
    answer = await world.http.get(path, headers=world.token())
    assert answer.status_code == 500
    assert "王秀英" not in answer.text


async def test_a_refusal_that_cannot_be_written_down_does_not_happen(world: World, open_help: str) -> None:
    pool = world.alerts.service.pool
    await pool.execute("ALTER TABLE access_log RENAME TO access_log_gone")
    answer = await world.http.post(f"/v1/worklist/{open_help}/refusal", headers=world.token())
    assert answer.status_code == 500
    await pool.execute("ALTER TABLE access_log_gone RENAME TO access_log")
    assert len(await world.worklist()) == 1


async def test_the_worklist_pages_without_loss_or_repetition(world: World) -> None:
    for n in range(7):
        born = (BORN + timedelta(days=n // 3)).isoformat()
        await world.tell(person(f"mother-{n}"), wish(f"child-{n}", f"mother-{n}", born_on=born))
    await world.on(DAY_15 + timedelta(days=10))
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await world.http.get("/v1/worklist", params={"limit": "3"} | after, headers=world.token())).json()
        seen += [task["reference"] for task in page["tasks"]]
        if page["next_after"] is None:
            break
        after = {"after": page["next_after"]}
    assert sorted(seen) == [f"mother-{n}" for n in range(7)]


@pytest.mark.parametrize("cursor", ["x", "////", "A" * 40, "AAAAAAAAAAAAAAAAAAAAAAAAAAA"])
async def test_a_cursor_that_is_none_is_refused(world: World, cursor: str) -> None:
    answer = await world.http.get("/v1/worklist", params={"after": cursor}, headers=world.token())
    assert answer.status_code == 422


async def test_a_cursor_works_for_its_own_facility_and_shows_no_date(world: World) -> None:
    for n in range(2):
        await world.tell(person(f"mother-{n}"), wish(f"child-{n}", f"mother-{n}"))
    await world.on(DAY_15)
    first = await world.http.get("/v1/worklist", params={"limit": 1}, headers=world.token())
    cursor = first.json()["next_after"]
    assert BORN.toordinal().to_bytes(4, "big") not in base64.urlsafe_b64decode(cursor + "===")
    foreign = await world.http.get("/v1/worklist", params={"after": cursor}, headers=world.token(DONGMING))
    assert foreign.status_code == 422


async def test_the_access_log_is_only_ever_added_to_by_the_service(world: World, open_help: str) -> None:
    pool = world.alerts.service.pool
    count = await pool.fetchval("SELECT count(*) FROM access_log")
    await world.http.post(f"/v1/worklist/{open_help}/refusal", headers=world.token())
    rows = await pool.fetch("SELECT action, reference, fields FROM access_log ORDER BY access_id")
    assert len(rows) == count + 1
    assert tuple(rows[-1]) == ("close-help", "mother", [])


async def test_a_person_without_purpose_cannot_be_read(world: World) -> None:
    with pytest.raises(asyncpg.NotNullViolationError):
        await world.alerts.service.pool.execute(
            "INSERT INTO access_log (subject, action, reference, fields, basis) VALUES ('s', 'a', 'r', '{}', 'b')"
        )
