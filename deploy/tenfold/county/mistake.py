"""One mistake of the month: reports that cannot all be true, and what must be listed for them."""

from dataclasses import dataclass

from deploy.tenfold.county.cloudevents import source
from deploy.tenfold.county.diary import Told
from deploy.tenfold.county.mentions import EventKey


@dataclass(frozen=True)
class Mistake:
    """What must be listed: the kind, whom it is about (by the first of the reports and the role in it), and which
    department says what. `reports`: all of the story. `decided`: a clerk must first say whose its report is."""

    kind: str
    role: str
    sides: frozenset[tuple[str, str | None]]
    reports: tuple[EventKey, ...]
    decided: bool = False

    @property
    def report(self) -> EventKey:
        """The one by which it is known whom this is about."""
        return self.reports[0]


def mistake(
    kind: str, told: list[Told], said: list[tuple[str, str]], role: str = "person", *, decided: bool = False
) -> Mistake:
    """A story as it was told."""
    reports = tuple((source(each.department), each.event_id) for each in told)
    return Mistake(kind, role, frozenset(said), reports, decided)
