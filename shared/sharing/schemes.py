"""The schemes of insurance and entitlement as provisioned: the only ones a vital event may name."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.values import SchemeCode
from shared.sharing.agreement import LegalBasis
from shared.sharing.forbidden import forbidden_in, words_of
from shared.sharing.provisioning import read
from shared.sharing.words import Words

FILE = "schemes.yaml"

# Beside what may not be named at all: what no scheme may depend on. Beginnings of words; Chinese anywhere.
DEPENDS = (
    *("matern", "patern", "birth", "childbear", "fertil", "offspring", "miscarr", "bereave"),
    *("生育", "分娩", "产假", "丧"),
    *("marit", "marri", "spous", "wife", "wives", "husband", "wedd", "wedlock", "divorc", "widow", "婚", "配偶"),
    *("firstborn", "sibling", "only child", "独生", "二孩", "三孩", "多孩", "多子女"),
)
ALLOWED = ("third birthday",)  # an age, and nothing about a birth


class SchemeRefused(ValueError):
    """A scheme that protection rule 5 refuses."""


class Scheme(BaseModel):
    """One scheme. What it depends on is its law's; none may depend on pregnancy, loss, contraception, parity or marital
    status (protection rule 5), so that being in it tells none of these."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    code: SchemeCode
    kind: Literal["insurance", "entitlement"]
    title: Words
    legal_basis: Annotated[list[LegalBasis], Field(min_length=1)]

    @model_validator(mode="after")
    def tells_nothing_of_births_or_marriage(self) -> Self:
        """Refuse by every word in it. Raises SchemeRefused inside the validation."""
        for text in self.spoken():
            for entry in forbidden_in(text):
                raise SchemeRefused(f"refused by protection rule {entry.rule}: '{entry.stem}': {entry.why}")
            for stem in depends_on(text):
                raise SchemeRefused(f"refused by protection rule 5: no scheme may depend on '{stem}'")
        return self

    def spoken(self) -> Iterator[str]:
        """Every text of it."""
        words = [self.title, *(part for basis in self.legal_basis for part in (basis.law, basis.article, basis.text))]
        yield self.code
        for each in words:
            yield from (each.zh, each.en)


def depends_on(text: str) -> Iterator[str]:
    """The stems of DEPENDS that stand in a text."""
    for allowed in ALLOWED:
        text = text.replace(allowed, "")
    words = words_of(text)
    for stem in DEPENDS:
        if " " in stem or not stem.isascii():
            found = stem in (text if not stem.isascii() else " ".join(words))
        else:
            found = any(word.startswith(stem) for word in words)
        if found:
            yield stem


class Schemes(BaseModel):
    """The provisioned list."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    schemes: Annotated[list[Scheme], Field(min_length=1)]

    @model_validator(mode="after")
    def codes_are_unique(self) -> Self:
        """A code means one scheme."""
        codes = [scheme.code for scheme in self.schemes]
        if len(set(codes)) != len(codes):
            raise ValueError("a code is listed twice")
        return self

    @classmethod
    def load(cls, provisioning: Path) -> Self:
        """Read schemes.yaml in the provisioning folder. Raises ProvisioningRefused."""
        return read(cls, provisioning / FILE)

    def by_kind(self) -> Mapping[str, frozenset[str]]:
        """Kind (the first word of the event types that name it) → codes."""
        kinds = {scheme.kind for scheme in self.schemes}
        return {kind: frozenset(s.code for s in self.schemes if s.kind == kind) for kind in kinds}
