"""Protection rules 1, 2, 5 and 6: what no agreement may grant is refused, and the refusal names the rule.

Why: an agreement is data that two departments can sign. These are the agreements that no signature can make.
"""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.auth.caller import DEPARTMENTS
from shared.sharing.agreements import Agreement, Agreements
from shared.sharing.authorities import Authorities
from shared.sharing.refusals import AgreementRefused

AUTHORITIES = Authorities.load(Path(__file__).parents[2] / "deploy" / "provisioning")
BASIS = {
    "law": {"zh": "户口登记条例", "en": "Household Registration Regulations"},
    "article": {"zh": "第三条", "en": "Article 3"},
    "text": {"zh": "户口登记工作由公安机关主管。", "en": "Household registration is the duty of public security."},
}


def document(department: str = "housing", /, **changes: object) -> dict[str, object]:
    giving = sorted({"public-security", "health", "civil-affairs"} - {department})
    return {
        "identifier": f"{department}-example",
        "department": department,
        "purpose": "service-delivery",
        "legal_basis": [BASIS],
        "fields": ["name"],
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "approved_by": {"giving": giving, "receiving": department},
        **changes,
    }


def accepted(*documents: dict[str, object]) -> Agreements:
    return Agreements([Agreement.model_validate(each) for each in documents], AUTHORITIES)


def refused_by(rule: int, *documents: dict[str, object]) -> None:
    with pytest.raises((ValidationError, AgreementRefused), match=f"refused by protection rule {rule}:"):
        accepted(*documents)


def test_the_example_that_every_refusal_varies_is_accepted() -> None:
    assert [each.scope for each in accepted(document())] == ["own_people"]


@pytest.mark.parametrize("department", sorted(DEPARTMENTS - {"public-security"}))
def test_rule_2_refuses_everyone_to_all_but_the_registering_authority(department: str) -> None:
    refused_by(2, document(department, scope="everyone", fields=["residence"]))


@pytest.mark.parametrize("name", ["died_on", "mother", "father", "spouse", "civil_status"])
def test_rule_2_refuses_public_security_everyone_for_what_others_register(name: str) -> None:
    refused_by(2, document("public-security", scope="everyone", fields=["name", name]))


@pytest.mark.parametrize("name", ["mother", "father"])
@pytest.mark.parametrize("department", sorted(DEPARTMENTS - {"health", "public-security"}))
def test_rule_2_refuses_kinship_outside_health_and_public_security(department: str, name: str) -> None:
    refused_by(2, document(department, fields=[name]))


@pytest.mark.parametrize("department", sorted(DEPARTMENTS - {"civil-affairs", "public-security"}))
def test_rule_2_refuses_spouses_outside_civil_affairs_and_public_security(department: str) -> None:
    refused_by(2, document(department, fields=["spouse"]))


@pytest.mark.parametrize(
    ("department", "name"), [("health", "mother"), ("health", "father"), ("civil-affairs", "spouse")]
)
def test_rule_2_refuses_a_stream_of_births_adoptions_and_marriages_also_to_who_registers_them(
    department: str, name: str
) -> None:
    assert AUTHORITIES.registering(name) == department  # type: ignore[arg-type]
    assert accepted(document(department, fields=[name]))
    refused_by(2, document(department, scope="everyone", fields=[name]))


@pytest.mark.parametrize(
    "beside", ["birth_date", "civil_status", "relation_to_head", "registered_area", "household_number"]
)
def test_rule_2_refuses_sex_beside_age_status_relation_or_area_for_everyone(beside: str) -> None:
    refused_by(2, document("public-security", scope="everyone", fields=["sex", beside]))


def test_rule_2_refuses_the_identity_number_for_everyone_because_it_tells_sex_and_age() -> None:
    refused_by(2, document("public-security", scope="everyone", fields=["identity_number"]))


def test_rule_2_refuses_two_agreements_that_together_select_people_by_sex() -> None:
    one = document("public-security", scope="everyone", fields=["sex"])
    other = document("public-security", scope="everyone", fields=["birth_date"], identifier="other", purpose="audit")
    assert accepted(one)
    assert accepted(other)
    refused_by(2, one, other)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("birth_quota", 1),
        ("contraception_method", 1),
        ("sterilisation", 1),
        ("birth_permit_number", 1),
        ("likely_pregnant", 2),
        ("pregnancy", 3),
        ("last_menstrual_period", 3),
        ("ethnicity", 5),
        ("religion", 5),
        ("credit_score", 5),
        ("fetal_sex", 5),
        ("fingerprint", 5),
        ("民族", 5),
    ],
)
def test_rules_1_to_5_refuse_forbidden_names_as_fields_and_as_keys(name: str, rule: int) -> None:
    refused_by(rule, document(fields=["name", name]))
    refused_by(rule, {**document(), name: "x"})


@pytest.mark.parametrize(
    "law", [{"zh": "人口与计划生育法", "en": "x"}, {"zh": "x", "en": "Population and Family Planning Law"}]
)
def test_rule_1_refuses_birth_control_law_as_a_basis(law: dict[str, str]) -> None:
    for part in BASIS:
        refused_by(1, document(legal_basis=[BASIS, {**BASIS, part: law}]))


def test_rule_6_refuses_a_field_outside_the_closed_list() -> None:
    refused_by(6, document(fields=["shoe_size"]))


@pytest.mark.parametrize("key", ["purpose", "legal_basis", "valid_from", "valid_until", "approved_by"])
def test_rule_6_refuses_a_missing_purpose_basis_expiry_or_approval(key: str) -> None:
    without = document()
    del without[key]
    refused_by(6, without)


@pytest.mark.parametrize(
    "changes",
    [
        {"legal_basis": []},
        {"valid_until": date(2025, 12, 31)},
        {"approved_by": {"giving": ["public-security"], "receiving": "finance"}},
        {"approved_by": {"giving": ["housing"], "receiving": "housing"}},
        {"approved_by": {"giving": ["finance"], "receiving": "housing"}},
        {"fields": ["name", "name"]},
        {"fields": []},
        {"reason": {"zh": "无", "en": "none"}},
        {"purpose": "own-data"},
    ],
)
def test_rule_6_refuses_what_is_not_limited_approved_or_explained(changes: dict[str, object]) -> None:
    refused_by(6, document(**changes))


def test_rules_3_and_10_refuse_person_fields_for_care_and_for_statistics() -> None:
    refused_by(3, document("health", purpose="care"))
    refused_by(10, document("statistics", purpose="statistics"))
