"""`tenfold example`: one valid CloudEvent of each type, about people whom no month touches."""

import json
from datetime import date
from typing import cast

import pytest

from deploy.tenfold.county import TYPE_NAMES, County, example, generate
from deploy.tenfold.county.cloudevents import REPORTER, TypeName
from deploy.tenfold.county.contract_examples import texts
from shared.contracts.catalogue import CATALOGUE, TYPES, full_type
from shared.contracts.examples import FOLDER
from shared.contracts.judge import judge
from shared.errors import Invalid
from shared.settings import PROVISIONING
from shared.sharing.departments import Departments
from shared.sharing.schemes import Schemes

TODAY = date(2026, 3, 1)
SOURCES = {each.name: each.sources for each in Departments.load(PROVISIONING).all()}
SCHEMES = Schemes.load(PROVISIONING).by_kind()


@pytest.fixture(scope="module")
def county() -> County:
    return generate(2_000)


def test_there_is_an_example_of_every_type() -> None:
    assert {full_type(name) for name in TYPE_NAMES} == set(CATALOGUE)


def test_whoever_may_report_a_type_has_a_system_to_report_it_from() -> None:
    assert {name for entry in TYPES for name in entry.reporters if not SOURCES[name]} == set()
    assert {name for entry in TYPES for name in entry.reporters} == set(SOURCES) - {"statistics"}


@pytest.mark.parametrize("name", TYPE_NAMES)
@pytest.mark.parametrize("action", ["corrected", "annulled"])
def test_an_example_can_be_corrected_and_annulled(name: TypeName, action: str, county: County) -> None:
    event = example(name, county, TODAY, "second")
    told = {"source": event["source"], "id": "first"}
    data = cast(dict[str, object], event["data"])
    judged = judge(event | {"data": data | {"action": action, "supersedes": told}}, REPORTER[name])
    assert judged.data.supersedes is not None
    with pytest.raises(Invalid):
        judge(event | {"data": data | {"action": action}}, REPORTER[name])


@pytest.mark.parametrize("name", TYPE_NAMES)
def test_an_example_keeps_the_contract_and_its_people_are_reserved(name: TypeName, county: County) -> None:
    reserved = {
        county.people[member].identity_number for home in county.households if home.reserved for member in home.members
    }
    for number in range(20):
        event = example(name, county, TODAY, f"example-{number}")
        judged = judge(event, REPORTER[name], SOURCES[REPORTER[name]], SCHEMES)
        assert judged.envelope.id == f"example-{number}"
        assert judged.data.effective_on < TODAY
        assert any(number in json.dumps(event) for number in reserved)
        told = {i["value"] for i in _identifiers(event["data"]) if i["type"] == "resident-identity-number"}
        assert told
        assert told <= reserved


def _identifiers(value: object) -> list[dict[str, str]]:
    if isinstance(value, list):
        return [found for each in value for found in _identifiers(each)]
    if not isinstance(value, dict):
        return []
    return [*value.get("identifiers", []), *(found for each in value.values() for found in _identifiers(each))]


@pytest.mark.parametrize("name", TYPE_NAMES)
def test_the_same_id_gives_the_same_example_and_another_id_another(name: str, county: County) -> None:
    first = example(name, county, TODAY, "one")
    assert first == example(name, county, TODAY, "one")
    assert first["subject"] != example(name, county, TODAY, "two")["subject"]


def test_a_type_may_be_named_in_full(county: County) -> None:
    assert example("cn.tenfold.birth.certified.v1", county, TODAY, "a") == example(
        "birth.certified", county, TODAY, "a"
    )


def test_an_unknown_type_is_refused_with_the_known_ones(county: County) -> None:
    with pytest.raises(ValueError, match=r"birth\.certified"):
        example("birth.unheard-of", county, TODAY, "a")


@pytest.mark.parametrize("people", [60, 300])
def test_a_small_county_has_examples_too(people: int) -> None:
    small = generate(people)
    for name in TYPE_NAMES:
        judge(example(name, small, TODAY, "a"), REPORTER[name])


def test_a_county_in_which_nobody_fits_says_so() -> None:
    with pytest.raises(ValueError, match="larger"):
        example("marriage.registered", generate(1), TODAY, "a")


def test_the_examples_of_the_contract_are_those_of_the_county() -> None:
    committed = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.json")}
    assert committed == texts(), "run: python -m deploy.tenfold.county.contract_examples"
