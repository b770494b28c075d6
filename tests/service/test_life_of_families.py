"""A child's death in its guardian's own care, two episodes of one person, and a record that cannot be opened."""

from datetime import timedelta
from uuid import UUID

import httpx

from shared.crypto.blind import blind_index
from tests.alerts_world import DONGMING, LIUQUAN, Body, merged, person
from tests.care_world import CareWorld, Json, consent, enrolment

pytest_plugins = ["tests.alerts"]

HERS, OF_CHILD, OTHER = "11010519491231002X", "110101202602280015", "110101199003070417"
PARTED: Body = {"kind": "split", "from": "twin", "into": "mother", "former": []}


def known(cared: CareWorld, reference: str, number: str, **more: object) -> Body:
    """What the registry says of whoever has this number."""
    index = blind_index(cared.care.ring, "care-index", "resident-identity-number", "", number).hex()
    return person(reference, indexes=[index]) | more


async def in_care(cared: CareWorld, reference: str, number: str, facility: str = LIUQUAN) -> str:
    """A woman whom the registry knows, enrolled."""
    await cared.world.tell(known(cared, reference, number))
    return await cared.enrolled(enrolment(cared.lmp, number=number), facility)


async def asks_for_child(cared: CareWorld, guardian: str, facility: str = LIUQUAN) -> str:
    """A guardian asks for checks and vaccines of a child whom the registry knows."""
    await cared.world.tell(known(cared, "child", OF_CHILD))
    numbers = [[{"type": "resident-identity-number", "value": each}] for each in (OF_CHILD, guardian)]
    care = {
        "person": {"name": "王安", "identifiers": numbers[0]},
        "asked_for": "打疫苗",
        "guardian": {"name": "王秀英", "identifiers": numbers[1]},
        "born_on": (cared.today - timedelta(days=2)).isoformat(),
    }
    body = {"request": "request-1", "kind": "child", "consent": consent(text="child"), "care": care}
    answer = await cared.call("POST", "/v1/help-asked-for", body, facility=facility)
    assert answer.status_code == 201, answer.text
    episode: str = answer.json()["episode"]
    return episode


async def findings(cared: CareWorld, episode: str, facility: str = LIUQUAN) -> list[str]:
    """What the record of an episode says that the registry said."""
    return [each["code"] for each in (await cared.read(episode, facility))["findings"]]


async def to_look_at(cared: CareWorld, facility: str = LIUQUAN) -> dict[str, list[str]]:
    """What a facility is asked to look at."""
    answer = await cared.call("GET", "/v1/episodes?needs=decision", facility=facility)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["episodes"]
    return {each["episode"]: [finding["code"] for finding in each["findings"]] for each in found}


async def goes_on(cared: CareWorld, episode: str, *shown: str, **more: object) -> httpx.Response:
    """A worker, shown this, says that it is theirs and goes on."""
    return await cared.act(episode, "looked", {"goes_on": True, "findings": list(shown)} | more)


async def test_the_death_of_a_child_is_shown_in_the_care_of_the_guardian_who_asked_for_it_here(
    cared: CareWorld,
) -> None:
    hers, elsewhere = await in_care(cared, "mother", HERS), await in_care(cared, "mother", HERS, DONGMING)
    someone = await in_care(cared, "other", OTHER)
    child = await asks_for_child(cared, HERS)
    assert await findings(cared, hers) == []
    await cared.world.tell(known(cared, "child", OF_CHILD, alive=False))
    assert (await cared.read(child))["state"] == "ended"
    assert await findings(cared, hers) == ["child-death-registered"]
    assert (await cared.read(hers))["state"] == "active"
    assert await findings(cared, someone) == []
    assert await findings(cared, elsewhere, DONGMING) == [], "of what she asked for here nobody elsewhere is told"
    assert await to_look_at(cared) == {hers: ["child-death-registered"]}
    assert (await goes_on(cared, hers, "child-death-registered")).status_code == 204
    assert await to_look_at(cared) == {}
    await cared.world.hear(cared.world.told)
    assert await to_look_at(cared) == {}


