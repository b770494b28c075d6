"""Accesses to care that a rule notices: what the log says of a day, who reads flags, and who decides about them."""

import asyncio
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.alerts.episodes.identity import log_name
from services.alerts.keys import NAMES
from services.alerts.misuse import repository
from services.alerts.misuse.handlers import context
from services.alerts.misuse.judging import Judge
from services.alerts.misuse.limits import Limits, load
from shared import clock
from shared.clock import SHANGHAI
from shared.crypto.sealing import unseal
from tests.alerts_world import COUNTY, DONGMING, LIUQUAN
from tests.care_world import CareWorld, Json, enrolment
from tests.line import until

pytest_plugins = ["tests.alerts"]
SUPERVISOR: dict[str, Any] = {"roles": ["supervisor"], "subject": "head"}
WROTE = {"decision": "justified", "reason": "夜班交接。"}
LOG = """
INSERT INTO access_log (access_id, at, subject, service, facility, purpose, action, reference, fields, basis)
VALUES (uuidv7($1::timestamptz - clock_timestamp()), $1, $2, $3, $4, $5, $6, $7, '{}', 'her-consent')
"""
DAY = date(2026, 5, 20)


def limits(**above: int) -> Limits:
    """These rules notice more than so many; the others nothing."""
    wanted = {rule.replace("_", "-"): number for rule, number in above.items()}
    usual = load()
    rules = [each.model_copy(update={"above": wanted.get(each.rule, 10_000)}) for each in usual.rules]
    return usual.model_copy(update={"rules": rules})


async def did(
    cared: CareWorld,
    action: str,
    *names: str,
    on: date = DAY,
    hour: int = 10,
    subject: str = "nurse",
    facility: str | None = LIUQUAN,
    purpose: str = "care",
    service: str | None = None,
) -> None:
    """What the log says that somebody did."""
    at = datetime.combine(on, time(hour, 30), SHANGHAI)
    for name in names:
        await cared.care.pool.execute(LOG, at, subject, service, facility, purpose, action, name)


async def judged(cared: CareWorld, told: Limits, day: date = DAY) -> list[tuple[str, str, int, str | None]]:
    """What the judge raises about a day: rule, worker, count, and which episode."""
    await cared.care.pool.execute(
        "INSERT INTO care_judged VALUES (true, $1) ON CONFLICT (one) DO UPDATE SET judged_on = $1",
        day - timedelta(days=1),
    )
    await cared.care.pool.execute("DELETE FROM care_flag /* removes */")
    judge = Judge(cared.care.pool, told, lambda: day + timedelta(days=2))
    assert await judge.once()
    assert not await judge.once()
    rows = await cared.care.pool.fetch("SELECT rule, subject, count, name FROM care_flag ORDER BY flag_id")
    return [tuple(row) for row in rows]


async def waiting(cared: CareWorld, query: str = "", **claims: Any) -> list[Json]:
    """The flags that a supervisor reads."""
    answer = await cared.call("GET", f"/v1/flags{query}", **SUPERVISOR | claims)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["flags"]
    return found


async def raised(cared: CareWorld, *subjects: str, facility: str = LIUQUAN) -> None:
    """A flag about each of these workers."""
    for subject in subjects:
        await did(cared, "read-episode", "care:1", "care:2", subject=subject, facility=facility)
    await judged(cared, limits(many_opened=1))


def days_after(day: date, later: int) -> date:
    return day + timedelta(days=later)


def names(count: int) -> list[str]:
    return [f"care:{each}" for each in range(count)]


async def test_what_a_worker_opened_without_writing_anything_down(cared: CareWorld) -> None:
    await did(cared, "read-episode", *names(4))
    assert await judged(cared, limits(many_without_act=3)) == [("many-without-act", "nurse", 4, None)]
    await did(cared, "record-outcome", "care:0", subject="doctor")
    assert len(await judged(cared, limits(many_without_act=3))) == 1, "another one's work is not theirs"
    await did(cared, "record-outcome", "care:0", on=DAY + timedelta(days=1))
    assert await judged(cared, limits(many_without_act=3)) == [], "the day after is soon enough"


@pytest.mark.parametrize(("days", "counts"), [(-14, True), (-15, False), (1, True), (2, False)])
async def test_how_far_an_act_may_lie_from_the_look(cared: CareWorld, days: int, counts: bool) -> None:
    await did(cared, "read-episode", "care:0")
    await did(cared, "set-risk", "care:0", on=DAY + timedelta(days=days))
    assert (await judged(cared, limits(many_without_act=0)) == []) is counts


