"""Corrections asked by people and departments, decided by the authority on the field, and taken back again."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.registry.facts.rebuild import Rebuild
from shared import clock
from tests.audit_world import AuditWorld, Json
from tests.corrections_world import CIVIL, HEALTH, SECURITY, CorrectionDesk
from tests.histories import birth, household, number, person
from tests.registry_world import CloudEvent, LookUpWorld, RegistryWorld, receipt_of, says
from tests.reviews_world import Desk

pytest_plugins = ["tests.registry"]
HIM = person(1, "Li Wei")
ENTERED = says("household.registered", "h1", {"person": HIM, **household()}, "2024-01-10")
DIED = says("death.certified", "x1", {"person": HIM, "certificate_number": "x1"}, "2024-05-01", department=SECURITY)
BORN = says("birth.certified", "b1", birth(person(2, "Wang Fang"), HIM), "2024-02-01")


def later(event: CloudEvent, id_: str, **who: Any) -> CloudEvent:
    """Said once more, later, of somebody described otherwise."""
    data = event["data"] | {"person": event["data"]["person"] | who}
    return event | {"id": id_, "data": data, "time": (clock.now() + timedelta(minutes=1)).isoformat()}


@pytest.fixture
async def correcting(registry: RegistryWorld, lookups: LookUpWorld) -> CorrectionDesk:
    """A man in the household register, and the officials of the departments."""
    await registry.apply(ENTERED)
    return CorrectionDesk(AuditWorld(registry, lookups))


async def him(desk: CorrectionDesk) -> Any:
    """His state: he is the only one."""
    states, _ = await desk.world.registry.people()
    (state,) = states.values()
    return state


async def rebuilt(desk: CorrectionDesk) -> None:
    """What is stored is what the facts say."""
    folding = desk.world.registry.folding
    async with desk.world.registry.service.pool.acquire() as connection:
        stored, derived = await Rebuild(folding.vault, folding.authorities).compare(connection)
    assert stored == derived


async def test_a_person_asks_the_authority_approves_and_the_person_reads_why(correcting: CorrectionDesk) -> None:
    token = await correcting.world.citizen(1, "Li Wei")
    before = await correcting.world.registry.now()
    request = await correcting.ask_own(token, field="name", value="Li Wén")
    assert await correcting.listed(correcting.decider()) == [request]
    shown = await correcting.shown(request)
    assert (shown["value"], shown["reason"], shown["asked_by"], shown["direct"]) == (
        "Li Wén",
        "I know better",
        None,
        True,
    )
    assert shown["question"]["current"] == "Li Wei"
    assert [each["name"] for each in shown["question"]["said_by"]] == [SECURITY]
    decided = await correcting.decide(request, "approve", law="Household Registration Regulations, Art. 18")
    assert (decided["standing"], decided["approved"]) == ("approved", "Li Wén")
    assert (await him(correcting)).name == "Li Wén"
    (own,) = (await correcting.world.get("/v1/me/corrections", token))["corrections"]
    assert (own["standing"], own["answer"], own["law"]) == (
        "approved",
        "the papers say so",
        "Household Registration Regulations, Art. 18",
    )
    looks = (await correcting.world.get("/v1/me/disclosures", token))["disclosures"]
    assert [each["fields"] for each in looks if each["action"] == "correction"] == [
        ["name"],
        ["name", "birth_date"],
    ], "the newest first: what was decided, and what was decided by"
    record = await correcting.world.get("/v1/me", token)
    (name,) = [each for each in record["fields"] if each["name"] == "name"]
    assert (name["value"], [each["name"] for each in name["sources"]]) == ("Li Wén", [SECURITY])
    reference = await correcting.world.registry.reference(SECURITY, ENTERED)
    path = f"/v1/people/{reference}"
    asker = correcting.clerk(SECURITY)
    assert (await correcting.world.get(path, asker))["fields"]["name"] == "Li Wén"
    assert (await correcting.world.get(path, asker, known_at=before.isoformat()))["fields"]["name"] == "Li Wei"
    assert (await correcting.world.get(path, asker, valid_at="2024-01-11"))["fields"]["name"] == "Li Wén"
    steps = (await correcting.world.get(f"{path}/timeline", asker))["steps"]
    names = [each for step in steps for each in step["changes"] if each["field"] == "name"]
    assert [(each["value"], each["known_until"] is None) for each in names] == [("Li Wei", False), ("Li Wén", True)]
    await rebuilt(correcting)


async def test_an_annulment_brings_the_old_value_back_and_both_are_told_as_corrections(
    correcting: CorrectionDesk,
) -> None:
    request = await correcting.ask(SECURITY, ENTERED, field="sex", value="female")
    await correcting.decide(request, "approve")
    assert (await him(correcting)).sex == "female"
    annulled = await correcting.annul(request)
    assert (annulled["standing"], annulled["annulled_because"]) == ("annulled", "the papers were forged")
    assert (await him(correcting)).sex == "male"
    told = await correcting.world.registry.told(kind="person")
    assert [each["corrected"] for each in told if "corrected" in each] == [["sex"], ["sex"]]
    assert await correcting.world.registry.told(kind="outcome") == [
        each
        for each in await correcting.world.registry.told(kind="outcome")
        if each["receipt"] == str(receipt_of(ENTERED))
    ]
    await correcting.annul(request, status=409)
    await rebuilt(correcting)


async def test_what_the_authority_says_later_counts_and_what_others_say_does_not(correcting: CorrectionDesk) -> None:
    request = await correcting.ask(SECURITY, ENTERED, field="name", value="Li Wen")
    await correcting.decide(request, "approve")
    dying = later(DIED | {"source": "urn:tenfold:health:hospital-system"}, "x2", name="Li Wu")
    registry = correcting.world.registry
    await registry.apply(later(ENTERED | {"source": ENTERED["source"]}, "h2", name="Li Wen"), dying)
    assert (await him(correcting)).name == "Li Wen"
    await registry.apply(later(ENTERED, "h3", name="Li Da"))
    assert (await him(correcting)).name == "Li Da"


async def test_a_corrected_number_finds_the_person_and_reports_by_the_old_one_do(correcting: CorrectionDesk) -> None:
    right = number(7)["value"]
    request = await correcting.ask(SECURITY, ENTERED, field="identity_number", value=right.lower())
    await correcting.decide(request, "approve")
    assert (await him(correcting)).identity_number == right
    assert (await him(correcting)).other_identifiers == (), "the wrong number never was his"
    registry = correcting.world.registry
    for id_, sequence in (("m1", 7), ("m2", 1)):
        moved = says("household.registered", id_, {"person": person(sequence, "Li Wei"), **household()}, "2024-02-01")
        await registry.apply(moved)
        assert await registry.outcomes(moved) == [("applied", None)]
    assert (await him(correcting)).identity_number == right
    taken_back = says(
        "household.registered",
        "m3",
        {"person": person(7, "Li Wei"), **household()},
        "2024-02-01",
        action="annulled",
        of="m1",
        minute=5,
    )
    await registry.apply(taken_back)
    assert await registry.outcomes(taken_back) == [("applied", None)], "nobody falls apart"
    await rebuilt(correcting)


async def test_a_number_of_somebody_else_is_not_given(correcting: CorrectionDesk) -> None:
    other = says("household.registered", "h9", {"person": person(9, "Zhao Min"), **household(number_="H9")})
    await correcting.world.registry.apply(other)
    request = await correcting.ask(SECURITY, ENTERED, field="identity_number", value=number(9)["value"])
    answer = await correcting.decide(request, "approve", status=409)
    assert answer["type"] == "/errors#number-of-another-person"
    pool = correcting.world.registry.service.pool
    (counted,) = await pool.fetch("SELECT department, subject, asked FROM searches_asked")
    assert tuple(counted) == (SECURITY, "decider", 1)
    await pool.execute("UPDATE searches_asked SET asked = 1000000")
    assert (await correcting.decide(request, "approve", status=429))["type"] == "/errors#quota-exceeded"
    await pool.execute("UPDATE searches_asked SET asked = 1")
    assert (await correcting.shown(request))["standing"] == "open"


async def test_somebody_wrongly_dead_is_alive_and_a_widow_is_married_again(correcting: CorrectionDesk) -> None:
    registry = correcting.world.registry
    wedding = says(
        "marriage.registered",
        "w1",
        {"spouses": [HIM, person(2, "Wang Fang")], "certificate_number": "w1"},
        "2020-01-01",
    )
    await registry.apply(wedding, DIED)
    assert (await registry.named("Wang Fang")).civil_status == "widowed"
    request = await correcting.ask(SECURITY, ENTERED, field="died_on", value=None)
    assert await correcting.listed(correcting.decider()) == []
    await correcting.decide(request, "approve", correcting.decider(HEALTH))
    assert (await registry.named("Li Wei")).died_on is None
    assert (await registry.named("Wang Fang")).civil_status == "married"
    await correcting.annul(request, correcting.decider(HEALTH))
    assert (await registry.named("Wang Fang")).civil_status == "widowed"


async def test_a_death_is_on_another_day_and_never_before_the_birth(correcting: CorrectionDesk) -> None:
    await correcting.world.registry.apply(DIED)
    request = await correcting.ask(SECURITY, ENTERED, field="died_on", value="1980-01-01")
    await correcting.decide(request, "approve", correcting.decider(HEALTH), status=422)
    await correcting.decide(request, "approve", correcting.decider(HEALTH), value="2024-05-03")
    assert str((await him(correcting)).died_on) == "2024-05-03"
    reference = await correcting.world.registry.reference(SECURITY, ENTERED)
    asked = {"token": correcting.clerk(SECURITY), "valid_at": "2024-05-02"}
    assert (await correcting.world.get(f"/v1/people/{reference}", **asked))["fields"]["died_on"] is None


async def test_a_merge_in_between_takes_the_request_and_the_correction_along(correcting: CorrectionDesk) -> None:
    registry = correcting.world.registry
    other = says("household.registered", "h2", {"person": person(3, "Li Wei"), **household(number_="H2")})
    await registry.apply(other)
    open_ = await correcting.ask(SECURITY, other, field="sex", value="female")
    approved = await correcting.ask(SECURITY, other, field="name", value="Li Wen")
    await correcting.decide(approved, "approve")
    joined = says(
        "identity.changed",
        "i1",
        {"person": HIM, "becomes": person(3, "Li Wei"), "decision_number": "D1"},
        "2024-03-01",
    )
    await registry.apply(joined)
    assert (await him(correcting)).name == "Li Wen"
    await correcting.decide(open_, "approve")
    assert (await him(correcting)).sex == "female"
    await correcting.annul(approved)
    assert (await him(correcting)).name == "Li Wei"
    await rebuilt(correcting)


async def test_nobody_decides_their_own_request_nor_another_departments_field(correcting: CorrectionDesk) -> None:
    request = await correcting.ask(SECURITY, ENTERED, field="name", value="Li Wen")
    own = correcting.decider(subject="asker")
    assert (await correcting.decide(request, "approve", own, status=403))["type"] == "/errors#four-eyes"
    for stranger in (correcting.decider(HEALTH), correcting.decider(CIVIL)):
        answers = [
            await correcting.call(
                "POST", f"/v1/corrections/{each}/decision", stranger, {"decision": "refuse", "reason": "x"}
            )
            for each in (request, str(uuid4()))
        ]
        assert [each.status_code for each in answers] == [404, 404]
        assert (await correcting.call("GET", f"/v1/corrections/{request}", stranger)).status_code == 404
    without = correcting.clerk(SECURITY, "decider", "household-registration")
    assert (await correcting.call("POST", f"/v1/corrections/{request}/decision", without, {})).status_code == 403
    assert (await him(correcting)).name == "Li Wei"


async def test_a_refusal_is_answered_with_reasons_and_a_request_can_be_taken_back(correcting: CorrectionDesk) -> None:
    token = await correcting.world.citizen(1, "Li Wei")
    refused = await correcting.ask_own(token, field="name", value="Li Wen")
    await correcting.ask_own(token, 409, field="name", value="Li Wen")
    await correcting.decide(refused, "refuse")
    await correcting.decide(refused, "approve", status=409)
    withdrawn = await correcting.ask_own(token, field="name")
    path = f"/v1/me/corrections/{withdrawn}/withdrawal"
    assert (await correcting.call("POST", path, token)).status_code == 204
    assert (await correcting.call("POST", path, token)).status_code == 409
    own = (await correcting.world.get("/v1/me/corrections", token))["corrections"]
    assert [(each["standing"], each["answer"]) for each in own] == [
        ("withdrawn", None),
        ("refused", "the papers say so"),
    ]
    assert (await correcting.call("POST", f"/v1/me/corrections/{refused}/withdrawal", token)).status_code == 409
    other = await correcting.ask(SECURITY, ENTERED, field="name")
    assert (await correcting.call("POST", f"/v1/me/corrections/{other}/withdrawal", token)).status_code == 404
    assert (
        await correcting.call("POST", f"/v1/corrections/{other}/withdrawal", correcting.clerk(SECURITY))
    ).status_code == 204


async def test_a_department_asks_only_what_it_may_see(correcting: CorrectionDesk) -> None:
    reference = await correcting.world.registry.reference("education", ENTERED)
    asked = {"reference": reference, "field": "name", "value": "X", "reason": "x"}
    token = correcting.clerk("education", purpose="school-planning")
    strangers = [
        await correcting.call("POST", "/v1/corrections", token, asked | {"reference": each})
        for each in (reference, "nobody")
    ]
    assert {each.status_code for each in strangers} <= {403, 404}
    assert strangers[0].content == strangers[1].content
    assert (await correcting.listed(correcting.decider())) == []


async def test_a_field_without_a_direct_correction_is_settled_by_the_authoritys_own_event(
    correcting: CorrectionDesk,
) -> None:
    request = await correcting.ask(SECURITY, ENTERED, field="registered_area", value="elsewhere")
    await correcting.decide(request, "approve", value="110105001001", status=422)
    moved = says(
        "household.registered", "h2", {"person": HIM, **household("110106002002")}, action="corrected", of="h1"
    )
    await correcting.world.registry.apply(moved, BORN)
    for receipt in (str(uuid4()), str(receipt_of(BORN)), None):
        await correcting.decide(request, "settle", receipt=receipt, status=422)
    settled = await correcting.decide(request, "settle", receipt=str(receipt_of(moved)))
    assert settled["standing"] == "settled"


async def test_an_authority_may_be_permitted_to_supersede_anothers_event(correcting: CorrectionDesk) -> None:
    registry = correcting.world.registry
    await registry.apply(DIED)
    right = says(
        "death.certified", "hx1", {"person": HIM, "certificate_number": "x1"}, "2024-05-03",
        department=HEALTH, action="corrected", of="x1", of_source=DIED["source"], minute=3,
    )  # fmt: skip
    await registry.apply(right)
    assert await registry.outcomes(right) == [("held", "supersedes-another-kind")]
    request = await correcting.ask(SECURITY, ENTERED, field="died_on", value="2024-05-03")
    health = correcting.decider(HEALTH)
    (event,) = (await correcting.shown(request, health))["question"]["events"]
    assert (event["source"], event["id"]) == (DIED["source"], "x1")
    wrong = {"source": right["source"], "id": "hx1"}
    await correcting.decide(request, "permit", health, supersedes=wrong, status=422)
    which = {"source": event["source"], "id": event["id"]}
    assert (await correcting.decide(request, "permit", health, supersedes=which))["standing"] == "permitted"
    assert str((await him(correcting)).died_on) == "2024-05-03"
    assert (await registry.outcomes(right))[-1] == ("applied", None)
    undone = says(
        "death.certified", "hx2", {"person": HIM, "certificate_number": "x1"}, "2024-05-03",
        department=HEALTH, action="annulled", of="hx1", minute=4,
    )  # fmt: skip
    await registry.apply(undone)
    assert (await him(correcting)).died_on is None
    await rebuilt(correcting)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\0b"),
        ("name", "x" * 201),
        ("name", None),
        ("sex", "other"),
        ("birth_date", "2024-02-30"),
        ("birth_date", "2199-01-01"),
        ("died_on", "20240101"),
        ("died_on", "2190-01-01"),
        ("identity_number", "110105199005170010"),
        ("identity_number", "'; DROP TABLE person --"),
    ],
)
async def test_a_value_that_the_field_cannot_have_is_refused_and_never_repeated(
    correcting: CorrectionDesk, field: str, value: str | None
) -> None:
    token = await correcting.world.citizen(1, "Li Wei")
    if value is None:
        await correcting.decide(await correcting.ask_own(token, field=field, value=None), "approve", status=422)
        return
    answer = await correcting.call("POST", "/v1/me/corrections", token, {"field": field, "value": value, "reason": "r"})
    assert answer.status_code == 422
    assert len(value) < 3 or value not in answer.text
    request = await correcting.ask_own(token, field=field)
    await correcting.decide(request, "approve", correcting.decider(shown_to(field)), value=value, status=422)


def shown_to(field: str) -> str:
    """Who decides about a field."""
    return HEALTH if field == "died_on" else SECURITY


async def test_what_is_asked_and_answered_is_sealed_and_overdue_is_listed_first(correcting: CorrectionDesk) -> None:
    first = await correcting.ask(SECURITY, ENTERED, field="name", value="Secret Name")
    second = await correcting.ask(SECURITY, ENTERED, field="sex", value="female")
    pool = correcting.world.registry.service.pool
    sealed = await pool.fetchval("SELECT body FROM correction_request WHERE field = 'name'")
    assert b"Secret" not in sealed
    await pool.execute("UPDATE correction_request SET due = due - 31 WHERE field = 'sex'")
    assert await correcting.listed(correcting.decider()) == [second, first]
    assert await correcting.listed(correcting.decider(), standing="overdue") == [second]
    assert await correcting.listed(correcting.clerk(SECURITY), side="asked", standing="open") == [first]
    assert await correcting.listed(correcting.decider(), after=second) == [first]


async def test_of_two_who_decide_at_once_one_decides(correcting: CorrectionDesk) -> None:
    request = await correcting.ask(SECURITY, ENTERED, field="name", value="Li Wen")
    body: Json = {"decision": "approve", "reason": "r"}
    path = f"/v1/corrections/{request}/decision"
    answers = await asyncio.gather(
        *(correcting.call("POST", path, correcting.decider(subject=f"d{n}"), body) for n in range(3))
    )
    assert sorted(each.status_code for each in answers) == [200, 409, 409]
    assert await correcting.world.registry.count("vital_event") == 2


async def test_who_turns_out_to_be_two_people_keeps_the_correction_under_the_one_name(
    correcting: CorrectionDesk, lookups: LookUpWorld
) -> None:
    """A merge is undone: what was approved of the other before it goes back to them."""
    registry = correcting.world.registry
    desk = Desk(registry, lookups)
    other = says("household.registered", "h2", {"person": person(3, "Li Wei"), **household(number_="H2")})
    await registry.apply(other)
    request = await correcting.ask(SECURITY, other, field="name", value="Li Wen")
    await correcting.decide(request, "approve")
    names = [await registry.reference(SECURITY, each) for each in (ENTERED, other)]
    merge = {"ask": "merge", "people": names, "reason": "the same papers"}
    asked = (await desk.post("/v1/reviews", merge, subject="clerk-2")).json()["review"]
    await desk.decide(await desk.shown(asked), "merge")
    assert (await him(correcting)).name == "Li Wen"
    undo = {"ask": "undo", "people": [names[1]], "reason": "other papers"}
    asked = (await desk.post("/v1/reviews", undo, subject="clerk-2")).json()["review"]
    await desk.decide(await desk.shown(asked), "undo")
    states, _ = await registry.people()
    assert sorted(str(state.name) for state in states.values()) == ["Li Wei", "Li Wen"]
    await correcting.annul(request)
    states, _ = await registry.people()
    assert {state.name for state in states.values()} == {"Li Wei"}
    await rebuilt(correcting)


async def test_a_person_reads_no_value_and_no_words_about_a_relative_whom_a_department_named(
    correcting: CorrectionDesk,
) -> None:
    wedding = says(
        "marriage.registered",
        "w1",
        {"spouses": [HIM, person(2, "Wang Fang")], "certificate_number": "w1"},
        "2020-01-01",
    )
    await correcting.world.registry.apply(wedding)
    request = await correcting.ask(CIVIL, wedding, role="spouse_1", field="spouse", value="Wang Fang")
    await correcting.decide(request, "refuse", correcting.decider(CIVIL), law="Marriage Registration Regulations")
    (own,) = (await correcting.world.get("/v1/me/corrections", await correcting.world.citizen(1, "Li Wei")))[
        "corrections"
    ]
    assert (own["field"], own["standing"]) == ("spouse", "refused")
    assert [own[each] for each in ("value", "approved", "answer", "law", "reason")] == [None] * 5


async def test_a_request_is_read_by_agreement_written_down_and_counted(correcting: CorrectionDesk) -> None:
    request = await correcting.ask(SECURITY, ENTERED, field="sex", value="female")
    await correcting.decide(request, "refuse")
    path, pool = f"/v1/corrections/{request}", correcting.world.registry.service.pool
    shown = await correcting.shown(request, correcting.clerk(SECURITY, "reader"))
    assert (shown["value"], shown["answer"], shown["question"]) == ("female", "the papers say so", None)
    count = "SELECT count(*) FROM person_seen WHERE (department, subject) = ($1, $2)"
    assert await pool.fetchval(count, SECURITY, "reader") == 1
    token = await correcting.world.citizen(1, "Li Wei")
    looks = (await correcting.world.get("/v1/me/disclosures", token))["disclosures"]
    assert [each["fields"] for each in looks if each["action"] == "correction"] == [["sex"], ["sex"]]
    for asked in (path, f"/v1/corrections/{uuid4()}"):
        other = await correcting.call("GET", asked, correcting.clerk(SECURITY, "reader", "school-planning"))
        assert (other.status_code, other.json()["type"]) == (403, "/errors#not-agreed"), "before any look-up"
    taken_back = {"person": HIM, **household()}
    await correcting.world.registry.apply(
        says("household.registered", "h2", taken_back, "2024-01-10", action="annulled", of="h1", minute=1)
    )
    after = await correcting.shown(request, correcting.clerk(SECURITY, "late"))
    assert (after["standing"], after["reference"]) == ("refused", shown["reference"])
    assert [after[each] for each in ("value", "reason", "approved", "answer", "law")] == [None] * 5
    assert await pool.fetchval(count, SECURITY, "late") == 1
    looks = (await correcting.world.get("/v1/me/disclosures", token))["disclosures"]
    assert [each["fields"] for each in looks if each["action"] == "correction"] == [[], ["sex"], ["sex"]]


async def test_no_more_requests_are_read_than_people_may_be_seen(correcting: CorrectionDesk) -> None:
    request = await correcting.ask(SECURITY, ENTERED, field="sex", value="female")
    pool = correcting.world.registry.service.pool
    await pool.execute(
        "INSERT INTO person_seen (department, subject, seen_on, person_id)"
        " SELECT $1, subject, $2, gen_random_uuid() FROM unnest(ARRAY['decider', 'asker']) AS o (subject),"
        " generate_series(1, 1000)",
        SECURITY,
        clock.today(),
    )
    for token in (correcting.decider(), correcting.clerk(SECURITY)):
        answer = await correcting.call("GET", f"/v1/corrections/{request}", token)
        assert (answer.status_code, answer.json()["type"]) == (429, "/errors#quota-exceeded")
    assert (await correcting.decide(request, "refuse"))["standing"] == "refused", "what is made is told"


async def test_where_somebody_lives_who_is_protected_is_not_told_by_a_correction(correcting: CorrectionDesk) -> None:
    """Protected by civil affairs from public security, which decides about the field and asked itself."""
    asked = await correcting.ask(SECURITY, ENTERED, field="registered_area", value="elsewhere")
    reader = correcting.clerk(SECURITY, "reader")
    assert (await correcting.shown(asked, reader))["value"] == "elsewhere"
    assert (await correcting.shown(asked))["question"]["current"] is not None
    await correcting.world.registry.apply(
        says(
            "marriage.registered",
            "w1",
            {"spouses": [HIM, person(2, "Wang Fang")], "certificate_number": "w1"},
            "2020-01-01",
        )
    )
    protecting = await correcting.call(
        "PUT",
        "/v1/protections",
        correcting.clerk(CIVIL, "marker", "vital-registration"),
        {
            "identifier": number(1),
            "ground": "adoption",
            "reason": "adopted as a child",
            "review_by": (clock.today() + timedelta(days=30)).isoformat(),
        },
    )
    assert protecting.status_code in (200, 201, 204), protecting.text
    question = (await correcting.shown(asked))["question"]
    assert (question["current"], question["said_by"], question["events"]) == (None, [], [])
    assert (await correcting.shown(asked, reader))["value"] is None
