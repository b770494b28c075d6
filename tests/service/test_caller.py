"""A department's system is told what it is known as, and nothing about whoever uses it."""

import pytest

from shared.contracts.catalogue import CATALOGUE
from tests.exchange_world import Exchange, registration

pytest_plugins = ["tests.exchange"]


async def test_a_system_learns_its_department_roles_sources_and_types(exchange: Exchange) -> None:
    headers = exchange.headers("public-security", roles=["follower", "reporter"])
    told = (await exchange.http.get("/v1/caller", headers=headers)).json()
    assert told["department"] == "public-security"
    assert told["title"] == {"zh": "公安局", "en": "Public Security"}
    assert told["roles"] == ["follower", "reporter"]
    assert told["sources"] == [
        "urn:tenfold:public-security:household-register",
        "urn:tenfold:public-security:migration",
    ]
    reported = registration("e1", 1)
    assert reported["source"] in told["sources"]
    assert reported["type"] in told["types"]
    assert told["types"] == sorted(n for n, entry in CATALOGUE.items() if "public-security" in entry.reporters)
    assert set(told) == {"department", "title", "roles", "purpose", "areas", "sources", "types", "kafka"}


@pytest.mark.parametrize("department", ["education", "statistics"])
async def test_a_department_may_report_exactly_the_types_it_is_told(exchange: Exchange, department: str) -> None:
    told = (await exchange.http.get("/v1/caller", headers=exchange.headers(department))).json()
    assert ("cn.tenfold.household.registered.v1" in told["types"]) is False
    answer = await exchange.post(registration("e1", 1), department)
    assert answer.status_code == 403
