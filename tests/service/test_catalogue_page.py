"""The catalogue as people read it: complete, in two languages, offline."""

import re
from html import unescape

import pytest

from services.exchange.contract.guide import STEPS
from shared.auth.caller import DEPARTMENTS
from shared.contracts.catalogue import TYPES
from shared.contracts.entries import ENTRIES
from shared.errors_text import ERRORS
from shared.sharing.departments import Departments
from tests.exchange_world import Exchange

pytest_plugins = ["tests.exchange"]


async def page(exchange: Exchange, language: str) -> str:
    answer = await exchange.http.get("/catalogue", headers={"accept-language": language})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    return answer.text


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_type_stands_there_with_its_reporters_schema_and_example(exchange: Exchange, language: str) -> None:
    shown = await page(exchange, language)
    titles = {each.name: each.title for each in Departments.load(exchange.settings.provisioning).all()}
    assert set(titles) == DEPARTMENTS
    for entry in TYPES:
        (section,) = re.findall(f'<section class="sheet entry" id="{entry.name}">(.*?)</section>', shown, re.DOTALL)
        assert entry.type in section
        assert f'href="/schemas/{entry.name}.v{entry.version}.json"' in section
        for reporter in entry.reporters:
            assert (titles[reporter].zh if language == "zh-CN" else titles[reporter].en) in section
        assert f"&#34;{entry.name}-1&#34;" in section
        assert (await exchange.http.get(f"/schemas/{entry.name}.v{entry.version}.json")).status_code == 200
    for told in ENTRIES:
        assert f'id="{told.name}"' in shown


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_how_to_begin_stands_on_the_page_and_in_the_openapi_document(exchange: Exchange, language: str) -> None:
    shown = unescape(re.sub("</?code>", "`", await page(exchange, language)))
    document = (await exchange.http.get("/openapi.json")).json()["info"]["description"]
    assert STEPS
    for step in STEPS:
        said = step.says.zh if language == "zh-CN" else step.says.en
        assert said in shown
        assert said in document


async def test_every_member_of_a_served_schema_says_what_it_means(exchange: Exchange) -> None:
    listed = (await exchange.http.get("/schemas")).json()
    assert {each["type"] for each in listed["messages"]} == {entry.type for entry in ENTRIES}
    for each in [*listed["schemas"], *listed["messages"]]:
        schema = (await exchange.http.get(each["schema"])).json()
        assert schema["$id"] == each["schema"]
        for model in [schema, *schema.get("$defs", {}).values()]:
            for name, member in model.get("properties", {}).items():
                assert re.search("[\u4e00-\u9fff]", member["description"]), (each["type"], name)


async def test_the_catalogue_names_systems_examples_messages_and_schemes(exchange: Exchange) -> None:
    catalogue = (await exchange.http.get("/v1/catalogue")).json()
    for each in catalogue["types"]:
        assert list(each["sources"]) == each["reporters"]
        assert each["example"]["type"] == each["type"]
        assert each["example"]["source"] in [urn for urns in each["sources"].values() for urn in urns]
    assert [each["type"] for each in catalogue["messages"] if each["acknowledge"]] == [
        "cn.tenfold.value.corrected.v1",
        "cn.tenfold.value.withdrawn.v1",
    ]
    assert set(catalogue["schemes"]) == {"insurance", "entitlement"}
    assert all(catalogue["schemes"].values())


async def test_nothing_is_loaded_from_elsewhere_and_every_link_leads_somewhere(exchange: Exchange) -> None:
    shown = await page(exchange, "en")
    for link in set(re.findall(r'(?:href|src)="([^"]*)"', shown)):
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in shown, link
        else:
            answer = await exchange.http.get(link)
            assert answer.status_code == 200, link
    assert "<script" not in shown
    assert 'style="' not in shown


async def test_the_catalogue_for_machines_names_the_page_and_the_documents_are_served(exchange: Exchange) -> None:
    assert (await exchange.http.get("/v1/catalogue")).json()["page"] == "/catalogue"
    document = (await exchange.http.get("/asyncapi.json")).json()
    assert document["asyncapi"] == "3.0.0"


async def test_who_is_told_stands_there_by_the_agreements_in_force(exchange: Exchange) -> None:
    shown = await page(exchange, "en")
    (death,) = re.findall('<section class="sheet entry" id="death.certified">(.*?)</section>', shown, re.DOTALL)
    assert "Human Resources and Social Security: " in death
    assert "human-resources-social-insurance" in death
    assert "Statistics" not in death
    (married,) = re.findall('<section class="sheet entry" id="marriage.registered">(.*?)</section>', shown, re.DOTALL)
    assert re.findall(r"\(([a-z-]+)\)", married) == ["civil-affairs-marriage"]
    (school,) = re.findall('<section class="sheet entry" id="enrolment.registered">(.*?)</section>', shown, re.DOTALL)
    assert "nobody but its reporter" in school


async def test_schemas_are_listed_and_served_by_version(exchange: Exchange) -> None:
    listed = (await exchange.http.get("/schemas")).json()["schemas"]
    assert {each["type"] for each in listed} == {entry.type for entry in TYPES}
    for each in listed:
        by_version = (await exchange.http.get(each["schema"])).json()
        assert by_version["$id"] == each["schema"]
        assert by_version == (await exchange.http.get(each["newest"])).json()
        assert by_version == (await exchange.http.get(f"/schemas/{each['type']}.json")).json()
    assert (await exchange.http.get("/schemas/birth.certified.v9.json")).status_code == 404


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_problem_type_has_its_place_on_a_page_and_in_json(exchange: Exchange, language: str) -> None:
    assert (await exchange.http.get("/errors")).json().keys() == ERRORS.keys()
    shown = await exchange.http.get("/errors", headers={"accept": "text/html", "accept-language": language})
    assert shown.headers["content-type"].startswith("text/html")
    assert set(re.findall('<section class="sheet entry" id="([a-z0-9-]+)">', shown.text)) == set(ERRORS)
