"""Bodies of schedules: what may be followed, and adopting another version."""

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from services.alerts.schedules.schedule import Contact, Schedule, Version
from shared.sharing.words import Words


class AdoptionBody(BaseModel):
    """The version to follow from today on."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    version: Version


class ContactOffered(BaseModel):
    """A contact that a schedule asks for; `dates_by`: who says when."""

    code: str
    title: Words
    reason: Words
    clause: Words
    source: Words
    dates_by: str

    @classmethod
    def of(cls, contact: Contact, schedule: Schedule) -> "ContactOffered":
        """Shape a contact."""
        return cls(
            code=contact.code,
            title=contact.title,
            reason=contact.reason,
            clause=contact.clause,
            source=contact.source or schedule.source,
            dates_by=contact.dates_by.value,
        )


class ScheduleOffered(BaseModel):
    """A schedule that may be followed here today; `by_default`: it is followed unless somebody chooses otherwise."""

    schedule: str
    version: str
    title: Words
    source: Words
    about: str
    in_force_from: date
    by_default: bool
    contacts: list[ContactOffered]

    @classmethod
    def of(cls, schedule: Schedule) -> "ScheduleOffered":
        """Shape a schedule."""
        return cls(
            schedule=schedule.schedule,
            version=schedule.version,
            title=schedule.title,
            source=schedule.source,
            about=schedule.about.value,
            in_force_from=schedule.in_force_from,
            by_default=schedule.by_default,
            contacts=[ContactOffered.of(each, schedule) for each in schedule.contacts],
        )


class SchedulesOffered(BaseModel):
    """What an episode of one kind may follow."""

    schedules: list[ScheduleOffered]