async def test_a_child_for_whom_she_asked_nothing_is_not_hers_to_alerts(cared: CareWorld) -> None:
    hers = await in_care(cared, "mother", HERS)
    child = await asks_for_child(cared, OTHER)
    await cared.world.tell(known(cared, "child", OF_CHILD, alive=False))
    assert (await cared.read(child))["state"] == "ended"
    assert await findings(cared, hers) == []


async def test_what_she_withdrew_for_the_child_is_used_no_more(cared: CareWorld) -> None:
    hers = await in_care(cared, "mother", HERS)
    child = await asks_for_child(cared, HERS)
    assert (await cared.call("DELETE", f"/v1/episodes/{child}/consent")).status_code == 204
    await cared.world.tell(known(cared, "child", OF_CHILD, alive=False))
    assert await findings(cared, hers) == []


async def test_two_episodes_of_one_person_are_shown_until_a_worker_ends_one(cared: CareWorld) -> None:
    one, other = await in_care(cared, "mother", HERS), await in_care(cared, "twin", OTHER)
    await cared.world.tell(merged("mother", "twin"))
    assert await to_look_at(cared) == {one: ["two-episodes"], other: ["two-episodes"]}
    assert {(await cared.read(each))["state"] for each in (one, other)} == {"active"}
    over = {"goes_on": False, "because": "the same woman, written down twice", "findings": ["two-episodes"]}
    answer = await cared.act(other, "looked", over)
    assert answer.status_code == 204, answer.text
    assert await to_look_at(cared) == {}
    assert ((await cared.read(one))["state"], await findings(cared, one)) == ("active", [])


async def test_one_that_is_ended_or_withdrawn_beside_it_leaves_the_other_alone(cared: CareWorld) -> None:
    one, other = await in_care(cared, "mother", HERS), await in_care(cared, "twin", OTHER)
    await cared.world.tell(merged("mother", "twin"))
    assert (await cared.call("DELETE", f"/v1/episodes/{other}/consent")).status_code == 204
    assert (await to_look_at(cared), await findings(cared, one)) == ({}, [])


async def test_a_split_undoes_it(cared: CareWorld) -> None:
    one, other = await in_care(cared, "mother", HERS), await in_care(cared, "twin", OTHER)
    await cared.world.tell(merged("mother", "twin"))
    assert (await goes_on(cared, one, "two-episodes")).status_code == 204
    assert await to_look_at(cared) == {other: ["two-episodes"]}
    await cared.world.tell(PARTED)
    assert await to_look_at(cared) == {one: ["parted"], other: ["parted"]}


async def test_of_an_episode_elsewhere_a_merge_says_nothing(cared: CareWorld) -> None:
    one, other = await in_care(cared, "mother", HERS), await in_care(cared, "twin", OTHER, DONGMING)
    await cared.world.tell(merged("mother", "twin"))
    assert (await findings(cared, one), await findings(cared, other, DONGMING)) == ([], [])
    assert (await to_look_at(cared), await to_look_at(cared, DONGMING)) == ({}, {})


async def test_a_record_that_cannot_be_opened_rests_and_everybody_else_is_heard(cared: CareWorld) -> None:
    bad, good = await in_care(cared, "mother", HERS), await in_care(cared, "twin", OTHER)
    cared.care.vault.path(UUID(bad)).write_bytes(b"damaged")
    await cared.world.tell(known(cared, "mother", HERS, alive=False), known(cared, "twin", OTHER, alive=False))
    assert (await cared.read(good))["state"] == "ended"
    await cared.on(cared.today + timedelta(days=60))
    rows = await cared.care.pool.fetch("SELECT DISTINCT state FROM care_contact WHERE episode_id = $1", UUID(bad))
    assert [row["state"] for row in rows] == ["planned"], "nobody is reminded by it any more"
