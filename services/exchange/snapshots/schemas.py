"""Bodies of snapshots."""

from typing import Annotated

from pydantic import BaseModel, Field


class PersonHeld(BaseModel):
    """One person: what the department's feed has told of them until now, as its agreements allow today."""

    reference: Annotated[str, Field(description="The department's own reference of the person.")]
    fields: dict[str, str]
    basis: Annotated[list[str], Field(description="The agreements by which it is told.")]


class Snapshot(BaseModel):
    """A page. Read on with `after=next_after` until it is null; then follow the feed with `after=position`."""

    position: Annotated[str, Field(description="Cursor `epoch:position` of the feed, the same on all pages.")]
    people: list[PersonHeld]
    next_after: str | None
