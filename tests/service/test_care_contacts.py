"""Care contacts: opened, overdue and missed by the days, closed by what a worker says; each announced exactly once."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest

from services.alerts.contacts.handlers import shown
from services.alerts.contacts.passing import let_days_pass
from services.alerts.episodes.identity import log_name
from shared.auth.caller import Caller
from shared.db import transaction
from tests.alerts_world import DONGMING, LIUQUAN
from tests.care_world import CareWorld, Json, enrolment

pytest_plugins = ["tests.alerts"]
NURSE = Caller("nurse", roles=frozenset({"care-worker"}), purpose="care", facility=LIUQUAN)


async def first(cared: CareWorld, episode: str) -> Json:
    """The antenatal contact that is open at enrolment."""
    (contact, *_) = await cared.contacts(episode, "open")
    return contact


async def test_days_open_a_contact_make_it_overdue_and_missed_and_another_follows(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    contact = await first(cared, episode)
    due, closes = date.fromisoformat(contact["due_on"]), date.fromisoformat(contact["closes_on"])
    await cared.on(due)
    assert (await first(cared, episode))["contact"] == contact["contact"]
    await cared.on(due + timedelta(days=1))
    kinds = ["opened", "overdue"] if due < closes else ["opened", "missed"]
    assert [kind for kind, which in await cared.told() if which == contact["contact"]] == kinds
    await cared.on(closes + timedelta(days=1))
    (missed,) = await cared.contacts(episode, "missed")
    assert missed["contact"] == contact["contact"]
    assert [
        each for each in await cared.contacts(episode, "planned", "open") if each["schedule"] == contact["schedule"]
    ]


async def test_catching_up_in_one_go_tells_what_daily_looks_tell(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    begun = cared.today
    names = {each["contact"]: each["code"] for each in await cared.contacts(episode)}
    await cared.on(begun + timedelta(days=250))
    names |= {each["contact"]: each["code"] for each in await cared.contacts(episode)}
    at_once = [(kind, names[which]) for kind, which in await cared.told()]
    cared.world.today = begun
    daily = await cared.enrolled()
    for days in range(1, 251):
        await cared.on(begun + timedelta(days=days))
    names |= {each["contact"]: each["code"] for each in await cared.contacts(daily)}
    told = [(kind, names[which]) for kind, which in await cared.told()]
    assert sorted(told[len(at_once) :]) == sorted(at_once)
    assert len(at_once) > 8


async def test_sixteen_workers_passing_the_same_days_announce_each_once(cared: CareWorld) -> None:
    for _ in range(12):
        await cared.enrolled()
    cared.world.today += timedelta(days=120)
    passed = await asyncio.gather(*(let_days_pass(cared.care, 3) for _ in range(16)))
    assert sum(passed) > 0
    await cared.on(cared.today)
    told = await cared.told()
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("kind", "days", "timing", "back_dated"),
    [("done", 0, "on-time", False), ("done", 1, "on-time", True), ("declined", 0, None, False)],
)
async def test_an_outcome_closes_the_contact_and_the_next_one_follows(
    cared: CareWorld, kind: str, days: int, timing: str | None, back_dated: bool
) -> None:
    episode = await cared.enrolled()
    contact = await first(cared, episode)
    on = (cared.today - timedelta(days=days)).isoformat()
    answer = await cared.outcome(episode, contact["contact"], kind, on=on, note="一切正常")
    assert answer.status_code == 200, answer.text
    outcome = answer.json()["outcome"]
    assert (outcome["timing"], outcome["back_dated"], outcome["by"]) == (timing, back_dated, "nurse")
    assert (await cared.outcome(episode, contact["contact"], kind, on=on, note="一切正常")).status_code == 200
    other = await cared.outcome(episode, contact["contact"], "moved")
    assert (other.status_code, other.json()["type"]) == (409, "/errors#outcome-recorded")
    assert [each for each, which in await cared.told() if which == contact["contact"]] == ["opened", "closed"]
    assert [
        each["code"] for each in await cared.contacts(episode, "planned") if each["schedule"] == contact["schedule"]
    ]


async def test_sixteen_equal_outcomes_at_once_are_one(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    contact = await first(cared, episode)
    answers = await asyncio.gather(*(cared.outcome(episode, contact["contact"]) for _ in range(16)))
    assert {each.status_code for each in answers} == {200}
    assert await cared.care.pool.fetchval("SELECT count(*) FROM care_outcome") == 1
    assert [kind for kind, _ in await cared.told()] == ["opened", "closed"]


async def test_an_outcome_is_taken_back_with_what_followed_and_stays_on_record(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    before = await cared.contacts(episode)
    contact = await first(cared, episode)
    await cared.outcome(episode, contact["contact"], refer=True)
    after = await cared.contacts(episode)
    assert {each["schedule"] for each in after} > {each["schedule"] for each in before}
    for _ in range(2):
        undone = await cared.call("DELETE", f"/v1/episodes/{episode}/contacts/{contact['contact']}/outcome")
        assert undone.status_code == 204
    found = {each["contact"]: each for each in await cared.contacts(episode) if each["state"] != "closed"}
    assert set(found) == {each["contact"] for each in before}
    back = found[contact["contact"]]
    assert (back["state"], back["outcome"], len(back["undone"])) == ("open", None, 1)
    assert [kind for kind, which in await cared.told() if which == contact["contact"]] == ["opened", "closed", "opened"]


async def test_a_referral_is_followed_up_within_fourteen_days(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    contact = await first(cared, episode)
    refused = await cared.outcome(episode, contact["contact"], "declined", refer=True)
    assert refused.status_code == 422
    assert (await cared.outcome(episode, contact["contact"], refer=True)).json()["outcome"]["referral"] == 1
    (follow,) = [each for each in await cared.contacts(episode) if "referral" in each["schedule"]]
    assert date.fromisoformat(follow["due_on"]) <= cared.today + timedelta(days=14)


async def test_an_outcome_of_a_day_to_come_and_of_another_facility_is_refused(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    contact = await first(cared, episode)
    tomorrow = (cared.today + timedelta(days=1)).isoformat()
    assert (await cared.outcome(episode, contact["contact"], on=tomorrow)).status_code == 422
    path = f"/v1/episodes/{episode}/contacts/{contact['contact']}/outcome"
    assert (await cared.call("POST", path, {"kind": "done"}, facility=DONGMING)).status_code == 404
    assert (await cared.call("DELETE", path, facility=DONGMING)).status_code == 404
    assert (await cared.outcome(episode, episode)).status_code == 404


async def test_a_revised_due_date_shows_what_moves_and_moves_no_finished_contact(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    contact = await first(cared, episode)
    await cared.outcome(episode, contact["contact"])
    before = await cared.contacts(episode)
    body = {"lmp": (cared.lmp + timedelta(days=14)).isoformat()}
    preview = await cared.act(episode, "dates?dry_run=true", body)
    assert preview.status_code == 200, preview.text
    assert (preview.json()["applied"], len(preview.json()["moves"]) > 0) == (False, True)
    assert await cared.contacts(episode) == before
    applied = await cared.act(episode, "dates", body)
    assert applied.json()["moves"] == preview.json()["moves"]
    after = {each["contact"]: each for each in await cared.contacts(episode)}
    assert after[contact["contact"]]["opens_on"] == contact["opens_on"]
    (planned,) = [each for each in before if each["state"] == "planned" and each["code"].startswith("weeks-")]
    moved = date.fromisoformat(after[planned["contact"]]["opens_on"])
    assert moved == date.fromisoformat(planned["opens_on"]) + timedelta(days=14)


async def test_a_birth_ends_antenatal_contacts_and_begins_postnatal_ones(cared: CareWorld) -> None:
    cared.world.today += timedelta(days=210)
    episode = await cared.enrolled(enrolment(cared.today - timedelta(days=270)))
    assert {each["schedule"] for each in await cared.contacts(episode)} & {"cn-antenatal"}
    born = (cared.today - timedelta(days=3)).isoformat()
    body = {"delivered_on": born, "children": [{"number": 1, "born_on": born}, {"number": 2, "born_on": born}]}
    answer = await cared.act(episode, "delivery", body)
    assert answer.status_code == 200, answer.text
    unfinished = await cared.contacts(episode, "planned", "open", "overdue")
    assert "cn-antenatal" not in {each["schedule"] for each in unfinished}
    assert "cn-postnatal" in {each["schedule"] for each in unfinished}


async def test_risk_is_a_clinicians_and_the_infection_flag_changes_no_answer_but_the_record(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    body = {"level": "orange", "infection": False}
    assert (await cared.act(episode, "risk", body)).json()["type"] == "/errors#clinician-required"
    head = {"roles": ["care-worker", "supervisor"]}
    answer = await cared.act(episode, "risk", body, **head)
    assert answer.status_code == 200, answer.text
    assert {each["schedule"] for each in await cared.contacts(episode)} >= {"cn-case-management"}
    told, contacts = await cared.told(), await cared.contacts(episode)
    answer = await cared.act(episode, "risk", body | {"infection": True}, **head)
    assert answer.json()["moves"] == []
    assert (await cared.told(), await cared.contacts(episode)) == (told, contacts)
    record = (await cared.read(episode))["record"]
    assert (record["risk_level"], record["infection"], record["risk_set_by"]) == ("orange", True, "nurse")
    unknown = await cared.act(episode, "risk", {"level": "ultraviolet"}, **head)
    assert [each["pointer"] for each in unknown.json()["faults"]] == ["/level"]


async def test_a_clinician_who_is_no_care_worker_gets_no_record_not_even_beside_a_fault(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    await cared.world.listed(("doctor", "supervisor"), ("nurse", "care-worker"), clinicians=["doctor", "nurse"])
    reads = "SELECT count(*) FROM access_log"
    before = await cared.care.pool.fetchval(reads)
    form, world = {"level": "no/such"}, cared.world
    for roles in (["supervisor"], ["care-worker", "supervisor"]):
        headers = world.token(subject="doctor", roles=roles)
        answer = await world.http.post(f"/episodes/{episode}/risk", data=form, headers=headers)
        assert (answer.status_code, "王秀英" in answer.text) == (403, False)
        assert (await cared.act(episode, "risk", {"level": "red"}, subject="doctor", roles=roles)).status_code == 403
    assert await cared.care.pool.fetchval(reads) == before
    shown = await world.http.post(f"/episodes/{episode}/risk", data=form, headers=world.token())
    assert (shown.status_code, "王秀英" in shown.text) == (422, True)


async def test_staff_on_duty_are_shown_tasks_and_it_is_written_down(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    contact = await first(cared, episode)
    wanted = [UUID(contact["contact"])]
    async with transaction(cared.care.pool) as connection:
        (task,) = await shown(connection, cared.care, NURSE, wanted, "worklist")
    assert (task.name, task.reach, task.avoid) == ("王秀英", (("phone", "13800000001"),), ("婆婆",))
    assert task.reason is not None
    last = await cared.care.pool.fetchrow("SELECT action, reference, fields FROM access_log ORDER BY at DESC LIMIT 1")
    assert last is not None
    assert (last["action"], last["reference"]) == ("worklist", log_name(cared.care.vault, UUID(episode)))
    elsewhere = Caller("nurse", roles=frozenset({"care-worker"}), purpose="care", facility=DONGMING)
    async with transaction(cared.care.pool) as connection:
        assert await shown(connection, cared.care, elsewhere, wanted, "worklist") == []
    await cared.act(episode, "pause")
    async with transaction(cared.care.pool) as connection:
        assert await shown(connection, cared.care, NURSE, wanted, "worklist") == []
