"""By form: consent asked for again, what the registry said decided about, the birth that a task asks for, everything to
come, and why a task is said to be wrong."""

from datetime import date, timedelta

from tests.alerts_world import DONGMING, person
from tests.care_world import NUMBER, CareWorld, Json, consent, enrolment
from tests.page_forms import Forms, forms, send

pytest_plugins = ["tests.alerts"]
OTHER_NUMBER = "110101199003070417"
WRONG = {"wrong": "wrong-date", "note": "上周已做"}


async def text(cared: CareWorld, path: str, status: int = 200) -> str:
    """A page in English."""
    answer = await cared.world.http.get(path, headers={"accept-language": "en"})
    assert answer.status_code == status, answer.text
    return answer.text


async def asked(cared: CareWorld) -> tuple[str, str]:
    """A woman in her fortieth week; the task that asks about the birth."""
    episode = await cared.enrolled(enrolment(cared.today - timedelta(days=274)))
    (task,) = [each for each in await cared.contacts(episode, "open") if each["code"] == "ask-about-birth"]
    return episode, task["contact"]


async def test_an_expired_consent_is_renewed_by_form_and_not_without_the_box(cared: CareWorld) -> None:
    last = cared.today + timedelta(days=5)
    episode = await cared.enrolled(enrolment(cared.lmp, consent=consent(until=last.isoformat())))
    await cared.on(last + timedelta(days=1))
    await cared.world.login_cookie()
    page = await text(cared, f"/episodes/{episode}")
    assert "王秀英" not in page
    path = f"/episodes/{episode}/consent"
    assert f'href="{path}"' in page
    form = (await forms(cared, f"{path}?hers=zh"))[path]
    assert (form["text"], form["until"]) == ("care", (date(2028, 3, 7)).isoformat())
    until = (cared.today + timedelta(days=100)).isoformat()
    told = form | {"channel": "telephone", "until": until}
    refused = await send(cared, path, told)
    assert refused.status_code == 422
    assert (await cared.read(episode))["consent"] == "expired"
    beyond = await send(cared, path, told | {"agrees": "on", "until": "2099-01-01"})
    assert beyond.status_code == 422
    answer = await send(cared, path, told | {"agrees": "on"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/episodes/{episode}?noted=consent")
    shown = await cared.read(episode)
    assert (shown["consent"], shown["consent_until"], shown["state"]) == ("changed", until, "active")
    step = shown["consents"][-1]
    assert (step["channel"], step["language"], step["by"]) == ("telephone", "zh", "nurse")


async def test_of_one_that_has_ended_nobody_is_asked_again(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    assert (await cared.act(episode, "end", {"because": "x"})).status_code == 204
    await cared.world.login_cookie()
    assert "It has ended, or there was no first consent" in await text(cared, f"/episodes/{episode}/consent")
    assert f"/episodes/{episode}/consent" not in await forms(cared, f"/episodes/{episode}/consent")


async def test_what_the_registry_said_is_decided_by_form(cared: CareWorld) -> None:
    await cared.registered()
    first = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    await cared.world.tell(person("mother", indexes=[], area=None))
    await cared.world.login_cookie()
    assert "Nothing that was reported of this person counts" in await text(cared, f"/episodes/{first}")
    path = f"/episodes/{first}/looked"
    silent = await send(cared, path, {"because": ""})
    assert silent.status_code == 422
    assert (await cared.read(first))["findings"] != []
    form = (await forms(cared, f"/episodes/{first}"))[path]
    answer = await send(cared, path, form | {"goes_on": "yes", "number": "", "because": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/episodes/{first}?noted=looked")
    assert ((await cared.read(first))["state"], (await cared.read(first))["findings"]) == ("active", [])
    over = await send(cared, path, {"because": "not hers"})
    assert over.status_code == 303
    shown = await cared.read(first)
    assert (shown["state"], shown["record"]["ended_because"]) == ("ended", "not hers")


async def test_one_that_is_linked_to_nobody_is_linked_by_her_number(cared: CareWorld) -> None:
    await cared.registered("other", OTHER_NUMBER)
    episode = await cared.enrolled()
    await cared.world.login_cookie()
    path = f"/episodes/{episode}/looked"
    assert "number" in (await forms(cared, f"/episodes/{episode}"))[path]
    wrong = await send(cared, path, {"goes_on": "yes", "number": "1"})
    assert wrong.status_code == 422
    answer = await send(cared, path, {"goes_on": "yes", "number": OTHER_NUMBER})
    assert answer.status_code == 303
    assert (await cared.read(episode))["record"]["linked"]
    assert path not in await forms(cared, f"/episodes/{episode}")


async def test_done_leads_to_the_birth_and_never_ends_the_task_without_it(cared: CareWorld) -> None:
    episode, task = await asked(cared)
    outcome = f"/v1/episodes/{episode}/contacts/{task}/outcome"
    for kind in ("done", "moved"):
        refused = await cared.call("POST", outcome, {"kind": kind})
        assert (refused.status_code, refused.json()["type"]) == (409, "/errors#birth-first")
    await cared.world.login_cookie()
    answer = await send(cared, f"/episodes/{episode}/contacts/{task}/outcome", {"kind": "done", "back": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/episodes/{episode}/birth")
    page = await text(cared, f"/episodes/{episode}/birth")
    assert "Still pregnant" in page
    assert "Still pregnant" in await text(cared, "/worklist?said=open")
    assert [each["contact"] for each in await cared.contacts(episode, "open") if each["contact"] == task] == [task]
    path = f"/episodes/{episode}/delivery"
    form = (await forms(cared, f"/episodes/{episode}/birth"))[path] | {"delivered_on": cared.today.isoformat()}
    shown = await send(cared, path, form)
    assert shown.status_code == 200
    applied = await send(cared, path, form | {"apply": "yes"})
    assert applied.status_code == 303
    (asking,) = [each for each in await cared.contacts(episode) if each["contact"] == task]
    assert (asking["state"], asking["outcome"]) == ("closed", None)
    assert [each for each in await cared.contacts(episode, "planned", "open") if each["schedule"] == "cn-postnatal"]


async def test_an_outcome_that_waits_for_the_birth_is_never_in_an_address_and_never_made_up(cared: CareWorld) -> None:
    episode, task = await asked(cared)
    await cared.world.login_cookie()
    wanted = {"kind": "moved", "note": "在市医院分娩", "back": ""}
    page = await send(cared, f"/episodes/{episode}/contacts/{task}/outcome", wanted)
    assert (page.status_code, "location" in page.headers) == (409, False)
    path = f"/episodes/{episode}/delivery"
    form = Forms(page.text).sent[path] | {"delivered_on": cared.today.isoformat(), "apply": "yes"}
    assert form["outcome_note"] == "在市医院分娩"
    wrong = await send(cared, path, form | {"outcome_kind": "anything", "delivered_on": "nonsense"})
    assert wrong.status_code == 422
    assert (await cared.read(episode))["record"]["delivered_on"] is None
    assert (await cared.outcome(episode, task, "declined")).status_code == 200
    meanwhile = await send(cared, path, form)
    assert meanwhile.status_code == 409
    assert (await cared.read(episode))["record"]["delivered_on"] == cared.today.isoformat()
    (told,) = [each for each in await cared.contacts(episode) if each["contact"] == task]
    assert told["outcome"]["kind"] == "declined"
    for gone in ("nonsense", episode):
        again = await send(cared, path, form | {"outcome_contact": gone})
        assert (again.status_code, again.headers["location"]) == (303, f"/episodes/{episode}?noted=delivery")


async def test_she_may_decline_to_be_asked_and_other_tasks_are_done_as_ever(cared: CareWorld) -> None:
    episode, task = await asked(cared)
    others = [each for each in await cared.contacts(episode, "open") if each["contact"] != task]
    assert (await cared.outcome(episode, others[0]["contact"])).status_code == 200
    assert (await cared.outcome(episode, task, "declined")).status_code == 200


async def test_everything_to_come_is_told_by_schedule_with_what_it_waits_for(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    shown = await cared.read(episode)
    coming: list[Json] = shown["forecast"]
    rows = [each for each in shown["contacts"] if each["state"] in ("planned", "open", "overdue")]
    assert len(coming) > len(rows)
    known = {(each["schedule"], each["code"], each["child"]): each for each in coming}
    for each in rows:
        same = known[each["schedule"], each["code"], each["child"]]
        assert (same["opens_on"], same["closes_on"]) == (each["opens_on"], each["closes_on"])
    assert all(each["reason"]["clause"]["zh"] for each in coming)
    day = cared.today.isoformat()
    born = {"delivered_on": day, "children": [{"number": 1, "born_on": day}]}
    assert (await cared.act(episode, "delivery", born)).status_code in (200, 422)
    await cared.world.login_cookie()
    page = await text(cared, f"/episodes/{episode}")
    assert "Everything to come" in page
    assert (await cared.act(episode, "end", {"because": "x"})).status_code == 204
    assert (await cared.read(episode))["forecast"] == []


async def test_why_a_task_is_said_to_be_wrong_is_read_by_care_workers_on_duty_alone(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    (task,) = await cared.contacts(episode, "open")
    assert (await cared.call("POST", f"/v1/worklist/{task['contact']}/wrong", WRONG)).status_code == 204
    path = f"/v1/episodes/{episode}/task-reports"
    (note,) = (await cared.call("GET", path)).json()["notes"]
    assert (note["task"], note["by"], note["wrong"], note["note"]) == (task["contact"], "nurse", *WRONG.values())
    assert (await cared.call("GET", path, facility=DONGMING)).status_code == 404
    assert (await cared.call("GET", path, roles=["supervisor"])).status_code == 403
    rows = await cared.care.pool.fetch("SELECT action, fields FROM access_log ORDER BY at, access_id")
    assert [tuple(row) for row in rows][-1] == ("read-reports", ["task-report", "note"])
    await cared.world.login_cookie()
    for page in (f"/episodes/{episode}", f"/worklist/{task['contact']}"):
        assert WRONG["note"] in await text(cared, page)
    supervised = await cared.call("GET", "/v1/task-reports", roles=["supervisor"])
    assert WRONG["note"] not in supervised.text
