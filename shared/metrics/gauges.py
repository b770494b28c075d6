"""Figures from a service's database, asked for when somebody looks."""

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge

from shared.db import Pool


@dataclass(frozen=True)
class Measure:
    """One gauge. `sql` gives its labels and, last, `value`: what a label says is a closed word of ours."""

    name: str
    text: str
    labels: tuple[str, ...]
    sql: str


class Measures:
    """The figures of one service. `refresh` asks for them; what was asked last is told."""

    def __init__(self, pool: Pool, measures: Sequence[Measure]) -> None:
        self.pool, self.measures = pool, measures
        self.registry = CollectorRegistry()
        self.gauges = {each.name: Gauge(each.name, each.text, each.labels, registry=self.registry) for each in measures}

    async def refresh(self) -> None:
        """Ask in one snapshot. Raises one of AWAY."""
        async with (
            self.pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = {each.name: await connection.fetch(each.sql) for each in self.measures}
        for each in self.measures:
            gauge = self.gauges[each.name]
            gauge.clear()
            for row in found[each.name]:
                labelled = gauge.labels(*(str(row[label]) for label in each.labels)) if each.labels else gauge
                labelled.set(row["value"])
