"""Local variants: a base, what differs from it, where and by whose decision. Pure."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from services.alerts.schedules.offsets import TRIED
from services.alerts.schedules.schedule import Code, Contact, DatesBy, Model, Schedule, Span, Version
from shared.sharing.words import Words

Prefix = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]


class Change(Model):
    """Other dates for one contact of the base, and the clause that says so."""

    code: Code
    clause: Words
    opens: Span | None = None
    due: Span | None = None
    closes: Span | None = None
    dates_by: DatesBy = DatesBy.SOURCE


class LeftOut(Model):
    """A contact of the base that is not asked for here, and why."""

    code: Code
    reason: Words


class Variant(Model):
    """What a place does otherwise. It holds at these facilities, and at those that serve no area outside these."""

    variant: Code
    of: Code
    base: Version
    title: Words
    source: Words
    in_force_from: date
    in_force_until: date | None = None
    facilities: tuple[str, ...] = ()
    areas: tuple[Prefix, ...] = ()
    changes: tuple[Change, ...] = ()
    adds: tuple[Contact, ...] = ()
    leaves_out: tuple[LeftOut, ...] = ()

    @model_validator(mode="after")
    def says_where_and_what(self) -> Self:
        """A variant of nothing, or for nowhere, is a mistake."""
        if not self.facilities and not self.areas:
            raise ValueError("names neither facilities nor areas")
        if not self.changes and not self.adds and not self.leaves_out:
            raise ValueError("changes nothing")
        touched = self.touched
        if len(set(touched)) != len(touched):
            raise ValueError("says two things about one contact")
        return self

    @property
    def touched(self) -> list[str]:
        """The contacts of the base that are not asked for as they stand."""
        return [*(change.code for change in self.changes), *(left.code for left in self.leaves_out)]

    def holds(self, facility: str, serves: Collection[str]) -> bool:
        """Whether it is for this facility, which serves areas with these prefixes."""
        within = bool(serves) and all(prefix.startswith(self.areas) for prefix in serves)
        return facility in self.facilities or within

    def applied(self, base: Schedule) -> Schedule:
        """The base with what differs, judged anew as a whole. Raises ValueError (pydantic's) for what does not fit."""
        known = {contact.code for contact in base.contacts}
        for code in self.touched:
            if code not in known:
                raise ValueError(f"{code} is no contact of {base.schedule} {base.version}")
        gone = {left.code for left in self.leaves_out}
        changes = {change.code: change for change in self.changes}
        kept = [self._changed(each, changes.get(each.code)) for each in base.contacts if each.code not in gone]
        added = [each if each.source else each.model_copy(update={"source": self.source}) for each in self.adds]
        return Schedule.model_validate(
            base.parts()
            | {
                "version": f"{base.version}+{self.variant}",
                "title": self.title,
                "in_force_from": self.in_force_from,
                "in_force_until": self.in_force_until,
                "contacts": _in_order([*kept, *added]),
            }
        )

    def _changed(self, contact: Contact, change: Change | None) -> Contact:
        if change is None:
            return contact
        spans = {name: span for name in ("opens", "due", "closes") if (span := getattr(change, name)) is not None}
        said = {"clause": change.clause, "source": self.source, "dates_by": change.dates_by}
        return Contact.model_validate(contact.parts() | spans | said)


def _in_order(contacts: list[Contact]) -> tuple[Contact, ...]:
    """By the day on which they open, so that an added contact finds its place in its series."""
    return tuple(sorted(contacts, key=lambda each: each.opens.after(TRIED[0])))
