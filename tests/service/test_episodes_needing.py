"""Episodes that need a look though no contact is due: one list for each reason, at the facility on duty alone."""

from datetime import timedelta
from uuid import UUID

from tests.alerts_world import DONGMING, person
from tests.care_world import NUMBER, CareWorld, Json, consent, enrolment

pytest_plugins = ["tests.alerts"]


async def needing(cared: CareWorld, need: str, query: str = "", **claims: object) -> Json:
    """One list."""
    answer = await cared.call("GET", f"/v1/episodes?needs={need}{query}", None, **claims)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def ids(cared: CareWorld, need: str) -> list[str]:
    """Who stands in a list."""
    return [each["episode"] for each in (await needing(cared, need))["episodes"]]


async def until(cared: CareWorld, days: int) -> str:
    """A woman whose consent holds so many days more."""
    last = cared.today + timedelta(days=days)
    return await cared.enrolled(enrolment(cared.lmp, consent=consent(until=last.isoformat())))


async def test_each_reason_has_a_list_and_a_count(cared: CareWorld) -> None:
    await cared.registered()
    linked = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    unlinked = await cared.enrolled()
    paused = await cared.enrolled()
    assert (await cared.act(paused, "pause")).status_code == 204
    ending, ended = await until(cared, 30), await until(cared, 31)
    await cared.world.tell(person("mother", indexes=[], area=None))
    assert await ids(cared, "decision") == [linked]
    assert await ids(cared, "unlinked") == sorted([unlinked, paused, ending, ended])
    assert await ids(cared, "paused") == [paused]
    assert await ids(cared, "ending") == [ending]
    assert await ids(cared, "expired") == []
    assert (await needing(cared, "decision"))["counts"] == {
        "decision": 1, "moved": 0, "ending": 1, "expired": 0, "unlinked": 4, "paused": 1,
    }  # fmt: skip
    await cared.on(cared.today + timedelta(days=31))
    assert await ids(cared, "ending") == [ended]
    assert await ids(cared, "expired") == [ending]
    assert (await cared.act(ended, "end", {"because": "x"})).status_code == 204
    assert await ids(cared, "ending") == []


async def test_while_no_consent_holds_nothing_of_the_record_is_shown_and_it_can_be_renewed(cared: CareWorld) -> None:
    episode = await until(cared, 5)
    (shown,) = (await needing(cared, "ending"))["episodes"]
    last = cared.today + timedelta(days=5)
    assert (shown["name"], shown["consent_until"]) == ("王秀英", last.isoformat())
    await cared.on(last + timedelta(days=1))
    answer = await needing(cared, "expired")
    assert "王秀英" not in str(answer)
    (shown,) = answer["episodes"]
    assert (shown["name"], shown["findings"], shown["worker"]) == (None, [], "nurse")
    assert shown["erased_after"] == (last + timedelta(days=30)).isoformat()
    assert (await cared.act(episode, "consent", {"state": "changed", "consent": consent()})).status_code == 204
    assert await ids(cared, "expired") == []


async def test_another_facility_and_supervisors_see_none_and_every_one_shown_is_written_down(cared: CareWorld) -> None:
    episode = await until(cared, 5)
    assert (await needing(cared, "ending", facility=DONGMING))["episodes"] == []
    refused = await cared.call("GET", "/v1/episodes?needs=ending", roles=["supervisor"])
    assert refused.status_code == 403
    pool = cared.care.pool
    await pool.execute("DELETE FROM access_log /* removes */")
    await needing(cared, "ending")
    (row,) = await pool.fetch("SELECT action, subject, basis, fields, reference FROM access_log")
    assert (row["action"], row["subject"], row["basis"]) == ("list-episodes", "nurse", "her-consent")
    assert (row["fields"], row["reference"][:5]) == (["name", "consent", "findings"], "care:")
    await cared.on(cared.today + timedelta(days=6))
    await needing(cared, "expired")
    assert (await pool.fetch("SELECT fields FROM access_log"))[-1]["fields"] in ([], [""])
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    assert await ids(cared, "expired") == []


async def test_a_list_is_paged_and_its_cursor_is_good_for_no_other(cared: CareWorld) -> None:
    episodes = [await until(cared, days) for days in (9, 3, 3, 7)]
    seen: list[str] = []
    after = ""
    for _ in range(4):
        page = await needing(cared, "ending", f"&limit=1{after}")
        seen += [each["episode"] for each in page["episodes"]]
        after = f"&after={page['next_after']}"
    assert page["next_after"] is None
    assert [seen[0], seen[1]] == sorted(episodes[1:3])
    assert seen[2:] == [episodes[3], episodes[0]]
    cursor = (await needing(cared, "ending", "&limit=1"))["next_after"]
    for need, facility in (("unlinked", None), ("ending", DONGMING)):
        claims = {"facility": facility} if facility else {}
        answer = await cared.call("GET", f"/v1/episodes?needs={need}&after={cursor}", None, **claims)
        assert answer.status_code == 422
    for query in ("", "?needs=all", "?needs=ending&limit=51", "?needs=ending&after=x"):
        assert (await cared.call("GET", f"/v1/episodes{query}")).status_code == 422


async def test_a_woman_who_moved_stands_there_until_she_was_asked(cared: CareWorld) -> None:
    await cared.registered()
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    await cared.world.tell(person("mother", indexes=[], area="370102902001"))
    (shown,) = (await needing(cared, "moved"))["episodes"]
    assert (shown["episode"], shown["name"], shown["moved_to"]) == (episode, "王秀英", DONGMING)
    (offer,) = (await cared.call("GET", "/v1/handovers")).json()["outgoing"]
    assert (await cared.call("DELETE", f"/v1/handovers/{offer['id']}")).status_code == 204
    assert await ids(cared, "moved") == []


async def test_one_that_is_damaged_keeps_its_place_and_stops_nobody(cared: CareWorld) -> None:
    broken, other = await until(cared, 3), await until(cared, 4)
    await cared.care.pool.execute("UPDATE episode SET sealed = 'x' WHERE episode_id = $1", broken)
    shown = (await needing(cared, "ending"))["episodes"]
    assert [(each["episode"], each["name"]) for each in shown] == [(broken, None), (other, "王秀英")]
    assert [each["damaged"] for each in shown] == [True, False]


async def test_one_that_is_damaged_is_not_said_to_want_no_reminders(cared: CareWorld) -> None:
    broken, lost, rests = await until(cared, 300), await until(cared, 300), await until(cared, 300)
    assert (await cared.act(rests, "pause")).status_code == 204
    await cared.care.pool.execute("UPDATE episode SET sealed = 'x', state = 'paused' WHERE episode_id = $1", broken)
    await cared.care.pool.execute("UPDATE episode SET state = 'paused' WHERE episode_id = $1", lost)
    cared.care.vault.path(UUID(lost)).write_bytes(b"damaged")
    told = await needing(cared, "paused")
    assert {each["episode"]: each["damaged"] for each in told["episodes"]} == {broken: True, rests: False}
    assert (told["unopened"], told["counts"]["paused"]) == (1, 3)
    page = (await cared.call("GET", "/episodes?needs=paused")).text
    listed, _, apart = page.partition('aria-labelledby="damaged"')
    assert listed.count('<li class="task') == 1
    assert "无法打开" in apart
    assert "1份，密钥无法读取" in apart
    assert broken not in page
    await cared.care.pool.execute("DELETE FROM episode WHERE episode_id = $1 /* removes */", UUID(rests))
    page = (await cared.call("GET", "/episodes?needs=paused")).text
    assert ("没有。" in page, "无法打开" in page) == (False, True)
