"""What the plan leaves open on purpose: what cannot all be true, and moves of which one half is missing. Counted from
the reports alone, by rules of its own and with no code of Tenfold: of whom, and who says what."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from deploy.tenfold.county.foreseen import Foreseen, Person, counting, data_of, named_by_others
from deploy.tenfold.county.mentions import key_of
from deploy.tenfold.county.month import MonthPlan

HALVES = {"cn.tenfold.migration.departed.v1": "departure", "cn.tenfold.migration.arrived.v1": "arrival"}
MISSING_FROM = {"departure": "to_area", "arrival": "from_area"}


class Contradiction(NamedTuple):
    """What cannot all be true of one person, and which department says what. `person`: the county's own number; a
    reference where the county knows nobody by it."""

    kind: str
    person: Person | str
    sides: frozenset[tuple[str, str | None]]


class HalfMove(NamedTuple):
    """A half of a move without the other: whose, by which permit, since when, and where the other is missing from."""

    half: str
    person: Person | str
    permit: str
    since: str
    area: str


@dataclass(frozen=True)
class Planted:
    """How often each is listed: planned are all of them once, and nothing else."""

    contradictions: Counter[Contradiction]
    half_moves: Counter[HalfMove]

    def kinds(self) -> Counter[str]:
        """Kind of contradiction → how many."""
        return Counter(each.kind for each in self.contradictions.elements())

    def halves(self) -> Counter[str]:
        """Half → how many stand without the other."""
        return Counter(each.half for each in self.half_moves.elements())


def planted(plan: MonthPlan, foreseen: Foreseen) -> Planted:
    """List them: those of the plan's mistakes, and each death with two dates."""
    applied = [report for report in plan.reports if report.cloud_event["id"] not in plan.held]
    dated: dict[Person, set[tuple[str, str | None]]] = defaultdict(set)
    halves: dict[str, dict[str, HalfMove]] = defaultdict(dict)
    for report in counting(applied, named_by_others(applied)):
        data, kind = data_of(report), report.cloud_event["type"]
        about = foreseen.roles[key_of(report.cloud_event)]
        if kind == "cn.tenfold.death.certified.v1":
            dated[about["person"]].add((report.department, data["effective_on"]))
        elif kind in HALVES:
            half = HALVES[kind]
            halves[data["permit_number"]][half] = HalfMove(
                half, about["person"], data["permit_number"], data["effective_on"], data[MISSING_FROM[half]]
            )
    differ = {person: said for person, said in dated.items() if len({day for _, day in said}) > 1}
    listed = Counter(Contradiction("deaths-differ", person, frozenset(said)) for person, said in differ.items())
    listed.update(
        Contradiction(each.kind, foreseen.roles[each.report][each.role], each.sides) for each in plan.mistakes
    )
    return Planted(
        listed,
        Counter(half for found in halves.values() if len(found) == 1 for half in found.values()),
    )
