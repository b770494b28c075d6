"""What the registry's feed does to episodes, at once, and what it asks of their workers."""

from datetime import date, timedelta

import pytest

from shared.crypto.blind import blind_index
from tests.alerts_world import LIUQUAN, Body, merged, person
from tests.care_world import NUMBER, CareWorld, Json, enrolment

pytest_plugins = ["tests.alerts"]

OTHER_NUMBER = "110101199003070417"


def index_of(cared: CareWorld, number: str = NUMBER) -> str:
    return blind_index(cared.care.ring, "care-index", "resident-identity-number", "", number).hex()


async def she(cared: CareWorld, reference: str = "mother", number: str = NUMBER, **more: object) -> Body:
    """What the registry says of her."""
    return person(reference, indexes=[index_of(cared, number)]) | more


async def enrolled(cared: CareWorld, number: str = NUMBER) -> str:
    """She is known, and enrolled; her next contact is open."""
    await cared.world.tell(await she(cared, number=number))
    episode = await cared.enrolled(enrolment(cared.lmp, number=number))
    await cared.on(cared.today)
    return episode


async def to_look_at(cared: CareWorld, **claims: object) -> list[Json]:
    """What waits for a decision, and what is linked to nobody."""
    found: list[Json] = []
    for need in ("decision", "unlinked"):
        answer = await cared.call("GET", f"/v1/episodes?needs={need}", None, **claims)
        assert answer.status_code == 200, answer.text
        found += answer.json()["episodes"]
    return found


def codes(found: list[Json]) -> list[list[str]]:
    return [[each["code"] for each in one["findings"]] or ["linked" if one["linked"] else "unlinked"] for one in found]


