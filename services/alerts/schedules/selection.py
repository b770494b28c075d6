"""Which schedules there are, and which an episode follows. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from services.alerts.schedules.scale import Level, RiskScale
from services.alerts.schedules.schedule import EpisodeKind, Schedule
from services.alerts.schedules.variant import Variant
from shared.sharing.words import Words


class UnknownSchedule(LookupError):
    """No such schedule, version, contact or level in the catalogue."""


@dataclass(frozen=True, order=True)
class Choice:
    """A version of a schedule that an episode follows. `since`: the day it was adopted, where that was later than
    enrolment; its windows that were over by then never applied."""

    schedule: str
    version: str
    since: date | None = None

    @property
    def names(self) -> tuple[str, str]:
        """What the catalogue knows it by."""
        return (self.schedule, self.version)


@dataclass(frozen=True)
class Explanation:
    """What is asked for, why, and who says so, in both languages."""

    title: Words
    reason: Words
    clause: Words
    source: Words
    version: str
    dates_by: str


class Catalogue(Mapping[tuple[str, str], Schedule]):
    """Every version of every schedule, local variants included, and the scales of risk."""

    def __init__(
        self,
        schedules: Iterable[Schedule],
        variants: Iterable[tuple[Variant, Schedule]] = (),
        scales: Iterable[RiskScale] = (),
    ) -> None:
        self._variants = tuple(variants)
        listed = [*schedules, *(schedule for _, schedule in self._variants)]
        self._schedules = {(each.schedule, each.version): each for each in listed}
        self.scales = {scale.scale: scale for scale in scales}

    def __getitem__(self, names: tuple[str, str]) -> Schedule:
        return self._schedules[names]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._schedules)

    def __len__(self) -> int:
        return len(self._schedules)

    def chosen(self, choice: Choice) -> Schedule:
        """The version that was chosen. Raises UnknownSchedule."""
        try:
            return self._schedules[choice.names]
        except KeyError:
            raise UnknownSchedule(f"{choice.schedule} {choice.version}") from None

    def offered(self, kind: EpisodeKind, day: date, *, facility: str, serves: Collection[str] = ()) -> list[Schedule]:
        """What may be chosen that day at a facility that serves these prefixes: of each schedule the local variant
        where there is one for it, else the latest version in force."""
        found: dict[str, Schedule] = {}
        for schedule in sorted(self._schedules.values(), key=lambda each: (each.in_force_from, each.version)):
            if "+" not in schedule.version and schedule.in_force_on(day) and kind in schedule.kinds:
                found[schedule.schedule] = schedule
        for variant, schedule in sorted(self._variants, key=lambda pair: pair[0].in_force_from):
            base = found.get(schedule.schedule)
            if base and base.base == schedule.base and schedule.in_force_on(day) and variant.holds(facility, serves):
                found[schedule.schedule] = schedule
        return [found[name] for name in sorted(found)]

    def choices(
        self, kind: EpisodeKind, day: date, *, facility: str, serves: Collection[str] = ()
    ) -> tuple[Choice, ...]:
        """What an episode follows unless somebody chooses otherwise."""
        offered = self.offered(kind, day, facility=facility, serves=serves)
        return tuple(Choice(each.schedule, each.version) for each in offered if each.by_default)

    def settled_by(self, schedule: str, version: str, code: str) -> str | None:
        """What has to be recorded before a contact counts as done; None where nothing, or where the schedule is not
        provided any more."""
        found = self._schedules.get((schedule, version))
        contact = found.by_code.get(code) if found else None
        return contact.settled_by if contact else None

    def explain(self, schedule: str, version: str, code: str) -> Explanation:
        """Why a contact is asked for. Codes of referrals end in the referral's number. Raises UnknownSchedule."""
        found = self.chosen(Choice(schedule, version))
        contact = found.by_code.get(code) or found.by_code.get(code.rpartition("-")[0])
        if contact is None:
            raise UnknownSchedule(f"{schedule} {version}: {code}")
        source = contact.source or found.source
        return Explanation(contact.title, contact.reason, contact.clause, source, found.version, contact.dates_by.value)

    def level(self, scale: str, level: str) -> Level:
        """A level of risk. Raises UnknownSchedule."""
        for each in self.scales[scale].levels if scale in self.scales else ():
            if each.code == level:
                return each
        raise UnknownSchedule(f"{scale}: {level}")


def adopted(choices: Iterable[Choice], new: Choice) -> tuple[Choice, ...]:
    """These choices with another version of one schedule in place of the old one, or with one more schedule."""
    return tuple(sorted([*(each for each in choices if each.schedule != new.schedule), new]))
