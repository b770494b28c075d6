"""Bodies of assignments. Days are the first and the last one, in Asia/Shanghai."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.alerts.facilities.schemas import Subject
from shared.errors import RuleBroken, Text

NOT_LISTED = Text("is no care worker of this facility", "不是本机构的保健人员")


class WorkerBody(BaseModel):
    """A worker, from today and for good unless said otherwise."""

    model_config = ConfigDict(extra="forbid", strict=True)

    subject: Subject
    begins: Annotated[date | None, Field(alias="from", strict=False)] = None
    until: Annotated[date | None, Field(strict=False)] = None


class WorkersBody(BaseModel):
    """Everybody who is to be named."""

    model_config = ConfigDict(extra="forbid", strict=True)

    workers: Annotated[list[WorkerBody], Field(max_length=10)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({each.subject for each in self.workers}) != len(self.workers):
            raise RuleBroken("names a worker twice", "重复指定同一人")
        return self
