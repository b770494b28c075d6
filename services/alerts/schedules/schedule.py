"""One version of one schedule as its file says it. Pure: reading files is catalogue.py's."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from services.alerts.schedules.facts import Circumstance
from services.alerts.schedules.offsets import Offset, disorder
from shared.sharing.forbidden import forbidden_in
from shared.sharing.schemes import depends_on
from shared.sharing.words import Words

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9a-z]+([.+-][0-9a-z]+)*$", max_length=64)]
Span = Annotated[Offset, BeforeValidator(Offset.parse)]


class CountsFrom(StrEnum):
    """The day from which a window is counted."""

    PREGNANCY = "pregnancy"
    BIRTH = "birth"
    DISCHARGE = "discharge"
    RISK = "risk"
    REFERRAL = "referral"
    REQUEST = "request"


class About(StrEnum):
    """Whose a schedule is: the mother's, each child's, or that of whoever asked for help."""

    MOTHER = "mother"
    CHILD = "child"
    PERSON = "person"


class EpisodeKind(StrEnum):
    """Episodes that may follow a schedule."""

    MATERNAL = "maternal"
    CHILD = "child"
    TRANSFER = "transfer"
    ENTITLEMENT = "entitlement"


ASKED_FOR = frozenset(
    {EpisodeKind.TRANSFER, EpisodeKind.ENTITLEMENT}
)  # only when the person asked (protection rule 12)


class DatesBy(StrEnum):
    """Who says when: the source itself, or this platform because the source leaves it to the place."""

    SOURCE = "source"
    OURSELVES = "ourselves"


class Model(BaseModel):
    """Strict and closed: an unknown key is a fault, not a wish that is overlooked."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    def parts(self) -> dict[str, object]:
        """Its fields, to make another one of."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class After(Model):
    """The contact that must be done before, and how long before."""

    contact: Code
    at_least: Span


class Only(Model):
    """For whom a contact is: a mother with one of these levels of risk, a child in one of these circumstances."""

    risk: tuple[Code, ...] = ()
    child: tuple[Circumstance, ...] = ()


class Repeat(Model):
    """Again every so often. While pregnant, none opens later than `until` (counted as weeks of pregnancy)."""

    every: Span
    times: Annotated[int, Field(ge=2, le=60)]
    until: Span | None = None


class Contact(Model):
    """One contact that a source asks for.

    From `opens` to `due` is when the source wants it; until `closes` it is still worth while, and shown as late.
    `settled_by`: it asks whether this was recorded, and is over when it is, not before. `assumes` stands for a day of
    discharge that nobody has told yet, counted from the birth. `was`: its codes in other versions.
    """

    code: Code
    title: Words
    reason: Words
    clause: Words
    source: Words | None = None
    dates_by: DatesBy = DatesBy.SOURCE
    settled_by: Literal["birth"] | None = None
    series: Code = "main"
    counts_from: CountsFrom
    assumes: Span | None = None
    opens: Span
    due: Span
    closes: Span
    after: After | None = None
    only: Only | None = None
    repeat: Repeat | None = None
    was: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def windows_are_sound(self) -> Self:
        """Opens, then due, then closes, on whatever day counting begins."""
        for former, latter in pairwise((self.opens, self.due, self.closes)):
            if day := disorder(former, latter, strictly=False):
                raise ValueError(f"{self.code}: must open, be due and close in this order (not so counted from {day})")
        if (self.assumes is not None) != (self.counts_from is CountsFrom.DISCHARGE):
            raise ValueError(f"{self.code}: a contact counted from discharge, and no other, says what it `assumes`")
        return self

    def occurrences(self) -> Iterator["Contact"]:
        """Itself, or each repetition under a code of its own."""
        if self.repeat is None:
            yield self
            return
        for number in range(self.repeat.times):
            later = self.repeat.every * number
            yield self.model_copy(
                update={
                    "code": f"{self.code}-{number + 1}",
                    "opens": self.opens + later,
                    "due": self.due + later,
                    "closes": self.closes + later,
                }
            )


class Schedule(Model):
    """One version of one schedule, or a local variant of one (`version` is then `<base>+<variant>`).

    `by_default`: episodes of its kinds follow it unless somebody chooses otherwise. `since`: of whoever was born
    before, it counts from that day. `under`: what would open at this age or later is not asked for. `scheme`: the
    scheme of the provisioned list (schemes.yaml) that it helps to claim.
    """

    schedule: Code
    version: Version
    title: Words
    source: Words
    about: About
    in_force_from: date
    in_force_until: date | None = None
    kinds: Annotated[tuple[EpisodeKind, ...], Field(min_length=1)]
    by_default: bool
    scale: Code | None = None
    since: date | None = None
    under: Span | None = None
    scheme: Code | None = None
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1)]

    @cached_property
    def series(self) -> dict[str, tuple[Contact, ...]]:
        """Contacts in order, repetitions counted out, by series."""
        found: dict[str, list[Contact]] = {}
        for contact in self.contacts:
            found.setdefault(contact.series, []).extend(contact.occurrences())
        return {name: tuple(contacts) for name, contacts in found.items()}

    @cached_property
    def by_code(self) -> dict[str, Contact]:
        """Every contact by its code, repetitions counted out."""
        return {contact.code: contact for contacts in self.series.values() for contact in contacts}

    @property
    def names(self) -> tuple[str, str]:
        """What the catalogue knows it by."""
        return (self.schedule, self.version)

    @property
    def base(self) -> str:
        """The version without a variant's name."""
        return self.version.partition("+")[0]

    @model_validator(mode="after")
    def contacts_fit_together(self) -> Self:
        """Codes are unique; in one series windows follow each other; what a contact waits for stands before it."""
        listed = [contact.code for contacts in self.series.values() for contact in contacts]
        for code in listed:
            if listed.count(code) > 1:
                raise ValueError(f"the code {code} stands twice")
        for contacts in self.series.values():
            for former, latter in pairwise(contacts):
                self._follow(former, latter)
            for place, contact in enumerate(contacts):
                if contact.after and contact.after.contact not in {each.code for each in contacts[:place]}:
                    raise ValueError(
                        f"{contact.code}: comes after {contact.after.contact}, which does not stand before it"
                    )
        return self

    def _follow(self, former: Contact, latter: Contact) -> None:
        if (former.counts_from, former.assumes) != (latter.counts_from, latter.assumes):
            raise ValueError(f"{latter.code}: a series counts from one day; {former.code} counts from another")
        end, still = (former.opens, "opened") if latter.after else (former.closes, "closed")
        if day := disorder(end, latter.opens, strictly=True):
            raise ValueError(f"{latter.code}: opens before {former.code} has {still} (counted from {day})")

    @model_validator(mode="after")
    def contacts_are_for_whom_it_is_about(self) -> Self:
        """A child's circumstances belong to a child's schedule; risk and pregnancy to the mother's."""
        mothers = {CountsFrom.PREGNANCY, CountsFrom.RISK}
        for contact in self.by_code.values():
            only = contact.only or Only()
            if self.about is About.CHILD and (contact.counts_from in mothers or only.risk):
                raise ValueError(f"{contact.code}: counts from, or depends on, what only a mother's schedule knows")
            if self.about is About.MOTHER and only.child:
                raise ValueError(f"{contact.code}: depends on a child, and the schedule is the mother's")
            if (only.risk or contact.counts_from is CountsFrom.RISK) and self.scale is None:
                raise ValueError(f"{contact.code}: speaks of risk, and the schedule names no `scale`")
        return self

    @model_validator(mode="after")
    def help_asked_for_depends_on_nothing_else(self) -> Self:
        """Help that a person asked for is never a default, and depends on an age or on the day they asked: not on
        pregnancy, loss, contraception, parity or marital status (protection rules 5 and 12)."""
        if not ASKED_FOR & set(self.kinds):
            if any(contact.counts_from is CountsFrom.REQUEST for contact in self.contacts):
                raise ValueError("counts from a request, and is no help that is asked for")
            return self
        if self.by_default or self.about is About.MOTHER or set(self.kinds) - ASKED_FOR:
            raise ValueError("help that is asked for is chosen by whoever asks, and by nobody else")
        for contact in self.contacts:
            if contact.only is not None or contact.counts_from not in (CountsFrom.BIRTH, CountsFrom.REQUEST):
                raise ValueError(f"{contact.code}: depends on more than an age or the day of asking")
        for text in self._spoken():
            for entry in forbidden_in(text):
                raise ValueError(f"refused by protection rule {entry.rule}: '{entry.stem}'")
            for stem in depends_on(text):
                raise ValueError(f"refused by protection rule 5: no help may depend on '{stem}'")
        return self

    def _spoken(self) -> Iterator[str]:
        yield from (self.schedule, self.title.zh, self.title.en, self.source.zh, self.source.en)
        for contact in self.contacts:
            yield contact.code
            for words in (contact.title, contact.reason, contact.clause, contact.source or contact.clause):
                yield from (words.zh, words.en)

    def counted_from(self, born: date) -> date:
        """The day from which it counts for whoever was born that day."""
        return max(born, self.since) if self.since else born

    def is_outgrown(self, opens_on: date, born: date) -> bool:
        """Whether whoever was born that day is too old for it when it would open."""
        return self.under is not None and opens_on >= self.under.after(born)

    def in_force_on(self, day: date) -> bool:
        """Whether it may be chosen that day; those who have it keep it."""
        return self.in_force_from <= day and (self.in_force_until is None or day <= self.in_force_until)
