"""Agreements and departments as provisioned: loaded, asked for, and refused with file and pointer."""

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from shared.auth.caller import DEPARTMENTS
from shared.sharing.agreements import Agreements
from shared.sharing.authorities import Authorities
from shared.sharing.departments import Departments
from shared.sharing.fields import FIELDS, MEANINGS, REFERENCE_FIELDS
from shared.sharing.provisioning import ProvisioningRefused

PROVISIONING = Path(__file__).parents[2] / "deploy" / "provisioning"
DAY = date(2026, 6, 1)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROVISIONING, tmp_path / "provisioning"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_every_department_has_an_agreement_in_force() -> None:
    agreements = Agreements.load(PROVISIONING)
    assert {agreement.department for agreement in agreements} == DEPARTMENTS
    assert all(agreements.for_(department, None, DAY) for department in DEPARTMENTS)


def test_statistics_is_told_nothing_about_anyone_and_says_why() -> None:
    (only,) = Agreements.load(PROVISIONING).for_("statistics", None, DAY)
    assert only.fields == []
    assert only.reason is not None


def test_only_public_security_is_told_of_everyone_and_never_of_their_sex() -> None:
    wide = [agreement for agreement in Agreements.load(PROVISIONING) if agreement.scope == "everyone"]
    assert {agreement.department for agreement in wide} == {"public-security"}
    assert not {"sex", "identity_number"} & {name for agreement in wide for name in agreement.fields}


def test_for_gives_only_the_purpose_asked_for() -> None:
    agreements = Agreements.load(PROVISIONING)
    assert [each.identifier for each in agreements.for_("health", "service-delivery", DAY)] == [
        "health-child-vaccination"
    ]
    assert agreements.for_("health", "audit", DAY) == []
    assert len(agreements.for_("health", None, DAY)) == 2


def test_an_agreement_holds_from_its_first_to_its_last_day() -> None:
    agreements = Agreements.load(PROVISIONING)
    days = [date(2025, 8, 31), date(2025, 9, 1), date(2028, 8, 31), date(2028, 9, 1)]
    assert [bool(agreements.for_("housing", None, day)) for day in days] == [False, True, True, False]


