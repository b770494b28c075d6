"""Agreements read by call: a department reads its own; the matrix is for those who watch over all of them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from shared import clock
from shared.auth.caller import DEPARTMENTS, ROLES
from shared.settings import PROVISIONING
from shared.sharing.agreements import Agreements
from tests.exchange_world import Exchange, Json

pytest_plugins = ["tests.exchange"]

AGREEMENTS = list(Agreements.load(PROVISIONING))
MATRIX = "/v1/agreements/matrix"
WATCHERS = {"administrator", "protection-officer"}
OFFICIALS = {"reporter", "follower", "clerk", "reviewer"}


def in_force(on: date) -> list[Any]:
    """What the provisioned files say of that day, read apart from the routes."""
    return [agreement for agreement in AGREEMENTS if agreement.valid_from <= on <= agreement.valid_until]


async def listed(exchange: Exchange, caller: str, /, **query: str) -> list[Json]:
    answer = await exchange.http.get("/v1/agreements", params=query, headers=exchange.headers(caller))
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["agreements"]
    return found


async def own(exchange: Exchange, department: str) -> list[Json]:
    """What a department receives by, as agreed."""
    found = await listed(exchange, department, department=department, standing="in-force")
    return [each["agreement"] for each in found]


async def matrix(exchange: Exchange, role: str = "administrator") -> Json:
    answer = await exchange.http.get(MATRIX, headers=exchange.headers(None, roles=[role]))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def status(exchange: Exchange, path: str, department: str | None, roles: Iterable[str]) -> tuple[int, str]:
    """The status and the type of problem."""
    answer = await exchange.http.get(path, headers=exchange.headers(department, roles=roles))
    return answer.status_code, answer.json()["type"] if answer.is_error else ""


async def test_each_department_reads_the_agreements_it_is_a_party_to_and_no_others(exchange: Exchange) -> None:
    for department in sorted(DEPARTMENTS):
        assert await own(exchange, department), "every department has an agreement, if only one without fields"
        expected = {
            agreement.identifier
            for agreement in AGREEMENTS
            if department in (agreement.department, *agreement.approved_by.giving)
        }
        assert {each["identifier"] for each in await listed(exchange, department)} == expected
        for agreement in AGREEMENTS:
            answer = await exchange.http.get(
                f"/v1/agreements/{agreement.identifier}", headers=exchange.headers(department)
            )
            assert answer.status_code == (200 if agreement.identifier in expected else 404)


async def test_pages_of_agreements_follow_each_other_without_a_gap(exchange: Exchange) -> None:
    headers, found, after = exchange.headers(None, roles=["administrator"]), list[str](), None
    while True:
        query = {"limit": "4"} | ({"after": after} if after else {})
        page = (await exchange.http.get("/v1/agreements", params=query, headers=headers)).json()
        found += [each["identifier"] for each in page["agreements"]]
        after = page["next_after"]
        if after is None:
            break
        assert len(page["agreements"]) == 4
    assert found == sorted(each.identifier for each in AGREEMENTS)


async def test_a_provisioned_agreement_shows_that_it_came_from_a_file(exchange: Exchange) -> None:
    (found, *_) = await listed(exchange, "housing", department="housing")
    assert (found["version"], found["standing"], found["awaiting"]) == (1, "in-force", [])
    assert [(each["what"], each["role"]) for each in found["history"]] == [("in-force", "provisioning")]


async def test_an_agreement_says_what_for_on_which_law_until_when_and_who_approved(exchange: Exchange) -> None:
    for given in await own(exchange, "public-security"):
        (agreement,) = [each for each in AGREEMENTS if each.identifier == given["identifier"]]
        assert given == agreement.model_dump(mode="json")
        assert given["legal_basis"][0]["text"]["zh"]
        assert given["approved_by"]["receiving"] == "public-security"


async def test_an_agreement_is_read_until_its_last_day_and_not_after(exchange: Exchange) -> None:
    (first, *_) = await own(exchange, "public-security")
    last = datetime.combine(date.fromisoformat(first["valid_until"]), time(23, 59), clock.SHANGHAI)
    for minutes, there in ((0, True), (1, False)):
        with clock.frozen(last + timedelta(minutes=minutes)):
            found = {each["identifier"] for each in await own(exchange, "public-security")}
            row = (await matrix(exchange))["matrix"].get("public-security", {})
        cells = {cell["agreement"] for cell in row.get(first["fields"][0], [])}
        assert (first["identifier"] in found, first["identifier"] in cells) == (there, there)


@pytest.mark.parametrize("role", sorted(WATCHERS))
async def test_the_matrix_holds_every_field_of_every_agreement_in_force_and_nothing_else(
    exchange: Exchange, role: str
) -> None:
    found = await matrix(exchange, role)
    assert found["on"] == clock.today().isoformat()
    cells = {
        (department, field, cell["agreement"], cell["purpose"], cell["scope"], cell["until"])
        for department, row in found["matrix"].items()
        for field, granting in row.items()
        for cell in granting
    }
    assert cells == {
        (each.department, field, each.identifier, each.purpose, each.scope, each.valid_until.isoformat())
        for each in in_force(clock.today())
        for field in each.fields
    }
    assert found["matrix"]["statistics"] == {}, "an agreement without fields is an empty row"


async def test_the_matrix_is_for_administrators_and_protection_officers(exchange: Exchange) -> None:
    for role in sorted(ROLES - {"service"}):
        expected = (200, "") if role in WATCHERS else (403, "/errors#role-required")
        assert await status(exchange, MATRIX, None, [role]) == expected, role
        assert (await status(exchange, MATRIX, "public-security", [role]))[0] == 403, role


async def test_agreements_are_for_officials_of_a_department_and_for_those_who_watch(exchange: Exchange) -> None:
    for role in sorted(ROLES - {"service"}):
        for department in ("public-security", None):
            may = role in (WATCHERS if department is None else OFFICIALS)
            got, problem = await status(exchange, "/v1/agreements", department, [role])
            assert got == (200 if may else 403), (role, department, problem)


@pytest.mark.parametrize("path", ["/v1/agreements", MATRIX])
async def test_without_a_token_there_is_no_answer(exchange: Exchange, path: str) -> None:
    for headers in ({}, {"authorization": "Bearer x"}):
        answer = await exchange.http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (401, "/errors#unauthenticated")
