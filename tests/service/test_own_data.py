"""What a person sees of the use of their own data: cases and disclosures, of themselves alone; and who may not ask."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.auth.issuer import Issuer
from tests.departments_world import Json, Line
from tests.histories import birth, certificate, household, number, person
from tests.registry_world import LookUpWorld, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY, HEALTH, HOUSING = "public-security", "health", "housing"
FANG, WEI = person(2, "Wang Fang"), person(1, "Li Wei")
HOME = says("household.registered", "h1", {"person": FANG, **household()}, "2024-01-10")
HIS = says("household.registered", "h2", {"person": WEI, **household(relation="spouse")}, "2024-01-10")
WISH = {
    "id": "HA-1",
    "identifier": number(2),
    "purpose": "service-delivery",
    "agreement": "housing-public-rental",
    "until": "2027-06-30",
}
SHOWN = {"identifier": number(2), "name": "Wang Fang", "birth_date": "1990-05-17"}


async def subject_of(lookups: LookUpWorld, shown: Json, service: str = "identity-provider") -> httpx.Response:
    token = lookups.issuer.issue(subject=service, service=service)
    return await lookups.http.post("/v1/citizens", json=shown, headers={"authorization": f"Bearer {token}"})


async def citizen(lookups: LookUpWorld, shown: Json = SHOWN) -> str:
    """The bearer of somebody who has logged in."""
    answer = await subject_of(lookups, shown)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return lookups.issuer.issue(subject=answer.json()["subject"], roles=["citizen"])


async def me(lookups: LookUpWorld, token: str, what: str, **query: Any) -> Json:
    answer = await lookups.http.get(f"/v1/me/{what}", params=query, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


async def ask(line: Line, **more: Any) -> str:
    headers = line.exchange.headers(HOUSING, roles=["clerk"])
    answer = await line.exchange.http.post("/v1/cases", json=WISH | more, headers=headers)
    assert answer.status_code == 202, answer.text
    await line.rest()
    return str(answer.json()["case"])


async def test_who_registered_an_adoption_is_not_named_by_it(line: Line, lookups: LookUpWorld) -> None:
    adopted = {"child": FANG, "adopters": [person(11)], "certificate_number": "A1"}
    await line.report(HOME)
    await line.report(says("adoption.registered", "a1", adopted, "2024-03-01"))
    await line.rest()
    mine = await me(lookups, await citizen(lookups), "cases")
    assert [each["department"]["name"] for each in mine["by_reporting"]] == [SECURITY]


async def test_a_person_sees_a_case_with_purpose_basis_and_end(line: Line, lookups: LookUpWorld) -> None:
    await line.report(HOME)
    case = await ask(line)
    mine = await me(lookups, await citizen(lookups), "cases")
    ((called,), (reported,)) = (mine["by_call"], mine["by_reporting"])
    assert (called["case"], called["purpose"], called["until"]) == (case, "service-delivery", "2027-06-30")
    assert called["department"] == {
        "name": HOUSING,
        "title": {"zh": "住房和城乡建设局", "en": "Housing and Construction"},
    }
    assert called["basis"]["agreement"] == "housing-public-rental"
    assert all(law["law"]["zh"] and law["article"]["en"] for law in called["basis"]["laws"])
    assert called["basis"]["laws"]
    assert (called["closed_at"], called["reason"]) == (None, None)
    assert reported["department"]["name"] == SECURITY
    assert set(reported) == {"department"}, "not what was reported, when, and beside whom"
    await line.exchange.http.delete(f"/v1/cases/{case}", headers=line.exchange.headers(HOUSING, roles=["clerk"]))
    await line.rest()
    (ended,) = (await me(lookups, await citizen(lookups), "cases"))["by_call"]
    assert ended["reason"] == "closed"
    assert ended["closed_at"] > ended["opened_at"]


async def test_a_person_sees_who_was_told_what_when_what_for_and_on_which_law(line: Line, lookups: LookUpWorld) -> None:
    await line.report(HOME)
    case_entry = await ask(line)
    reference = await line.registry.reference(HOUSING, HOME)
    assert (await lookups.get(f"/v1/people/{reference}", HOUSING)).status_code == 200
    await line.rest()
    token = await citizen(lookups)
    seen = (await me(lookups, token, "disclosures"))["disclosures"]
    assert [each["entry"] for each in seen] == sorted((each["entry"] for each in seen), reverse=True)
    by_action = {each["action"]: each for each in seen if (each["department"] or {}).get("name") in (None, HOUSING)}
    asked = by_action["case"]
    assert (asked["department"]["name"], asked["purpose"], asked["fields"]) == (HOUSING, "service-delivery", [])
    assert asked["basis"][0]["agreement"] == "housing-public-rental"
    looked = by_action["look-up"]
    assert set(looked["fields"]) == {"name", "registered_area", "residence", "died_on"}
    assert looked["basis"][0]["laws"][0]["law"]["en"]
    login = by_action["subject"]
    assert (login["service"], login["department"], login["yourself"]) == ("identity-provider", None, False)
    (own, *_) = (await me(lookups, token, "disclosures"))["disclosures"]
    assert (own["action"], own["yourself"], own["purpose"]) == ("own-disclosures", True, "own-data")
    assert case_entry not in str(seen), "an official's subject and the department's own names are not shown"
    assert "official-7" not in str(seen)


async def test_disclosures_come_in_pages_without_a_gap_or_a_repeat(line: Line, lookups: LookUpWorld) -> None:
    await line.report(HOME)
    token = await citizen(lookups)
    for _ in range(5):
        await lookups.search(number(2), SECURITY)
    everything = [each["entry"] for each in (await me(lookups, token, "disclosures"))["disclosures"]]
    seen: list[str] = []
    page = await me(lookups, token, "disclosures", limit=2)
    while page["disclosures"]:
        seen += [each["entry"] for each in page["disclosures"]]
        if page["next_after"] is None:
            break
        page = await me(lookups, token, "disclosures", limit=2, after=page["next_after"])
    assert [entry for entry in seen if entry in everything] == everything
    assert len(set(seen)) == len(seen)


async def test_a_persons_log_shows_nothing_of_a_relative(line: Line, lookups: LookUpWorld) -> None:
    """Whatever is done to the husband, and whatever he does, the wife's answers are the same."""
    married = says("marriage.registered", "m1", {"spouses": [FANG, WEI], "certificate_number": "M1"}, "2024-02-02")
    await line.report(HOME, HIS, married)
    hers = await citizen(lookups)
    before = await me(lookups, hers, "disclosures"), await me(lookups, hers, "cases")
    await ask(line, identifier=number(1))
    his = await citizen(lookups, {"identifier": number(1), "name": "Li Wei", "birth_date": "1990-05-17"})
    await me(lookups, his, "disclosures")
    await lookups.search(number(1), SECURITY)
    await line.rest()
    after = await me(lookups, hers, "disclosures"), await me(lookups, hers, "cases")
    known = {each["entry"] for each in before[0]["disclosures"]}
    new = [each for each in after[0]["disclosures"] if each["entry"] not in known]
    assert {each["action"] for each in new} == {"own-disclosures", "own-cases"}, "her own looks, and nothing else"
    assert after[1] == before[1]


