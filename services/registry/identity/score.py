"""Are two descriptions of one person? Fellegi and Sunter's sum of weights, explained field by field, and the rules that
outrank it. Pure."""

from functools import lru_cache
from typing import Literal

import msgspec

from services.registry.identity.description import Description
from services.registry.identity.rules import CLERICAL, applying
from services.registry.identity.weights import Weights

Verdict = Literal["certain", "possible", "none"]


class Explained(msgspec.Struct, frozen=True):
    """What one field said. `level` None: one side says nothing. `weight` in bits: above 0 for, below 0 against."""

    field: str
    level: str | None
    weight: float


class Score(msgspec.Struct, frozen=True):
    """`total`: bits, the prior included. `probability`: by the weights alone. `rules`: what keeps it from being certain
    (services/registry/identity/rules.py)."""

    total: float
    probability: float
    fields: tuple[Explained, ...]
    rules: tuple[str, ...] = ()


def weigh(one: object, other: object, weights: Weights) -> Score:
    """Compare two records by their attributes, by weights alone: no rules."""
    total, explained = _weighed(one, other, weights)
    return Score(total, _probability(total), explained)


def score(a: Description, b: Description, weights: Weights) -> Score:
    """Compare two descriptions; the order of the two does not matter."""
    total, explained = _weighed(a, b, weights)
    return Score(total, _probability(total), explained, applying(a, b, {each.field: each.level for each in explained}))


def _weighed(one: object, other: object, weights: Weights) -> tuple[float, tuple[Explained, ...]]:
    total = weights.prior_bits
    explained = []
    for field, compare, bits in weights.compiled:
        level = compare(getattr(one, field), getattr(other, field))
        weight = 0.0 if level is None else bits[level]
        total += weight
        explained.append(_explained(field, level, weight))
    return total, tuple(explained)


def _probability(total: float) -> float:
    return float(1 / (1 + 2.0 ** -max(-1000.0, total)))


@lru_cache(maxsize=4096)
def _explained(field: str, level: str | None, weight: float) -> Explained:
    """One object for each of the few that there are: pairs are many."""
    return Explained(field, level, weight)


def verdict(scored: Score, weights: Weights) -> Verdict:
    """certain: the two may be linked by machine. possible: a clerk decides. none: they are two people."""
    if scored.total >= weights.certain and not scored.rules:
        return "certain"
    if scored.total >= weights.possible or CLERICAL.intersection(scored.rules):
        return "possible"
    return "none"
