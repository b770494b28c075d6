"""Quality on the FEBRL sets with weights learnt without labels (beside splink: python -m benchmarks.matching)."""

import pytest

from benchmarks.febrl import WEIGHTS, candidates, learn, read, true_pairs
from benchmarks.matching import ours, within
from services.registry.identity.weights import Weights, load


def test_on_set_4_at_most_one_link_in_a_thousand_is_wrong_and_ninety_eight_in_a_hundred_are_found() -> None:
    found = ours(load(WEIGHTS)).quality

    assert found.true == 5000
    assert found.precision >= 0.999
    assert found.recall >= 0.98


@pytest.mark.parametrize(("number", "true"), [(1, 500), (2, 1934), (3, 6538)])
def test_the_same_weights_hold_on_the_other_sets_without_being_told_how_often_anybody_occurs(
    number: int, true: int
) -> None:
    found = within(number, load(WEIGHTS)).quality

    assert found.true == true
    assert found.precision >= 0.999
    assert found.recall >= 0.98


def test_the_weights_are_what_the_pairs_say() -> None:
    pairs = candidates(read("dataset4a"), read("dataset4b"))

    assert _bits(learn(pairs)) == pytest.approx(_bits(load(WEIGHTS)), abs=0.01)


def test_people_are_counted_once_for_every_pair_of_their_records() -> None:
    records = read("dataset1")

    assert true_pairs(records, records) == len(records) // 2


def _bits(weights: Weights) -> dict[tuple[str, str], float]:
    return {(field, level): worth for field, _, bits in weights.compiled for level, worth in bits.items()}
