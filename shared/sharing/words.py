"""Words for people to read, in both languages of the platform."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, StringConstraints

Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class Words(BaseModel):
    """One text in Chinese and English. Never holds personal data: it is provisioned or written in code."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    zh: Sentence
    en: Sentence
