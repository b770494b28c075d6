"""A preview says what would be disclosed of somebody made up; it looks nobody up, stores nothing and logs nothing."""

import structlog

from tests.agreements_world import Hands, document
from tests.exchange_world import Exchange, Json

pytest_plugins = ["tests.exchange"]

SOMEBODY = {"name": "Zhao Canary", "birth_date": "1990-05-17", "spouse": "k1.madeup", "died_on": None}
TABLES = ("agreement", "agreement_step", "journal", "feed_entry", "parked", "department_case", "outcome")


async def previewed(exchange: Exchange, department: str | None, body: Json) -> Json:
    """What a department's reviewer (None: a protection officer) is answered."""
    answer = await Hands(exchange).post("preview", {"person": SOMEBODY, **body}, department)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_it_names_what_is_given_what_is_withheld_and_the_law(exchange: Exchange) -> None:
    found = await previewed(exchange, "civil-affairs", {"department": "civil-affairs"})
    assert found["disclosed"] == {"name": "Zhao Canary", "died_on": None, "civil_status": None, "spouse": "k1.madeup"}
    assert {"birth_date", "mother", "sex"} <= set(found["withheld"])
    (basis,) = found["basis"]
    assert basis["agreement"] == "civil-affairs-marriage"
    assert basis["legal_basis"][0]["law"]["zh"] == "中华人民共和国民法典"


async def test_a_draft_counts_as_if_it_were_in_force_and_stays_a_draft(exchange: Exchange) -> None:
    asked = {"department": "finance", "purpose": "audit"}
    assert (await previewed(exchange, "finance", asked))["disclosed"] == {}
    draft = document("finance")
    found = await previewed(exchange, "finance", asked | {"agreement": draft})
    assert found["disclosed"] == {"name": "Zhao Canary", "birth_date": "1990-05-17"}
    assert [each["agreement"] for each in found["basis"]] == ["finance-example"]
    assert (await Hands(exchange).get("finance-example")).status_code == 404


async def test_without_a_case_or_out_of_force_nothing_is_given(exchange: Exchange) -> None:
    for changed in ({"holds_case": False}, {"on": "2035-01-01"}, {"purpose": "care"}):
        found = await previewed(exchange, "housing", {"department": "housing", **changed})
        assert (found["disclosed"], found["basis"]) == ({}, [])


async def test_a_department_previews_others_only_by_agreements_it_is_a_party_to(exchange: Exchange) -> None:
    asked = {"department": "civil-affairs"}
    assert (await previewed(exchange, "education", asked))["disclosed"] == {}
    for entitled in ("health", None):
        assert (await previewed(exchange, entitled, asked))["disclosed"]["name"] == "Zhao Canary"


async def test_nothing_is_stored_logged_or_looked_up(exchange: Exchange) -> None:
    async def counts() -> list[int]:
        return [await exchange.service.pool.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]

    before = await counts()
    with structlog.testing.capture_logs() as logs:
        await previewed(exchange, "housing", {"department": "housing", "agreement": document()})
    assert await counts() == before
    assert "Canary" not in str(logs)


async def test_a_field_outside_the_closed_list_is_refused_by_its_rule(exchange: Exchange) -> None:
    for name, rule in (("ethnicity", 5), ("shoe_size", 6)):
        body = {"person": {name: "x"}, "department": "housing"}
        answer = await Hands(exchange).post("preview", body, "housing", accept_language="en")
        assert (answer.status_code, f"protection rule {rule}" in answer.text) == (422, True)
