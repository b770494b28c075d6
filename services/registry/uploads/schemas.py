"""Bodies of uploaded registers."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Format = Literal["csv", "parquet"]
Standing = Literal["awaiting-file", "waiting", "running", "stopped", "refused", "cancelled", "done"]


class NewImport(BaseModel):
    """What is about to be sent. `name`: what the register's file is called. `mapping`: the text of a mapping file
    (docs/imports.md), YAML."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f\x7f]{1,200}$")]
    format: Format = "csv"
    mapping: Annotated[str, Field(min_length=1, max_length=100_000)]


class Rows(BaseModel):
    """What became of the rows so far: new people, people who may have been known, held for a clerk, rows known before;
    and faults, of which a row may have several."""

    imported: int
    folded: int
    held: int
    known: int
    faults: int


class ImportState(BaseModel):
    """An import as it stands. `size`: bytes that have come; `rows_done`: rows that were looked at. `cancelling`: it
    ends as soon as it can. `why`: why it was refused or stopped."""

    import_id: UUID
    name: str
    format: Format
    dry_run: bool
    standing: Standing
    cancelling: bool
    asked_by: str
    asked_at: datetime
    resumed_by: str | None
    cancelled_by: str | None
    ended_at: datetime | None
    size: int
    rows_done: int
    rows: Rows
    why: str | None


class ImportStates(BaseModel):
    """The newest first; ask on with `after=next_after` until it is null."""

    imports: list[ImportState]
    next_after: UUID | None
