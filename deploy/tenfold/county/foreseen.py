"""What every department must know at the end: folded from the county's own reports, by rules of its own and with no
code of Tenfold. The demo holds what the departments were told against it."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from deploy.tenfold.county.grants import Grants
from deploy.tenfold.county.mentions import Event, EventKey, Everybody, key_of, mentioned
from deploy.tenfold.county.month import MonthPlan
from deploy.tenfold.county.registrations import registrations
from deploy.tenfold.county.standing import Living, death, in_order, standing
from deploy.tenfold.county.values import Report

Person = int
"""A number of the county's own for a person. It says nothing outside."""
Fields = Mapping[str, object]


@dataclass(frozen=True)
class Foreseen:
    """What each department has to do with the plan, and what it must hold."""

    reported: Mapping[str, int]
    held: Mapping[str, int]
    replaced: Mapping[str, int]
    """Reports that a later one of the same department corrects or annuls."""
    people: Mapping[str, Mapping[Person, Fields]]
    """Department → everyone on whom it holds a case at the end → the fields that its agreements give it, as far as
    they are known. Relatives stand in them by number, too."""
    let_go: Mapping[str, frozenset[Person]]
    """Department → those it had reported on, until all of it was taken back."""
    roles: Mapping[EventKey, Mapping[str, Person]]
    """Source and id of an applied report → whom it means, by role."""


def foreseen(plan: MonthPlan, grants: Grants) -> Foreseen:
    """Fold the base registrations and the month. `grants`: what each department may be told (grants.py)."""
    reports = [*registrations(plan.county), *plan.reports]
    applied = [report for report in reports if report.cloud_event["id"] not in plan.held]
    everybody = Everybody(report.cloud_event for report in applied)
    roles = {key_of(report.cloud_event): everybody.roles(report.cloud_event) for report in applied}
    met: dict[str, set[Person]] = defaultdict(set)
    for report in applied:
        met[report.department].update(roles[key_of(report.cloud_event)].values())
    cases: dict[str, set[Person]] = defaultdict(set)
    said: dict[Person, list[Living]] = defaultdict(list)
    replaced = named_by_others(applied)
    for report in counting(applied, replaced):
        about = roles[key_of(report.cloud_event)]
        for role in mentioned(report.cloud_event):
            cases[report.department].add(about[role])
            said[about[role]].append(Living.of(report.department, report.cloud_event, role, about))
    deaths = {person: day for person, facts in said.items() if (day := death(in_order(facts))) is not None}
    stand = {person: standing(facts, deaths) for person, facts in said.items()}
    return Foreseen(
        reported=Counter(report.department for report in reports),
        held=Counter(report.department for report in reports if report.cloud_event["id"] in plan.held),
        replaced=Counter(report.department for report in applied if key_of(report.cloud_event) in replaced),
        people={
            department: {person: cut(stand[person], given) for person in sorted(cases[department])}
            for department, given in grants.items()
        },
        let_go={department: frozenset(met[department] - cases[department]) for department in grants},
        roles=roles,
    )


def named_by_others(applied: Iterable[Report]) -> set[EventKey]:
    """The reports that a correction or annulment replaces; of several that replace one, the last said counts."""
    naming: dict[EventKey, list[Report]] = defaultdict(list)
    for report in applied:
        if (named := data_of(report).get("supersedes")) is not None:
            naming[key_of(named)].append(report)
    overtaken = {
        key_of(report.cloud_event)
        for rivals in naming.values()
        for report in sorted(rivals, key=lambda each: str(each.cloud_event["time"]))[:-1]
    }
    return naming.keys() | overtaken


def counting(applied: Iterable[Report], replaced: Container[EventKey]) -> Iterator[Report]:
    """The reports that still count: neither annulments nor what was replaced."""
    for report in applied:
        if data_of(report)["action"] != "annulled" and key_of(report.cloud_event) not in replaced:
            yield report


def data_of(report: Report) -> Event:
    """What a report says."""
    event: Event = report.cloud_event
    data: Event = event["data"]
    return data


def cut(stand: Fields, given: frozenset[str]) -> Fields:
    """What agreements give of a person."""
    return {name: value for name, value in stand.items() if name in given}
