"""Words for people to read, in both languages of the platform."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from shared.contracts.envelope import no_identity_number

Sentence = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"),
    AfterValidator(no_identity_number),
]


class Words(BaseModel):
    """One text in Chinese and English. Never holds personal data: an identity number is refused, and everything else
    is for those who write and sign it to leave out."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    zh: Sentence
    en: Sentence
