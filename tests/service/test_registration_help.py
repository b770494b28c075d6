"""Help with birth registration, from what the registry says to what a facility sees."""

import asyncio
import random
from datetime import timedelta

import pytest

from services.alerts.registration_help import repository
from shared.db import transaction
from tests.alerts_world import (
    BORN,
    COUNTY,
    DAY_15,
    DONGMING,
    ELSEWHERE,
    IN_DONGMING,
    Body,
    World,
    entry,
    merged,
    person,
    wish,
)

pytest_plugins = ["tests.alerts"]

ONE_DAY = timedelta(days=1)


async def test_help_opens_on_day_fifteen_for_the_facility_of_her_residence(world: World) -> None:
    await world.birth()
    await world.on(DAY_15 - ONE_DAY)
    assert await world.worklist() == []
    await world.on(DAY_15)
    (task,) = await world.worklist()
    assert (task["mother_name"], task["child_name"]) == ("王秀英", None)
    assert (task["born_on"], task["opened_on"], task["due_on"]) == ("2026-03-01", "2026-03-16", "2026-04-01")
    assert task["area"] == {"zh": "柳泉社区", "en": "Liuquan Community"}
    assert await world.announced() == ["opened"]
    assert await world.worklist(DONGMING) == await world.worklist(COUNTY) == []


async def test_without_her_wish_nothing_opens(world: World) -> None:
    await world.tell(person("mother"), person("child"), wish(asked=False))
    await world.on(BORN + timedelta(days=60))
    assert await world.worklist() == []
    assert await world.announced() == []


