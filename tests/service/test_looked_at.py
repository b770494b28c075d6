"""A worker answers what was shown, and nothing else; what was found is shown where, and while, it may be known."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from tests.alerts_world import DONGMING, LIUQUAN, merged
from tests.care_world import CareWorld, consent, enrolment
from tests.page_forms import forms, send
from tests.service.test_life_of_families import (
    HERS,
    OF_CHILD,
    OTHER,
    PARTED,
    asks_for_child,
    findings,
    goes_on,
    in_care,
    known,
    to_look_at,
)
from tests.service.test_own_page import me

pytest_plugins = ["tests.alerts"]


async def dies(cared: CareWorld, reference: str, number: str) -> None:
    """The registry tells of a death."""
    await cared.world.tell(known(cared, reference, number, alive=False))


async def handed_over(cared: CareWorld, episode: str, until: date | None = None) -> None:
    """Dongming has the duty from now on, or until a day."""
    words = (await cared.call("GET", f"/v1/handovers/words?to={DONGMING}")).json()
    agreed = {"version": words["version"], "language": "zh", "channel": "in-person-written"}
    body = {"to": DONGMING, "agreed": agreed} | ({"until": until.isoformat()} if until else {})
    answer = await cared.call("POST", f"/v1/episodes/{episode}/handover", body)
    assert answer.status_code == 201, answer.text
    (offer,) = (await cared.call("GET", "/v1/handovers", facility=DONGMING)).json()["incoming"]
    answer = await cared.call("POST", f"/v1/handovers/{offer['id']}/accept", facility=DONGMING)
    assert answer.status_code == 200, answer.text


async def counted(cared: CareWorld, facility: str = LIUQUAN) -> int:
    """How many episodes a facility is told it has to look at."""
    answer = await cared.call("GET", "/v1/episodes?needs=decision", facility=facility)
    found: int = answer.json()["counts"]["decision"]
    return found


async def with_dead_child(cared: CareWorld) -> tuple[str, str]:
    """Her care, and what she asked for a child that has died since."""
    hers = await in_care(cared, "mother", HERS)
    child = await asks_for_child(cared, HERS)
    await dies(cared, "child", OF_CHILD)
    assert await findings(cared, hers) == ["child-death-registered"]
    return hers, child


async def test_a_form_that_was_shown_before_a_death_takes_nothing_up_again(cared: CareWorld) -> None:
    episode = await in_care(cared, "mother", HERS)
    await cared.world.tell(known(cared, "twin", OTHER), merged("twin", "mother"))
    await cared.world.tell(PARTED)
    await cared.world.login_cookie()
    path = f"/episodes/{episode}/looked"
    old = (await forms(cared, f"/episodes/{episode}"))[path] | {"goes_on": "yes", "number": "", "because": ""}
    await dies(cared, "mother", HERS)
    refused = await send(cared, path, old)
    assert refused.status_code == 409
    assert "A death was registered" in refused.text or "登记了死亡" in refused.text
    stands = await cared.read(episode)
    assert (stands["state"], [each["code"] for each in stands["findings"]]) == (
        "ended",
        ["death-registered", "parted"],
    )
    assert (await goes_on(cared, episode, "parted")).json()["type"] == "/errors#findings-changed"
    assert (await goes_on(cared, episode)).status_code == 409
    new = (await forms(cared, f"/episodes/{episode}"))[path]
    assert new["findings"] == "death-registered parted"
    assert (await send(cared, path, new | {"goes_on": "yes", "number": "", "because": ""})).status_code == 303
    assert ((await cared.read(episode))["state"], await findings(cared, episode)) == ("active", [])


async def test_a_decision_that_is_sent_again_is_the_same_and_another_one_is_refused(cared: CareWorld) -> None:
    episode = await in_care(cared, "mother", HERS)
    await cared.world.tell(known(cared, "twin", OTHER), merged("twin", "mother"))
    await cared.world.tell(PARTED)
    for _ in range(2):
        assert (await goes_on(cared, episode, "parted")).status_code == 204
    over = {"goes_on": False, "because": "not hers", "findings": ["parted"]}
    assert (await cared.act(episode, "looked", over)).status_code == 409, "a colleague has decided otherwise"
    assert (await cared.read(episode))["state"] == "active"


async def test_whose_number_it_is_answers_nothing_that_was_not_shown(cared: CareWorld) -> None:
    hers = await cared.enrolled(enrolment(cared.lmp))  # linked to nobody
    await cared.world.tell(known(cared, "mother", HERS))
    await asks_for_child(cared, HERS)
    await dies(cared, "child", OF_CHILD)
    assert await findings(cared, hers) == []
    named = [{"type": "resident-identity-number", "value": HERS}]
    answer = await goes_on(cared, hers, identifiers=named)
    assert answer.status_code == 204, answer.text
    assert (await cared.read(hers))["record"]["linked"]
    assert await to_look_at(cared) == {hers: ["child-death-registered"]}
    assert (await goes_on(cared, hers, "child-death-registered", identifiers=named)).status_code == 204
    assert await to_look_at(cared) == {}
    await cared.world.hear(cared.world.told)
    assert await to_look_at(cared) == {}


async def test_what_her_consent_for_a_child_told_one_facility_goes_to_no_other(cared: CareWorld) -> None:
    hers, _ = await with_dead_child(cared)
    last = cared.today + timedelta(days=5)
    await handed_over(cared, hers, last)
    assert (await findings(cared, hers, DONGMING), await counted(cared, DONGMING)) == ([], 0)
    await cared.on(last + timedelta(days=1))  # her stay is over
    assert await cared.world.alerts.moving.let_stays_end() == 1
    assert await findings(cared, hers) == ["child-death-registered"]


async def test_of_two_episodes_one_that_is_handed_over_leaves_the_other_alone(cared: CareWorld) -> None:
    one, other = await in_care(cared, "mother", HERS), await in_care(cared, "twin", OTHER)
    await cared.world.tell(merged("mother", "twin"))
    assert await counted(cared) == 2
    await handed_over(cared, other)
    assert (await findings(cared, one), await counted(cared)) == ([], 0)
    assert (await findings(cared, other, DONGMING), await counted(cared, DONGMING)) == ([], 0)


async def test_of_two_episodes_one_whose_consent_has_expired_leaves_the_other_alone(cared: CareWorld) -> None:
    one = await in_care(cared, "mother", HERS)
    await cared.world.tell(known(cared, "twin", OTHER))
    until = cared.today + timedelta(days=5)
    short = consent(until=until.isoformat())
    other = await cared.enrolled(enrolment(cared.lmp, number=OTHER, consent=short))
    await cared.world.tell(merged("mother", "twin"))
    assert await counted(cared) == 2
    await cared.on(until + timedelta(days=1))
    assert (await findings(cared, one), await counted(cared)) == ([], 0)
    assert (await cared.act(other, "consent", {"state": "changed", "consent": consent()})).status_code == 204
    assert (await findings(cared, one), await counted(cared)) == (["two-episodes"], 2)


async def test_a_record_that_nobody_asked_about_again_is_found_beside_no_other(cared: CareWorld) -> None:
    one, other = await in_care(cared, "mother", HERS), await in_care(cared, "twin", OTHER)
    await cared.world.tell(merged("mother", "twin"))
    until = cared.today + timedelta(days=5)
    await cared.care.pool.execute(
        "UPDATE episode SET consent_until = $2, next_look_on = $2 WHERE episode_id = $1", UUID(other), until
    )
    await cared.on(until + timedelta(days=40))  # nobody looked while it was expired
    assert (await findings(cared, one), await counted(cared)) == ([], 0)


@pytest.mark.parametrize("by", ["staff", "herself"])
async def test_a_consent_that_is_withdrawn_for_a_child_takes_its_death_out_of_her_record(
    cared: CareWorld, by: str
) -> None:
    hers, child = await with_dead_child(cared)
    if by == "staff":
        answer = await cared.call("DELETE", f"/v1/episodes/{child}/consent")
    else:
        answer = await me(cared, child, "DELETE", "/consent")
    assert answer.status_code == 204, answer.text
    assert (await findings(cared, hers), await counted(cared)) == ([], 0)


async def test_a_consent_that_expires_for_a_child_takes_its_death_out_of_her_record(cared: CareWorld) -> None:
    hers, child = await in_care(cared, "mother", HERS), await asks_for_child(cared, HERS)
    until = cared.today + timedelta(days=5)
    short = consent(text="child", until=until.isoformat())
    assert (await cared.act(child, "consent", {"state": "changed", "consent": short})).status_code == 204
    await dies(cared, "child", OF_CHILD)
    assert await counted(cared) == 1
    await cared.on(until + timedelta(days=1))
    assert (await findings(cared, hers), await counted(cared)) == ([], 0)


async def test_a_damaged_record_is_withdrawn_like_any_other(cared: CareWorld) -> None:
    _, child = await with_dead_child(cared)
    path = cared.care.vault.path(UUID(child))
    path.write_bytes(b"damaged")
    assert (await cared.call("DELETE", f"/v1/episodes/{child}/consent")).status_code == 204
    assert not path.exists()
