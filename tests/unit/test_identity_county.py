"""Quality on the synthetic county with known errors, blocking included: nobody is linked by machine who is another."""

import random
from collections import Counter

import pytest

from benchmarks.misreporting import Reported, met, register, reports, traps
from deploy.tenfold.county.provisioned import generate
from services.registry.identity.description import Description
from services.registry.identity.estimate import estimate, patterns
from services.registry.identity.score import Verdict, score, verdict
from services.registry.identity.weights import Weights, current

PEOPLE = 4_000


@pytest.fixture(scope="module")
def people() -> list[Description]:
    return register(generate(PEOPLE), random.Random(4))


def _verdicts(
    people: list[Description],
    reported: list[Reported],
    weights: Weights = current(),  # noqa: B008
) -> list[tuple[Reported, int, Verdict]]:
    return [
        (report, place, verdict(score(report.description, people[place], weights), weights))
        for report, place in met(people, reported)
    ]


def test_every_kind_of_error_is_met_nearly_always_and_nothing_is_linked_wrongly(people: list[Description]) -> None:
    reported = reports(people, random.Random(5))
    kinds = Counter(report.kind for report in reported)
    verdicts = _verdicts(people, reported)
    found = Counter(report.kind for report, place, said in verdicts if place == report.place and said != "none")

    assert [report for report, place, said in verdicts if said == "certain" and place != report.place] == []
    assert sum(found.values()) >= 0.98 * len(reported)
    assert {kind for kind, count in kinds.items() if count >= 20 and found[kind] < 0.9 * count} == set()
    assert len(kinds) == 14


def test_twins_neighbours_and_shared_numbers_are_never_linked_by_machine(people: list[Description]) -> None:
    reported = list(traps(people, random.Random(6)))
    verdicts = _verdicts(people, reported)

    assert {report.kind for report in reported} == {
        "twin",
        "twin without a number",
        "neighbour",
        "neighbour without a number",
        "shared number",
    }
    # Whoever reports under another's number is never that other; they may well be who they are described as.
    wrong = [
        (report, people[place])
        for report, place, said in verdicts
        if said == "certain" and (report.kind != "shared number" or place == report.place)
    ]
    assert wrong == []
    themselves = [
        (report.description, people[place])
        for report, place, said in verdicts
        if said == "certain" and report.kind == "shared number"
    ]
    assert all((said.name, said.birth_date) == (known.name, known.birth_date) for said, known in themselves)


def test_a_shared_number_goes_to_a_clerk_whatever_the_weights_say(people: list[Description]) -> None:
    reported = [trap for trap in traps(people, random.Random(7)) if trap.kind == "shared number"]
    verdicts = _verdicts(people, reported)

    assert len(reported) > 100
    assert {said for report, place, said in verdicts if place == report.place} == {"possible"}


def test_few_others_are_shown_to_a_clerk(people: list[Description]) -> None:
    reported = reports(people, random.Random(8))
    others = [report for report, place, said in _verdicts(people, reported) if place != report.place and said != "none"]

    assert len(others) < 0.01 * len(reported)


def test_weights_learnt_from_one_half_of_the_reports_serve_the_other(people: list[Description]) -> None:
    reported = reports(people, random.Random(9))
    first, second = reported[::2], reported[1::2]
    pairs = [(report.description, people[place]) for report, place in met(people, first)]
    learnt = estimate(patterns(pairs, current()), current(), keep={"u", "prior"})
    verdicts = _verdicts(people, second, learnt)

    assert [report for report, place, said in verdicts if said == "certain" and place != report.place] == []
    assert sum(place == report.place and said != "none" for report, place, said in verdicts) >= 0.98 * len(second)