async def test_after_a_merge_both_halves_are_one_log_and_the_old_login_holds(line: Line, lookups: LookUpWorld) -> None:
    baby = {"identifiers": [certificate("C1")], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
    numbered = baby | {"identifiers": [number(5)]}
    await line.report(says("household.registered", "h1", {"person": baby, **household()}, "2024-02-20"))
    at_another = {"person": numbered, **household(number_="H2")}
    await line.report(says("household.registered", "d1", at_another, "2024-02-20"))
    old = await citizen(lookups, {"identifier": number(5), "name": "Wang An", "birth_date": "2024-02-01"})
    await ask(line, identifier=number(5))
    both = baby | {"identifiers": [number(5), certificate("C1")]}
    await line.report(says("household.registered", "h2", {"person": both, **household()}, "2024-02-20", minute=2))
    (called,) = (await me(lookups, old, "cases"))["by_call"]
    assert called["department"]["name"] == HOUSING
    actions = {each["action"] for each in (await me(lookups, old, "disclosures"))["disclosures"]}
    assert {"case", "subject"} <= actions


@pytest.mark.parametrize(
    "wrong",
    [
        {"identifier": number(9)},
        {"name": "Wang Fan"},
        {"birth_date": "1990-05-18"},
        {"identifier": {"type": "passport", "value": "P1"}},
    ],
)
async def test_who_is_not_certain_is_nobody_in_one_answer(
    line: Line, lookups: LookUpWorld, wrong: dict[str, Any]
) -> None:
    await line.report(HOME)
    before = await line.registry.count("access_log")
    answers = [await subject_of(lookups, SHOWN | wrong), await subject_of(lookups, SHOWN | {"identifier": number(8)})]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert await line.registry.count("access_log") == before


async def test_a_mother_whom_only_a_birth_names_logs_in_with_the_name_as_it_is_written(
    line: Line, lookups: LookUpWorld
) -> None:
    await line.report(says("birth.certified", "b1", birth(FANG), "2024-02-01"))
    assert (await subject_of(lookups, SHOWN | {"name": " wang  FANG"})).status_code == 200


async def test_nobody_but_the_identity_provider_learns_a_subject_and_no_subject_is_made_up(
    line: Line, lookups: LookUpWorld, issuer: Issuer
) -> None:
    await line.report(HOME)
    for service in ("exchange", "registry", "alerts"):
        assert (await subject_of(lookups, SHOWN, service)).status_code == 403
    reference = await line.registry.reference(HOUSING, HOME)
    for subject in (reference, "k1.AAAA", "official-7"):
        token = issuer.issue(subject=subject, roles=["citizen"])
        for what in ("cases", "disclosures"):
            answer = await lookups.http.get(f"/v1/me/{what}", headers={"authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["type"]) == (404, "/errors#not-found")
    expired = issuer.issue(subject=reference, roles=["citizen"], ttl=timedelta(hours=-1))
    answer = await lookups.http.get("/v1/me/cases", headers={"authorization": f"Bearer {expired}"})
    assert answer.status_code == 401


async def test_what_cannot_be_written_down_is_not_shown_to_the_person_either(line: Line, lookups: LookUpWorld) -> None:
    await line.report(HOME)
    token = await citizen(lookups)
    await line.registry.service.pool.execute("ALTER TABLE access_log ADD CHECK (action NOT LIKE 'own-%') NOT VALID")
    for what in ("cases", "disclosures"):
        answer = await lookups.http.get(f"/v1/me/{what}", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 500
