"""The demo's clerk links what is described alike, and nothing else."""

from typing import Any

import pytest

from deploy.tenfold.demo_clerk import the_same

ALIKE: dict[str, Any] = {"name": "王小明", "birth_date": "1990-05-17"}
CANDIDATE = {"reference": "k1.a", **ALIKE}


def review(record: dict[str, Any], *candidates: dict[str, Any]) -> dict[str, Any]:
    """A review of one held record."""
    return {"questions": [{"about": "person", "record": record}], "candidates": list(candidates)}


def test_a_record_that_describes_the_one_candidate_is_theirs() -> None:
    assert the_same(review(ALIKE, CANDIDATE)) == {"person": "k1.a"}


@pytest.mark.parametrize(
    "shown",
    [
        review({**ALIKE, "name": "王小红"}, CANDIDATE),
        review({**ALIKE, "birth_date": "1990-05-18"}, CANDIDATE),
        review(ALIKE, CANDIDATE, {**CANDIDATE, "reference": "k1.b"}),
        review(ALIKE),
        {"questions": [], "candidates": [CANDIDATE]},
    ],
    ids=["another name", "another day", "two candidates", "nobody", "nothing in question"],
)
def test_whatever_differs_goes_on_waiting(shown: dict[str, Any]) -> None:
    assert the_same(shown) == {}
