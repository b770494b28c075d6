"""A person questions an access; the department gives its reason, the protection officer answers, and they read it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared import clock
from tests.audit_world import AuditWorld, Json
from tests.histories import household, number, person
from tests.registry_world import LookUpWorld, RegistryWorld, says

pytest_plugins = ["tests.registry"]
SECURITY = "public-security"
HERS = says("household.registered", "h1", {"person": person(2, "Wang Fang"), **household()}, "2024-01-10")
HIS = says("household.registered", "h2", {"person": person(1, "Li Wei"), **household(number_="H2")}, "2024-01-10")


@pytest.fixture
async def questioned(registry: RegistryWorld, lookups: LookUpWorld) -> AuditWorld:
    """Two people, and an official who looked at her."""
    await registry.apply(HERS, HIS)
    assert (await lookups.search(number(2), SECURITY)).status_code == 200
    return AuditWorld(registry, lookups)


async def looked_at(world: AuditWorld, token: str) -> str:
    """The entry of the look-up."""
    seen = (await world.get("/v1/me/disclosures", token))["disclosures"]
    return str(next(each["entry"] for each in seen if each["action"] == "look-up"))


async def ask(world: AuditWorld, token: str, entry: str, text: str = "Why was I looked up?") -> Json:
    answer = await world.call("POST", "/v1/me/questions", token, {"entry": entry, "text": text})
    assert answer.status_code == 201, answer.text
    asked: Json = answer.json()
    return asked


async def test_a_question_is_asked_stated_answered_and_read(questioned: AuditWorld) -> None:
    hers = await questioned.citizen(2, "Wang Fang")
    asked = await ask(questioned, hers, await looked_at(questioned, hers))
    assert (asked["standing"], asked["due"]) == ("open", (clock.today() + timedelta(days=30)).isoformat())
    (listed,) = (await questioned.get("/v1/questions", questioned.officer(), standing="open"))["questions"]
    assert "text" not in listed
    assert (listed["department"]["name"], listed["stated"]) == (SECURITY, False)
    chief = questioned.administrator(SECURITY)
    (wanted,) = (await questioned.get("/v1/questions/asked", chief))["questions"]
    assert "reference" not in wanted, "who asks is for the protection officer"
    assert wanted["about"]["official"] == "official-7"
    assert "Why" not in str(wanted), "what the person wrote is for the protection officer"
    place = f"/v1/questions/{asked['question']}"
    assert (
        await questioned.call("POST", f"{place}/statement", chief, {"text": "A move was\nregistered."})
    ).status_code == 204
    read = await questioned.get(place, questioned.officer())
    assert (read["text"], read["statement"]) == ("Why was I looked up?", "A move was\nregistered.")
    assert read["about"]["fields"]
    said = {"text": "It was lawful."}
    assert (await questioned.call("POST", f"{place}/answer", questioned.officer(), said)).status_code == 204
    assert (await questioned.call("POST", f"{place}/answer", questioned.officer(), said)).status_code == 409
    assert (await questioned.call("POST", f"{place}/statement", chief, said)).status_code == 404
    (own,) = (await questioned.get("/v1/me/questions", hers))["questions"]
    assert (own["standing"], own["answer"]) == ("answered", "It was lawful.")
    assert "registered" not in str(own), "a department's words are for the protection officer"
    (seen,) = [
        each
        for each in (await questioned.get("/v1/me/disclosures", hers))["disclosures"]
        if each["action"] == "question"
    ]
    assert (seen["office"], seen["yourself"], seen["department"]) == ("protection-officer", False, None)
    (told,) = [
        each
        for each in (await questioned.get("/v1/me/disclosures", hers))["disclosures"]
        if each["action"] == "question-asked"
    ]
    assert (told["office"], told["department"]["name"], told["purpose"]) == ("questioned-access", SECURITY, "audit")
    without = await questioned.call("GET", "/v1/questions/asked", questioned.administrator(SECURITY, None))
    assert (without.status_code, without.json()["type"]) == (403, "/errors#purpose-required")


async def test_only_an_entry_about_oneself_can_be_questioned(questioned: AuditWorld) -> None:
    hers, his = await questioned.citizen(2, "Wang Fang"), await questioned.citizen(1, "Li Wei")
    entry = await looked_at(questioned, hers)
    answers = [
        await questioned.call("POST", "/v1/me/questions", his, {"entry": other, "text": "?"})
        for other in (entry, str(uuid4()))
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    await ask(questioned, hers, entry)
    again = await questioned.call("POST", "/v1/me/questions", hers, {"entry": entry, "text": "?"})
    assert again.status_code == 409
    assert (await questioned.get("/v1/me/questions", his))["questions"] == []


@pytest.mark.parametrize("text", ["", "x" * 2_001, "a\0b", "a\tb"])
async def test_a_text_that_cannot_be_kept_is_refused(questioned: AuditWorld, text: str) -> None:
    hers = await questioned.citizen(2, "Wang Fang")
    body: dict[str, Any] = {"entry": await looked_at(questioned, hers), "text": text}
    assert (await questioned.call("POST", "/v1/me/questions", hers, body)).status_code == 422


async def test_another_department_sees_nothing_of_it_and_cannot_state(questioned: AuditWorld) -> None:
    hers = await questioned.citizen(2, "Wang Fang")
    asked = await ask(questioned, hers, await looked_at(questioned, hers))
    stranger = questioned.administrator("housing")
    assert (await questioned.get("/v1/questions/asked", stranger))["questions"] == []
    for question in (asked["question"], str(uuid4())):
        answer = await questioned.call("POST", f"/v1/questions/{question}/statement", stranger, {"text": "x"})
        assert answer.status_code == 404


async def test_an_officer_without_the_purpose_audit_reads_nothing(questioned: AuditWorld) -> None:
    token = questioned.lookups.issuer.issue(subject="o", roles=["protection-officer"], purpose="correction")
    assert (await questioned.call("GET", "/v1/questions", token)).status_code == 403


async def test_what_nobody_answered_in_time_is_listed_as_overdue(questioned: AuditWorld) -> None:
    hers = await questioned.citizen(2, "Wang Fang")
    asked = await ask(questioned, hers, await looked_at(questioned, hers))
    assert (await questioned.get("/v1/questions", questioned.officer(), standing="overdue"))["questions"] == []
    await questioned.registry.service.pool.execute("UPDATE question SET due = due - 31")
    (late,) = (await questioned.get("/v1/questions", questioned.officer(), standing="overdue"))["questions"]
    assert late["question"] == asked["question"]
    assert (await questioned.get("/v1/me/questions", hers))["questions"][0]["standing"] == "overdue"


async def test_texts_are_sealed_at_rest_and_bound_to_their_question(questioned: AuditWorld) -> None:
    hers = await questioned.citizen(2, "Wang Fang")
    await ask(questioned, hers, await looked_at(questioned, hers), "Nobody may read this")
    stored = await questioned.registry.service.pool.fetchval("SELECT body FROM question")
    assert b"Nobody" not in stored


async def test_questions_come_in_pages_by_the_day_they_are_due(questioned: AuditWorld) -> None:
    hers = await questioned.citizen(2, "Wang Fang")
    for _ in range(3):
        await questioned.lookups.search(number(2), SECURITY)
    seen = (await questioned.get("/v1/me/disclosures", hers))["disclosures"]
    asked = [await ask(questioned, hers, each["entry"]) for each in seen if each["action"] == "look-up"]
    found: list[UUID] = []
    page = await questioned.get("/v1/questions", questioned.officer(), limit=2)
    while page["questions"]:
        found += [each["question"] for each in page["questions"]]
        if page["next_after"] is None:
            break
        page = await questioned.get("/v1/questions", questioned.officer(), limit=2, after=page["next_after"])
    assert sorted(map(str, found)) == sorted(each["question"] for each in asked)
    assert len(asked) == 4


async def test_a_question_that_cannot_be_written_down_is_not_shown_to_the_officer(questioned: AuditWorld) -> None:
    hers = await questioned.citizen(2, "Wang Fang")
    asked = await ask(questioned, hers, await looked_at(questioned, hers))
    await questioned.registry.service.pool.execute("ALTER TABLE access_log ADD CHECK (action <> 'question') NOT VALID")
    answer = await questioned.call("GET", f"/v1/questions/{asked['question']}", questioned.officer())
    assert answer.status_code == 500
