"""Bodies of searches. What is looked for stands in the body, never in an address."""

import unicodedata
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.registry.people.schemas import PersonFound
from services.registry.search.rules import Grade
from shared.contracts.values import Day, Identifier, SexField, Text
from shared.errors_text import RuleBroken
from shared.identifiers.names import plain

WILDCARDS = frozenset("*?%_")
MOST_HITS = 20


def full_name(name: str) -> str:
    """A whole name, of two characters or more, without anything that stands for others. Raises RuleBroken."""
    text = unicodedata.normalize("NFKC", name)
    if WILDCARDS & set(text) or len(plain(text)) < 2:
        raise RuleBroken(
            "must be a full name; wildcards and parts of a name are not searched for",
            "必须是完整姓名；不支持通配符或部分姓名查询",
        )
    return name


FullName = Annotated[Text, AfterValidator(full_name)]
ONE_WAY = ({"identifier"}, {"name", "birth_date"})


class Search(BaseModel):
    """Whom to look for: an identifier, or a full name and a birth date, and nothing else."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"oneOf": [{"required": [*sorted(way)]} for way in ONE_WAY]},
    )

    identifier: Identifier = Field(default=None)  # type: ignore[assignment] # absent, never null
    name: FullName = Field(default=None)  # type: ignore[assignment]
    birth_date: Day = Field(default=None)  # type: ignore[assignment]

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """Refuse a name alone, a birth date alone, and both ways at once."""
        if self.model_fields_set not in ONE_WAY:
            raise RuleBroken(
                "needs an identifier, or a full name and a birth date, and nothing else",
                "须提供证件号码，或完整姓名与出生日期，二者择一",
            )
        return self


class Described(BaseModel):
    """Somebody as a document or a register describes them: whom of the people known could it be?"""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    name: FullName
    birth_date: Day
    sex: SexField | None = None
    identifiers: Annotated[list[Identifier], Field(max_length=4)] = []
    mother: Annotated[FullName | None, Field(description="The mother's full name.")] = None
    father: Annotated[FullName | None, Field(description="The father's full name.")] = None


class Hit(PersonFound):
    """One person found. `match`: the weakest of what agrees; `why`: how much each field that was looked for agrees."""

    match: Grade
    why: dict[str, Grade]


class PeopleFound(BaseModel):
    """Everyone found whom the caller may see, the best match first, at most 20. Several people may hold one number, or
    have one name and birth date; each is listed."""

    people: list[Hit]


class Compared(BaseModel):
    """One field of a candidate beside the description: `level` is null where either says nothing; `weight` is in bits,
    above 0 for one person and below 0 for two."""

    field: str
    level: str | None
    weight: float


class Candidate(BaseModel):
    """Somebody who may be the one described, by what the caller may see of them. `score`: bits, by the fields that are
    listed alone. `rules`: what keeps a match from being certain, whatever the score."""

    reference: str
    verdict: str
    score: float
    fields: list[Compared]
    rules: list[str]
    withheld: list[str]
    basis: list[str]


class Candidates(BaseModel):
    """Everyone whom the description may mean, the best first, at most 20. `weights`: the version of the weights."""

    weights: int
    candidates: list[Candidate]
