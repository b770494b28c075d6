"""The life of a consent: paused, expired, renewed, withdrawn; and what is left of a woman who withdrew: nothing."""

import asyncio
from datetime import timedelta
from uuid import UUID

from services.alerts.episodes.looking import look
from tests.alerts_world import DONGMING
from tests.care_world import NUMBER, CareWorld, consent, enrolment

pytest_plugins = ["tests.alerts"]


async def counts(cared: CareWorld) -> dict[str, int]:
    """Rows of the tables of care."""
    tables = ("episode", "episode_consent", "care_contact", "care_outcome")
    return {name: await cared.care.pool.fetchval(f"SELECT count(*) FROM {name}") for name in tables}


async def test_a_withdrawal_leaves_no_row_no_key_and_no_name_in_a_feed(cared: CareWorld) -> None:
    await cared.registered()
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    (contact, *_) = await cared.contacts(episode, "open")
    assert (await cared.outcome(episode, contact["contact"], refer=True)).status_code == 200
    await cared.on(cared.today + timedelta(days=60))
    assert sum((await counts(cared)).values()) > 4
    (shown,) = await cared.contacts(episode, "open")
    keys = [each for each in cared.care.vault.keys.rglob("*") if len(each.name) == 36]
    assert [each.name for each in keys] == [episode]
    gone = await cared.call("DELETE", f"/v1/episodes/{episode}/consent")
    assert gone.status_code == 204
    assert not any((await counts(cared)).values())
    assert not keys[0].exists()
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404
    kinds = await cared.told()
    assert ("closed", shown["contact"]) == kinds[-1]
    assert {kind for kind, _ in kinds[:-1]} == {"withheld"}


