"""Weights from pairs that nobody has labelled: expectation and maximisation (Fellegi and Sunter's model, fields taken
as independent of each other within each of the two classes). Pure; deterministic."""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Literal, TypeAlias

from services.registry.identity.weights import FieldWeights, Shares, Weights

Pattern: TypeAlias = tuple[str | None, ...]
"""The levels of one pair, in the order of the weights' fields."""


KEPT = 10.0
"""The starting weights count as this many pairs of each class, so that a level nobody has met keeps a weight."""


def patterns(pairs: Iterable[tuple[object, object]], weights: Weights) -> Counter[Pattern]:
    """Compare every pair and count how often each pattern of levels occurs."""
    fields = [(field, compare) for field, compare, _ in weights.compiled]
    return Counter(
        tuple(compare(getattr(one, field), getattr(other, field)) for field, compare in fields) for one, other in pairs
    )


def by_chance(counts: Mapping[Pattern, int], start: Weights, kept: float = KEPT) -> Weights:
    """Set `u` from pairs drawn at random, which are of two people but for a share that does not matter."""
    shares = _shares(counts, dict.fromkeys(counts, 1.0), start, "u", kept)
    return _with(start, [_column(field, "m") for field in start.fields], shares, start.prior)


def estimate(
    counts: Mapping[Pattern, int],
    start: Weights,
    *,
    rounds: int = 100,
    keep: AbstractSet[Literal["u", "prior"]] = frozenset(),
    kept: float = KEPT,
) -> Weights:
    """Estimate `m`, `u` and the prior from unlabelled pairs, beginning at `start`, until nothing moves. `keep`: what
    is left as it is: blocked pairs agree more often than pairs drawn at random, so `u` and the prior are kept where the
    weights are meant for any two records. Raises ValueError where there are none."""
    pairs = sum(counts.values())
    if not pairs:
        raise ValueError("there are no pairs to learn from")
    weights = start
    for _ in range(rounds):
        same = {pattern: _probability(pattern, weights) for pattern in counts}
        other = {pattern: 1 - each for pattern, each in same.items()}
        prior = sum(count * same[pattern] for pattern, count in counts.items()) / pairs
        prior = start.prior if "prior" in keep else min(max(prior, 1e-12), 1 - 1e-12)
        m = _shares(counts, same, start, "m", kept)
        u = [_column(field, "u") for field in start.fields] if "u" in keep else _shares(counts, other, start, "u", kept)
        before, weights = weights, _with(start, m, u, prior)
        if all(abs(a - b) < 1e-6 for a, b in zip(_bits(before), _bits(weights), strict=True)):
            break
    return weights


def _probability(pattern: Pattern, weights: Weights) -> float:
    bits = weights.prior_bits + sum(
        worth[level] for level, (_, _, worth) in zip(pattern, weights.compiled, strict=True) if level is not None
    )
    return float(1 / (1 + 2.0 ** -max(-1000.0, min(1000.0, bits))))


def _shares(
    counts: Mapping[Pattern, int], belonging: Mapping[Pattern, float], start: Weights, side: str, kept: float
) -> list[dict[str, float]]:
    """For every field, the share of each level among the pairs, each counted as far as it belongs to the class."""
    columns = []
    for place, field in enumerate(start.fields):
        seen = {level: kept * share for level, share in _column(field, side).items()}
        for pattern, count in counts.items():
            level = pattern[place]
            if level is not None:
                seen[level] += count * belonging[pattern]
        total = sum(seen.values())
        columns.append({level: amount / total for level, amount in seen.items()})
    return columns


def _column(field: FieldWeights, side: str) -> dict[str, float]:
    column = {level: shares.m if side == "m" else shares.u for level, shares in field.levels.items()}
    whole = sum(column.values())
    return {level: share / whole for level, share in column.items()}


def _with(start: Weights, m: list[dict[str, float]], u: list[dict[str, float]], prior: float) -> Weights:
    fields = tuple(
        FieldWeights(
            field=field.field,
            compare=field.compare,
            levels={level: Shares(m=_inside(of_m[level]), u=_inside(of_u[level])) for level in field.levels},
        )
        for field, of_m, of_u in zip(start.fields, m, u, strict=True)
    )
    return Weights(
        version=start.version,
        source=start.source,
        prior=prior,
        certain=start.certain,
        possible=start.possible,
        fields=fields,
    )


def _bits(weights: Weights) -> list[float]:
    return [weights.prior_bits, *(bits for _, _, levels in weights.compiled for bits in levels.values())]


def _inside(share: float) -> float:
    return min(max(share, 1e-12), 1 - 1e-9)