@pytest.mark.parametrize("action", ["worklist", "feed", "list-episodes", "handovers"])
async def test_what_stood_on_a_list_was_due_whoever_read_the_list(cared: CareWorld, action: str) -> None:
    told = limits(many_not_due=1, same_again=1)
    for back in range(3):
        await did(cared, "read-episode", "care:0", "care:1", on=DAY - timedelta(days=back))
    flags = [("many-not-due", "nurse", 2, None), *[("same-again", "nurse", 3, name) for name in names(2)]]
    assert await judged(cared, told) == flags
    await did(cared, action, "care:0", subject="doctor", facility=DONGMING)
    assert await judged(cared, told) == flags, "at another facility"
    await did(cared, action, "care:0", subject="doctor", on=DAY - timedelta(days=2))
    assert await judged(cared, told) == flags, "too long before"
    await did(cared, action, "care:0", subject="doctor", on=DAY - timedelta(days=1))
    assert await judged(cared, told) == [("same-again", "nurse", 3, "care:1")]


async def test_opened_again_and_again_on_one_day_is_one_day(cared: CareWorld) -> None:
    for hour in range(8, 18):
        await did(cared, "read-episode", "care:0", hour=hour)
    assert await judged(cared, limits(same_again=1)) == []
    await did(cared, "read-episode", "care:0", on=DAY - timedelta(days=15))
    assert await judged(cared, limits(same_again=1)) == [], "not looked back to"


async def test_opened_long_after_the_care_had_ended(cared: CareWorld) -> None:
    await did(cared, "end-episode", "care:0", subject="doctor", on=DAY - timedelta(days=8))
    await did(cared, "end-episode", "care:1", subject="doctor", on=DAY - timedelta(days=7))
    await did(cared, "read-episode", *names(3))
    assert await judged(cared, limits(after_end=0)) == [("after-end", "nurse", 1, "care:0")]


async def test_hours_of_the_night_are_those_of_shanghai(cared: CareWorld) -> None:
    for number, hour in enumerate((0, 5, 6, 21, 22, 23)):
        await did(cared, "read-episode", f"care:{number}", hour=hour)
        await did(cared, "worklist", f"care:{number}", hour=hour)
    assert await judged(cared, limits(at_night=3)) == [("at-night", "nurse", 4, None)]
    assert await judged(cared, limits(lists_at_night=3)) == [("lists-at-night", "nurse", 4, None)]


async def test_only_what_workers_open_in_care_counts(cared: CareWorld) -> None:
    await did(cared, "own-episode", *names(2), subject="own:1", facility=None, purpose="own-data")
    await did(cared, "read-episode", *names(2), service="care-app")
    await did(cared, "read-episode", "mother-reference", "episode:1")
    await did(cared, "worklist", *names(2))
    for hour in (0, 23):
        for days in (-1, 1):
            await did(cared, "read-episode", *names(2), on=DAY + timedelta(days=days), hour=hour)
    assert await judged(cared, limits(many_opened=0)) == []


async def test_days_are_judged_once_each_when_their_work_is_written_down_and_none_from_before_the_start(
    cared: CareWorld,
) -> None:
    pool, told, day = cared.care.pool, limits(many_opened=0), clock.today()
    episode = await cared.enrolled()
    await cared.read(episode)
    await did(cared, "read-episode", "care:0", on=day - timedelta(days=40), subject="early")
    for later, flagged in ((0, []), (1, []), (2, [("nurse", day, 1)])):
        judge = Judge(pool, told, partial(days_after, day, later))
        assert await judge.once(), "a day more"
        assert not await judge.once()
        rows = await pool.fetch("SELECT subject, day, count FROM care_flag")
        assert [tuple(row) for row in rows] == flagged


async def test_a_flag_says_which_worker_and_nothing_of_her(cared: CareWorld) -> None:
    episode = await cared.enrolled(enrolment(cared.lmp, number="11010519491231002X"))
    assert (await cared.call("GET", f"/v1/episodes/{episode}", subject="curious")).status_code == 200
    told = limits(many_opened=0, same_again=0)
    await Judge(cared.care.pool, told, lambda: clock.today() + timedelta(days=2)).once()
    shown, again = await waiting(cared)
    assert (shown["worker"], shown["rule"], shown["count"], shown["above"]) == ("curious", "many-opened", 1, 0)
    assert (shown["about"], shown["decision"], shown["day"]) == (None, None, clock.today().isoformat())
    assert shown["version"] == load().of("many-opened").version
    assert (again["rule"], again["about"]) == ("same-again", log_name(cared.care.vault, UUID(episode)))
    assert not any(each in f"{shown}{again}" for each in ("王秀英", "13800000001", "婆婆", episode))
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    assert await waiting(cared) == [shown, again], "what a worker did remains"


async def test_a_supervisor_decides_with_a_reason_that_is_sealed(cared: CareWorld) -> None:
    await raised(cared, "nurse")
    (shown,) = await waiting(cared)
    path = f"/v1/flags/{shown['flag']}/decision"
    for decision, code in (("seen", 204), ("seen", 204), ("justified", 204), ("misuse", 409), ("seen", 409)):
        answer = await cared.call("POST", path, WROTE | {"decision": decision}, **SUPERVISOR)
        assert answer.status_code == code, answer.text
    assert await waiting(cared) == []
    (decided,) = await waiting(cared, "?decided=true")
    assert decided == shown | {"decision": "justified", "decided_at": decided["decided_at"]}
    row = await cared.care.pool.fetchrow("SELECT * FROM care_flag")
    assert row is not None
    assert WROTE["reason"].encode() not in row["reason"]
    assert unseal(cared.care.ring, NAMES, row["reason"], context(row["flag_id"])).decode() == WROTE["reason"]
    assert row["decided_by"] == "head"


