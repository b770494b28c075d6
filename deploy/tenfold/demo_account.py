"""Account for everything: what was reported against what is stored, told and alerted. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.tenfold.county import Expectations, Foreseen
from deploy.tenfold.county.planted import Planted
from deploy.tenfold.demo_compare import Compared
from deploy.tenfold.demo_found import unlike as unlike_planted
from deploy.tenfold.demo_journal import Journal
from deploy.tenfold.demo_play import Played
from deploy.tenfold.demo_pull import Pulled
from deploy.tenfold.demo_reach import Citizen
from deploy.tenfold.talking_figures import Figures


@dataclass(frozen=True)
class Check:
    """One thing that must hold. `missing` is by how much it does not."""

    says: str
    missing: int

    @property
    def holds(self) -> bool:
        """Nothing is missing."""
        return self.missing == 0


@dataclass(frozen=True)
class Account:
    """Everything the demo knows at the end. `help` is open help by facility, from the worklists."""

    people: int
    played: Played
    figures: Figures
    feeds: Mapping[str, Pulled]
    compared: Mapping[str, Compared]
    journals: Mapping[str, Journal]
    facility_feeds: Mapping[str, Pulled]
    help: Mapping[str, int]
    expected: Expectations
    foreseen: Foreseen
    found: Planted
    planted: Planted
    held: frozenset[str]
    """Receipts of the reports that must wait for a clerk."""
    citizen: Citizen | None = None
    """Somebody of the county, for whoever wants to see what a person sees."""

    @property
    def unaccounted(self) -> int:
        """Accepted events nobody knows the end of, and entries that are missing anywhere."""
        return sum(check.missing for check in self.whole())

    @property
    def right(self) -> bool:
        """Nothing is unaccounted for, and everything came out as the county's plan says."""
        return all(check.holds for check in (*self.whole(), *self.as_planned()))

    def whole(self) -> list[Check]:
        """Nothing is lost, repeated or still on its way."""
        figures = self.figures
        accepted = self.played.count
        untold = sum(
            len(receipts - self.feeds[department].receipts.keys())
            for department, receipts in self.played.receipts.items()
        )
        behind = sum(1 if follower.lag is None else follower.lag for follower in figures.followers)
        pulled = [*self.feeds.values(), *self.facility_feeds.values()]
        entries = sum(feed.entries for feed in figures.feeds)
        return [
            Check("accepted − applied − held − rejected = 0", figures.total("pending")),
            Check(f"all {accepted:,} receipts stand in the journal", abs(accepted - figures.total("accepted"))),
            Check(f"{len(figures.feeds)} feeds hold {entries:,} entries, as their heads say", figures.missing_entries),
            Check("every feed pulled to its head, every position once", sum(feed.faults for feed in pulled)),
            Check("every reporter was told of each of its receipts", untold),
            Check("every service has followed to the head", behind),
        ]

    def as_planned(self) -> list[Check]:
        """The outcome that the county's plan foresees, counted without Tenfold."""
        figures, expected = self.figures, self.expected
        told = Counter(status for feed in self.feeds.values() for status in feed.receipts.values())
        applied = self.people + expected.reports - expected.held
        waiting = {
            receipt for feed in self.feeds.values() for receipt, status in feed.receipts.items() if status == "held"
        }
        facilities = expected.open_help.keys() | self.help.keys()
        return [
            Check("no report was refused", len(self.played.refused)),
            Check(f"{applied:,} applied, as planned", abs(figures.total("applied") - applied)),
            Check(
                f"{expected.held:,} held for a clerk, as planned",
                max(abs(figures.total("held") - expected.held), len(waiting ^ self.held)),
            ),
            Check("no report rejected", figures.total("rejected")),
            Check(
                "reporters were told the same outcomes",
                sum(abs(told[status] - figures.total(status)) for status in ("applied", "held", "rejected")),
            ),
            Check(
                f"{sum(expected.open_help.values())} families to help, each at the facility of the mother's residence",
                sum(abs(expected.open_help.get(code, 0) - self.help.get(code, 0)) for code in facilities),
            ),
            Check("nothing is parked", figures.parked),
            Check("each department reported, and has held, what its own month says", self.unlike_its_month()),
            Check(
                f"{len(self.compared)} departments know exactly what the county foresaw, and nothing else",
                sum(len(each.differences) for each in self.compared.values()),
            ),
            Check(
                f"the journal agrees with {len(self.played.reports)} departments' own lists of what they reported",
                sum(map(self.unlike_its_list, self.journals)),
            ),
            Check(
                "every planted contradiction and half move is listed, of whom it is and by whom, and none is invented",
                len(list(unlike_planted(self.found, self.planted))),
            ),
        ]

    @property
    def differences(self) -> Mapping[str, int]:
        """Department → differences of its feed and of its list."""
        return {name: len(each.differences) + self.unlike_its_list(name) for name, each in self.compared.items()}

    def unlike_its_list(self, department: str) -> int:
        """Differences between a department's own list and the journal that the plan does not explain."""
        journal, foreseen = self.journals[department], self.foreseen
        explained = foreseen.held.get(department, 0) + foreseen.replaced.get(department, 0)
        alike = foreseen.reported.get(department, 0) - explained
        return journal.unlike + abs(journal.not_applied - explained) + abs(journal.same - alike)

    def unlike_its_month(self) -> int:
        """By how much any department's counts are not those of the plan."""
        rows = {row.department: (row.accepted, row.held) for row in self.figures.departments}
        planned = {name: (count, self.foreseen.held.get(name, 0)) for name, count in self.foreseen.reported.items()}
        none = (0, 0)
        return sum(
            abs(rows.get(name, none)[which] - planned.get(name, none)[which])
            for name in rows.keys() | planned.keys()
            for which in (0, 1)
        )

    def complaints(self) -> list[str]:
        """What was refused and what differs, a line each. References stand in it, and no value of anybody."""
        unlike = [f"{name}: {says}" for name, each in self.compared.items() for says in each.differences]
        return [*self.played.refused, *unlike, *unlike_planted(self.found, self.planted)]

    def summary(self, seconds: float) -> dict[str, object]:
        """The last line of `--json`."""
        figures = self.figures
        return {
            **{name: figures.total(name) for name in ("accepted", "applied", "held", "rejected")},
            "unaccounted": self.unaccounted,
            "feeds": {name: feed.entries for name, feed in self.feeds.items()},
            "differences": self.differences,
            "contradictions": dict(self.found.kinds()),
            "half_moves": dict(self.found.halves()),
            "alerts": sum(self.help.values()),
            "seconds": round(seconds, 1),
        }
