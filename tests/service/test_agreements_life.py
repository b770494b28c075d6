"""The life of an agreement: proposed, approved by each department for itself, in force, suspended, ended, expired."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.exchange.agreements.life import Life
from shared import clock
from tests.agreements_world import OFFICER, Hands, Json, document
from tests.exchange_world import Exchange
from tests.histories import number

pytest_plugins = ["tests.exchange"]

NAME = "housing-example"
SIGNERS = ("public-security", "health", "housing")


@pytest.fixture
def hands(exchange: Exchange) -> Hands:
    """Callers of the exchange under test."""
    return Hands(exchange)


def steps(found: Json, version: int = 1) -> list[tuple[str, str | None]]:
    """What was done with a version and for which department."""
    return [(each["what"], each["department"]) for each in found["versions"][version - 1]["history"]]


async def told(hands: Hands, identifier: str = NAME) -> list[str]:
    """How the registry was told that it stands, in order."""
    headers = hands.exchange.headers(None, roles=["service"], service="registry")
    answer = await hands.exchange.http.get("/v1/feeds/sharing?limit=1000", headers=headers)
    entries = [entry["data"] for entry in answer.json()["entries"]]
    return [entry["status"] for entry in entries if entry.get("identifier") == identifier]


async def test_a_proposal_changes_nothing_until_every_department_has_signed(hands: Hands) -> None:
    await hands.propose(document())
    for signed, department in enumerate(SIGNERS):
        assert await hands.standing(NAME) == ["proposed"]
        assert await told(hands) == []
        waiting = (await hands.get(NAME)).json()["versions"][0]["awaiting"]
        assert waiting == sorted(SIGNERS[signed:])
        found = await hands.approve(NAME, department)
    assert await hands.standing(NAME) == ["in-force"]
    assert await told(hands) == ["in-force"]
    last = ("in-force", "housing")
    assert steps(found) == [("proposed", "housing"), *[("approved", each) for each in SIGNERS], last]


async def test_a_giving_department_may_propose_and_others_may_not(hands: Hands) -> None:
    assert (await hands.post("", document(), "finance")).status_code == 404
    await hands.propose(document(), "health")
    assert (await hands.get(NAME, "finance")).status_code == 404
    for path, body in (("approval", {"version": 1}), ("refuse", {"version": 1, "reason": "x"})):
        assert (await hands.post(f"{NAME}/{path}", body, "finance")).status_code == 404


async def test_nobody_replaces_an_agreement_of_others_by_naming_itself_in_a_new_version(hands: Hands) -> None:
    await hands.agree(document())
    intruding = document(
        fields=["name"], approved_by={"giving": ["finance", "public-security"], "receiving": "housing"}
    )
    assert (await hands.post("", intruding, "finance")).status_code == 404
    assert await hands.standing(NAME) == ["in-force"]
    await hands.propose(intruding, "public-security")
    assert await hands.standing(NAME) == ["in-force", "proposed"]


async def test_no_department_acts_on_an_agreement_it_is_no_party_to(hands: Hands) -> None:
    await hands.agree(document())
    for what in ("suspend", "resume", "end"):
        answer = await hands.post(f"{NAME}/{what}", {"reason": "x"}, "finance")
        assert (answer.status_code, answer.json()["type"]) == (404, "/errors#not-found")
        assert (await hands.post(f"nothing-there/{what}", {"reason": "x"}, "finance")).json() == answer.json()


async def test_signing_twice_is_signing_once(hands: Hands) -> None:
    await hands.propose(document())
    await hands.approve(NAME, "health", "health")
    assert steps(await hands.approve(NAME, "health")) == [("proposed", "housing"), ("approved", "health")]


async def test_sixteen_signatures_at_once_put_it_in_force_once(hands: Hands) -> None:
    await hands.propose(document())
    many = [*SIGNERS * 5, "housing"]
    answers = await asyncio.gather(*[hands.post(f"{NAME}/approval", {"version": 1}, each) for each in many])
    assert {answer.status_code for answer in answers} == {200}
    found = steps((await hands.get(NAME)).json())
    assert sorted(str(department) for what, department in found if what == "approved") == sorted(SIGNERS)
    assert [what for what, _ in found].count("in-force") == 1
    assert await told(hands) == ["in-force"]


async def test_a_version_that_is_not_proposed_cannot_be_signed_or_refused(hands: Hands) -> None:
    await hands.propose(document())
    assert (await hands.post(f"{NAME}/approval", {"version": 2}, "health")).status_code == 404
    await hands.post(f"{NAME}/refuse", {"version": 1, "reason": "范围过宽"}, "health")
    assert await hands.standing(NAME) == ["refused"]
    for path, body in (("approval", {"version": 1}), ("refuse", {"version": 1, "reason": "x"})):
        assert (await hands.post(f"{NAME}/{path}", body, "health")).status_code == 409


async def test_who_proposed_withdraws_and_the_reason_stands_in_the_history(hands: Hands) -> None:
    await hands.propose(document())
    answer = await hands.post(f"{NAME}/refuse", {"version": 1, "reason": "改为另立协议"}, "housing")
    version = answer.json()["versions"][0]
    assert (version["standing"], version["history"][-1]["reason"]) == ("withdrawn", "改为另立协议")
    await hands.agree(document(), version=2)
    assert await hands.standing(NAME) == ["withdrawn", "in-force"]


async def test_a_changed_agreement_replaces_the_old_one_only_when_all_have_signed_it(hands: Hands) -> None:
    await hands.agree(document())
    await hands.propose(document(fields=["name"]))
    await hands.approve(NAME, "health", "public-security", version=2)
    assert await hands.standing(NAME) == ["in-force", "proposed"]
    await hands.approve(NAME, "housing", version=2)
    assert await hands.standing(NAME) == ["replaced", "in-force"]
    assert await told(hands) == ["in-force", "in-force"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"purpose": "service-delivery"}, "/purpose"), ({"valid_from": "2027-06-01"}, "/valid_from")],
)
async def test_a_new_version_keeps_what_was_told_under_the_old_one_readable(
    hands: Hands, change: Json, pointer: str
) -> None:
    await hands.agree(document())
    answer = await hands.post("", document(fields=["name"], **change), "housing")
    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["faults"]]) == (422, [pointer])


async def test_only_one_version_is_proposed_at_a_time_and_none_that_changes_nothing(hands: Hands) -> None:
    await hands.propose(document())
    assert (await hands.post("", document(fields=["name"]), "housing")).status_code == 409
    await hands.approve(NAME, *SIGNERS)
    assert (await hands.post("", document(), "housing")).status_code == 409


@pytest.mark.parametrize("by", ["housing", "health", OFFICER])
async def test_whoever_suspended_it_resumes_it(hands: Hands, by: str | None) -> None:
    await hands.agree(document())
    await hands.does("suspend", NAME, by)
    assert (await hands.post(f"{NAME}/suspend", {"reason": "x"}, by)).status_code == 409
    for other in {"housing", "health", OFFICER} - {by}:
        assert (await hands.post(f"{NAME}/resume", {"reason": "x"}, other)).status_code == 409
    await hands.does("resume", NAME, by)
    assert (await hands.post(f"{NAME}/resume", {"reason": "x"}, by)).status_code == 409
    assert await told(hands) == ["in-force", "suspended", "in-force"]


async def test_what_a_department_suspended_an_officer_may_suspend_over_it(hands: Hands) -> None:
    await hands.agree(document())
    await hands.does("suspend", NAME, "housing")
    await hands.does("suspend", NAME)
    assert (await hands.post(f"{NAME}/resume", {"reason": "x"}, "housing")).status_code == 409
    await hands.does("resume", NAME)
    assert await hands.standing(NAME) == ["in-force"]


async def test_no_signature_brings_back_what_was_suspended(hands: Hands) -> None:
    await hands.agree(document())
    await hands.propose(document(fields=["name"]))
    await hands.does("suspend", NAME)
    assert (await hands.post(f"{NAME}/approval", {"version": 2}, "health")).status_code == 409


async def test_ended_is_for_ever_but_the_same_may_be_agreed_anew(hands: Hands) -> None:
    await hands.agree(document())
    await hands.does("end", NAME, "public-security")
    for what in ("suspend", "resume", "end"):
        assert (await hands.post(f"{NAME}/{what}", {"reason": "x"}, "housing")).status_code == 409
    await hands.agree(document(), version=2)
    assert await hands.standing(NAME) == ["ended", "in-force"]
    assert await told(hands) == ["in-force", "ended", "in-force"]


async def test_an_agreement_of_later_is_approved_and_one_past_its_last_day_is_expired(hands: Hands) -> None:
    found = await hands.agree(document(valid_from="2027-01-01", valid_until="2027-12-31"))
    assert found["versions"][0]["standing"] == "approved"
    for at, standing in (((2027, 1, 1), "in-force"), ((2027, 12, 31), "in-force"), ((2028, 1, 1), "expired")):
        with clock.frozen(datetime(*at, tzinfo=clock.SHANGHAI)):
            assert await hands.standing(NAME) == [standing]


async def test_the_clock_ends_an_agreement_once_and_tells_the_registry(hands: Hands) -> None:
    await hands.agree(document())
    life = Life(hands.exchange.service, hands.exchange.app.state.agreements.authorities)
    assert await life.let_expire() == 0
    with clock.frozen(datetime(2029, 1, 1, tzinfo=UTC)):
        assert await life.let_expire() > 0
        assert await life.let_expire() == 0
        assert await hands.standing(NAME) == ["expired"]
        assert (await hands.post(f"{NAME}/suspend", {"reason": "x"}, "housing")).status_code == 409
    assert await told(hands) == ["in-force", "ended"]


async def test_what_is_over_cannot_be_proposed_or_signed(hands: Hands) -> None:
    answer = await hands.post("", document(valid_from="2025-01-01", valid_until="2025-12-31"), "housing")
    assert (answer.status_code, answer.json()["faults"][0]["pointer"]) == (422, "/valid_until")
    await hands.propose(document())
    with clock.frozen(datetime(2029, 1, 1, tzinfo=UTC)):
        assert (await hands.post(f"{NAME}/approval", {"version": 1}, "housing")).status_code == 422


REFUSED: list[tuple[str, dict[str, Any], int]] = [
    ("finance", {"fields": ["mother"]}, 2),
    ("finance", {"fields": ["spouse"]}, 2),
    ("finance", {"fields": ["residence"], "scope": "everyone"}, 2),
    ("public-security", {"fields": ["name", "died_on"], "scope": "everyone"}, 2),
    ("public-security", {"fields": ["sex", "birth_date"], "scope": "everyone"}, 2),
    ("public-security", {"fields": ["identity_number"], "scope": "everyone"}, 2),
    ("public-security", {"fields": ["sex"], "scope": "everyone"}, 2),  # beside what the provisioned one grants
    ("health", {"fields": ["mother"], "scope": "everyone"}, 2),
    ("civil-affairs", {"fields": ["spouse"], "scope": "everyone"}, 2),
    ("finance", {"fields": ["ethnicity"]}, 5),
    ("finance", {"fields": ["fetal_sex"]}, 5),
    ("finance", {"religion": "x"}, 5),
    ("finance", {"fields": ["birth_quota"]}, 1),
    ("finance", {"fields": ["likely_pregnant"]}, 2),
    ("finance", {"fields": ["shoe_size"]}, 6),
    ("finance", {"fields": ["name", "name"]}, 6),
    ("finance", {"legal_basis": []}, 6),
    ("finance", {"fields": []}, 6),
    ("finance", {"valid_until": "2025-12-31"}, 6),
    ("finance", {"approved_by": {"giving": ["public-security"], "receiving": "health"}}, 6),
    ("finance", {"approved_by": {"giving": ["finance"], "receiving": "finance"}}, 6),
    ("finance", {"approved_by": {"giving": ["health"], "receiving": "finance"}}, 6),
    ("health", {"purpose": "care"}, 3),
    ("statistics", {"purpose": "statistics"}, 10),
]


@pytest.mark.parametrize(("department", "changes", "rule"), REFUSED, ids=[str(each[1]) for each in REFUSED])
async def test_what_no_signature_can_allow_is_refused_and_the_rule_is_named(
    hands: Hands, department: str, changes: dict[str, Any], rule: int
) -> None:
    wanted = document(department) | changes
    answer = await hands.post("", wanted, department, accept_language="en")
    assert answer.status_code == 422, answer.text
    assert f"refused by protection rule {rule}:" in answer.text
    chinese = await hands.post("", wanted, department, accept_language="zh")
    assert f"被保护规则第 {rule} 条" in chinese.text
    drafted = {"person": {}, "department": department, "agreement": wanted}
    answer = await hands.post("preview", drafted, department, accept_language="en")
    assert f"refused by protection rule {rule}:" in answer.text


async def test_two_that_only_together_select_people_by_sex_are_refused_also_while_one_is_proposed(
    hands: Hands,
) -> None:
    await hands.does("end", "public-security-register", "public-security")
    wide = {"scope": "everyone", "purpose": "audit"}
    await hands.propose(document("public-security", identifier="one", fields=["sex"], **wide))
    answer = await hands.post(
        "", document("public-security", identifier="two", fields=["birth_date"], **wide), "public-security",
        accept_language="en",
    )  # fmt: skip
    assert "refused by protection rule 2:" in answer.text


NUMBER = number(1)["value"]


@pytest.mark.parametrize("part", ["law", "article", "text"])
async def test_an_agreement_names_no_persons_number(hands: Hands, part: str) -> None:
    basis = document()["legal_basis"][0] | {part: {"zh": f"王秀英 {NUMBER}", "en": "x"}}
    reason = {"fields": [], "reason": {"zh": "x", "en": f"because of {NUMBER}"}}
    for wanted in (document(legal_basis=[basis]), document(**reason)):
        answer = await hands.post("", wanted, "housing")
        assert (answer.status_code, NUMBER in answer.text) == (422, False)


async def test_a_reason_names_no_persons_number(hands: Hands) -> None:
    await hands.propose(document())
    for path, more in ((f"{NAME}/refuse", {"version": 1}), ("housing-public-rental/suspend", {})):
        answer = await hands.post(path, {"reason": f"王秀英 {NUMBER}", **more}, "housing")
        assert (answer.status_code, NUMBER in answer.text) == (422, False)
        assert [fault["pointer"] for fault in answer.json()["faults"]] == ["/reason"]
    assert await hands.standing(NAME) == ["proposed"]


@pytest.mark.parametrize("text", ["a\u0000b", "\ud800"])
async def test_texts_that_cannot_be_stored_are_refused(hands: Hands, text: str) -> None:
    basis = document()["legal_basis"][0] | {"article": {"zh": text, "en": "x"}}
    content = json.dumps(document(legal_basis=[basis])).encode()
    headers = hands.headers("housing") | {"content-type": "application/json"}
    answer = await hands.exchange.http.post("/v1/agreements", content=content, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    content = json.dumps({"reason": text}).encode()
    answer = await hands.exchange.http.post(
        "/v1/agreements/housing-public-rental/suspend", content=content, headers=headers
    )
    assert answer.status_code in (400, 422), answer.text
