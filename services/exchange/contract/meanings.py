"""What every type, value and member of the contract means, in both languages: for the page, and within the schemas."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from shared.sharing.fields import MEANINGS as FIELD_MEANINGS
from shared.sharing.fields import WRITTEN, FieldName
from shared.sharing.words import Words


class Said(BaseModel):
    """What a type is called, and what it says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Words
    says: Words


class Meanings(BaseModel):
    """meanings.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    types: dict[str, Said]
    entries: dict[str, Said]
    values: dict[str, Words]
    members: dict[str, Words]

    def member(self, model: str, name: str) -> Words:
        """What a member means. Raises KeyError for one that nobody has described."""
        if model == "DisclosedFields":
            field: FieldName = name  # type: ignore[assignment]
            meaning, written = FIELD_MEANINGS[field], WRITTEN[field]
            return Words(zh=f"{meaning.zh}：{written.zh}", en=f"{meaning.en}: {written.en}")
        return self.members.get(f"{model}.{name}") or self.members[name]


MEANINGS = TypeAdapter(Meanings).validate_python(
    yaml.safe_load((Path(__file__).parent / "meanings.yaml").read_text(encoding="utf-8"))
)


def explained(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON Schema whose members say what they mean: what only a page for people says, a machine's reader misses.

    Its own models are known by their titles. What a model's author wrote beside a member stays, behind the meaning.
    """
    told = {**schema}
    if "$defs" in schema:
        told["$defs"] = {name: explained(each) for name, each in schema["$defs"].items()}
    if schema.get("type") == "object" and "properties" in schema:
        model = str(schema.get("title", ""))
        told["properties"] = {name: said(model, name, each) for name, each in schema["properties"].items()}
    return told


def said(model: str, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A member with its meaning. Raises KeyError for one that nobody has described."""
    meaning = MEANINGS.member(model, name)
    more = [] if schema.get("description") in (None, meaning.en) else [str(schema["description"])]
    return {**schema, "description": " ".join([f"{meaning.en}.", *more, f"{meaning.zh}。"])}
