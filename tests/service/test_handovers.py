"""An episode is offered to another facility; the duty stays until that accepts, and comes back after a stay."""

import asyncio
from datetime import date, timedelta

import httpx
import pytest

from shared.crypto.blind import blind_index
from tests.alerts_world import BORN, COUNTY, DONGMING, IN_DONGMING, IN_LIUQUAN, LIUQUAN, World, person
from tests.care_world import NUMBER, CareWorld, Json, consent, enrolment

pytest_plugins = ["tests.alerts"]

AGREED = {"version": "2026-01", "language": "zh", "channel": "in-person-written"}
NOBODY = "00000000-0000-0000-0000-000000000007"
WEEK = timedelta(days=7)


async def offer(cared: CareWorld, episode: str, **more: object) -> httpx.Response:
    """Liuquan offers an episode to Dongming, unless said otherwise."""
    facility = str(more.pop("facility", LIUQUAN))
    body: Json = {"agreed": AGREED} if "area" in more else {"to": DONGMING, "agreed": AGREED}
    return await cared.call("POST", f"/v1/episodes/{episode}/handover", body | more, facility=facility)


async def offered(cared: CareWorld, episode: str, **more: object) -> str:
    """The same, as it should be; the offer."""
    answer = await offer(cared, episode, **more)
    assert answer.status_code == 201, answer.text
    handover: str = answer.json()["id"]
    return handover


async def answered(cared: CareWorld, handover: str, what: str = "accept", facility: str = DONGMING) -> httpx.Response:
    """The other facility's worker accepts or declines."""
    return await cared.call("POST", f"/v1/handovers/{handover}/{what}", facility=facility, subject=f"of-{facility}")


async def seen(cared: CareWorld, facility: str = LIUQUAN, *roles: str) -> Json:
    """What a facility sees of hand-overs."""
    answer = await cared.call("GET", "/v1/handovers", facility=facility, roles=list(roles) or ["care-worker"])
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def reads(cared: CareWorld, episode: str) -> dict[str, int]:
    """How each facility is answered for the record."""
    return {
        code: (await cared.call("GET", f"/v1/episodes/{episode}", facility=code)).status_code
        for code in (LIUQUAN, DONGMING)
    }


async def passes(cared: CareWorld, day: date) -> None:
    """The worker looks at the date."""
    await cared.on(day)
    while await cared.world.alerts.moving.let_stays_end():
        pass


async def linked(cared: CareWorld, area: str = IN_LIUQUAN) -> str:
    """An episode of a woman whom the registry knows."""
    await lives(cared.world, area)
    return await cared.enrolled(enrolment(cared.lmp, number=NUMBER))


async def lives(world: World, area: str | None, reference: str = "mother") -> None:
    """The registry tells where she lives."""
    index = blind_index(world.alerts.care.ring, "care-index", "resident-identity-number", "", NUMBER)
    await world.tell(person(reference, area=area, indexes=[index.hex()]))


