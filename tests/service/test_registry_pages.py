"""Logging in to the registry, and what its pages refuse and write down."""

from typing import Any
from urllib.parse import quote

import pytest

from services.registry.app import create_app
from services.registry.reviews import handlers
from tests.histories import household, number, person
from tests.registry_pages_world import CLERK, OWN, code, signed_in
from tests.registry_world import LookUpWorld, RegistryWorld, says
from tests.reviews_world import Desk
from tests.service.test_reviews import FIRST, SECOND

pytest_plugins = ["tests.registry", "tests.reviews"]

SECURITY: dict[str, Any] = {"department": "public-security", "roles": ["clerk"], "purpose": "household-registration"}
ENTERED = says("household.registered", "h1", {"person": person(1, "李伟"), **household()}, "2024-01-10")


@pytest.mark.parametrize(
    ("who", "first"),
    [
        (CLERK, "/reviews"),
        (CLERK | {"department": "health"}, "/contradictions"),
        (CLERK | {"purpose": "correction"}, "/corrections"),
        (SECURITY | {"roles": ["follower"]}, "/people"),
    ],
)
async def test_everyone_is_led_to_the_page_that_is_theirs(
    lookups: LookUpWorld, who: dict[str, Any], first: str
) -> None:
    assert (await lookups.http.get("/")).headers["location"] == "/login"
    http = await signed_in(lookups, **who)
    assert (await http.get("/")).headers["location"] == first
    assert (await http.get(first)).status_code == 200


async def test_who_has_no_page_is_told_so(lookups: LookUpWorld) -> None:
    http = await signed_in(lookups, roles=["administrator"])
    answer = await http.get("/", headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "Not allowed" in answer.text


async def test_a_session_opens_pages_only_and_codes_are_minted_in_development_only(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    http = await signed_in(lookups, **CLERK)
    assert (await http.get("/reviews")).status_code == 200
    assert (await http.get("/v1/reviews")).status_code == 401
    production = create_app(registry.service.settings.model_copy(update={"environment": "production"}))
    assert "/v1/login-codes" not in {getattr(route, "path", "") for route in production.routes}


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://registry:8103"}, {"origin": "http://evil.example"}, {"sec-fetch-site": "same-site", **OWN}],
    ids=["unsaid", "another port", "another site", "another port, said by the browser"],
)
async def test_forms_of_other_sites_decide_nothing(desk: Desk, headers: dict[str, str]) -> None:
    await desk.registry.apply(FIRST)
    await desk.registry.apply(SECOND)
    review = await desk.of(SECOND)
    http = await signed_in(desk.api, **CLERK)
    said = {"decision": "separate", "reason": "seen on paper", "version": review["version"]}
    path = f"/reviews/{review['review']}"
    assert (await http.post(path, data=said, headers=headers)).status_code == 403
    assert await desk.registry.count("link_decision") == 0
    assert (await http.post(path, data=said, headers=OWN)).headers["location"] == "/reviews?decided=true"
    assert await desk.registry.count("link_decision") == 1


async def test_a_posted_search_finds_and_is_written_down_and_nothing_is_kept(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(ENTERED)
    http = await signed_in(lookups, **SECURITY)
    said = {"type": "resident-identity-number", "value": number(1)["value"], "issuer": ""}
    answer = await http.post("/people", data=said, headers=OWN)
    assert "李伟" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert " style=" not in answer.text
    assert "<script" not in answer.text
    reference = await registry.reference("public-security", ENTERED)
    assert (await http.get(f"/people/{quote(reference)}")).status_code == 200
    rows = await registry.service.pool.fetch("SELECT subject, action FROM access_log ORDER BY access_id")
    assert [tuple(row) for row in rows] == [("li.na", "look-up"), ("li.na", "timeline")]


async def test_another_departments_reference_is_nobody_and_without_an_agreement_the_page_says_why(
    registry: RegistryWorld, lookups: LookUpWorld
) -> None:
    await registry.apply(ENTERED)
    foreign = await registry.reference("health", ENTERED)
    http = await signed_in(lookups, **SECURITY)
    assert (await http.get(f"/people/{foreign}")).status_code == 404
    http = await signed_in(lookups, **SECURITY | {"purpose": "statistics"})
    own = await registry.reference("public-security", ENTERED)
    answer = await http.get(f"/people/{own}")
    assert answer.status_code == 403
    assert "李伟" not in answer.text
    assert await registry.count("access_log") == 0


async def test_a_code_lets_in_once_under_a_cookie_of_this_service(lookups: LookUpWorld) -> None:
    typed = await code(lookups, **CLERK)
    first = await lookups.http.post("/login", data={"code": typed}, headers=OWN)
    assert first.headers["set-cookie"].startswith("tenfold_registry=")
    lookups.http.cookies.clear()
    assert (await lookups.http.post("/login", data={"code": typed}, headers=OWN)).status_code == 403


async def test_an_ask_that_came_between_changes_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that the form was filled in wrongly."""
    monkeypatch.setattr(handlers, "TRIES", 0)
    await desk.registry.apply(ENTERED)
    http = await signed_in(desk.api, **CLERK)
    said = {"ask": "split", "one": await desk.registry.reference("public-security", ENTERED), "reason": "two people"}
    answer = await http.post("/reviews", data=said, headers=OWN | {"accept-language": "en"})
    assert answer.status_code == 409
    assert "The people in question have changed" in answer.text
