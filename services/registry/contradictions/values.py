"""A contradiction: what cannot all be true of one person, and who said it. Closed list of kinds, in both languages."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from services.registry.facts.values import CORRECTION, Fact
from shared.errors_text import Text

ADOPTION: Final = "adoption.registered"


class Statement(msgspec.Struct, frozen=True, array_like=True, order=True):
    """One side: the event that says it, who reported it, and what it says (field and value as text)."""

    source: str
    id: str
    role: str
    department: str
    type: str
    effective_on: date
    field: str
    value: str


class Contradiction(msgspec.Struct, frozen=True, array_like=True):
    """Statements about one person that cannot all be true. `key` says which one of its kind it is: while it stays the
    same, an explanation stands."""

    kind: str
    key: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def departments(self) -> list[str]:
        """Who hears of it: whoever said a part of it, as far as the kind may be told to them."""
        said = {each.department for each in self.statements}
        return sorted(said & TOLD_ONLY.get(self.kind, said))

    def told_to(self, department: str) -> tuple[Statement, ...]:
        """The statements of which a department may know. Of an adoption nobody hears but who registers it (protection
        rule 12): where nothing contradicts without it, others are told of nothing at all."""
        told = tuple(each for each in self.statements if each.type != ADOPTION or each.department == department)
        differ = len({(each.field, each.value) for each in told}) > 1
        return told if differ or len(told) == len(self.statements) else ()


def states(fact: Fact, field: str, value: object) -> Statement:
    """What a fact says."""
    day = fact.time.date() if fact.type == CORRECTION else fact.effective_on  # a correction counts from ever on
    return Statement(fact.event_source, fact.event_id, fact.role, fact.department, fact.type, day, field, str(value))


def in_the_open(facts: Iterable[Fact]) -> list[Fact]:
    """Facts in their order, adoptions last: what another report says too is told by that one."""
    return sorted(facts, key=lambda fact: fact.type == ADOPTION)


OWN_KINDS: Mapping[str, Text] = {
    "event-after-death": Text("Something is reported of a day after the death", "死亡日期之后仍有事件上报"),
    "two-households": Text("Entered in two household registers at once", "同时登记在两个户口簿"),
    "number-against-birth-date": Text("The identity number tells another birth date", "公民身份号码与出生日期不一致"),
    "number-against-sex": Text("The identity number tells another sex", "公民身份号码与性别不一致"),
    "birth-dates-differ": Text("Several birth dates are reported", "上报的出生日期不一致"),
    "names-differ": Text("Several names are reported", "上报的姓名不一致"),
    "sexes-differ": Text("Both sexes are reported", "上报的性别不一致"),
    "deaths-differ": Text("Several dates of death are reported", "上报的死亡日期不一致"),
    "dissolved-without-marriage": Text(
        "A marriage was dissolved that does not stand beside those registered", "解除的婚姻与已登记的婚姻不符"
    ),
    "departed-without-being-registered": Text(
        "Departed from where the person was not registered", "从未登记的地方迁出"
    ),
    "two-living-numbers": Text(
        "Two identity numbers, and no decision made one of them", "两个公民身份号码并存且无变更决定"
    ),
}
"""Told by the facts about one person."""

FAMILY_KINDS: Mapping[str, Text] = {
    "born-after-mothers-death": Text("The birth is later than the mother's death", "出生日期晚于母亲的死亡日期"),
    "parent-under-ten": Text(
        "A parent is less than ten years older: one of the birth dates is wrong",
        "父母与子女年龄相差不足十岁：必有一个出生日期有误",
    ),
    "married-while-married": Text("Two marriages stand at once", "同时存在两段婚姻"),
    "rival-corrections": Text("Two corrections replace one report", "两份更正取代同一份上报"),
}
"""Told by the facts about a person beside those about the closest relatives, or by whole lines of corrections: an
overtaken correction may be linked to whomever it found first."""

KINDS: Mapping[str, Text] = {**OWN_KINDS, **FAMILY_KINDS}

TOLD_ONLY: Mapping[str, frozenset[str]] = {
    kind: frozenset({"health", "public-security"}) for kind in ("born-after-mothers-death", "parent-under-ten")
}
"""Kinds with a birth and a parent side by side: nobody else may learn of the two together (protection rule 2)."""
