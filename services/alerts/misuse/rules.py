"""When accesses to care are worth a second look. Pure. A rule flags; it blocks nothing and judges nobody.

The rules know what the access log says: a worker, a day, and episodes by a name that only the key of each tells whose
it is. They know no woman, and no kin, household or number of a worker (docs/decisions/0030).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Rule = Literal[
    "many-opened", "many-without-act", "many-not-due", "same-again", "after-end", "at-night", "lists-at-night"
]


@dataclass(frozen=True, order=True)
class Worker:
    """A worker of a facility, as the log names them."""

    facility: str
    subject: str


@dataclass(frozen=True)
class Opened:
    """An episode that a worker opened on the day that is judged. `name`: as the log names it; `days`: on how many days
    they opened it, looking back; `acted`: they wrote something down about it; `due`: it stood on a list of the
    facility's; `over`: it had ended long before."""

    worker: Worker
    name: str
    days: int
    at_night: bool
    acted: bool
    due: bool
    over: bool


@dataclass(frozen=True)
class Flag:
    """A rule noticed what a worker did on a day. `count`: of episodes, or of days where one episode is meant, which
    `name` names."""

    rule: Rule
    worker: Worker
    count: int
    name: str | None = None


def noticed(opened: Iterable[Opened], listed_at_night: Mapping[Worker, int], above: Mapping[Rule, int]) -> list[Flag]:
    """What goes above its number, in the order of workers. `listed_at_night`: how many episodes each was shown on lists
    at night."""
    flags = [Flag("lists-at-night", worker, count) for worker, count in listed_at_night.items()]
    looks = sorted(opened, key=lambda each: (each.worker, each.name))
    for worker, group in groupby(looks, key=lambda each: each.worker):
        flags += _of_worker(worker, list(group))
    passing = [flag for flag in flags if flag.count > above[flag.rule]]
    return sorted(passing, key=lambda flag: (flag.worker, flag.rule, flag.name or ""))


def _of_worker(worker: Worker, looks: list[Opened]) -> Iterator[Flag]:
    idle = [each for each in looks if not each.acted]
    yield Flag("many-opened", worker, len(looks))
    yield Flag("many-without-act", worker, len(idle))
    yield Flag("many-not-due", worker, sum(not each.due for each in idle))
    yield Flag("at-night", worker, sum(each.at_night for each in idle))
    for each in idle:
        if not each.due:
            yield Flag("same-again", worker, each.days, each.name)
        if each.over:
            yield Flag("after-end", worker, each.days, each.name)
