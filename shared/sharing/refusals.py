"""What no agreement may grant, each refusal naming its rule in protection.md. Pure."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from shared.errors_text import RuleBroken
from shared.sharing.fields import FIELDS, FieldName
from shared.sharing.forbidden import forbidden_in

if TYPE_CHECKING:
    from shared.sharing.agreement import Agreement
    from shared.sharing.authorities import Authorities

# Kinship shows whose child was born: health certifies the birth, public security enters the child beside the mother.
KINSHIP_RECEIVERS = frozenset({"health", "public-security"})
SPOUSE_RECEIVERS = frozenset({"civil-affairs", "public-security"})
RECEIVERS: dict[FieldName, frozenset[str]] = {
    "mother": KINSHIP_RECEIVERS,
    "father": KINSHIP_RECEIVERS,
    "spouse": SPOUSE_RECEIVERS,
}

# Beside sex, any of these makes a stream of everyone a list of women of an age, a status, a family or a place.
SELECTING: frozenset[FieldName] = frozenset(
    {
        "birth_date",
        "civil_status",
        "spouse",
        "mother",
        "father",
        "relation_to_head",
        "household_number",
        "registered_area",
        "current_area",
    }
)
NO_PERSON_PURPOSES = {
    "statistics": (10, "statistics are fixed releases, never about a person"),
    "care": (3, "care data stays in the alerts service"),
    "own-data": (6, "own data goes to the person, not to a department"),
}


# Rule 6: an agreement names a purpose, a legal basis and an expiry, and two departments approve it.
REQUIRED = ("purpose", "legal_basis", "valid_from", "valid_until", "approved_by")


# What each rule of protection.md is called, for those who read Chinese.
RULES_ZH = {
    1: "不得以数据管控生育",
    2: "不得推断怀孕，任何数据流不得成为人员名单",
    3: "孕产数据仅凭本人同意、仅用于照护",
    5: "不得表示的内容",
    6: "按用途、按字段、默认拒绝，须经双方部门批准",
    10: "统计为固定发布",
}


class AgreementRefused(RuleBroken):
    """An agreement that protection.md refuses. `rule` is the rule's number there. Never quotes a value."""

    def __init__(self, rule: int, why: str) -> None:
        self.rule = rule
        super().__init__(
            f"refused by protection rule {rule}: {why}", f"被保护规则第 {rule} 条（{RULES_ZH[rule]}）拒绝：{why}"
        )


def refuse_field_name(name: object) -> None:
    """Refuse a field that may not exist, or that is outside the closed list. Raises AgreementRefused."""
    if name in FIELDS:
        return
    for entry in forbidden_in(str(name)):
        raise AgreementRefused(entry.rule, f"'{entry.stem}': {entry.why}")
    raise AgreementRefused(6, "is not in the closed list of fields")


def refuse_keys(document: Mapping[str, object]) -> None:
    """Refuse forbidden keys, and a missing or empty basis, expiry or approval. Raises AgreementRefused."""
    for key in document:
        for entry in forbidden_in(str(key)):
            raise AgreementRefused(entry.rule, f"'{entry.stem}': {entry.why}")
    for key in REQUIRED:
        if not document.get(key):
            raise AgreementRefused(6, f"{key} is missing")


def refuse_in_itself(agreement: "Agreement") -> None:
    """Refuse what can be seen from the agreement alone. Raises AgreementRefused."""
    _refuse_names(agreement)
    if agreement.valid_until <= agreement.valid_from:
        raise AgreementRefused(6, "valid_until must come after valid_from")
    if agreement.approved_by.receiving != agreement.department:
        raise AgreementRefused(6, "the receiving department itself must approve")
    if agreement.department in agreement.approved_by.giving:
        raise AgreementRefused(6, "two departments approve: the receiver cannot give to itself")
    if len(set(agreement.fields)) != len(agreement.fields):
        raise AgreementRefused(6, "a field is listed twice")
    if bool(agreement.fields) == (agreement.reason is not None):
        raise AgreementRefused(6, "an agreement without fields gives a reason, and only such a one")
    if agreement.fields and agreement.purpose in NO_PERSON_PURPOSES:
        raise AgreementRefused(*NO_PERSON_PURPOSES[agreement.purpose])
    for name in agreement.fields:
        if agreement.department not in RECEIVERS.get(name, {agreement.department}):
            raise AgreementRefused(2, f"{name} is for {' and '.join(sorted(RECEIVERS[name]))} only")
    if agreement.scope == "everyone":
        _refuse_ties(agreement.fields)
        _refuse_selecting(agreement.fields)


def refuse_for_authority(agreement: "Agreement", authorities: "Authorities") -> None:
    """Refuse people beyond the receiver's own for what others register, and approval by a department that does not
    register the fields it gives. Raises AgreementRefused."""
    for name in agreement.fields:
        registering = authorities.registering(name)
        if registering == agreement.department:
            continue
        if agreement.scope == "everyone":
            raise AgreementRefused(
                2, f"scope everyone is for the registering authority of {name}, which is {registering}"
            )
        if registering not in agreement.approved_by.giving:
            raise AgreementRefused(6, f"{name} is registered by {registering}, which must approve giving it")


def refuse_together(agreements: Iterable["Agreement"]) -> None:
    """Refuse what several agreements would grant together though none does alone. Raises AgreementRefused."""
    ordered = sorted(agreements, key=lambda each: (each.department, each.identifier))
    if len({each.identifier for each in ordered}) != len(ordered):
        raise AgreementRefused(6, "an identifier names one agreement, so that a disclosure can be explained")
    for _, group in groupby((each for each in ordered if each.scope == "everyone"), key=lambda each: each.department):
        _refuse_selecting({name for each in group for name in each.fields})


def _refuse_ties(fields: Iterable[FieldName]) -> None:
    """Whoever hears of everyone's ties hears of each birth, adoption and marriage as it is entered."""
    ties = sorted(frozenset(fields) & frozenset(RECEIVERS))
    if ties:
        raise AgreementRefused(2, f"{', '.join(ties)} of everyone is a stream of births, adoptions and marriages")


def _refuse_selecting(fields: Iterable[FieldName]) -> None:
    granted = frozenset(fields)
    if "identity_number" in granted:
        # Digits 1-6 are an area, 7-14 the birth date, and the 17th is odd for men.
        raise AgreementRefused(2, "an identity number tells sex, age and area, so it is never given for everyone")
    beside = sorted(granted & SELECTING)
    if "sex" in granted and beside:
        raise AgreementRefused(2, f"sex beside {', '.join(beside)} for everyone selects people by sex")


def _refuse_names(agreement: "Agreement") -> None:
    spoken = [agreement.identifier, *agreement.fields]
    words = [each for basis in agreement.legal_basis for each in (basis.law, basis.article, basis.text)]
    words += [agreement.reason] if agreement.reason else []
    spoken += [text for each in words for text in (each.zh, each.en)]
    for text in spoken:
        for entry in forbidden_in(text):
            raise AgreementRefused(entry.rule, f"'{entry.stem}': {entry.why}")
