"""What a list of areas must hold, and how two lists differ. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from pydantic import BaseModel

from shared.errors_faults import Fault
from shared.errors_text import Text
from shared.identifiers.areas import Area, AreaCode, AreaTable
from shared.identifiers.errors import InvalidIdentifier

TWICE: Final = Text("stands in the list twice", "在列表中重复出现")
NO_DAY: Final = Text("ends before it begins", "终止日期早于启用日期")
NOT_LISTED: Final = Text("is not in the list", "不在列表中")
NOT_SUCCESSOR: Final = Text("is not a successor of the area", "不是该区域的继承区域")
PLACED_TWICE: Final = Text("is placed in two successors", "同一户被划入两个继承区域")
NOT_ENDED: Final = Text("only an area that has ended has successors", "只有已终止的区域才有继承区域")
NOT_VALID_THEN: Final = Text("is not in use on the day on which the area ends", "在该区域终止之日尚未启用或已终止")
OUTLIVES: Final = Text("goes on after the area around it has ended", "晚于其上级区域终止")
CIRCLE: Final = Text("becomes itself again", "继承关系形成循环")


class Change(BaseModel):
    """An area that another list says otherwise: `before` or `after` is null where it is new or gone. Households of an
    area that was split are not repeated here."""

    code: str
    before: Area | None
    after: Area | None


def faults(areas: Sequence[Area]) -> list[Fault]:
    """What is wrong with a list: each fault names its place and repeats no household's number."""
    known: dict[str, Area] = {}
    found: list[Fault] = []
    for number, area in enumerate(areas):
        if area.code in known:
            found.append(Fault(f"/areas/{number}/code", TWICE))
        known[area.code] = area
    for number, area in enumerate(areas):
        found += [Fault(f"/areas/{number}{pointer}", text) for pointer, text in _faults_of(area, known)]
    return found


def _faults_of(area: Area, known: dict[str, Area]) -> list[tuple[str, Text]]:
    found = [*_faulty_successors(area, known), *_faulty_households(area)]
    if area.valid_from and area.valid_until and area.valid_until <= area.valid_from:
        found.append(("/valid_until", NO_DAY))
    if _outlives(area, known):
        found.append(("/valid_until", OUTLIVES))
    return found


def _faulty_successors(area: Area, known: dict[str, Area]) -> Iterator[tuple[str, Text]]:
    if area.successors and area.valid_until is None:
        yield "/successors", NOT_ENDED
    if _becomes_itself(area, known):
        yield "/successors", CIRCLE
    for number, code in enumerate(area.successors):
        successor = known.get(code)
        if successor is None:
            yield f"/successors/{number}", NOT_LISTED
        elif area.valid_until and not successor.valid_on(area.valid_until):
            yield f"/successors/{number}", NOT_VALID_THEN


def _faulty_households(area: Area) -> Iterator[tuple[str, Text]]:
    placed: set[str] = set()
    for code, households in area.households.items():
        if code not in area.successors:
            yield f"/households/{code}", NOT_SUCCESSOR
        if placed & set(households):
            yield f"/households/{code}", PLACED_TWICE
        placed |= set(households)


def _outlives(area: Area, known: dict[str, Area]) -> bool:
    """Whether an area goes on although the nearest listed area around it has ended."""
    around = next((known[each.text] for each in AreaCode.parse(area.code).parents() if each.text in known), None)
    ends = around.valid_until if around else None
    return ends is not None and (area.valid_until is None or area.valid_until > ends)


def _becomes_itself(area: Area, known: dict[str, Area]) -> bool:
    """Whether following successors leads back to the area."""
    ahead, seen = list(area.successors), set[str]()
    while ahead:
        code = ahead.pop()
        if code == area.code:
            return True
        if code not in seen and code in known:
            seen.add(code)
            ahead += known[code].successors
    return False


def changes(before: AreaTable, after: AreaTable) -> list[Change]:
    """How two lists differ, by code."""
    return [
        Change(code=code, before=_told(before.get(code)), after=_told(after.get(code)))
        for code in sorted({*before, *after})
        if before.get(code) != after.get(code)
    ]


def _told(area: Area | None) -> Area | None:
    return area.model_copy(update={"households": {}}) if area else None


def parent(table: AreaTable, code: str, day: date) -> Area | None:
    """The nearest listed area around this one that is in use that day."""
    around = (table.get(each.text) for each in AreaCode.parse(code).parents())
    return next((area for area in around if area and area.valid_on(day)), None)


def children(table: AreaTable, code: str | None, day: date) -> list[Area]:
    """The areas right below one, or those that lie in none (`code` None), in use that day, by code."""
    return [
        area
        for area in (table[each] for each in sorted(table))
        if area.valid_on(day)
        and ((above := parent(table, area.code, day)) is None) == (code is None)
        and (above is None or above.code == code)
    ]


def predecessors(table: AreaTable, code: str) -> list[str]:
    """The codes that ended in this one."""
    return [each for each in sorted(table) if code in table[each].successors]


def normal(code: str) -> str | None:
    """A code in the one way of writing it; None for what is none."""
    try:
        return AreaCode.parse(code).text
    except InvalidIdentifier:
        return None
