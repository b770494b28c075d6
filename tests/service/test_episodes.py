"""Episodes of care: enrolled with consent, by the facility's own staff, and read by nobody else."""

from datetime import date, timedelta

import pytest

from tests.alerts_world import DONGMING
from tests.care_world import NUMBER, CareWorld, care_of, consent, enrolment

pytest_plugins = ["tests.alerts"]


async def test_a_woman_is_enrolled_and_her_facility_reads_the_record(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    found = await cared.read(episode)
    assert (found["state"], found["consent"], found["record"]["name"]) == ("active", "given", "王秀英")
    assert [each["state"] for each in found["consents"]] == ["proposed", "given"]
    assert found["record"]["linked"] is False
    assert found["contacts"][0]["state"] == "open"
    assert found["contacts"][0]["reason"]["clause"]["zh"]
    assert await cared.told() == [("opened", found["contacts"][0]["contact"])]


async def test_another_facility_and_who_is_no_care_staff_learn_nothing(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    unknown = episode[:-2] + ("00" if not episode.endswith("00") else "11")
    foreign = await cared.call("GET", f"/v1/episodes/{episode}", facility=DONGMING)
    missing = await cared.call("GET", f"/v1/episodes/{unknown}", facility=DONGMING)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    for claims in ({"roles": ["clerk"], "department": "civil-affairs"}, {"department": "civil-affairs"}):
        assert (await cared.call("GET", f"/v1/episodes/{episode}", **claims)).status_code == 403
        assert (await cared.call("POST", "/v1/episodes", {"nonsense": 1}, **claims)).status_code == 403
    assert await cared.told(DONGMING) == []


async def test_the_same_request_is_answered_with_the_same_episode(cared: CareWorld) -> None:
    body = enrolment(cared.lmp, request="request-1")
    episode = await cared.enrolled(body)
    again = await cared.call("POST", "/v1/episodes", body)
    assert (again.status_code, again.json()) == (200, {"episode": episode, "created": False})
    other = await cared.call("POST", "/v1/episodes", enrolment(cared.lmp - timedelta(days=7), request="request-1"))
    assert (other.status_code, other.json()["type"]) == (409, "/errors#request-used")


async def test_a_number_links_the_episode_and_the_same_person_is_not_enrolled_twice(cared: CareWorld) -> None:
    await cared.registered()
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    assert (await cared.read(episode))["record"]["linked"] is True
    again = await cared.call("POST", "/v1/episodes", enrolment(cared.lmp, number=NUMBER))
    assert (again.status_code, again.json()["episode"]) == (200, episode)


async def test_a_number_that_names_nobody_waits_and_still_is_the_same_person(cared: CareWorld) -> None:
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    assert (await cared.read(episode))["record"]["linked"] is False
    again = await cared.call("POST", "/v1/episodes", enrolment(cared.lmp, number=NUMBER))
    assert (again.status_code, again.json()["episode"]) == (200, episode)
    row = await cared.care.pool.fetchrow("SELECT person_index, awaits FROM episode")
    assert row is not None
    assert row["person_index"] is None
    assert len(row["awaits"]) == 32


async def test_a_number_of_two_people_links_to_neither(cared: CareWorld) -> None:
    await cared.registered("mother")
    await cared.registered("somebody else")
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    assert (await cared.read(episode))["record"]["linked"] is False


async def test_an_enrolment_elsewhere_does_not_show_that_there_is_one(cared: CareWorld) -> None:
    await cared.registered()
    here = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    there = await cared.call("POST", "/v1/episodes", enrolment(cared.lmp, number=NUMBER), facility=DONGMING)
    assert there.status_code == 201
    assert there.json()["episode"] != here


async def test_nothing_about_her_is_kept_before_she_agrees(cared: CareWorld) -> None:
    proposed = {"request": "request-1", "state": "proposed", "consent": consent()}
    refused = await cared.call("POST", "/v1/episodes", proposed | {"care": care_of(cared.lmp)})
    assert refused.status_code == 422
    assert (await cared.call("POST", "/v1/episodes", proposed | {"state": "given"})).status_code == 422
    episode = await cared.enrolled(proposed)
    found = await cared.read(episode)
    assert (found["consent"], found["record"], found["contacts"]) == ("proposed", None, [])
    assert (await cared.act(episode, "pause")).status_code == 409
    given = {"state": "given", "consent": consent(), "care": care_of(cared.lmp)}
    assert (await cared.act(episode, "consent", given)).status_code == 204
    found = await cared.read(episode)
    assert (found["consent"], found["record"]["name"], len(found["contacts"]) > 0) == ("given", "王秀英", True)


async def test_a_proposal_that_nobody_answers_leaves_nothing(cared: CareWorld) -> None:
    episode = await cared.enrolled({"request": "request-1", "state": "proposed", "consent": consent()})
    await cared.on(cared.today + timedelta(days=31))
    assert (await cared.call("GET", f"/v1/episodes/{episode}")).status_code == 404
    assert await cared.care.pool.fetchval("SELECT count(*) FROM episode") == 0


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"consent": consent(version="2019-01")}, "/consent/version"),
        ({"consent": consent(until="2020-01-01")}, "/consent/until"),
        ({"consent": consent(until="2199-01-01")}, "/consent/until"),
        ({"care": care_of(date(2199, 1, 1))}, "/care/dating/lmp"),
    ],
)
async def test_an_enrolment_that_cannot_be_names_its_fault(
    cared: CareWorld, change: dict[str, object], pointer: str
) -> None:
    answer = await cared.call("POST", "/v1/episodes", enrolment(cared.lmp) | change)
    assert answer.status_code == 422, answer.text
    assert [each["pointer"] for each in answer.json()["faults"]] == [pointer]
    assert await cared.care.pool.fetchval("SELECT count(*) FROM episode") == 0
