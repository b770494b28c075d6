"""Learn how often this register errs: `m` of the weights from its own records, which nobody has labelled.

Of each person in a sample one record of every department is taken. Those that share a block or a number, reported by
different departments, are pairs: of one person mostly, of namesakes besides. Which are which is estimated. `u`, the
prior and the limits stay as they are: blocked pairs agree more often than any two records do. Parents are not compared:
a record does not name them. Nothing but counts of levels leaves this module.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations
from typing import Final
from uuid import UUID

from services.registry.facts.page import reported_of
from services.registry.facts.rebuild import Rebuild
from services.registry.facts.values import EventKey, Fact
from services.registry.folding import folding_of
from services.registry.identity.blocking import blocks
from services.registry.identity.description import Description
from services.registry.identity.estimate import Pattern, estimate, patterns
from services.registry.identity.weights import FieldWeights, Shares, Weights
from services.registry.matching import repository as sql
from shared.app import open_service
from shared.db import Pool
from shared.settings import Settings

ENOUGH: Final = 1_000  # pairs; fewer say more of chance than of the register
RARER: Final = 10  # times: no level becomes rarer than that from one version to the next
MOST_TOGETHER: Final = 50  # records under one key: a key that holds more tells nobody apart
PAGE: Final = 1_000


class TooFew(Exception):
    """There are not enough pairs to learn from; says how many there are."""


@dataclass(frozen=True)
class Record:
    """What one department says of somebody."""

    department: str
    description: Description


@dataclass(frozen=True)
class Learning:
    """Reads a sample of the register. `share`: one person in this many."""

    pool: Pool
    rebuild: Rebuild
    share: int

    async def counts(self, start: Weights) -> Counter[Pattern]:
        """How often each pattern of levels occurs among the pairs of the sample."""
        records: list[Record] = []
        last = UUID(int=0)
        async with self.pool.acquire() as connection:
            while people := await sql.sample(connection, last, self.share, PAGE):
                last = people[-1]
                known = await self.rebuild.known(connection, people)
                for facts in known.said.values():
                    records += records_of(facts, known.dead)
        return patterns(pairs(records), start)


def records_of(facts: Iterable[Fact], gone: AbstractSet[EventKey]) -> list[Record]:
    """The first record of each department: what one system repeats says nothing of errors."""
    found: dict[str, Record] = {}
    for fact in sorted(reported_of(facts), key=lambda each: (each.time, each.mention)):
        if fact.event not in gone and fact.department not in found:
            said = fact.body
            description = Description(
                name=said.name,
                sex=said.sex,
                birth_date=said.birth_date,
                numbers=said.identifiers,
                area=said.household.area if said.household else None,
            )
            found[fact.department] = Record(fact.department, description)
    return list(found.values())


def pairs(records: Sequence[Record]) -> Iterator[tuple[Description, Description]]:
    """Records of different departments that share a block or a number, each pair once."""
    together: Mapping[Hashable, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for key in (*blocks(record.description), *record.description.numbers):
            together[key].append(place)
    seen: set[tuple[int, int]] = set()
    for places in together.values():
        if len(places) <= MOST_TOGETHER:
            seen.update(combinations(places, 2))
    for one, other in sorted(seen):
        if records[one].department != records[other].department:
            yield records[one].description, records[other].description


def learnt(counts: Mapping[Pattern, int], start: Weights) -> Weights:
    """The next version: `m` as this register has it, everything else as it stood. Raises TooFew."""
    met = sum(counts.values())
    if met < ENOUGH:
        raise TooFew(met)
    found = estimate(counts, start)
    fields = tuple(
        FieldWeights(
            field=before.field,
            compare=before.compare,
            levels={
                level: Shares(m=share, u=before.levels[level].u) for level, share in at_least(before, after).items()
            },
        )
        for before, after in zip(start.fields, found.fields, strict=True)
    )
    return start.model_copy(
        update={
            "version": start.version + 1,
            "source": f"m by expectation and maximisation from {met} pairs of this register, parents as in version "
            f"{start.version}; u, prior and limits of version {start.version}. Not in force before it was reviewed.",
            "fields": fields,
        }
    )


def at_least(before: FieldWeights, after: FieldWeights) -> dict[str, float]:
    """`m` by level, none of them RARER times as rare as it was. What a sample never met is rare and not impossible,
    and who errs in everything at once is in no pair: a weight of −16 bits would say more than anybody has seen."""
    held = {level: max(after.levels[level].m, shares.m / RARER) for level, shares in before.levels.items()}
    whole = sum(held.values())
    return {level: share / whole for level, share in held.items()}


async def learn_from(settings: Settings, share: int, start: Weights) -> Weights:
    """Read the register of these settings and learn. Raises TooFew."""
    service = await open_service(settings, connections=1)
    try:
        folding = folding_of(service)
        learning = Learning(service.pool, Rebuild(folding.vault, folding.authorities), share)
        return learnt(await learning.counts(start), start)
    finally:
        await service.pool.close()
