"""Two episodes of one person meet at a facility: by a link or a hand-over, as by a merge; elsewhere nobody hears."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.alerts.episodes import repository
from services.alerts.episodes.acting import acting
from services.alerts.life.knowing import noted
from shared.crypto.blind import blind_index
from tests.alerts_world import DONGMING, LIUQUAN, merged, person
from tests.care_world import CareWorld, enrolment
from tests.service.test_handovers import answered, offered, passes
from tests.service.test_life_of_families import HERS, OTHER, PARTED, findings, goes_on, in_care, known, to_look_at

pytest_plugins = ["tests.alerts"]

TWICE = ["two-episodes"]
OVER = {"because": "written down twice"}


async def compared(cared: CareWorld, episode: str) -> tuple[UUID, ...]:
    """What is kept of a decision that two go on beside each other."""
    async with acting(cared.care) as act:
        found = await repository.one(act.connection, UUID(episode))
        assert found is not None
        return (await noted(act, found)).compared


async def linked_to_one(cared: CareWorld) -> tuple[str, str]:
    """One was linked from the beginning; the number that the other waits for turned out to be hers too."""
    one = await in_care(cared, "mother", HERS)
    other = await cared.enrolled(enrolment(cared.lmp, number=OTHER))
    assert (await findings(cared, one), await findings(cared, other)) == ([], [])
    indexes = [
        blind_index(cared.care.ring, "care-index", "resident-identity-number", "", each).hex() for each in (HERS, OTHER)
    ]
    await cared.world.tell(person("mother", indexes=indexes))
    return one, other


async def test_a_number_that_turns_out_to_be_hers_brings_two_together(cared: CareWorld) -> None:
    one, other = await linked_to_one(cared)
    assert await to_look_at(cared) == {one: TWICE, other: TWICE}
    for each in (one, other):
        assert (await goes_on(cared, each, *TWICE)).status_code == 204
    await cared.world.hear(cared.world.told)
    assert await to_look_at(cared) == {}, "what was decided is not asked again"


@pytest.mark.parametrize("ends", ["withdrawn", "ended"])
async def test_of_one_that_is_over_nothing_is_kept_in_the_other(cared: CareWorld, ends: str) -> None:
    one, other = await linked_to_one(cared)
    for each in (one, other):
        assert (await goes_on(cared, each, *TWICE)).status_code == 204
    assert (await compared(cared, one), await compared(cared, other)) == ((UUID(other),), (UUID(one),))
    if ends == "withdrawn":
        answer = await cared.call("DELETE", f"/v1/episodes/{other}/consent")
    else:
        answer = await cared.act(other, "end", OVER)
        assert await compared(cared, other) == ()
    assert answer.status_code == 204
    assert await compared(cared, one) == ()


async def test_whom_a_worker_names_may_have_another_one_here(cared: CareWorld) -> None:
    one, other = await in_care(cared, "mother", HERS), await in_care(cared, "other", OTHER)
    await cared.world.tell(merged("mother", "twin"), PARTED)
    assert await to_look_at(cared) == {one: ["parted"]}
    number = {"identifiers": [{"type": "resident-identity-number", "value": OTHER}]}
    assert (await goes_on(cared, one, "parted", **number)).status_code == 204
    assert await to_look_at(cared) == {one: TWICE, other: TWICE}


async def test_a_hand_over_brings_two_together_and_its_return_parts_them(cared: CareWorld) -> None:
    here, there = await in_care(cared, "mother", HERS), await in_care(cared, "mother", HERS, DONGMING)
    last = cared.today + timedelta(days=7)
    handover = await offered(cared, here, until=str(last))
    await cared.world.tell(known(cared, "mother", HERS))
    assert (await to_look_at(cared), await to_look_at(cared, DONGMING)) == ({}, {}), "an offer tells nobody"
    assert (await answered(cared, handover)).status_code == 200
    assert await to_look_at(cared, DONGMING) == {here: TWICE, there: TWICE}
    assert await to_look_at(cared, LIUQUAN) == {}
    await passes(cared, last + timedelta(days=1))
    assert (await to_look_at(cared), await to_look_at(cared, DONGMING)) == ({}, {})
    assert (await findings(cared, here), await findings(cared, there, DONGMING)) == ([], [])
