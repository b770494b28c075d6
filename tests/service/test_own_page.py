"""Her own page for programs: only hers, the same answer for over and unknown, and every look written down."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.alerts.episodes.identity import log_name, person_indexes
from services.alerts.episodes.vault import Erased
from shared import clock
from tests.alerts_world import DONGMING
from tests.care_world import NUMBER, CareWorld, enrolment
from tests.service.test_staff_revoked import shut_out

pytest_plugins = ["tests.alerts"]
NOBODY = "own:00000000-0000-0000-0000-000000000007"
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}")
NOON = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
PAGES_OF_HERS = ("/me", "/me/disclosures", "/me/copy")
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


async def signed_in(cared: CareWorld, code: str) -> httpx.Response:
    """Somebody types a code, on a device of their own."""
    cared.world.http.cookies.clear()
    return await cared.world.http.post("/me/login", data={"code": code}, headers={"origin": "http://alerts"})


async def printed(cared: CareWorld, episode: str) -> str:
    """A worker makes a slip; its code."""
    code: str = (await cared.call("POST", f"/v1/episodes/{episode}/own-code")).json()["code"]
    return code


async def own_code(cared: CareWorld, slip: str) -> str:
    """She uses the slip; the code that the page shows her."""
    answer = await signed_in(cared, slip)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    (code,) = CODE.findall(answer.text)
    return str(code)


async def test_the_slip_works_once_and_gives_her_a_code_that_no_worker_saw(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    slip = await printed(cared, episode)
    code = await own_code(cared, slip)
    assert code != slip
    assert (await cared.world.http.get("/v1/me/episode")).status_code == 200
    assert (await signed_in(cared, slip)).status_code == 403
    for _ in range(2):
        answer = await signed_in(cared, code)
        assert (answer.status_code, answer.headers["location"]) == (303, "/me")
        assert (await cared.world.http.get("/v1/me/episode")).status_code == 200
    assert (await cared.world.http.get("/v1/worklist")).status_code == 403
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert (await cared.world.http.get("/v1/me/episode")).status_code == 401


async def test_a_slip_used_by_two_at_once_lets_one_in(cared: CareWorld) -> None:
    slip = await printed(cared, await cared.enrolled())
    answers = await asyncio.gather(*(signed_in(cared, slip) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 403]


async def test_a_slip_that_nobody_used_is_dead_after_two_weeks(cared: CareWorld) -> None:
    slip = await printed(cared, await cared.enrolled())
    with clock.frozen(clock.now() + timedelta(days=14)):
        assert (await signed_in(cared, slip)).status_code == 403
    assert (await signed_in(cared, slip)).status_code == 200


async def test_whoever_used_the_slip_is_listed_so_and_not_as_herself(cared: CareWorld) -> None:
    code = await own_code(cared, await printed(cared, await cared.enrolled()))
    await cared.world.http.get("/v1/me/episode")
    await signed_in(cared, code)
    looks = (await cared.world.http.get("/v1/me/episode/disclosures")).json()["looks"]
    assert [(each["action"]["en"], each["yourself"], each["by_slip"], each["by"]) for each in looks[:4]] == [
        ("signed in to your page", True, False, None),
        ("looked at your own page", False, True, None),
        ("signed in to your page", False, True, None),
        ("printed your slip", False, False, "nurse"),
    ]
    await signed_in(cared, code)
    assert "登录条（首次）" in (await cared.world.http.get("/me/disclosures")).text


@pytest.mark.parametrize("used", [False, True])
async def test_no_code_of_before_outlives_the_duty_of_care(cared: CareWorld, used: bool) -> None:
    episode = await cared.enrolled()
    code = await printed(cared, episode)
    if used:
        code = await own_code(cared, code)
    session = cared.world.http.cookies
    cared.world.http.cookies = httpx.Cookies()
    agreed = {"version": "2026-01", "language": "zh", "channel": "in-person-written"}
    offer = await cared.act(episode, "handover", {"to": DONGMING, "agreed": agreed})
    assert offer.status_code == 201, offer.text
    path = f"/v1/handovers/{offer.json()['id']}/accept"
    assert (await cared.call("POST", path, facility=DONGMING)).status_code in (200, 204)
    cared.world.http.cookies = session
    assert (await cared.world.http.get("/v1/me/episode")).status_code == 401
    assert (await signed_in(cared, code)).status_code == 403
    assert await cared.care.pool.fetchval("SELECT count(*) FROM own_code") == 0


async def test_an_end_kills_the_slip_and_leaves_her_the_code_that_no_worker_saw(cared: CareWorld) -> None:
    unused, hers = await cared.enrolled(), await cared.enrolled()
    slip, code = await printed(cared, unused), await own_code(cared, await printed(cared, hers))
    cared.world.http.cookies.clear()
    for episode in (unused, hers):
        assert (await cared.act(episode, "end", {"because": "moved"})).status_code == 204
    assert (await signed_in(cared, slip)).status_code == 403
    assert (await signed_in(cared, code)).status_code == 303
    own = {"origin": "http://alerts"}
    assert (await cared.world.http.delete("/v1/me/episode/consent", headers=own)).status_code == 204
    assert (await signed_in(cared, code)).status_code == 403


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


async def test_when_the_worker_who_printed_her_slip_is_shut_out_her_page_stays_hers(cared: CareWorld) -> None:
    world = cared.world
    await world.listed(("head", "supervisor"), ("nurse", "care-worker"))
    with clock.frozen(NOON):
        code = await own_code(cared, await printed(cared, await cared.enrolled()))
        hers = dict(world.http.cookies)
        await shut_out(world, left=True)
        assert (await cared.call("GET", "/v1/worklist")).status_code == 401
        world.http.cookies.update(hers)
        for path in PAGES_OF_HERS:
            assert (await world.http.get(path)).status_code == 200, path
        assert (await signed_in(cared, code)).status_code == 303


@pytest.mark.parametrize("left", [False, True])
async def test_an_unused_slip_ends_with_the_worker_who_made_it(cared: CareWorld, left: bool) -> None:
    world = cared.world
    await world.listed(("head", "supervisor"), ("nurse", "care-worker"), ("other", "care-worker"))
    with clock.frozen(NOON):
        theirs, hers, others = [await cared.enrolled() for _ in range(3)]
        slip, code = await printed(cared, theirs), await own_code(cared, await printed(cared, hers))
        made = await cared.call("POST", f"/v1/episodes/{others}/own-code", subject="other")
        await shut_out(world, left=left)
        found = [(await signed_in(cared, each)).status_code for each in (slip, code, made.json()["code"])]
        assert found == [403, 303, 200], "what was used is hers, and a colleague's slips go on"
        again = await cared.call("POST", f"/v1/episodes/{theirs}/own-code", subject="other")
        assert (await signed_in(cared, again.json()["code"])).status_code == 200


async def test_a_slip_made_at_the_moment_of_the_revocation_is_not_left_behind(cared: CareWorld) -> None:
    await cared.world.listed(("head", "supervisor"), ("nurse", "care-worker"))
    episode = await cared.enrolled()
    for place in range(4):
        with clock.frozen(NOON + timedelta(minutes=place)):  # the token of each time is younger than the one before
            making = cared.call("POST", f"/v1/episodes/{episode}/own-code")
            _, made = await asyncio.gather(shut_out(cared.world, left=False), making)
            assert made.status_code in (201, 401)
            assert await cared.care.pool.fetchval("SELECT count(*) FROM own_code") == 0


async def test_a_slip_works_no_longer_than_who_made_it_is_listed(cared: CareWorld) -> None:
    await cared.world.listed(("head", "supervisor"), ("nurse", "care-worker"))
    slip = await printed(cared, await cared.enrolled())
    await cared.care.pool.execute("UPDATE staff_member SET valid_until = $1 WHERE subject = 'nurse'", cared.today)
    cared.world.today += timedelta(days=1)
    assert (await signed_in(cared, slip)).status_code == 403
    await cared.care.pool.execute("UPDATE staff_member SET valid_until = NULL")
    assert (await signed_in(cared, slip)).status_code == 200


async def test_once_she_withdrew_open_pages_of_hers_read_that_it_is_over_and_no_code_lets_in(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    code = await own_code(cared, await printed(cared, episode))
    http = cared.world.http
    assert [(await http.get(path)).status_code for path in PAGES_OF_HERS] == [200, 200, 200]
    session = dict(http.cookies)
    http.cookies.clear()
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    http.cookies.update(session)
    assert (await http.get("/v1/me/episode")).status_code == 404
    for path in PAGES_OF_HERS:
        _, _, said = (await http.get(path)).text.partition("<main")
        assert re.findall(r">([^<>\s]+)<", said) == ["已结束"], path
    assert (await signed_in(cared, code)).status_code == 403
