"""What codes have become by a day. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import msgspec

from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact
from shared.identifiers.areas import AreaTable
from shared.identifiers.errors import InvalidIdentifier


@dataclass(frozen=True)
class Moved:
    """A list of areas, read on a day: codes that ended stand for what became of them."""

    table: AreaTable
    day: date

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days on which codes became others, the past ones."""
        ended = {area.valid_until for area in self.table.values() if area.successors}
        return tuple(sorted(day for day in ended if day is not None and day <= self.day))

    def code(self, area: str | None, household: str | None = None) -> str | None:
        """The code that a place has now. What is no code stays as it is."""
        if area is None or not self.days:
            return area
        try:
            return self.table.at(area, self.day, household)
        except InvalidIdentifier:
            return area

    def of(self, state: PersonState) -> PersonState:
        """Somebody with the codes of where they are registered and live now; past residencies keep theirs."""
        registered = self.code(state.registered_area, state.household_number)
        current = self.code(state.current_area)
        if (registered, current) == (state.registered_area, state.current_area):
            return state
        return msgspec.structs.replace(state, registered_area=registered, current_area=current)

    def lived(self, state: PersonState) -> PersonState:
        """Somebody as if every residency had been entered under the code that its place has now."""
        if not self.days:
            return state
        there = tuple(
            msgspec.structs.replace(each, area=self.code(each.area, each.household) or each.area)
            for each in state.residencies
        )
        return self.of(msgspec.structs.replace(state, residencies=there))

    def told(self, fact: Fact) -> Fact:
        """A fact as if it had been reported with the codes that its places have now."""
        if not self.days:
            return fact
        body = msgspec.structs.replace(fact.body, **dict(self._places(fact)))
        return msgspec.structs.replace(fact, body=body)

    def _places(self, fact: Fact) -> Iterator[tuple[str, object]]:
        yield "from_area", self.code(fact.body.from_area)
        yield "to_area", self.code(fact.body.to_area)
        if home := fact.body.household:
            yield "household", msgspec.structs.replace(home, area=self.code(home.area, home.number) or home.area)
