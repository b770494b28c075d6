"""Are two descriptions of one person? Fellegi and Sunter's sum of weights, explained field by field, and the rules that
outrank it. Pure."""

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
    total = weights.prior_bits
    explained = []
    for field, compare, bits in weights.compiled:
        level = compare(getattr(one, field), getattr(other, field))
        weight = 0.0 if level is None else bits[level]
        total += weight
        explained.append(Explained(field, level, weight))
    return Score(total, 1 / (1 + 2.0 ** -max(-1000.0, total)), tuple(explained))


def score(a: Description, b: Description, weights: Weights) -> Score:
    """Compare two descriptions; the order of the two does not matter."""
    weighed = weigh(a, b, weights)
    levels = {each.field: each.level for each in weighed.fields}
    return msgspec.structs.replace(weighed, rules=applying(a, b, levels))


def verdict(scored: Score, weights: Weights) -> Verdict:
    """certain: the two may be linked by machine. possible: a clerk decides. none: they are two people."""
    if scored.total >= weights.certain and not scored.rules:
        return "certain"
    if scored.total >= weights.possible or CLERICAL.intersection(scored.rules):
        return "possible"
    return "none"
