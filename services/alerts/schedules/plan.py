"""The plan of one episode: which contacts, each with its window, from schedules and facts. Pure; knows no today.

Windows are counted in the schedule's own units: last menstrual period + 7 × weeks, birth + calendar months. What was
over before care began never applied, and is never missed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from services.alerts.schedules.facts import Child, Ending, EpisodeFacts, Finished
from services.alerts.schedules.schedule import About, After, Contact, CountsFrom, Schedule
from services.alerts.schedules.selection import Catalogue, Choice
from shared.sharing.words import Words

# Who comes late is given four weeks before a contact counts as overdue, as long as its window lasts.
CATCH_UP = timedelta(days=28)
ENDED_BY_BIRTH = frozenset({CountsFrom.PREGNANCY, CountsFrom.RISK})


class Standing(StrEnum):
    """What became of a contact in a plan."""

    AHEAD = "ahead"
    WAITS = "waits"
    FINISHED = "finished"
    OVER = "over"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True)
class PlannedContact:
    """One contact of a plan. Dates in Asia/Shanghai, all inclusive: wanted from `opens_on` to `due_on`, late until
    `closes_on`. `child`: the child's number, None where it is the mother's. `waits_for`: the contact that must be done
    before; its window is then a forecast."""

    schedule: str
    version: str
    code: str
    number: int
    series: str
    child: int | None
    opens_on: date
    due_on: date
    closes_on: date
    clause: Words
    standing: Standing = Standing.AHEAD
    waits_for: str | None = None

    @property
    def key(self) -> tuple[str, str, int | None]:
        """The same contact in another version of the schedule."""
        return (self.schedule, self.code, self.child)


def plan(catalogue: Catalogue, choices: Iterable[Choice], facts: EpisodeFacts) -> list[PlannedContact]:
    """Every contact still to come, in order of time. Raises UnknownSchedule."""
    ahead = (Standing.AHEAD, Standing.WAITS)
    return [contact for contact in outline(catalogue, choices, facts) if contact.standing in ahead]


def upcoming(planned: Iterable[PlannedContact]) -> list[PlannedContact]:
    """The next contact of every series: what is kept as a row, until it is finished and the next one follows."""
    following: dict[tuple[str, int | None, str], PlannedContact] = {}
    for contact in planned:
        if contact.standing is Standing.AHEAD:
            following.setdefault((contact.schedule, contact.child, contact.series), contact)
    return list(following.values())


def outline(catalogue: Catalogue, choices: Iterable[Choice], facts: EpisodeFacts) -> list[PlannedContact]:
    """Every contact that has a date, finished and never applicable ones too, with what became of it."""
    found: list[PlannedContact] = []
    for choice in choices:
        schedule = catalogue.chosen(choice)
        subjects: list[Child | None] = [*facts.children] if schedule.about is About.CHILD else [None]
        for child in subjects:
            found += _Subject(schedule, choice, facts, child).contacts()
    return sorted(found, key=_in_time)


def _in_time(contact: PlannedContact) -> tuple[date, date, str, int, int, str]:
    return (contact.opens_on, contact.due_on, contact.schedule, contact.child or 0, contact.number, contact.code)


@dataclass(frozen=True)
class _Subject:
    """One schedule for one person: the mother, or one child."""

    schedule: Schedule
    choice: Choice
    facts: EpisodeFacts
    child: Child | None

    @property
    def number(self) -> int | None:
        return self.child.number if self.child else None

    def contacts(self) -> Iterator[PlannedContact]:
        for name, contacts in self.schedule.series.items():
            for day, suffix in self.anchors(contacts[0]):
                yield from self.of_series(name, contacts, day, suffix)

    def anchors(self, contact: Contact) -> Iterator[tuple[date, str]]:
        """The days from which a series counts, each with what its codes end in; none where no such day is known."""
        facts = self.facts
        if contact.counts_from is CountsFrom.REFERRAL:
            for referral in facts.referrals:
                if referral.child == self.number:
                    yield referral.on, f"-{referral.number}"
            return
        born = self.child.born_on if self.child else facts.delivered_on
        discharged = (self.child.discharged_on if self.child else None) or facts.discharged_on
        day = {
            CountsFrom.PREGNANCY: facts.begun_on,
            CountsFrom.BIRTH: self.schedule.counted_from(born) if born else None,
            CountsFrom.REQUEST: facts.enrolled_on,
            CountsFrom.RISK: facts.risk.set_on if facts.risk else None,
            CountsFrom.DISCHARGE: discharged or (contact.assumes.after(born) if born and contact.assumes else None),
        }[contact.counts_from]
        if day is not None:
            yield day, ""

    def of_series(self, name: str, contacts: tuple[Contact, ...], day: date, suffix: str) -> Iterator[PlannedContact]:
        """The contacts of one series that are for this person, counted from one day."""
        finished = self.finished(contacts[0], day)
        former: dict[str, tuple[PlannedContact, Finished | None]] = {}
        for number, contact in enumerate(contacts, 1):
            if self.is_for(contact):
                codes = [code + suffix for code in (contact.code, *contact.was)]
                ended = next((finished[code] for code in codes if code in finished), None)
                planned = PlannedContact(
                    self.schedule.schedule,
                    self.schedule.version,
                    codes[0],
                    number,
                    name + suffix,
                    self.number,
                    contact.opens.after(day),
                    contact.due.after(day),
                    contact.closes.after(day),
                    contact.clause,
                )
                if ended is None and contact.after is not None and contact.after.contact in former:
                    planned = _behind(planned, contact.after, *former[contact.after.contact])
                planned = replace(planned, standing=Standing.FINISHED) if ended else self.standing(planned, contact)
                former[contact.code] = (planned, ended)
                yield planned

    def finished(self, contact: Contact, day: date) -> dict[str, Finished]:
        """What is finished, by code. A level that is set anew begins its contacts anew: what counts is
        for when one was planned, as it may be held some days before its window."""
        since = day if contact.counts_from is CountsFrom.RISK else date.min
        own = (self.schedule.schedule, self.number)
        listed = [
            each for each in self.facts.finished if (each.schedule, each.child) == own and each.planned_for >= since
        ]
        return {each.code: each for each in sorted(listed)}

    def is_for(self, contact: Contact) -> bool:
        if contact.only is None:
            return True
        if self.child is not None:
            return bool(self.facts.circumstances(self.child) & set(contact.only.child))
        risk = self.facts.risk
        return risk is not None and risk.scale == self.schedule.scale and risk.level in contact.only.risk

    def standing(self, planned: PlannedContact, contact: Contact) -> PlannedContact:
        """What becomes of one that is not finished, its window as a late start leaves it."""
        facts = self.facts
        if planned.due_on < facts.enrolled_on:
            planned = replace(planned, due_on=min(planned.closes_on, facts.enrolled_on + CATCH_UP))
        if self.is_over(planned, contact):
            return replace(planned, standing=Standing.OVER, waits_for=None)
        dated_on = facts.dated_on if contact.counts_from is CountsFrom.PREGNANCY else None
        since = max(day for day in (facts.enrolled_on, dated_on, self.choice.since) if day is not None)
        born = self.child.born_on if self.child else None
        outgrown = born is not None and self.schedule.is_outgrown(planned.opens_on, born)
        if outgrown or planned.closes_on < max(since, planned.opens_on):
            return replace(planned, standing=Standing.NOT_APPLICABLE, waits_for=None)
        return replace(planned, standing=Standing.WAITS if planned.waits_for else Standing.AHEAD)

    def is_over(self, planned: PlannedContact, contact: Contact) -> bool:
        facts = self.facts
        if facts.ended or (self.child is not None and self.child.ended):
            return True
        if contact.counts_from in ENDED_BY_BIRTH and facts.delivered_on is not None:
            return True
        until = contact.repeat.until if contact.repeat else None
        return until is not None and facts.begun_on is not None and planned.opens_on > until.after(facts.begun_on)


def _behind(planned: PlannedContact, after: After, former: PlannedContact, ended: Finished | None) -> PlannedContact:
    """Not before what it comes after, and the least time between: counted from the day that was done, or forecast."""
    if ended is not None and ended.ending is Ending.DONE:
        earliest, waits_for = after.at_least.after(ended.on), None
    elif former.standing in (Standing.AHEAD, Standing.WAITS):
        earliest, waits_for = after.at_least.after(former.opens_on), former.code
    else:
        return planned
    due = planned.due_on if earliest <= planned.due_on else min(planned.closes_on, earliest + CATCH_UP)
    return replace(planned, opens_on=max(planned.opens_on, earliest), due_on=due, waits_for=waits_for)
