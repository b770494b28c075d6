"""The women of the care demo, none of whom exists, and how each one's nine months go. Pure."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

DAYS: Final = 300  # from the first enrolment: the last due date, and the time after birth
WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True)
class Woman:
    """`weeks`: how long she had been pregnant on the first day. `keeps`: days after a contact opens on which she comes;
    None where she never does. `born_after`: completed weeks; the birth ends the antenatal plan."""

    name: str
    weeks: int
    keeps: int | None = 3
    story: str = "everything as planned"
    born_after: int = 39
    children: int = 1
    skips: frozenset[int] = frozenset()
    declines: frozenset[int] = frozenset()
    risk_at: int | None = None
    moves_at: int | None = None
    paused: tuple[int, int] | None = None
    ends_at: int | None = None
    withdraws_at: int | None = None
    known_by: str = field(default="lmp")

    def lmp(self, first: date) -> date:
        """First day of her last menstrual period."""
        return first - WEEK * self.weeks

    def week(self, first: date, weeks: int) -> date:
        """The day on which so many weeks are completed."""
        return self.lmp(first) + WEEK * weeks

    def dating(self, first: date) -> dict[str, Any]:
        """What she could tell: the last menstrual period, or a due date that was estimated."""
        lmp = self.lmp(first)
        return {"lmp": str(lmp)} if self.known_by == "lmp" else {"edd": str(lmp + timedelta(days=280))}


WOMEN: Final = (
    Woman("林晓梅", 8),
    Woman("陈雨桐", 6, keeps=10, story="comes late and still in time"),
    Woman("张思远", 9, skips=frozenset({2}), story="misses one contact"),
    Woman("刘佳宁", 10, declines=frozenset({1}), story="declines one contact"),
    Woman("黄诗涵", 7, born_after=34, children=2, story="twins, born after 34 weeks"),
    Woman("吴可欣", 8, risk_at=24, story="risk level red from week 24: case management"),
    Woman("周若曦", 9, moves_at=21, story="moves: the next facility takes over when it accepts"),
    Woman("徐静雯", 11, paused=(18, 24), story="wants no reminders for six weeks"),
    Woman("孙美玲", 9, ends_at=14, story="her care ends early; nobody outside is told why"),
    Woman("马晓彤", 8, withdraws_at=22, story="withdraws her consent"),
    Woman("朱丽娜", 31, story="comes for the first time in week 31"),
    Woman("胡雅婷", 12, known_by="edd", keeps=None, story="her due date is estimated; she never comes"),
)
