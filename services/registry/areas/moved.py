"""What codes have become by a day. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import msgspec

from services.registry.facts.state import PersonState
from services.registry.facts.values import Fact
from shared.identifiers.areas import AreaCode, AreaTable
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

    @cached_property
    def ended(self) -> tuple[str, ...]:
        """How the codes begin that became others by the day: nearly every place is known at once to be none of them."""
        return tuple(
            AreaCode.parse(area.code).prefix
            for area in self.table.values()
            if area.successors and area.valid_until is not None and area.valid_until <= self.day
        )

    def code(self, area: str | None, household: str | None = None) -> str | None:
        """The code that a place has now. What is no code stays as it is."""
        if area is None or not area.startswith(self.ended):
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
        there = tuple(
            each
            if (now := self.code(each.area, each.household) or each.area) == each.area
            else msgspec.structs.replace(each, area=now)
            for each in state.residencies
        )
        return self.of(state if there == state.residencies else msgspec.structs.replace(state, residencies=there))

    def told(self, fact: Fact) -> Fact:
        """A fact as if it had been reported with the codes that its places have now."""
        moved = dict(self._places(fact))
        if all(getattr(fact.body, name) == value for name, value in moved.items()):
            return fact
        return msgspec.structs.replace(fact, body=msgspec.structs.replace(fact.body, **moved))

    def _places(self, fact: Fact) -> Iterator[tuple[str, object]]:
        yield "from_area", self.code(fact.body.from_area)
        yield "to_area", self.code(fact.body.to_area)
        if home := fact.body.household:
            yield "household", msgspec.structs.replace(home, area=self.code(home.area, home.number) or home.area)