async def test_nobody_reads_or_decides_about_flags_of_their_own_or_of_another_facility(cared: CareWorld) -> None:
    await raised(cared, "nurse", "head")
    (shown,) = await waiting(cared)
    assert shown["worker"] == "nurse"
    of_head = next(each for each in await waiting(cared, subject="second") if each["worker"] == "head")
    assert await waiting(cared, facility=DONGMING) == []
    for flag, claims in (
        (of_head["flag"], {}),
        (shown["flag"], {"facility": DONGMING}),
        (str(uuid4()), {}),
    ):
        answer = await cared.call("POST", f"/v1/flags/{flag}/decision", WROTE, **SUPERVISOR | claims)
        assert answer.status_code == 404
    assert (await cared.call("GET", "/v1/flags")).status_code == 403
    assert (await cared.call("POST", f"/v1/flags/{shown['flag']}/decision", WROTE)).status_code == 403


async def test_where_there_is_no_other_supervisor_those_of_the_county_decide(cared: CareWorld) -> None:
    await cared.world.listed(("head", "supervisor"), ("head", "care-worker"))
    await cared.world.listed(("chief", "supervisor"), facility=COUNTY)
    await raised(cared, "head", "nurse")
    chief = {"facility": COUNTY, "subject": "chief"}
    assert [each["worker"] for each in await waiting(cared)] == ["nurse"], "nobody is shown what is noticed about them"
    (shown,) = await waiting(cared, **chief)
    there = cared.world.alerts.facilities.get(LIUQUAN)
    assert there is not None
    assert (shown["worker"], shown["facility"]["en"]) == ("head", there.en)
    await cared.world.listed(("second", "supervisor"))
    path = f"/v1/flags/{shown['flag']}/decision"
    assert await waiting(cared, **chief) == []
    codes = [
        (await cared.call("POST", path, WROTE, **SUPERVISOR | who)).status_code
        for who in (chief, {}, {"subject": "second"})
    ]
    assert codes == [404, 404, 204], "whoever is listed there meanwhile decides"


async def test_flags_are_read_page_by_page(cared: CareWorld) -> None:
    await raised(cared, *(f"nurse-{each}" for each in range(5)))
    found: list[str] = []
    after = ""
    while True:
        answer = (await cared.call("GET", f"/v1/flags?limit=2{after}", **SUPERVISOR)).json()
        found += [each["worker"] for each in answer["flags"]]
        if answer["next_after"] is None:
            break
        after = f"&after={answer['next_after']}"
    assert found == [f"nurse-{each}" for each in range(5)]


async def test_a_day_of_many_looks_is_asked_about_in_parts(cared: CareWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "AT_ONCE", 2)
    for worker in ("nurse", "doctor"):
        await did(cared, "read-episode", *names(5), subject=worker)
    await did(cared, "record-outcome", "care:1", "care:4")
    await did(cared, "worklist", "care:3")
    found = await judged(cared, limits(many_without_act=0, many_not_due=0))
    assert sorted(found) == [
        ("many-not-due", "doctor", 4, None),
        ("many-not-due", "nurse", 2, None),
        ("many-without-act", "doctor", 5, None),
        ("many-without-act", "nurse", 3, None),
    ]


async def test_nothing_that_is_sealed_waits_for_the_judge_to_read(cared: CareWorld) -> None:
    pool = cared.care.pool
    await did(cared, "read-episode", "care:0")
    async with pool.acquire() as other:
        held = other.transaction()
        await held.start()
        await other.execute("LOCK TABLE access_log IN ACCESS EXCLUSIVE MODE")
        judging = asyncio.create_task(Judge(pool, limits(many_opened=0), lambda: DAY + timedelta(days=2)).once())
        reads: list[Any] = []

        async def reading() -> bool:
            reads[:] = await pool.fetch(
                "SELECT backend_xid FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return bool(reads)

        await until(reading, "the judge reads")
        await held.rollback()
    assert await judging
    assert [row["backend_xid"] for row in reads] == [None], "the seals of the log end where somebody writes"
    assert await pool.fetchval("SELECT count(*) FROM care_flag") == 1


async def test_two_who_judge_the_same_day_raise_its_flags_once(cared: CareWorld) -> None:
    await did(cared, "read-episode", "care:0")
    judges = [Judge(cared.care.pool, limits(many_opened=0), lambda: DAY + timedelta(days=2)) for _ in range(2)]
    await asyncio.gather(*(each.once() for each in judges))
    assert [await each.once() for each in judges] == [False, False]
    assert await cared.care.pool.fetchval("SELECT count(*) FROM care_flag") == 1
