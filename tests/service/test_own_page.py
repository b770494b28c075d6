"""Her own page for programs: only hers, the same answer for over and unknown, and every look written down."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.alerts.episodes.identity import log_name, person_indexes
from services.alerts.episodes.vault import Erased
from shared import clock
from tests.alerts_world import DONGMING
from tests.care_world import NUMBER, CareWorld, enrolment

pytest_plugins = ["tests.alerts"]
NOBODY = "own:00000000-0000-0000-0000-000000000007"
READS = ("", "/copy", "/disclosures")


def token(cared: CareWorld, subject: str, **more: Any) -> dict[str, str]:
    """A citizen's bearer."""
    given: dict[str, Any] = {"subject": subject, "roles": ["citizen"], "purpose": "own-data"}
    return {"authorization": "Bearer " + cared.world.issuer.issue(**given | more)}


async def me(cared: CareWorld, episode: str, method: str = "GET", path: str = "") -> httpx.Response:
    """What she asks."""
    return await cared.world.http.request(method, f"/v1/me/episode{path}", headers=token(cared, f"own:{episode}"))


async def test_she_reads_what_is_due_and_why(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    answer = await me(cared, episode)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["state"], told["consent"], told["name"]) == ("active", "given", "王秀英")
    assert all(each["reason"]["clause"] for each in told["ahead"])
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", READS)
async def test_what_is_over_and_what_never_was_are_answered_the_same(cared: CareWorld, path: str) -> None:
    episode = await cared.enrolled()
    assert (await me(cared, episode, path=path)).status_code == 200
    assert (await me(cared, episode, "DELETE", "/consent")).status_code == 204
    answers = [
        await cared.world.http.get(f"/v1/me/episode{path}", headers=token(cared, subject))
        for subject in (f"own:{episode}", NOBODY, "somebody")
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1


async def test_pausing_resuming_and_withdrawing_again_is_the_same(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    for path, state in (("/pause", "paused"), ("/pause", "paused"), ("/resume", "active"), ("/resume", "active")):
        assert (await me(cared, episode, "POST", path)).status_code == 204
        assert (await me(cared, episode)).json()["state"] == state
    assert [(await me(cared, episode, "DELETE", "/consent")).status_code for _ in range(2)] == [204, 204]
    left = await cared.care.pool.fetchval("SELECT count(*) FROM episode")
    assert (left, cared.care.vault.key(UUID(episode))) == (0, None)


async def test_nobody_but_a_citizen_for_her_own_data_may_ask(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    for strange in ({"purpose": "care"}, {"roles": ["care-worker"]}, {"facility": DONGMING}):
        answer = await cared.world.http.get("/v1/me/episode", headers=token(cared, f"own:{episode}", **strange))
        assert answer.status_code == 403, strange
    assert (await cared.world.http.get("/v1/me/episode")).status_code == 401


async def test_a_slip_is_made_by_the_facility_on_duty_alone(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    path = f"/v1/episodes/{episode}/own-code"
    assert (await cared.call("POST", path, facility=DONGMING)).status_code == 404
    assert (await cared.call("POST", path, roles=["supervisor"])).status_code == 403
    made = await cared.call("POST", path)
    assert made.status_code == 201
    kept = await cared.care.pool.fetchrow("SELECT * FROM own_code")
    assert kept is not None
    assert made.json()["code"].encode() not in bytes(kept["fingerprint"])


async def test_the_slip_lets_in_again_and_again_for_half_an_hour_each(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    code = (await cared.call("POST", f"/v1/episodes/{episode}/own-code")).json()["code"]
    own = {"origin": "http://alerts"}
    for _ in range(2):
        cared.world.http.cookies.clear()
        answer = await cared.world.http.post("/me/login", data={"code": code}, headers=own)
        assert (answer.status_code, answer.headers["location"]) == (303, "/me")
        assert (await cared.world.http.get("/v1/me/episode")).status_code == 200
    assert (await cared.world.http.get("/v1/worklist")).status_code == 403
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert (await cared.world.http.get("/v1/me/episode")).status_code == 401


async def test_guessing_is_stopped_after_ten_tries(cared: CareWorld) -> None:
    own = {"origin": "http://alerts"}
    tries = [
        (await cared.world.http.post("/me/login", data={"code": f"AAAAA-AAAAA-AAAA{n}"}, headers=own)).status_code
        for n in range(2, 13)
    ]
    assert tries == [403] * 10 + [429]


async def test_she_sees_who_looked_by_facility_and_name_and_her_own_looks_as_hers(cared: CareWorld) -> None:
    await cared.registered()
    episode = await cared.enrolled()
    assert (await cared.call("GET", "/v1/worklist")).status_code == 200
    await me(cared, episode)
    looks = (await me(cared, episode, path="/disclosures")).json()["looks"]
    assert [each["action"]["en"] for each in looks if not each["yourself"]][:1] == ["saw you on the worklist"]
    assert {each["by"] for each in looks if not each["yourself"]} == {"nurse"}
    assert looks[0]["yourself"]


async def test_an_episode_elsewhere_under_her_number_shows_nothing_of_hers(cared: CareWorld) -> None:
    await cared.registered()
    hers = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    await cared.read(hers)
    theirs = await cared.enrolled(enrolment(cared.lmp, number=NUMBER), facility=DONGMING)
    assert await cared.care.pool.fetchval("SELECT count(DISTINCT person_index) FROM episode") == 1
    there = cared.world.alerts.facilities.get(DONGMING)
    assert there is not None
    for path in ("/disclosures", "/copy"):
        looks = (await me(cared, theirs, path=path)).json()["looks"]
        assert [each["facility"] for each in looks if not each["yourself"]] == [{"zh": there.zh, "en": there.en}]
    assert (await me(cared, hers, "DELETE", "/consent")).status_code == 204
    looks = (await me(cared, theirs, path="/disclosures")).json()["looks"]
    assert [each["action"]["en"] for each in looks if not each["yourself"]] == ["enrolled you"]


async def test_after_a_withdrawal_nothing_in_the_log_says_whose_it_was(cared: CareWorld) -> None:
    await cared.registered()
    pool, ring = cared.care.pool, cared.care.ring
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    await cared.read(episode)
    index = await pool.fetchval("SELECT person_index FROM episode")
    names = {row[0] for row in await pool.fetch("SELECT reference FROM access_log WHERE reference LIKE 'care:%'")}
    assert len(names) == 1
    for value in (index, *person_indexes(ring, ["mother"]), UUID(episode).bytes):
        assert f"care:{value.hex()}" not in names
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    told = await pool.fetch("SELECT reference FROM access_log WHERE action = 'withdraw-consent'")
    assert [row["reference"] for row in told] == [f"episode:{episode}"]
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    with pytest.raises(Erased):
        log_name(cared.care.vault, UUID(episode))


async def test_a_look_that_cannot_be_written_down_fails(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    await cared.care.pool.execute("ALTER TABLE access_log RENAME TO access_log_gone")
    for path in READS:
        answer = await me(cared, episode, path=path)
        assert answer.status_code == 500
        assert "王秀英" not in answer.text
