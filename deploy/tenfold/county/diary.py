"""Write down what departments report during a month: who reported what when, and in which order it arrived."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deploy.tenfold.county.cloudevents import REPORTER, SHORT, Json, TypeName, cloud_event, source
from deploy.tenfold.county.values import COUNTY_AREA, Department, Report

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_OPENS, _OPEN_FOR = time(8, 30), 8 * 3600


@dataclass(frozen=True, slots=True)
class Told:
    """One report that was written down, with what a correction of it needs."""

    type_name: TypeName
    department: Department
    event_id: str
    subject: str
    recorded: datetime
    data: Json


class Diary:
    """The reports of one month. `today` stands in every id, so that two months never share one."""

    def __init__(self, rng: random.Random, today: date) -> None:
        self._rng = rng
        self._mark = f"{today:%Y%m%d}"
        self._counts: dict[str, int] = {}
        self._arrivals: list[tuple[datetime, int, Report]] = []

    def number(self, letter: str) -> str:
        """The next number of a kind of paper (certificate, permit, household)."""
        self._counts[letter] = self._counts.get(letter, 0) + 1
        return f"{letter}{self._mark}{self._counts[letter]:05d}"

    def tell(self, type_name: TypeName, day: date, data: Json, department: Department | None = None) -> Told:
        """Report something on a day, in office hours; it arrives within the hour."""
        told = self._told(type_name, department or REPORTER[type_name], self._office_hour(day), data)
        self._arrives(told, told.recorded + timedelta(seconds=self._rng.randrange(3600)))
        return told

    def correct(self, told: Told, day: date, data: Json) -> Told:
        """Report on a later day that `data` replaces what was told."""
        return self._supersede(told, self._office_hour(day), {**data, "action": "corrected"})

    def annul(self, told: Told, day: date) -> Told:
        """Report on a later day that what was told never was."""
        return self._supersede(told, self._office_hour(day), {**told.data, "action": "annulled"})

    def tell_late(self, type_name: TypeName, day: date, data: Json, correction: Json) -> tuple[Told, Told]:
        """Report something and, the next day, its correction; the first is held up on the way and arrives last."""
        told = self._told(type_name, REPORTER[type_name], self._office_hour(day), data)
        corrected = self._supersede(
            told, self._office_hour(day + timedelta(days=1)), {**correction, "action": "corrected"}
        )
        self._arrives(told, corrected.recorded + timedelta(hours=3))
        return told, corrected

    def reports(self) -> tuple[Report, ...]:
        """All reports in the order of arrival."""
        return tuple(report for *_, report in sorted(self._arrivals, key=lambda arrival: arrival[:2]))

    def _office_hour(self, day: date) -> datetime:
        opened = datetime.combine(day, _OPENS, _SHANGHAI)
        return (opened + timedelta(seconds=self._rng.randrange(_OPEN_FOR))).astimezone(UTC)

    def _told(self, type_name: TypeName, department: Department, recorded: datetime, data: Json) -> Told:
        short = SHORT[type_name]
        self._counts[short] = self._counts.get(short, 0) + 1
        number = f"{self._mark}-{self._counts[short]:05d}"
        return Told(
            type_name, department, f"{short}-{number}", f"{short.upper()}-{COUNTY_AREA}-{number}", recorded, data
        )

    def _supersede(self, told: Told, recorded: datetime, data: Json) -> Told:
        """The same record number, a new id, and the name of what it replaces."""
        named = {"source": source(told.department), "id": told.event_id}
        new = self._told(told.type_name, told.department, recorded, {**data, "supersedes": named})
        new = Told(new.type_name, new.department, new.event_id, told.subject, new.recorded, new.data)
        self._arrives(new, recorded + timedelta(seconds=self._rng.randrange(3600)))
        return new

    def _arrives(self, told: Told, when: datetime) -> None:
        event = cloud_event(told.type_name, told.department, told.event_id, told.subject, told.recorded, told.data)
        self._arrivals.append((when, len(self._arrivals), Report(told.department, None, event)))