def test_an_unknown_department_has_no_agreement() -> None:
    assert Agreements.load(PROVISIONING).for_("nobody", None, DAY) == []


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("scope: own_people", "scope: own_people\n    note: x", "/agreements/0/note"),
        ("scope: own_people", "scope: nearly_everyone", "/agreements/0/scope"),
        ("[birth_date, ", "[shoe_size, ", "/agreements/0/fields/0"),
        ("valid_until: 2028-08-31", "valid_until: soon", "/agreements/0/valid_until"),
        ("purpose: school-planning", "purpose: curiosity", "/agreements/0/purpose"),
        ("receiving: education", "receiving: culture", "/agreements/0/approved_by/receiving"),
        ("department: education", "department: housing", "/agreements/0"),
        ("scope: own_people", "scope: everyone", "/agreements/0"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_by_file_and_pointer(copy: Path, old: str, new: str, pointer: str) -> None:
    change(copy / "agreements" / "education.yaml", old, new)
    with pytest.raises(ProvisioningRefused) as refused:
        Agreements.load(copy)
    assert refused.value.file == "education.yaml"
    assert pointer in [where for where, _ in refused.value.faults]
    assert "education.yaml at /agreements/0" in str(refused.value)


def test_a_file_holds_its_own_departments_agreements_only(copy: Path) -> None:
    document = yaml.safe_load((copy / "agreements" / "finance.yaml").read_text("utf-8"))
    (copy / "agreements" / "housing.yaml").write_text(yaml.safe_dump(document), "utf-8")
    with pytest.raises(ProvisioningRefused, match=r"housing\.yaml at /agreements/0/department"):
        Agreements.load(copy)


def test_a_key_that_stands_twice_is_refused(copy: Path) -> None:
    change(copy / "agreements" / "education.yaml", "scope: own_people", "scope: own_people\n    scope: own_people")
    with pytest.raises(ProvisioningRefused, match="scope stands twice"):
        Agreements.load(copy)


def test_a_department_without_a_file_and_a_file_without_a_department_are_refused(copy: Path) -> None:
    (copy / "agreements" / "health.yaml").rename(copy / "agreements" / "wealth.yaml")
    with pytest.raises(ProvisioningRefused) as refused:
        Agreements.load(copy)
    assert [where for where, _ in refused.value.faults] == ["/health.yaml", "/wealth.yaml"]


def test_the_same_identifier_twice_is_refused(copy: Path) -> None:
    change(copy / "agreements" / "education.yaml", "education-school-planning", "finance-subsidy-payments")
    with pytest.raises(ProvisioningRefused, match="an identifier names one agreement"):
        Agreements.load(copy)


@pytest.mark.parametrize("text", ["", "agreements: [", "- a list", "agreements: []"])
def test_a_file_that_is_no_agreement_file_is_refused(copy: Path, text: str) -> None:
    (copy / "agreements" / "education.yaml").write_text(text, "utf-8")
    with pytest.raises(ProvisioningRefused, match=r"education\.yaml"):
        Agreements.load(copy)


def test_a_refusal_never_names_the_folder_of_the_machine(copy: Path) -> None:
    (copy / "authorities.yaml").unlink()
    with pytest.raises(ProvisioningRefused) as refused:
        Agreements.load(copy)
    assert str(copy) not in str(refused.value)


def test_the_departments_are_the_ten_of_the_closed_list_with_sources_of_their_own() -> None:
    departments = Departments.load(PROVISIONING)
    assert {department.name for department in departments.all()} == DEPARTMENTS
    assert departments.owner_of("urn:tenfold:health:birth-certificates") == "health"
    assert departments.owner_of("urn:tenfold:health:made-up") is None
    assert departments.get("statistics").sources == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("urn:tenfold:housing:dwelling-register", "urn:tenfold:finance:dwelling-register"),
        ("name: housing", "name: health"),
        ("urn:tenfold:education:school-roll", "https://example.org/school-roll"),
        ("urn:tenfold:public-security:migration", "urn:tenfold:public-security:household-register"),
    ],
)
def test_departments_with_anothers_source_or_a_name_twice_are_refused(copy: Path, old: str, new: str) -> None:
    change(copy / "departments.yaml", old, new)
    with pytest.raises(ProvisioningRefused, match=r"departments\.yaml"):
        Departments.load(copy)


def test_a_list_without_one_of_the_ten_departments_is_refused(copy: Path) -> None:
    document = yaml.safe_load((copy / "departments.yaml").read_text("utf-8"))
    (copy / "departments.yaml").write_text(yaml.safe_dump({"departments": document["departments"][:9]}), "utf-8")
    with pytest.raises(ProvisioningRefused, match="the ten departments are listed once each"):
        Departments.load(copy)


def test_an_agreement_that_is_no_mapping_is_refused(copy: Path) -> None:
    (copy / "agreements" / "education.yaml").write_text("agreements: [everything]", "utf-8")
    with pytest.raises(ProvisioningRefused, match=r"education\.yaml at /agreements/0"):
        Agreements.load(copy)


def test_every_field_has_an_authority_and_a_meaning_in_both_languages() -> None:
    authorities = Authorities.load(PROVISIONING)
    assert all(authorities.registering(name) in DEPARTMENTS for name in FIELDS)
    assert set(MEANINGS) == set(FIELDS)
    assert REFERENCE_FIELDS < set(FIELDS)


def test_precedence_orders_the_departments_that_may_state_an_attribute() -> None:
    authorities = Authorities.load(PROVISIONING)
    assert [authorities.precedence("died_on", each) for each in ("health", "civil-affairs", "finance")] == [0, 2, None]


@pytest.mark.parametrize(
    ("old", "new"),
    [("  residence: [public-security]\n", ""), ("[civil-affairs]", "[]"), ("[civil-affairs]", "[health, health]")],
)
def test_authorities_that_leave_a_field_open_are_refused(copy: Path, old: str, new: str) -> None:
    change(copy / "authorities.yaml", old, new)
    with pytest.raises(ProvisioningRefused, match=r"authorities\.yaml"):
        Authorities.load(copy)
