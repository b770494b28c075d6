"""Weights files: strict, versioned, and learnt from pairs that nobody has labelled."""

import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from services.registry.identity.comparing import COMPARATORS, LEVELS
from services.registry.identity.estimate import Pattern, by_chance, estimate
from services.registry.identity.weights import CURRENT, FieldWeights, Shares, Weights, current, load


@pytest.fixture
def content() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(CURRENT.read_text(encoding="utf-8"))
    return read


def _spoilt(content: dict[str, Any], path: Path) -> str:
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ValidationError) as refused:
        load(path)
    return str(refused.value)


def test_the_weights_in_force_are_a_version_with_a_source() -> None:
    assert current().version == 1
    assert current().source
    assert set(COMPARATORS) == set(LEVELS)


def test_agreement_speaks_for_and_disagreement_against() -> None:
    for _, _, bits in current().compiled:
        ordered = list(bits.values())
        assert ordered[0] == max(ordered) > 0
        assert ordered[-1] == min(ordered) < 0


def test_an_unknown_key_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    assert "Extra inputs" in _spoilt({**content, "bias": 1}, tmp_path / "w.yaml")


def test_a_missing_level_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    del content["fields"][0]["levels"]["part"]

    assert "levels are not those" in _spoilt(content, tmp_path / "w.yaml")


def test_an_unknown_comparator_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content["fields"][0]["compare"] = "ethnicity"

    assert "no such comparator" in _spoilt(content, tmp_path / "w.yaml")


def test_shares_that_do_not_add_up_are_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content["fields"][1]["levels"]["same"]["u"] = 0.9

    assert "shares of u do not add up" in _spoilt(content, tmp_path / "w.yaml")


def test_a_field_that_stands_twice_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content["fields"].append(content["fields"][0])

    assert "stands twice" in _spoilt(content, tmp_path / "w.yaml")


def test_what_is_certain_must_be_possible(content: dict[str, Any], tmp_path: Path) -> None:
    assert "must be possible" in _spoilt({**content, "certain": -5}, tmp_path / "w.yaml")


LEVEL = {"exact": 0.8, "near": 0.1, "far": 0.06, "different": 0.04}
APART = {"exact": 0.05, "near": 0.05, "far": 0.1, "different": 0.8}
FIELDS = ("a", "b", "c", "d")


def _guess(prior: float = 0.5) -> Weights:
    levels = {
        "exact": Shares(m=0.6, u=0.1),
        "near": Shares(m=0.2, u=0.1),
        "far": Shares(m=0.1, u=0.2),
        "different": Shares(m=0.1, u=0.6),
    }
    fields = tuple(FieldWeights(field=field, compare="text", levels=levels) for field in FIELDS)
    return Weights(version=1, source="a guess", prior=prior, certain=5, possible=0, fields=fields)


def _drawn(prior: float, pairs: int = 60_000) -> Counter[Pattern]:
    rng = random.Random(3)
    counts: Counter[Pattern] = Counter()
    for _ in range(pairs):
        shares = LEVEL if rng.random() < prior else APART
        counts[tuple(rng.choices([*shares], [*shares.values()], k=len(FIELDS)))] += 1
    return counts


def test_the_shares_that_made_the_pairs_are_found_without_labels() -> None:
    learnt = estimate(_drawn(0.2), _guess())

    assert learnt.prior == pytest.approx(0.2, abs=0.01)
    for field in learnt.fields:
        assert {level: shares.m for level, shares in field.levels.items()} == pytest.approx(LEVEL, abs=0.03)
        assert {level: shares.u for level, shares in field.levels.items()} == pytest.approx(APART, abs=0.03)


def test_what_is_kept_stays() -> None:
    start = by_chance(_drawn(0.0), _guess(0.2))
    learnt = estimate(_drawn(0.2), start, keep={"u", "prior"})

    assert learnt.prior == 0.2
    for before, after in zip(start.fields, learnt.fields, strict=True):
        assert {level: shares.u for level, shares in before.levels.items()} == pytest.approx(APART, abs=0.01)
        assert [shares.u for shares in after.levels.values()] == pytest.approx(
            [shares.u for shares in before.levels.values()]
        )
        assert {level: shares.m for level, shares in after.levels.items()} == pytest.approx(LEVEL, abs=0.03)


def test_a_level_that_nobody_met_keeps_a_weight() -> None:
    learnt = estimate(Counter({("exact", "exact", "exact", None): 500, ("different",) * 4: 500}), _guess())

    assert all(0 < shares.m < 1 and 0 < shares.u < 1 for field in learnt.fields for shares in field.levels.values())


def _likelihood(counts: Counter[Pattern], weights: Weights) -> float:
    def chance(pattern: Pattern, side: str) -> float:
        met = zip(pattern, weights.fields, strict=True)
        return float(math.prod(getattr(field.levels[level], side) for level, field in met if level is not None))

    return sum(
        count * math.log(weights.prior * chance(pattern, "m") + (1 - weights.prior) * chance(pattern, "u"))
        for pattern, count in counts.items()
    )


def test_every_round_explains_the_pairs_better() -> None:
    counts = _drawn(0.2, 2_000)
    explained = [_likelihood(counts, estimate(counts, _guess(), rounds=rounds, kept=0.1)) for rounds in (1, 2, 5, 50)]

    assert explained == sorted(explained)
    assert explained[0] < explained[-1]


def test_nothing_is_learnt_from_no_pairs() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        estimate(Counter(), _guess())
