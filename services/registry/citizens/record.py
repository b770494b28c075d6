"""A person's own record: every field that is known of them, and which departments say so. Pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date

from services.registry.facts.approved import standing, value_of
from services.registry.facts.fold import Authorities, fold
from services.registry.facts.state import UNSPECIFIED, PersonState
from services.registry.facts.values import EventKey, Fact
from shared.sharing.fields import FIELDS, MEANINGS, REFERENCE_FIELDS, FieldName
from shared.sharing.words import Words

# Who a relative is, is the relative's; that one is recorded is the person's own.
KIN: Mapping[FieldName, Words] = {
    "spouse": Words(zh="配偶（是否登记）", en="Spouse (whether one is recorded)"),
    "mother": Words(zh="母亲（是否登记）", en="Mother (whether one is recorded)"),
    "father": Words(zh="父亲（是否登记）", en="Father (whether one is recorded)"),
}
TITLES: Mapping[FieldName, Words] = {**MEANINGS, **KIN}


def value(state: PersonState, name: FieldName) -> str | None:
    """What is known, as text; of a relative nothing but `recorded`. None where nobody has said."""
    known = getattr(state, name)
    if known is None or (name == "civil_status" and known == UNSPECIFIED):
        return None
    if name in REFERENCE_FIELDS:
        return "recorded"
    return known.isoformat() if isinstance(known, date) else str(known)


def sources(
    state: PersonState, facts: Iterable[Fact], dead: AbstractSet[EventKey], authorities: Authorities
) -> dict[FieldName, list[str]]:
    """By field, the departments whose own reports alone give the value that is known, or that approved it as a
    correction; none where it takes several. What an adoption says gives nothing: who registers it would be named where
    it is otherwise not, and tell of it (protection rule 12)."""
    known = list(facts)
    decided = standing(known, dead, authorities)
    by_department: dict[str, list[Fact]] = {}
    for fact in known:
        if fact.type == "adoption.registered":
            continue
        by_department.setdefault(fact.department, []).append(fact)
    alone = {department: fold(said, dead, authorities) for department, said in sorted(by_department.items())}

    def says(name: FieldName) -> Iterable[str]:
        yield from (department for department, other in alone.items() if getattr(other, name) == getattr(state, name))
        if name in decided and value_of(decided[name]) == getattr(state, name):
            yield decided[name].department

    return {name: sorted(set(says(name))) if value(state, name) is not None else [] for name in FIELDS}
