"""Searching and timelines in words, and what a form of the search asks for. Pure."""

import json
from collections.abc import Mapping

from pydantic import ValidationError

from services.registry.ui.words_reviews import IDENTIFIERS
from shared.errors_text import RuleBroken
from shared.sharing.words import Words

FIELDS: Mapping[str, Words] = {
    "name": Words(zh="姓名", en="Name"),
    "sex": Words(zh="性别", en="Sex"),
    "birth_date": Words(zh="出生日期", en="Birth date"),
    "identity_number": Words(zh="公民身份号码", en="Resident number"),
    "registered_area": Words(zh="户籍地", en="Registered in"),
    "household_number": Words(zh="户号", en="Household"),
    "relation_to_head": Words(zh="与户主关系", en="Relation to head"),
    "residence": Words(zh="在籍状态", en="Residence"),
    "current_area": Words(zh="居住地", en="Lives in"),
    "spouse": Words(zh="配偶", en="Spouse"),
    "died_on": Words(zh="死亡日期", en="Died on"),
    "mother": Words(zh="母亲", en="Mother"),
    "father": Words(zh="父亲", en="Father"),
    "civil_status": Words(zh="婚姻状况", en="Civil status"),
}
ENDED = Words(zh="（终止）", en="(ended)")
GRADES: Mapping[str, Words] = {
    "exact": Words(zh="完全一致", en="exact"),
    "variant": Words(zh="写法不同", en="written otherwise"),
    "similar": Words(zh="相近", en="similar"),
}
TYPES = IDENTIFIERS
CHECK = Words(
    zh="请填写有效的证件号码，或完整姓名与出生日期。",
    en="Give a valid number, or a full name and a birth date.",
)


def asked(said: Mapping[str, str]) -> str:
    """The search that a form asks for, as the API takes it. What is left empty is not said."""
    if "value" in said:
        given = {name: said[name].strip() for name in ("type", "value", "issuer") if said.get(name, "").strip()}
        return json.dumps({"identifier": given})
    return json.dumps({name: said[name].strip() for name in ("name", "birth_date") if said.get(name, "").strip()})


def faults(refused: ValidationError) -> list[Words]:
    """What is wrong with a form, by our own rules; one sentence for whatever else. Never what was typed."""
    found = [each["ctx"]["error"] for each in refused.errors() if "error" in each.get("ctx", {})]
    texts = [error.text for error in found if isinstance(error, RuleBroken)]
    return [Words(zh=text.zh, en=text.en) for text in texts] or [CHECK]