async def test_the_duty_stays_until_the_other_facility_accepts(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    handover = await offered(cared, episode)
    assert await reads(cared, episode) == {LIUQUAN: 200, DONGMING: 404}
    assert (await answered(cared, handover)).json() == {"episode": episode}
    assert await reads(cared, episode) == {LIUQUAN: 404, DONGMING: 200}
    record = (await cared.read(episode, DONGMING))["record"]
    assert (record["name"], record["worker"]) == ("王秀英", f"of-{DONGMING}")


async def test_open_contacts_move_with_the_duty_and_both_feeds_say_so(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    (contact,) = await cared.contacts(episode, "open")
    await answered(cared, await offered(cared, episode))
    assert await cared.told() == [("withheld", ""), ("moved-away", contact["contact"])]
    assert await cared.told(DONGMING) == [("moved-here", contact["contact"])]


async def test_a_former_facility_reads_no_window_and_never_learns_that_she_withdrew(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    await cared.on(cared.today + timedelta(days=120))
    (contact, *_) = await cared.contacts(episode, "open", "overdue")
    assert (await cared.outcome(episode, contact["contact"])).status_code < 300
    assert "due_on" in (await cared.call("GET", "/v1/feed")).text
    await answered(cared, await offered(cared, episode))

    async def replayed() -> bytes:
        return (await cared.call("GET", "/v1/feed?limit=1000")).content

    before = await replayed()
    assert b"due_on" not in before
    assert b'"closed"' in before
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent", facility=DONGMING)).status_code == 204
    assert await replayed() == before
    kept = "SELECT count(*) FROM feed_entry WHERE feed = $1 AND body IS NOT NULL"
    assert await cared.care.pool.fetchval(kept, f"facility:{LIUQUAN}") == before.count(b'"data"')


async def test_before_it_is_accepted_only_an_id_the_area_and_days_are_shown(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    handover = await offered(cared, episode, area=IN_DONGMING, until=str(BORN + WEEK))
    answer = await cared.call("GET", "/v1/handovers", facility=DONGMING)
    shown = {"id": handover, "area": "370102902", "since": str(BORN), "until": str(BORN + WEEK), "too_long": False}
    assert answer.json() == {"incoming": [shown], "outgoing": [], "counts": None, "next_after": None}
    assert episode not in answer.text
    (outgoing,) = (await seen(cared))["outgoing"]
    assert (outgoing["episode"], outgoing["to"], outgoing["state"]) == (episode, DONGMING, "offered")


async def test_lists_of_any_length_are_read_page_by_page(cared: CareWorld) -> None:
    offers = [await offered(cared, await cared.enrolled()) for _ in range(5)]

    async def paged(which: str, facility: str) -> list[list[str]]:
        pages, query = [], "?limit=2"
        while query:
            answer = await cared.call("GET", f"/v1/handovers{query}", facility=facility)
            assert answer.status_code == 200, answer.text
            pages.append([each["id"] for each in answer.json()[which]])
            after = answer.json()["next_after"]
            query = after and f"?limit=2&after={after}"
        return pages

    for which, facility in (("outgoing", LIUQUAN), ("incoming", DONGMING)):
        pages = await paged(which, facility)
        assert [len(each) for each in pages] == [2, 2, 1]
        assert [each for page in pages for each in page] == sorted(offers)
    after = (await cared.call("GET", "/v1/handovers?limit=2")).json()["next_after"]
    for path in (f"/v1/handovers?after={after}", "/v1/handovers?after=7", f"/handovers?after={after}"):
        assert (await cared.call("GET", path, facility=DONGMING)).status_code == 422
    assert (await cared.call("GET", f"/v1/worklist?after={after}")).status_code == 422
    logged = "SELECT count(*) FROM access_log WHERE action = 'handovers' AND facility = $1"
    assert await cared.care.pool.fetchval(logged, DONGMING) == len(offers)


async def test_supervisors_see_counts_and_no_episode(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    handover = await offered(cared, episode)
    for facility, incoming, outgoing in ((LIUQUAN, 0, 1), (DONGMING, 1, 0)):
        found = await seen(cared, facility, "supervisor")
        assert (found["incoming"], found["outgoing"]) == (None, None)
        assert found["counts"] == {
            "incoming": incoming,
            "incoming_too_long": 0,
            "outgoing": outgoing,
            "outgoing_too_long": 0,
            "without_facility": None,
        }
    for method, path in (
        ("POST", f"/v1/handovers/{handover}/accept"),
        ("POST", f"/v1/handovers/{handover}/decline"),
        ("DELETE", f"/v1/handovers/{handover}"),
        ("GET", f"/v1/handovers/words?to={DONGMING}"),
    ):
        answer = await cared.call(method, path, facility=DONGMING, roles=["supervisor"])
        assert answer.status_code == 403


async def test_an_offer_nobody_answers_is_shown_to_both_supervisors_after_a_week(cared: CareWorld) -> None:
    await offered(cared, await cared.enrolled())
    waits = {}
    for day in (BORN + WEEK, BORN + WEEK + timedelta(days=1)):
        cared.world.today = day
        here, there = [(await seen(cared, code, "supervisor"))["counts"] for code in (LIUQUAN, DONGMING)]
        waits[day] = (here["outgoing_too_long"], there["incoming_too_long"])
    assert list(waits.values()) == [(0, 0), (1, 1)]
    assert (await seen(cared, DONGMING))["incoming"][0]["too_long"] is True


async def test_strangers_are_refused_and_other_facilities_find_nothing(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    handover = await offered(cared, episode)
    grid: dict[str, object] = {"department": "civil-affairs", "roles": ["reporter"], "areas": ["370102"]}
    strangers: list[dict[str, object]] = [grid, {"facility": None}, {"roles": ["clerk"]}, {"purpose": "statistics"}]
    for claims in strangers:
        headers = cared.world.token(**claims)  # type: ignore[arg-type]
        for method, path in (("GET", "/v1/handovers"), ("POST", f"/v1/handovers/{handover}/accept")):
            assert (await cared.world.http.request(method, path, headers=headers)).status_code == 403
    for what in ("accept", "decline"):
        answers = [await answered(cared, each, what, facility=COUNTY) for each in (handover, NOBODY)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    foreign = [await offer(cared, each, facility=COUNTY) for each in (episode, NOBODY)]
    assert [answer.status_code for answer in foreign] == [404, 404]
    assert foreign[0].content == foreign[1].content
    assert (await cared.call("DELETE", f"/v1/handovers/{handover}", facility=DONGMING)).status_code == 404


async def test_she_is_told_who_it_is_before_she_is_asked(cared: CareWorld) -> None:
    answer = await cared.call("GET", f"/v1/handovers/words?to={DONGMING}")
    told = answer.json()
    assert told["version"] == AGREED["version"]
    assert "东明社区卫生服务中心" in told["words"]["zh"]
    assert "Dongming Community Health Centre" in told["words"]["en"]
    episode = await cared.enrolled()
    for wrong in (
        {"agreed": AGREED | {"version": "2025-01"}},
        {"to": LIUQUAN},
        {"to": "H999"},
        {"to": DONGMING, "area": IN_DONGMING},
        {"until": str(BORN - WEEK)},
    ):
        assert (await offer(cared, episode, **wrong)).status_code == 422, wrong
    unasked = await cared.call("POST", f"/v1/episodes/{episode}/handover", {"to": DONGMING})
    assert unasked.status_code == 422


async def test_the_same_offer_again_is_the_one_there_is_and_another_waits(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    answers = await asyncio.gather(*(offer(cared, episode) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await offer(cared, episode, to=COUNTY)).json()["type"] == "/errors#handover-open"
    assert (await offer(cared, episode, until=str(BORN + WEEK))).status_code == 409


async def test_accept_and_decline_from_sixteen_sides_at_once_are_one_decision(cared: CareWorld) -> None:
    for _ in range(3):
        episode = await cared.enrolled()
        handover = await offered(cared, episode)
        what = ["accept", "decline"] * 8
        answers = await asyncio.gather(*(answered(cared, handover, each) for each in what))
        by_kind = {
            kind: {answer.status_code for answer, each in zip(answers, what, strict=True) if each == kind}
            for kind in ("accept", "decline")
        }
        moved = by_kind["accept"] == {200}
        assert by_kind["decline"] == {409} if moved else by_kind["accept"] == {404}, by_kind
        assert moved or by_kind["decline"] == {204, 404}
        assert await reads(cared, episode) == {LIUQUAN: 404 if moved else 200, DONGMING: 200 if moved else 404}
        kinds = [kind for kind, _ in await cared.told(DONGMING)]
        assert kinds.count("moved-here") <= _ + 1


async def test_accepting_while_she_withdraws_leaves_nothing_at_either(cared: CareWorld) -> None:
    for _ in range(4):
        episode = await cared.enrolled()
        handover = await offered(cared, episode)
        withdrawn, accepted = await asyncio.gather(
            cared.call("DELETE", f"/v1/episodes/{episode}/consent"), answered(cared, handover)
        )
        if accepted.status_code == 200:
            assert withdrawn.status_code == 404, "the duty had moved: she withdraws where it is"
            assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent", facility=DONGMING)).status_code == 204
        else:
            assert (accepted.status_code, withdrawn.status_code) == (404, 204)
        assert await reads(cared, episode) == {LIUQUAN: 404, DONGMING: 404}
    pool = cared.world.alerts.service.pool
    assert await pool.fetchval("SELECT count(*) FROM handover") == 0


async def test_a_declined_offer_leaves_all_as_it_was_and_may_be_made_again(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    handover = await offered(cared, episode)
    assert (await answered(cared, handover, "decline")).status_code == 204
    assert (await answered(cared, handover)).status_code == 404
    taken_back = await cared.call("DELETE", f"/v1/handovers/{handover}")
    assert taken_back.json()["type"] == "/errors#handover-decided", "she is in care here: her worker is told why not"
    assert await reads(cared, episode) == {LIUQUAN: 200, DONGMING: 404}
    assert (await seen(cared, DONGMING))["incoming"] == []
    assert await offered(cared, episode) != handover


async def test_an_offer_taken_back_is_accepted_by_nobody(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    handover = await offered(cared, episode)
    for _ in range(2):
        assert (await cared.call("DELETE", f"/v1/handovers/{handover}")).status_code == 204
    assert (await answered(cared, handover)).status_code == 404
    assert (await seen(cared))["outgoing"] == []


async def asked_again(cared: CareWorld, handover: str, facility: str) -> list[tuple[int, bytes]]:
    """How a facility is answered whatever it does with an offer."""
    answers = [await answered(cared, handover, what, facility) for what in ("accept", "decline")]
    answers.append(await cared.call("DELETE", f"/v1/handovers/{handover}", facility=facility))
    return [(answer.status_code, answer.content) for answer in answers]


@pytest.mark.parametrize("ended", ["accepted", "declined", "taken-back", "handed-on"])
async def test_no_decided_offer_tells_whether_she_has_withdrawn(cared: CareWorld, ended: str) -> None:
    episode = await cared.enrolled()
    handover, duty = await offered(cared, episode), LIUQUAN
    if ended == "taken-back":
        assert (await cared.call("DELETE", f"/v1/handovers/{handover}")).status_code == 204
    elif ended == "declined":
        assert (await answered(cared, handover, "decline")).status_code == 204
    else:
        assert (await answered(cared, handover)).status_code == 200
        duty = DONGMING
    if ended == "handed-on":
        onwards = await offered(cared, episode, to=COUNTY, facility=DONGMING)
        assert (await answered(cared, onwards, facility=COUNTY)).status_code == 200
        duty = COUNTY
    without = [each for each in (LIUQUAN, DONGMING, COUNTY) if each != duty]
    before = [await asked_again(cared, handover, each) for each in without]
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent", facility=duty)).status_code == 204
    assert [await asked_again(cared, handover, each) for each in without] == before


async def test_an_episode_without_consent_or_that_ended_is_taken_over_by_nobody(cared: CareWorld) -> None:
    ended = await cared.enrolled()
    handover = await offered(cared, ended)
    assert (await cared.act(ended, "end", {"because": "moved abroad"})).status_code == 204
    assert (await answered(cared, handover)).status_code == 404
    assert (await offer(cared, ended)).status_code == 409
    expired = await cared.enrolled(enrolment(cared.lmp, consent=consent(until=str(BORN))))
    handover = await offered(cared, expired)
    cared.world.today = BORN + timedelta(days=1)
    assert (await answered(cared, handover)).status_code == 404
    assert (await seen(cared, DONGMING))["incoming"] == []


async def test_after_a_stay_the_duty_comes_back_by_the_clock(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    until = BORN + WEEK
    await answered(cared, await offered(cared, episode, until=str(until)))
    assert (await seen(cared))["outgoing"][0]["state"] == "accepted", "whoever waits for her knows where she stays"
    await passes(cared, until)
    assert await reads(cared, episode) == {LIUQUAN: 404, DONGMING: 200}
    await passes(cared, until + timedelta(days=1))
    assert await reads(cared, episode) == {LIUQUAN: 200, DONGMING: 404}
    assert (await cared.read(episode))["record"]["worker"] == "nurse"


async def test_a_worker_that_was_down_for_a_month_gives_back_once(cared: CareWorld) -> None:
    episodes = [await cared.enrolled() for _ in range(3)]
    for each in episodes:
        await answered(cared, await offered(cared, each, until=str(BORN + WEEK)))
    cared.world.today = BORN + timedelta(days=40)
    moving = cared.world.alerts.moving
    returned = await asyncio.gather(*(moving.let_stays_end() for _ in range(5)))
    assert sum(returned) == 3
    assert await moving.let_stays_end() == 0
    kinds = [kind for kind, _ in await cared.told()]
    assert kinds.count("moved-here") == 3
    for each in episodes:
        assert await reads(cared, each) == {LIUQUAN: 200, DONGMING: 404}


async def test_who_goes_on_from_a_stay_does_not_come_back_by_the_clock(cared: CareWorld) -> None:
    episode = await cared.enrolled()
    await answered(cared, await offered(cared, episode, until=str(BORN + WEEK)))
    onwards = await offered(cared, episode, to=COUNTY, facility=DONGMING)
    assert (await answered(cared, onwards, facility=COUNTY)).status_code == 200
    await passes(cared, BORN + timedelta(days=30))
    assert (await cared.call("GET", f"/v1/episodes/{episode}", facility=COUNTY)).status_code == 200


async def test_a_move_asks_her_worker_and_tells_the_other_facility_nothing(cared: CareWorld) -> None:
    episode = await linked(cared)
    await lives(cared.world, IN_DONGMING)
    (asking,) = (await seen(cared))["outgoing"]
    assert (asking["state"], asking["to"], asking["episode"]) == ("asking", DONGMING, episode)
    assert await seen(cared, DONGMING) == {"incoming": [], "outgoing": [], "counts": None, "next_after": None}
    assert (await seen(cared, DONGMING, "supervisor"))["counts"]["incoming"] == 0
    for what in ("accept", "decline"):
        assert (await answered(cared, asking["id"], what)).status_code == 404
    assert await offered(cared, episode) == asking["id"], "what she is asked about is what is offered"
    assert (await answered(cared, asking["id"])).status_code == 200


async def test_a_move_said_again_and_again_asks_once_and_a_no_is_heard(cared: CareWorld) -> None:
    episode = await linked(cared)
    for _ in range(3):
        await lives(cared.world, IN_DONGMING)
    await cared.world.hear(cared.world.told)
    (asking,) = (await seen(cared))["outgoing"]
    assert (await cared.call("DELETE", f"/v1/handovers/{asking['id']}")).status_code == 204
    await lives(cared.world, IN_DONGMING)
    assert (await seen(cared))["outgoing"] == []
    assert await reads(cared, episode) == {LIUQUAN: 200, DONGMING: 404}


@pytest.mark.parametrize("area", [IN_LIUQUAN, None])
async def test_a_move_back_and_an_area_that_is_withheld_ask_no_more(cared: CareWorld, area: str | None) -> None:
    await linked(cared)
    await lives(cared.world, IN_DONGMING)
    await lives(cared.world, area)
    assert (await seen(cared))["outgoing"] == []


async def test_when_her_area_is_withheld_nothing_of_where_she_lives_or_stays_is_left(cared: CareWorld) -> None:
    episode, pool = await linked(cared), cared.world.alerts.service.pool
    await answered(cared, await offered(cared, episode, area=IN_DONGMING, until=str(BORN + WEEK)))
    onwards = await offered(cared, episode, to=COUNTY, facility=DONGMING)
    await lives(cared.world, None)
    assert (await seen(cared, COUNTY))["incoming"] == []
    assert (await answered(cared, onwards, facility=COUNTY)).status_code == 404
    assert (await seen(cared))["outgoing"] == [], "where she stays"
    assert await pool.fetchval("SELECT array_agg(DISTINCT area) FROM handover") == [""]


async def test_who_chose_another_facility_or_was_handed_on_is_not_asked_to_move(cared: CareWorld) -> None:
    chose = await linked(cared, IN_DONGMING)
    await lives(cared.world, IN_DONGMING)
    assert (await seen(cared))["outgoing"] == []
    assert (await answered(cared, await offered(cared, chose, to=COUNTY), facility=COUNTY)).status_code == 200
    await lives(cared.world, IN_DONGMING)
    assert (await seen(cared, COUNTY))["outgoing"] == []


async def test_who_is_linked_later_is_not_asked_to_move(cared: CareWorld) -> None:
    await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    await lives(cared.world, IN_DONGMING)
    assert (await seen(cared))["outgoing"] == []
    await lives(cared.world, IN_LIUQUAN)
    await lives(cared.world, IN_DONGMING)
    assert [each["state"] for each in (await seen(cared))["outgoing"]] == ["asking"], "now she moved"


async def test_what_her_worker_offered_stands_whatever_the_registry_says(cared: CareWorld) -> None:
    episode = await linked(cared)
    handover = await offered(cared, episode, to=COUNTY)
    await lives(cared.world, IN_DONGMING)
    await lives(cared.world, IN_LIUQUAN)
    (standing,) = (await seen(cared))["outgoing"]
    assert (standing["id"], standing["state"]) == (handover, "offered")


async def test_every_look_and_act_is_written_down_without_her_name_or_reference(cared: CareWorld) -> None:
    episode = await linked(cared)
    pool = cared.world.alerts.service.pool
    await pool.execute("TRUNCATE access_log /* removes */")
    handover = await offered(cared, episode)
    await seen(cared)
    await seen(cared, DONGMING)
    await answered(cared, handover)
    rows = await pool.fetch("SELECT * FROM access_log ORDER BY access_id")
    looks = [(LIUQUAN, "handovers"), (DONGMING, "handovers")]
    expected = [(LIUQUAN, "offer-handover"), *looks, (DONGMING, "accept-handover")]
    assert [(row["facility"], row["action"]) for row in rows] == expected
    assert all(row["reference"].startswith("care:") for row in rows)


async def test_a_look_that_cannot_be_written_down_fails(cared: CareWorld) -> None:
    await offered(cared, await cared.enrolled())
    await cared.world.alerts.service.pool.execute("ALTER TABLE access_log RENAME TO access_log_gone")
    answer = await cared.call("GET", "/v1/handovers", facility=DONGMING)
    assert answer.status_code == 500


async def test_nothing_of_her_stands_in_the_table_of_offers(cared: CareWorld) -> None:
    episode = await linked(cared)
    await answered(cared, await offered(cared, episode))
    rows = await cared.world.alerts.service.pool.fetch("SELECT h::text AS row FROM handover h")
    assert rows
    for word in ("王秀英", "mother", NUMBER, "nurse", IN_DONGMING, "written"):
        assert all(word not in row["row"] and word.encode().hex() not in row["row"] for row in rows)


async def test_episodes_of_a_facility_that_is_gone_are_counted_for_the_countys_supervisors(cared: CareWorld) -> None:
    await cared.enrolled()
    await cared.world.alerts.service.pool.execute("UPDATE episode SET facility = 'H-gone'")
    assert (await seen(cared, COUNTY, "supervisor"))["counts"]["without_facility"] == 1
