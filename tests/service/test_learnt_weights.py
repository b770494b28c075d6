"""Weights learnt from a register's own records: what was made to err, and how often, is found again."""

from datetime import date
from pathlib import Path

import pytest

from deploy.tenfold.weights import learn
from services.registry.facts.rebuild import Rebuild
from services.registry.identity.description import Description
from services.registry.identity.weights import Weights, current
from services.registry.matching.learning import MOST_TOGETHER, Learning, Record, TooFew, learnt, pairs
from tests.histories import household, person
from tests.registry_world import RegistryWorld, says

pytest_plugins = ["tests.registry"]
SECURITY, HEALTH = "public-security", "health"
WRONG = 5  # of how many deaths one names the person otherwise


@pytest.fixture
async def erring(registry: RegistryWorld) -> Learning:
    """Forty people who were registered and died; health wrote a similar name of every fifth, and the day of none."""
    for n in range(40):
        # Given names with nothing in common, so that no two of them share a block.
        who = person(n + 1, f"Li {chr(97 + n % 26) * 3}{chr(97 + n // 26) * 3}")
        name = who["name"] + ("x" if n % WRONG == 0 else "")
        died = {"person": who | {"name": name}, "certificate_number": f"x{n}"}
        await registry.apply(
            says("household.registered", f"h{n}", {"person": who, **household(number_=f"H{n}")}, "2024-01-10"),
            says("household.registered", f"r{n}", {"person": who, **household(number_=f"R{n}")}, "2024-02-10"),
            says("death.certified", f"x{n}", died, "2024-05-01", department=HEALTH),
        )
    return Learning(registry.service.pool, Rebuild(registry.folding.vault, registry.folding.authorities), 1)


async def test_each_department_is_read_once_of_each_person(erring: Learning) -> None:
    counts = await erring.counts(current())
    names = [each.field for each in current().fields].index("name")
    days = [each.field for each in current().fields].index("birth_date")
    of_one = {pattern: count for pattern, count in counts.items() if pattern[names] != "different"}
    assert sum(count for pattern, count in of_one.items() if pattern[names] == "exact") == 40 - 40 // WRONG
    assert sum(count for pattern, count in of_one.items() if pattern[days] == "exact") >= 40
    few = Learning(erring.pool, erring.rebuild, 1_000_000_007)
    assert sum((await few.counts(current())).values()) < 40, "a sample is a part"


async def test_a_handful_is_nothing_to_learn_from(erring: Learning) -> None:
    with pytest.raises(TooFew):
        learnt(await erring.counts(current()), current())


def share(weights: Weights, field: str, level: str) -> tuple[float, float]:
    (found,) = [each for each in weights.fields if each.field == field]
    return found.levels[level].m, found.levels[level].u


async def test_what_errs_more_often_speaks_less_against_it_and_the_rest_stays(erring: Learning) -> None:
    counts = await erring.counts(current())
    many = {pattern: count * 100 for pattern, count in counts.items()}
    found = learnt(many, current())
    assert (found.version, found.prior, found.certain) == (2, current().prior, current().certain)
    assert share(found, "name", "exact")[0] == pytest.approx(1 - 1 / WRONG, abs=0.03)
    assert share(found, "name", "exact")[0] < share(current(), "name", "exact")[0]
    assert share(found, "birth_date", "exact")[0] > 0.99
    for each in current().fields:
        for level, shares in each.levels.items():
            assert share(found, each.field, level)[1] == shares.u, "u is no share of blocked pairs"
    assert share(found, "mother", "exact")[0] == pytest.approx(share(current(), "mother", "exact")[0], abs=0.01)
    assert "reviewed" in found.source


def test_two_records_of_one_department_and_a_crowd_under_one_key_are_no_pairs() -> None:
    one = Description(name="Li Wei", sex="male", birth_date=date(1990, 5, 17))
    both = [Record(SECURITY, one), Record(HEALTH, one)]
    assert list(pairs(both)) == [(one, one)], "each pair once, whatever they share"
    assert list(pairs([both[0], both[0]])) == []
    assert list(pairs(both * MOST_TOGETHER)) == []
    unknown = Description(name="Li Wei", sex="male")
    assert list(pairs([Record(SECURITY, unknown), Record(HEALTH, unknown)])) == [], "nothing is shared"


def test_a_version_that_is_written_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "weights.v2.yaml"
    out.write_text("reviewed", encoding="utf-8")
    assert learn(out, 10) == 1, "a version is written once"
    assert out.read_text(encoding="utf-8") == "reviewed"
