"""Weights: what each level of agreement is worth, as versioned data (weights.v1.yaml)."""

from functools import cache, cached_property
from math import log2
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.registry.identity.comparing import COMPARATORS, LEVELS, Compare

CURRENT = Path(__file__).with_name("weights.v1.yaml")

Share = Annotated[float, Field(gt=0, lt=1)]


class Strict(BaseModel):
    """A part of the file; what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shares(Strict):
    """How often two records agree just so: `m` among pairs of one person, `u` among pairs of two people."""

    m: Share
    u: Share

    @property
    def weight(self) -> float:
        """In bits: by how much it doubles or halves the odds that the two are one person."""
        return log2(self.m / self.u)


class FieldWeights(Strict):
    """One field, its comparator and what its levels are worth."""

    field: str
    compare: str
    levels: dict[str, Shares]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.compare not in COMPARATORS:
            raise ValueError("there is no such comparator")
        if set(self.levels) != set(LEVELS[self.compare]):
            raise ValueError("the levels are not those of the comparator")
        for side in ("m", "u"):
            if not 0.98 <= sum(getattr(shares, side) for shares in self.levels.values()) <= 1.02:
                raise ValueError(f"the shares of {side} do not add up to 1")
        return self


class Weights(Strict):
    """One version of the weights. `prior`: the share of pairs met that are one person; `certain` and `possible`: the
    lowest totals, in bits, at which a pair is so called."""

    version: int
    source: str
    prior: Share
    certain: float
    possible: float
    fields: tuple[FieldWeights, ...]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.possible >= self.certain:
            raise ValueError("what is certain must be possible")
        if len({each.field for each in self.fields}) != len(self.fields):
            raise ValueError("a field stands twice")
        return self

    @cached_property
    def compiled(self) -> tuple[tuple[str, Compare, dict[str, float]], ...]:
        """Field, comparator and bits by level, ready for many pairs."""
        return tuple(
            (each.field, COMPARATORS[each.compare], {level: shares.weight for level, shares in each.levels.items()})
            for each in self.fields
        )

    @cached_property
    def prior_bits(self) -> float:
        """The odds before anything is compared, in bits."""
        return log2(self.prior / (1 - self.prior))


def load(path: Path) -> Weights:
    """Read a file; raises `pydantic.ValidationError` for one that is not sound."""
    return Weights.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@cache
def current() -> Weights:
    """The weights in force."""
    return load(CURRENT)