async def test_a_death_ends_what_is_pending_quietly_in_the_transaction_that_hears_of_it(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    (opened,) = await cared.told()
    assert opened[0] == "opened"
    await cared.world.tell(await she(cared, alive=False))
    assert [kind for kind, _ in await cared.told()] == ["opened", "closed"]
    shown = await cared.read(episode)
    assert (shown["state"], shown["record"]["ended_because"]) == ("ended", "death-registered")
    (finding,) = shown["findings"]
    assert "condolences" in finding["text"]["en"]
    assert await cared.contacts(episode, "planned", "open", "overdue") == []
    assert await to_look_at(cared) == []  # nothing is asked of anyone
    await cared.on(cared.today + timedelta(days=200))
    assert [kind for kind, _ in await cared.told()] == ["opened", "closed"]


async def test_no_entry_outside_the_record_says_why_an_episode_ended(cared: CareWorld) -> None:
    """A death, and a loss that the care team recorded, close in the same words."""
    first, second = await enrolled(cared), None
    await cared.world.tell(await she(cared, "other", OTHER_NUMBER))
    second = await cared.enrolled(enrolment(cared.lmp, number=OTHER_NUMBER))
    await cared.on(cared.today)
    await cared.world.tell(await she(cared, alive=False))
    answer = await cared.act(second, "end", {"because": "loss in week nine"})
    assert answer.status_code == 204, answer.text
    answer = await cared.call("GET", "/v1/feed?limit=100")
    closed = [each["data"] for each in answer.json()["entries"] if each["data"]["kind"] == "closed"]
    assert [set(each) for each in closed] == [{"kind", "contact", "on"}] * 2
    for table in ("feed_entry", "episode", "care_contact", "care_outcome", "episode_life", "access_log"):
        rows = await cared.care.pool.fetch(f"SELECT t::text AS row FROM {table} t")
        assert not any("death" in row["row"] or "loss" in row["row"] for row in rows), table
    assert (await cared.read(second))["record"]["ended_because"] == "loss in week nine"
    assert (await cared.read(first))["record"]["ended_because"] == "death-registered"


async def test_a_death_that_was_taken_back_asks_the_worker_and_resumes_nothing_by_itself(
    cared: CareWorld,
) -> None:
    episode = await enrolled(cared)
    await cared.world.tell(await she(cared, alive=False))
    await cared.world.tell(await she(cared, alive=True))
    assert codes(await to_look_at(cared)) == [["death-taken-back"]]
    assert (await cared.read(episode))["state"] == "ended"
    for _ in range(2):
        answer = await cared.act(episode, "looked", {"goes_on": True, "findings": ["death-taken-back"]})
        assert answer.status_code == 204, answer.text
    shown = await cared.read(episode)
    assert (shown["state"], shown["record"]["ended_because"], shown["findings"]) == ("active", None, [])
    assert [kind for kind, _ in await cared.told()] == ["opened", "closed", "opened"]
    assert await to_look_at(cared) == []
    await cared.world.hear(cared.world.told)  # what she decided about is not asked again
    assert (await cared.read(episode))["state"] == "active"
    await cared.world.tell(await she(cared, alive=False))
    assert (await cared.read(episode))["state"] == "ended"


async def test_nothing_is_asked_about_an_episode_whose_consent_is_over(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    await cared.enrolled()  # and one that is linked to nobody
    await cared.world.tell(await she(cared, alive=False))
    await cared.world.tell(await she(cared, alive=True))
    until = date.fromisoformat((await cared.read(episode))["consent_until"])
    cared.world.today = until
    assert sorted(codes(await to_look_at(cared))) == [["death-taken-back"], ["unlinked"]]
    cared.world.today = until + timedelta(days=1)
    assert await to_look_at(cared) == []


async def test_the_worker_may_end_it_with_a_reason_that_stays_sealed(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    await cared.world.tell(await she(cared, "twin", OTHER_NUMBER), merged("mother", "twin"))
    await cared.world.tell({"kind": "split", "from": "twin", "into": "mother", "former": []})
    assert codes(await to_look_at(cared)) == [["parted"]]
    assert (await cared.read(episode))["state"] == "active"  # care goes on while it is looked at
    assert (await cared.act(episode, "looked", {"goes_on": False})).status_code == 422
    over = {"goes_on": False, "because": "the record was another woman's", "findings": ["parted"]}
    answer = await cared.act(episode, "looked", over)
    assert answer.status_code == 204
    shown = await cared.read(episode)
    assert (shown["state"], shown["record"]["ended_because"]) == ("ended", "the record was another woman's")
    assert await to_look_at(cared) == []


async def test_an_episode_follows_a_merge_and_after_a_split_is_linked_to_whom_the_worker_names(
    cared: CareWorld,
) -> None:
    episode = await enrolled(cared)
    told = cared.world.tell
    await told(await she(cared, "twin", OTHER_NUMBER), merged("mother", "twin"))
    assert await to_look_at(cared) == []
    await told({"kind": "split", "from": "twin", "into": "mother", "former": []}, await she(cared))
    await told(await she(cared, "twin", OTHER_NUMBER))
    named = [{"type": "resident-identity-number", "value": OTHER_NUMBER}]
    answer = await cared.act(episode, "looked", {"goes_on": True, "findings": ["parted"], "identifiers": named})
    assert answer.status_code == 204, answer.text
    await told(await she(cared, alive=False))
    assert (await cared.read(episode))["state"] == "active"
    await told(await she(cared, "twin", OTHER_NUMBER, alive=False))
    assert (await cared.read(episode))["state"] == "ended"


async def test_a_merge_makes_the_others_death_hers_only_where_the_registry_says_so(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    await cared.world.tell(await she(cared, "twin", OTHER_NUMBER), merged("mother", "twin"))
    await cared.world.tell(await she(cared, "twin", alive=False))
    assert (await cared.read(episode))["state"] == "ended"


async def test_an_unlinked_episode_is_shown_until_the_directory_hears_her_number(cared: CareWorld) -> None:
    episode = await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    (shown,) = await to_look_at(cared)
    assert (shown["episode"], shown["linked"], codes([shown])) == (episode, False, [["unlinked"]])
    assert await to_look_at(cared, facility="H370102012") == []
    await cared.world.tell(await she(cared, "other", OTHER_NUMBER))
    assert len(await to_look_at(cared)) == 1
    await cared.world.tell(await she(cared))
    assert await to_look_at(cared) == []
    assert (await cared.read(episode))["record"]["linked"]
    await cared.world.tell(await she(cared, alive=False))
    assert (await cared.read(episode))["state"] == "ended"


async def test_a_number_of_two_people_links_nobody(cared: CareWorld) -> None:
    await cared.enrolled(enrolment(cared.lmp, number=NUMBER))
    await cared.world.tell(await she(cared), await she(cared, "other"))
    assert codes(await to_look_at(cared)) == [["unlinked"]]


async def test_of_a_protected_woman_the_duty_stays_where_it_is(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    await cared.world.tell(await she(cared, area=None))
    assert (await cared.read(episode))["state"] == "active"
    assert await to_look_at(cared) == []
    assert [kind for kind, _ in await cared.told()] == ["opened"]


async def test_what_nobody_reports_of_her_any_more_asks_and_stops_nothing(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    await cared.world.tell(person("mother", indexes=[], area=None))
    assert codes(await to_look_at(cared)) == [["nothing-reported"]]
    assert (await cared.read(episode))["state"] == "active"


async def test_an_episode_that_was_withdrawn_is_passed_over(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    assert (await cared.call("DELETE", f"/v1/episodes/{episode}/consent")).status_code == 204
    await cared.world.tell(await she(cared, alive=False))
    for table in ("episode", "episode_life", "episode_kin"):
        assert await cared.care.pool.fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize("facility", ["H370102012"])
async def test_another_facility_cannot_decide(cared: CareWorld, facility: str) -> None:
    episode = await enrolled(cared)
    answer = await cared.act(episode, "looked", {"goes_on": True}, facility=facility)
    assert answer.status_code == 404


async def test_nothing_goes_on_without_a_consent_that_holds(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    await cared.on(date(cared.today.year + 3, 1, 1))
    answer = await cared.act(episode, "looked", {"goes_on": True})
    assert answer.status_code in (404, 409)


async def test_lists_and_decisions_are_written_down(cared: CareWorld) -> None:
    episode = await enrolled(cared)
    await cared.world.tell(person("mother", indexes=[], area=None))
    await to_look_at(cared)
    await cared.act(episode, "looked", {"goes_on": True, "findings": ["nothing-reported"]})
    actions = await cared.care.pool.fetch("SELECT action, facility FROM access_log ORDER BY access_id")
    assert [tuple(row) for row in actions][-2:] == [("list-episodes", LIUQUAN), ("decide-on-findings", LIUQUAN)]
