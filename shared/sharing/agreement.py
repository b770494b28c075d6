"""One sharing agreement: who may be told which fields of whom, for what, on which legal basis, until when. Pure."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.contracts.values import Day
from shared.sharing.closed import AgreementId, DepartmentName, Purpose
from shared.sharing.fields import FieldName
from shared.sharing.refusals import refuse_field_name, refuse_in_itself, refuse_keys
from shared.sharing.words import Words


class _Value(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)


def field_name(name: object) -> object:
    """A field of the closed list. Raises AgreementRefused, naming the rule, for anything else."""
    refuse_field_name(name)
    return name


class LegalBasis(_Value):
    """A provision in force: the law's official title, the article, and what it says (in our words, for the reader)."""

    law: Words
    article: Words
    text: Words


class Approvals(_Value):
    """The departments whose heads signed: at least one that gives, and the one that receives (protection rule 6)."""

    giving: Annotated[list[DepartmentName], Field(min_length=1)]
    receiving: DepartmentName


class Agreement(_Value):
    """What one department may be told, for one purpose. Refused where protection.md refuses it (see refusals.py).

    `own_people`: only people on whom the receiver holds a case. `valid_until` is the last day. An agreement without
    fields discloses nothing about anyone; it stands to say so, and `reason` says why.
    """

    identifier: AgreementId
    department: DepartmentName
    purpose: Purpose
    legal_basis: Annotated[list[LegalBasis], Field(min_length=1)]
    fields: list[Annotated[FieldName, BeforeValidator(field_name)]]
    scope: Literal["own_people", "everyone"] = "own_people"
    valid_from: Day
    valid_until: Day
    approved_by: Approvals
    reason: Words | None = None

    @model_validator(mode="before")
    @classmethod
    def keys_are_permitted(cls, document: object) -> object:
        """Refuse keys that may not exist and the absence of those that rule 6 requires, naming the rule."""
        if isinstance(document, Mapping):
            refuse_keys(document)
        return document

    @model_validator(mode="after")
    def is_permitted(self) -> Self:
        """Refuse what no approval could allow; the error names the rule."""
        refuse_in_itself(self)
        return self

    def in_force(self, on: date) -> bool:
        """Whether the agreement holds on that day (Asia/Shanghai)."""
        return self.valid_from <= on <= self.valid_until


@lru_cache(maxsize=1024)
def agreement_of(document: str) -> Agreement:
    """What a stored document says. Judging one takes 3 ms, and workers look at all of them every other second: the same
    text is judged once. Raises ValidationError, naming the rule, for one that is refused."""
    return Agreement.model_validate_json(document)
