"""What is published: every indicator with its definition, unit and source, in both languages (indicators.yaml)."""

from pathlib import Path
from typing import Final, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

Dimension: TypeAlias = Literal["area", "sex", "age"]


class Words(BaseModel):
    """One sentence in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    en: str
    zh: str


class Indicator(BaseModel):
    """A published series. `monthly`, `yearly`: the dimensions of its table for a month, for a year; None: there is
    none. What has no area among its dimensions is told for the whole county only."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    title: Words
    definition: Words
    unit: Words
    source: Words
    monthly: tuple[Dimension, ...] | None = None
    yearly: tuple[Dimension, ...] | None = None

    def dimensions(self, period: str) -> tuple[Dimension, ...] | None:
        """Of its table for a period, `2026-05` or `2026`; None where it has no table for such a period."""
        return self.monthly if "-" in period else self.yearly


def _read() -> dict[str, Indicator]:
    content = yaml.safe_load((Path(__file__).parent / "indicators.yaml").read_text(encoding="utf-8"))
    return {each.name: each for each in TypeAdapter(list[Indicator]).validate_python(content["indicators"])}


INDICATORS: Final = _read()
QUALITY: Final = "quality"
"""Published with every month, and read at an address of its own."""