async def test_withdrawing_again_is_answered_the_same_and_elsewhere_it_is_unknown(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    path = f"/v1/episodes/{episode}/consent"
    assert (await cared.call("DELETE", path, facility=DONGMING)).status_code == 404
    assert (await cared.call("DELETE", path)).status_code == 204
    assert (await cared.call("DELETE", path)).status_code == 204
    assert (await cared.call("DELETE", path, facility=DONGMING)).status_code == 404


async def test_what_was_withdrawn_is_not_enrolled_again_by_a_repeated_request(cared: CareWorld) -> None:
    body = enrolment(cared.lmp, request="request-1")
    episode = await cared.enrolled(body)
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    again = await cared.call("POST", "/v1/episodes", body)
    assert (again.status_code, again.json()["type"]) == (409, "/errors#request-used")
    assert (await cared.call("POST", "/v1/episodes", enrolment(cared.lmp))).status_code == 201


async def test_sixteen_withdrawals_at_once_are_all_answered_and_erase_once(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    answers = await asyncio.gather(*(cared.call("DELETE", f"/v1/episodes/{episode}/consent") for _ in range(16)))
    assert {each.status_code for each in answers} == {204}
    assert cared.care.vault.ledger.ids() == [UUID(episode)]
    assert [kind for kind, _ in await cared.told()] == ["withheld", "closed"]


async def test_sixteen_enrolments_at_once_of_one_woman_make_one_episode(cared: CareWorld) -> None:
    await cared.registered()
    bodies = [enrolment(cared.lmp, number=NUMBER) for _ in range(16)]
    answers = await asyncio.gather(*(cared.call("POST", "/v1/episodes", body) for body in bodies))
    assert sorted(each.status_code for each in answers) == [200] * 15 + [201]
    assert len({each.json()["episode"] for each in answers}) == 1
    assert (await counts(cared))["episode"] == 1


async def test_a_paused_episode_shows_and_tells_nothing_until_it_is_resumed(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    (contact, *_) = await cared.contacts(episode, "open")
    for _ in range(2):
        assert (await cared.act(episode, "pause")).status_code == 204
    assert await cared.contacts(episode, "open", "overdue") == []
    before = await cared.told()
    assert before[-1] == ("closed", contact["contact"])
    await cared.on(cared.today + timedelta(days=3))
    assert await cared.told() == before
    for _ in range(2):
        assert (await cared.act(episode, "resume")).status_code == 204
    assert (await cared.told())[len(before) :] == [("opened", contact["contact"])]
    assert [each["contact"] for each in await cared.contacts(episode, "open")] == [contact["contact"]]


async def test_an_expired_consent_stops_everything_until_it_is_renewed(cared: CareWorld) -> None:
    until = cared.today + timedelta(days=10)
    episode = await cared.enrolled(enrolment(cared.lmp, consent=consent(until=until.isoformat())))
    (contact, *_) = await cared.contacts(episode, "open")
    await cared.on(until)
    assert (await cared.read(episode))["consent"] == "given"
    await cared.on(until + timedelta(days=1))
    found = await cared.read(episode)
    assert (found["consent"], found["record"], found["contacts"]) == ("expired", None, [])
    assert (await cared.told())[-1] == ("closed", contact["contact"])
    assert (await cared.act(episode, "pause")).json()["type"] == "/errors#no-consent"
    assert (await cared.outcome(episode, contact["contact"])).status_code == 409
    renewed = {"state": "changed", "consent": consent()}
    assert (await cared.act(episode, "consent", renewed)).status_code == 204
    found = await cared.read(episode)
    assert (found["state"], found["consent"], found["record"]["name"]) == ("active", "changed", "王秀英")
    assert [each["state"] for each in found["consents"]] == ["proposed", "given", "expired", "changed"]
    assert (await cared.told())[-1] == ("opened", contact["contact"])


async def test_a_consent_that_is_not_renewed_in_a_month_is_erased(cared: CareWorld) -> None:
    until = cared.today + timedelta(days=10)
    episode = await cared.enrolled(enrolment(cared.lmp, consent=consent(until=until.isoformat())))
    await cared.on(until + timedelta(days=30))
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 200
    await cared.on(until + timedelta(days=32))
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404
    assert not any((await counts(cared)).values())
    assert [str(each) for each in cared.care.vault.ledger.ids()] == [episode]


async def test_the_worker_that_was_away_when_a_consent_expired_announces_nothing_of_after(cared: CareWorld) -> None:
    until = cared.today + timedelta(days=10)
    episode = await cared.enrolled(enrolment(cared.lmp, consent=consent(until=until.isoformat())))
    before = await cared.told()
    await cared.on(until + timedelta(days=25))
    assert [kind for kind, _ in (await cared.told())[len(before) :]] == ["closed"]
    assert (await cared.read(episode))["consent"] == "expired"
    assert await look(cared.care) == 0


async def test_every_read_and_act_is_written_down_under_a_name_that_says_nothing(cared: CareWorld) -> None:
    await cared.registered()
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    await cared.read(episode)
    await cared.act(episode, "pause")
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    rows = await cared.care.pool.fetch(
        "SELECT action, reference, subject, basis FROM access_log ORDER BY at, access_id"
    )
    names = {row["reference"].partition(":")[0] for row in rows}
    assert [row["action"] for row in rows] == ["enrol", "read-episode", "pause", "withdraw-consent"]
    assert names == {"care", "episode"}
    assert {(row["subject"], row["basis"]) for row in rows} == {("nurse", "her-consent")}


async def test_an_end_closes_tasks_without_a_reason_and_keeps_it_in_the_record_alone(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    for _ in range(2):
        assert (await cared.act(episode, "end", {"because": "说明原因"})).status_code == 204
    found = await cared.read(episode)
    assert (found["state"], found["record"]["ended_because"]) == ("ended", "说明原因")
    assert [kind for kind, _ in await cared.told()] == ["opened", "closed"]
    answer = await cared.world.http.get("/v1/feed", headers=cared.world.token())
    assert "说明原因" not in answer.text
    assert (await cared.act(episode, "dates", {"lmp": cared.lmp.isoformat()})).json()["type"] == "/errors#episode-over"
