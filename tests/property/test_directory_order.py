"""The directory is a function of what the registry said: any order and any repetition of its words give the same."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.alerts.directory.entries import Told
from services.alerts.directory.lineage import Saying, Word, lineage
from tests.alerts_world import Body, World, entry, merged, person

pytest_plugins = ["tests.alerts"]

NAMES = "abcd"
SAID = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = "directory_person, directory_index, directory_word"


@st.composite
def registers(draw: st.DrawFn, most: int = 12) -> list[Body]:
    """What a registry says of four people, as it goes along: everyone is told, some are merged, parted, die, are alive
    again, lose what was reported of them. A merge and a split tell both anew, as the registry does."""
    one_with = {name: [name] for name in NAMES}  # whoever stands alone, and the names that are one with them
    told = [said(draw, name) for name in NAMES]
    for _ in range(draw(st.integers(1, most))):
        first = draw(st.sampled_from(sorted(one_with)))
        others = sorted(set(one_with) - {first})
        former = sorted(set(one_with[first]) - {first})
        match draw(st.sampled_from(["say", "merge", "split"])):
            case "merge" if others:
                into = draw(st.sampled_from(others))
                one_with[into] += one_with.pop(first)
                told += [merged(first, into), said(draw, into)]
            case "split" if former:
                into = draw(st.sampled_from(former))
                with_it = [name for name in former if name != into and draw(st.booleans())]
                one_with[into] = [into, *with_it]
                one_with[first] = [name for name in one_with[first] if name not in one_with[into]]
                told += [{"kind": "split", "from": first, "into": into, "former": with_it}]
                told += [said(draw, first), said(draw, into)]
            case _:
                told.append(said(draw, first))
    return told


def said(draw: st.DrawFn, name: str) -> Body:
    """What is said of a person: alive or not, known by a number or by none any more."""
    numbers = [] if draw(st.integers(0, 5)) == 0 else [name.encode().hex() * 4]
    return person(name, alive=draw(st.integers(0, 3)) > 0, indexes=numbers)


async def standing(world: World) -> list[tuple[object, ...]]:
    async with world.alerts.service.pool.acquire() as connection:
        people = await connection.fetch(
            "SELECT reference, coalesce(merged_into, '') AS merged_into, alive, ever_died FROM directory_person "
            "ORDER BY reference"
        )
        indexes = await connection.fetch("SELECT reference, index FROM directory_index ORDER BY 1, 2")
    return [tuple(row) for row in (*people, *indexes)]


@given(told=registers(), seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_order_and_repetition_gives_the_same_directory(world: World, told: list[Body], seed: int) -> None:
    entries = [entry(position, body) for position, body in enumerate(told, start=1)]
    pool = world.alerts.service.pool
    found = []
    chance = random.Random(seed)
    shuffled = [*entries, *chance.choices(entries, k=4)]
    chance.shuffle(shuffled)
    for order in (entries, shuffled, entries[::-1]):
        await pool.execute(f"TRUNCATE {TABLES} /* removes */")
        cut = chance.randint(0, len(order))
        await world.hear(order[:cut])
        await world.hear(order[cut:])
        found.append(await standing(world))
    assert found[0] == found[1] == found[2]


def word(minute: int, saying: Saying, *names: str) -> Word:
    return Word(Told(SAID + timedelta(minutes=minute), minute), saying, names)


def test_a_death_is_said_of_all_who_were_one_then_and_of_nobody_who_was_parted_before() -> None:
    found = lineage(
        [
            word(1, Saying.MERGED, "a", "b"),
            word(2, Saying.DIED, "b"),
            word(3, Saying.SPLIT, "b", "a"),
            word(4, Saying.DIED, "b"),
        ]
    )
    assert found.last("a", Saying.DIED) == Told(SAID + timedelta(minutes=2), 2)
    assert found.last("b", Saying.DIED) == Told(SAID + timedelta(minutes=4), 4)
    assert found.last("a", Saying.SPLIT) == found.last("b", Saying.SPLIT) == Told(SAID + timedelta(minutes=3), 3)
    assert (found.root("a"), found.root("b"), found.root("nobody")) == ("a", "b", "nobody")


def test_names_that_stay_with_the_first_are_not_taken_along_by_a_split() -> None:
    found = lineage(
        [word(1, Saying.MERGED, "a", "b"), word(2, Saying.MERGED, "b", "c"), word(3, Saying.SPLIT, "c", "b")]
    )
    assert (found.root("a"), found.root("b")) == ("c", "b")
