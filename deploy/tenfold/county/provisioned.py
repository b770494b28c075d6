"""Read the areas and facilities that the county stands on. The only file of this folder that reads anything."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, field_validator

from deploy.tenfold.county.population import DEFAULT_SEED, build
from deploy.tenfold.county.values import COUNTY_AREA, County
from shared.identifiers.areas import AreaTable, Level

PROVISIONING = Path(__file__).parents[2] / "provisioning"


class Facility(BaseModel):
    """An entry of facilities.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    zh: str
    en: str
    contact: str | None = None
    serves: tuple[str, ...]
    """Area prefixes that are served without an end; the longest that matches an area decides."""

    @field_validator("serves", mode="before")
    @classmethod
    def _lasting(cls, serves: list[str | dict[str, str]]) -> tuple[str, ...]:
        lasting = [each for each in serves if isinstance(each, str) or "until" not in each]
        return tuple(each if isinstance(each, str) else each["prefix"] for each in lasting)


def facilities(provisioning: Path = PROVISIONING) -> tuple[Facility, ...]:
    """The health facilities of the county."""
    content = yaml.safe_load((provisioning / "facilities.yaml").read_text(encoding="utf-8"))
    return TypeAdapter(tuple[Facility, ...]).validate_python(content["facilities"])


def generate(people: int = 10_000, seed: int = DEFAULT_SEED, provisioning: Path = PROVISIONING) -> County:
    """The synthetic county: exactly `people` people, the same for the same seed and provisioned areas."""
    communities = AreaTable.load(provisioning / "areas.yaml").below(COUNTY_AREA, Level.COMMUNITY)
    serves = {facility.code: facility.serves for facility in facilities(provisioning)}
    return build(people, seed, [area.code for area in communities], serves)
