"""How it was judged which records are a person's, as they are told it: nothing of anybody else. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import asyncpg

from services.registry.citizens.schemas import OwnMatch, OwnMatchField
from services.registry.facts.stored import Vault
from services.registry.reviews.rules import decode_explanation, explanation_of

OWN: Final = ("name", "sex", "birth_date", "numbers", "area")
PARENTS: Final = ("mother", "father")


def judged(vault: Vault, row: asyncpg.Record, people: Collection[UUID]) -> OwnMatch:
    """One decision. The fields only of two who are both this person, and still are: `people` are all their ids."""
    own = row["kind"] == "merge" and row["one"] is not None and {row["one"], row["other"]} <= set(people)
    said = decode_explanation(explanation_of(vault, row["one"], row["other"], row["explanation"])) if own else []
    return OwnMatch(
        kind=row["kind"],
        judged_by="clerk" if row["weights"] is None else "machine",
        weights=row["weights"],
        fields=fields_of(said),
    )


def fields_of(said: Iterable[Mapping[str, Any]]) -> list[OwnMatchField]:
    """What of a score is the person's own: neither what a clerk wrote, nor which rule held, which may be a guess about
    relatives, nor how the parents' names agreed."""
    found = []
    for each in said:
        if each["field"] in OWN and each.get("level") is not None:
            speaks = "for" if each["weight"] > 0 else "against"
            found.append(OwnMatchField(field=each["field"], level=each["level"], speaks=speaks))
        elif each["field"] in (*OWN, *PARENTS):
            found.append(OwnMatchField(field=each["field"], level=None, speaks=None))
    return found