async def test_a_row_says_nothing_about_birth_order_or_marriage(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    (task,) = await world.worklist()
    assert set(task) == {
        "id", "kind", "when", "what", "reason", "name", "opened_on", "due_on", "closes_on", "episode", "worker",
        "child", "reach", "avoid", "linked",
        "reference", "mother_name", "child_name", "born_on", "area",
    }  # fmt: skip
    assert (task["kind"], task["closes_on"], task["episode"]) == ("birth-registration", None, None)


async def test_help_follows_a_move(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(person("mother", area=IN_DONGMING))
    assert await world.worklist() == []
    (task,) = await world.worklist(DONGMING)
    assert task["area"] == {"zh": "东明社区", "en": "Dongming Community"}
    assert await world.announced() == ["opened", "moved-away"]
    assert await world.announced(DONGMING) == ["moved-here"]


async def test_a_move_before_day_fifteen_is_told_to_nobody(world: World) -> None:
    await world.birth()
    await world.tell(person("mother", area=IN_DONGMING))
    await world.on(DAY_15)
    assert await world.announced() == []
    assert await world.announced(DONGMING) == ["opened"]


async def test_an_area_without_facility_keeps_the_help_and_supervisors_see_the_count(world: World) -> None:
    await world.tell(person("mother", area=ELSEWHERE), wish())
    await world.on(DAY_15)
    supervisor = world.token(COUNTY, roles=["supervisor"])
    body = (await world.http.get("/v1/worklist", headers=supervisor)).json()
    assert (body["tasks"], body["without_facility"]) == ([], 1)
    for another in (world.token(COUNTY), world.token(roles=["supervisor"])):
        assert (await world.http.get("/v1/worklist", headers=another)).json()["without_facility"] is None
    await world.tell(person("mother"))
    assert await world.announced() == ["opened"]


ENDS: dict[str, Body] = {
    "registration": person("child", registered=True),
    "adoption": person("child", adopted=True),
    "death of the child": person("child", alive=False),
    "death of the mother": person("mother", alive=False),
    "annulment": wish(asked=False),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
async def test_every_end_closes_in_the_same_words(world: World, end: Body) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(end)
    assert await world.worklist() == []
    answer = await world.http.get("/v1/feed", headers=world.token())
    opened, closed = answer.json()["entries"]
    assert closed["data"] == {"kind": "closed", "help": opened["data"]["help"], "reason": "birth-registration"}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
async def test_every_end_before_day_fifteen_is_told_to_nobody(world: World, end: Body) -> None:
    await world.birth()
    await world.tell(end)
    await world.on(BORN + timedelta(days=60))
    assert await world.announced() == []


async def test_a_refusal_closes_and_again_is_the_same(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    (task,) = await world.worklist()
    for _ in range(2):
        answer = await world.http.post(f"/v1/worklist/{task['id']}/refusal", headers=world.token())
        assert (answer.status_code, answer.content) == (204, b"")
    assert await world.worklist() == []
    assert await world.announced() == ["opened", "closed"]


async def test_what_closed_for_good_never_opens_again(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(person("child", registered=True))
    await world.tell(person("child"), wish(child_name="王安"))
    await world.on(DAY_15 + timedelta(days=30))
    assert await world.announced() == ["opened", "closed"]


async def test_an_annulled_annulment_asks_again(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(wish(asked=False))
    await world.tell(wish())
    assert await world.announced() == ["opened", "closed", "opened"]
    assert len(await world.worklist()) == 1


async def test_a_corrected_birth_date_moves_the_day(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(wish(born_on=(BORN + timedelta(days=3)).isoformat()))
    assert await world.worklist() == []
    await world.on(DAY_15 + timedelta(days=3))
    assert len(await world.worklist()) == 1


async def test_a_merged_mother_and_child_keep_their_help(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(person("mother-2", area=IN_DONGMING), merged("mother", "mother-2"))
    (task,) = await world.worklist(DONGMING)
    assert task["reference"] == "mother-2"
    await world.tell(person("child-2"), merged("child", "child-2"), person("child-2", registered=True))
    assert await world.worklist(DONGMING) == []
    assert await world.announced(DONGMING) == ["moved-here", "closed"]


async def test_two_certificates_of_one_child_are_one_help(world: World) -> None:
    await world.birth()
    await world.tell(person("child-2"), wish("child-2"))
    await world.on(DAY_15)
    assert len(await world.worklist()) == 2
    await world.tell(merged("child", "child-2"))
    assert len(await world.worklist()) == 1


async def test_a_month_of_missed_days_is_made_up_once(world: World) -> None:
    for n in range(30):
        born = (BORN + timedelta(days=n)).isoformat()
        await world.tell(person(f"mother-{n}"), wish(f"child-{n}", f"mother-{n}", born_on=born))
    await world.on(DAY_15 + timedelta(days=60))
    await world.on(DAY_15 + timedelta(days=61))
    assert await world.announced() == ["opened"] * 30


async def test_workers_at_the_same_moment_announce_once(world: World) -> None:
    for n in range(40):
        await world.tell(person(f"mother-{n}"), wish(f"child-{n}", f"mother-{n}"))
    world.today = DAY_15
    await asyncio.gather(*(world.helps.let_days_pass() for _ in range(6)))
    await world.on(DAY_15)
    assert await world.announced() == ["opened"] * 40


async def test_the_feed_told_again_from_the_beginning_changes_nothing(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(person("mother", area=IN_DONGMING))
    await world.tell(wish(asked=False))
    for page in (world.told, world.told[:2], *([each] for each in world.told)):
        await world.hear(page)
    assert await world.announced() == ["opened", "moved-away"]
    assert await world.announced(DONGMING) == ["moved-here", "closed"]


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_of_arrival_ends_in_the_same_state(world: World, seed: int) -> None:
    story = [
        person("mother"),
        person("child"),
        wish(),
        person("mother", area=IN_DONGMING),
        person("mother-2", area=IN_DONGMING),
        merged("mother", "mother-2"),
        wish(child_name="王安"),
    ]
    if seed % 2:
        story.append(person("child", registered=True))
        story.append(person("child"))
    entries = [entry(n, body) for n, body in enumerate(story, start=1)]
    chance = random.Random(seed)
    heard = entries + chance.sample(entries, 4)
    chance.shuffle(heard)
    world.today = DAY_15
    for each in heard:
        await world.hear([each])
    seen = [(task["child_name"], task["reference"]) for task in await world.worklist(DONGMING)]
    assert seen == ([] if seed % 2 else [("王安", "mother-2")])
    assert await world.worklist() == []


async def test_a_closed_help_forgets_names_and_area(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    await world.tell(person("child", registered=True))
    row = await world.alerts.service.pool.fetchrow("SELECT names, area, ended FROM registration_help")
    assert row is not None
    assert tuple(row) == (None, None, True)


async def test_names_are_sealed_at_rest(world: World) -> None:
    await world.birth()
    await world.on(DAY_15)
    everything = await world.alerts.service.pool.fetch(
        "SELECT h::text AS row FROM registration_help h UNION ALL SELECT f::text FROM feed_entry f"
    )
    assert all("王秀英" not in row["row"] and "王秀英".encode().hex() not in row["row"] for row in everything)


async def test_provisioning_that_gives_an_area_to_another_facility_moves_its_help(world: World) -> None:
    await world.tell(person("mother", area=ELSEWHERE), wish())
    await world.on(DAY_15)
    await world.alerts.service.pool.execute("UPDATE directory_person SET area = '370102901001'")
    await world.helps.settle_all()
    assert await world.announced() == ["opened"]


async def test_a_contact_is_locked_before_it_is_judged(world: World) -> None:
    await world.birth()
    world.today = DAY_15
    async with transaction(world.alerts.service.pool) as connection:
        assert len(await repository.due(connection, DAY_15, 10)) == 1
        assert await world.helps.let_days_pass() == 0
    assert await world.helps.let_days_pass() == 1
