"""What the plan leaves open on purpose: what cannot all be true, and moves of which one half is missing. Counted from
the reports alone, by rules of its own and with no code of Tenfold."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.tenfold.county.foreseen import counting, data_of, named_by_others
from deploy.tenfold.county.mentions import Everybody
from deploy.tenfold.county.month import MonthPlan

HALVES = {"cn.tenfold.migration.departed.v1": "departure", "cn.tenfold.migration.arrived.v1": "arrival"}


@dataclass(frozen=True)
class Planted:
    """Kind of contradiction → how many; half of a move → how many stand without the other."""

    contradictions: Mapping[str, int]
    half_moves: Mapping[str, int]


def planted(plan: MonthPlan) -> Planted:
    """Count them. Of contradictions a month has one kind: a death with two dates."""
    applied = [report for report in plan.reports if report.cloud_event["id"] not in plan.held]
    everybody = Everybody(report.cloud_event for report in applied)
    dated: dict[int, set[str]] = defaultdict(set)
    halves: dict[str, set[str]] = defaultdict(set)
    for report in counting(applied, named_by_others(applied)):
        data, kind = data_of(report), report.cloud_event["type"]
        if kind == "cn.tenfold.death.certified.v1":
            dated[everybody.roles(report.cloud_event)["person"]].add(data["effective_on"])
        elif kind in HALVES:
            halves[data["permit_number"]].add(HALVES[kind])
    alone = Counter(half for found in halves.values() if len(found) == 1 for half in found)
    differ = sum(len(days) > 1 for days in dated.values())
    return Planted({"deaths-differ": differ} if differ else {}, alone)
