"""What stands beside each other changes from all sides at once: everybody is answered, nobody waits in a circle."""

import asyncio
from collections.abc import Awaitable

import httpx

from services.alerts.episodes.looking import look
from services.alerts.own.callers import subject_of
from shared.crypto.blind import blind_index
from tests.alerts_world import DONGMING, LIUQUAN, Body, merged, person
from tests.care_world import CareWorld, enrolment
from tests.service.test_handovers import answered, offered

pytest_plugins = ["tests.alerts"]

SIDES = 16
OVER: Body = {"because": "written down twice"}


def holds(cared: CareWorld, reference: str, **more: object) -> Body:
    """What the registry says of whoever has a passport with this number."""
    return (
        person(reference, indexes=[blind_index(cared.care.ring, "care-index", "passport", "CN", reference).hex()])
        | more
    )


async def in_care(cared: CareWorld, reference: str, facility: str = LIUQUAN) -> str:
    """Somebody whom the registry knows, enrolled by their passport."""
    await cared.world.tell(holds(cared, reference))
    body = enrolment(cared.lmp)
    body["care"]["person"]["identifiers"] = [{"type": "passport", "issuer": "CN", "value": reference}]
    return await cared.enrolled(body, facility)


async def pairs(cared: CareWorld, how_many: int) -> list[tuple[str, str]]:
    """So many people who turned out to have two episodes here each."""
    made = [(await in_care(cared, f"A{n}"), await in_care(cared, f"B{n}")) for n in range(how_many)]
    await cared.world.tell(*(merged(f"A{n}", f"B{n}") for n in range(how_many)))
    return made


async def withdrawn_by_herself(cared: CareWorld, episode: str) -> httpx.Response:
    """She withdraws on her own page."""
    told = cared.world.issuer.issue(subject=subject_of(episode), roles=["citizen"], purpose="own-data")  # type: ignore[arg-type]
    return await cared.world.http.delete("/v1/me/episode/consent", headers={"authorization": f"Bearer {told}"})


async def test_both_episodes_of_one_person_are_withdrawn_at_once(cared: CareWorld) -> None:
    made = await pairs(cared, SIDES // 2)
    answers = await asyncio.gather(
        *(
            side
            for one, other in made
            for side in (cared.call("DELETE", f"/v1/episodes/{one}/consent"), withdrawn_by_herself(cared, other))
        )
    )
    assert [each.status_code for each in answers] == [204] * SIDES
    assert await cared.care.pool.fetchval("SELECT count(*) FROM episode") == 0


async def test_ends_hand_overs_decisions_words_and_withdrawals_meet_at_once(cared: CareWorld) -> None:
    made = await pairs(cared, 8)
    goes_on = {"goes_on": True, "findings": ["two-episodes"]}
    sides: list[Awaitable[httpx.Response]] = []
    for place, (one, other) in enumerate(made):
        handover = await offered(cared, one)
        sides += [cared.call("DELETE", f"/v1/episodes/{other}/consent"), answered(cared, handover)]
        sides += [cared.act(other, "looked", goes_on), cared.act(one, "end", OVER)] if place % 2 else []
    answers, _, _ = await asyncio.gather(asyncio.gather(*sides), cared.world.hear(cared.world.told), look(cared.care))
    assert {each.status_code for each in answers} <= {200, 204, 404, 409}
    assert [each.status_code for each in answers if each.request.method == "DELETE"] == [204] * len(made)
    left = await cared.care.pool.fetch("SELECT episode_id, facility FROM episode")
    assert {str(row["episode_id"]) for row in left} == {one for one, _ in made}
    assert {row["facility"] for row in left} <= {LIUQUAN, DONGMING}
