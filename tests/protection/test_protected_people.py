"""Where a protected person lives is nowhere but with the authority: a canary for each place, every sink searched,
before they are marked, while they are protected, after a merge, and after two officials have ended it."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import structlog

from services.exchange.agreements.repository import purges
from shared import clock
from shared.auth.caller import DEPARTMENTS
from shared.auth.issuer import Issuer
from shared.settings import PROVISIONING
from shared.sharing.agreements import Agreements
from shared.sharing.protected import WITHHELD
from tests.departments_world import Line
from tests.histories import BORN, OTHER_TOWN, TOWN, birth, certificate, number, person
from tests.registry_world import CloudEvent, LookUpWorld, looking_up, says
from tests.reviews_world import Desk
from tests.service.test_merges import merged, questioned
from tests.service.test_reviews import registered, somebody
from tests.service.test_splits import asked, named

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY, CIVIL = "public-security", "civil-affairs"
THERE = {SECURITY: "service-delivery", CIVIL: "vital-registration"}
AREA, CURRENT, HOUSE = "370102788001", "370103799002", "HHProtQx"
CANARIES = (AREA, CURRENT, HOUSE)
HER, HIM = person(2, "Fang Hidden"), person(1, "Wei Seen")
HOME = {"household": {"number": HOUSE, "kind": "family", "relation": "spouse", "area": AREA}}
REGISTERED = says("household.registered", "reg", {"person": HER, **HOME}, "2024-01-10")
STAYS = says(
    "residence.registered",
    "stay",
    {"person": HER, "registration_number": "R1", "current": {"area": CURRENT}},
    "2024-01-12",
)
OTHERS = sorted(DEPARTMENTS - {SECURITY})
STANDING = [each for each in Agreements.load(PROVISIONING) if each.in_force(clock.today())]
PURPOSES = {
    department: sorted({each.purpose for each in STANDING if each.department == department})
    for department in DEPARTMENTS
}
TOLD = sorted(each.department for each in STANDING if each.department != SECURITY and WITHHELD & set(each.fields))
WHY = {"ground": "violence", "reason": "She fled from her home."}


@dataclass
class Shelter:
    """Exchange and registry in line, and callers of both."""

    line: Line
    lookups: LookUpWorld

    def token(self, department: str, purpose: str | None = None, subject: str = "official-7") -> str:
        return self.lookups.issuer.issue(
            subject=subject,
            department=department,
            roles=("clerk",),
            purpose=purpose or THERE.get(department, "service-delivery"),
        )

    async def call(self, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
        return await self.lookups.http.request(method, path, json=body, headers={"authorization": f"Bearer {token}"})

    async def open_cases(self, event: CloudEvent) -> None:
        """Let every department have a case on whom an event is about, for each of its agreements."""
        registry = self.line.registry
        for department in sorted(DEPARTMENTS):
            await self.line.open_case(department, await registry.reference(department, event))
        await registry.service.pool.executemany(
            "INSERT INTO called_case (case_id, department, person_id, purpose, agreement, until)"
            " SELECT gen_random_uuid(), $1, person_id, $2, $3, '2999-12-31' FROM fact JOIN vital_event USING (receipt)"
            "  WHERE id = $4",
            [(each.department, each.purpose, each.identifier, event["id"]) for each in STANDING],
        )

    async def mark(self, department: str = SECURITY, **said: Any) -> dict[str, Any]:
        body = {**WHY, "identifier": number(2), "review_by": str(clock.today() + timedelta(days=90)), **said}
        answer = await self.call("PUT", "/v1/protections", self.token(department), body)
        assert answer.status_code == 200, answer.text
        await self.line.rest()
        shown: dict[str, Any] = answer.json()
        return shown

    async def end(self, protection: str, subject: str, department: str = SECURITY) -> httpx.Response:
        path = f"/v1/protections/{protection}/end"
        answer = await self.call("POST", path, self.token(department, subject=subject), {"reason": "It is over."})
        await self.line.rest()
        return answer

    async def ended(self, protection: str) -> None:
        """Let two officials end it."""
        for official in ("official-7", "official-8"):
            assert (await self.end(protection, official)).status_code == 200

    async def read(self, department: str) -> bytes:
        """Everything the department can read of her: feed, snapshot, look-ups, households, searches, match, history."""
        hers = await self.line.registry.reference(department, REGISTERED)
        headers = self.line.exchange.headers(department)
        found = [
            await self.line.exchange.http.get("/v1/feed", params={"limit": 1000}, headers=headers),
            await self.line.exchange.http.get("/v1/snapshot", params={"limit": 1000}, headers=headers),
            await self.line.exchange.http.get("/v1/corrections", headers=headers),
        ]
        described = {"name": HER["name"], "birth_date": str(BORN)}
        for purpose in PURPOSES[department]:
            token = self.token(department, purpose)
            path = f"/v1/people/{hers}"
            answers = [
                await self.call("GET", path, token),
                await self.call("GET", f"{path}/timeline", token),
                await self.call("POST", "/v1/people/search", token, {"identifier": number(2)}),
                await self.call("POST", "/v1/people/search", token, described),
                await self.call("POST", "/v1/people/match", token, described),
            ]
            if home := answers[0].json().get("household"):
                answers.append(await self.call("GET", f"/v1/households/{home}", token))
            found += answers
        assert all(answer.status_code in (200, 403, 404) for answer in found)
        return b"\n".join(answer.content for answer in found)

    async def seen_by(self) -> dict[str, set[str]]:
        """Which department can read which of the canaries."""
        read = {department: await self.read(department) for department in sorted(DEPARTMENTS)}
        return {department: {each for each in CANARIES if each.encode() in body} for department, body in read.items()}


@pytest.fixture
async def shelter(line: Line, issuer: Issuer) -> AsyncIterator[Shelter]:
    """She is registered, and lives elsewhere; every department has a case on her."""
    async with looking_up(line.registry, issuer) as lookups:
        shelter = Shelter(line, lookups)
        await line.report(REGISTERED)
        await shelter.open_cases(REGISTERED)
        await line.report(STAYS)
        yield shelter


async def test_where_she_lives_is_nowhere_but_with_the_authority(
    shelter: Shelter, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    before = await shelter.seen_by()
    assert {department for department, seen in before.items() if seen} == {*TOLD, SECURITY}
    with structlog.testing.capture_logs() as entries:
        protection = await shelter.mark()
        after = await shelter.seen_by()
        assert {department: seen for department, seen in after.items() if seen} == {SECURITY: before[SECURITY]}
        out, err = capfd.readouterr()
    logged = f"{entries}{caplog.text}{out}{err}"
    assert not [each for each in (*CANARIES, HER["name"], WHY["reason"]) if each in logged]
    await shelter.ended(protection["id"])
    assert await shelter.seen_by() == before, "what is not secret any more is told again"


async def test_what_was_told_is_taken_back_and_nobody_is_told_why(shelter: Shelter) -> None:
    asked = {each: await asked_to_purge(shelter, each) for each in OTHERS}
    await shelter.mark()
    for department in OTHERS:
        fields = {name for each in STANDING if each.department == department for name in each.fields}
        withdrawn = await shelter.line.feed(department, "value.withdrawn")
        told = sorted(WITHHELD & fields - {"relation_to_head"}) if department in TOLD else []
        assert [set(each["data"]) for each in withdrawn] == ([{"withdrawn", "acknowledge_by"}] if told else [])
        named = {name for each in withdrawn for name in each["data"]["withdrawn"]}
        assert set(told) <= named <= WITHHELD & fields, department
        read = await shelter.read(department)
        assert not [word for word in (b"protect", b"violence", b"fled") if word in read.lower()]
        topic_begins_anew = await asked_to_purge(shelter, department) > asked[department]
        assert topic_begins_anew == bool(told), department
    assert await shelter.line.feed(SECURITY, "value.withdrawn") == []


async def asked_to_purge(shelter: Shelter, department: str) -> int:
    async with shelter.line.exchange.service.pool.acquire() as connection:
        return (await purges(connection, department))[0]


async def test_what_changes_while_she_is_protected_is_told_to_nobody_else(shelter: Shelter) -> None:
    await shelter.mark()
    elsewhere = {"household": {"number": HOUSE, "kind": "family", "relation": "spouse", "area": CURRENT}}
    await shelter.line.report(
        says("household.registered", "reg2", {"person": HER, **elsewhere}, "2024-03-01", action="corrected", of="reg",
             minute=5)
    )  # fmt: skip
    seen = await shelter.seen_by()
    assert {department for department, found in seen.items() if found} == {SECURITY}


async def test_she_is_not_listed_in_a_household_for_whoever_does_not_protect_her(shelter: Shelter) -> None:
    his = says("household.registered", "his", {"person": HIM, **HOME}, "2024-01-11")
    await shelter.line.report(his)
    token = shelter.token(SECURITY, "household-registration")
    path = f"/v1/people/{await shelter.line.registry.reference(SECURITY, his)}"
    home = (await shelter.call("GET", path, token)).json()["household"]

    async def members() -> list[int]:
        known = f"?known_at={await shelter.line.registry.now():%FT%T.%fZ}"
        found = [await shelter.call("GET", f"/v1/households/{home}{each}", token) for each in ("", known)]
        return [len(answer.json()["members"]) for answer in found]

    assert await members() == [2, 2]
    await shelter.mark(CIVIL, ground="adoption")
    assert await members() == [1, 1]
    await shelter.mark()
    assert await members() == [2, 2], "it protects her, too"


async def test_a_token_for_her_area_does_not_find_her(shelter: Shelter) -> None:
    hers = await shelter.line.registry.reference("housing", REGISTERED)
    token = shelter.lookups.issuer.issue(
        subject="o", department="housing", roles=("clerk",), purpose="service-delivery", areas=(AREA[:6],)
    )
    assert (await shelter.call("GET", f"/v1/people/{hers}", token)).status_code == 200
    broken = {"reason": {"category": "danger-to-life", "text": "It burns."}, "reference": hers}
    await shelter.mark()
    assert (await shelter.call("GET", f"/v1/people/{hers}", token)).status_code == 404
    assert (await shelter.call("POST", "/v1/people/break-glass", token, broken)).status_code == 404


async def test_broken_glass_does_not_open_where_she_lives(shelter: Shelter) -> None:
    await shelter.mark()
    await shelter.line.registry.service.pool.execute("UPDATE called_case SET closed_at = now()")
    hers = await shelter.line.registry.reference("housing", REGISTERED)
    token = shelter.token("housing", "service-delivery")
    assert (await shelter.call("GET", f"/v1/people/{hers}", token)).status_code == 404
    broken = {"reason": {"category": "danger-to-life", "text": "It burns."}, "reference": hers}
    assert (await shelter.call("POST", "/v1/people/break-glass", token, broken)).status_code == 201
    found = (await shelter.call("GET", f"/v1/people/{hers}", token)).json()
    assert found["fields"]["name"] == HER["name"]
    assert not WITHHELD & found["fields"].keys()
    assert WITHHELD <= set(found["withheld"])


async def test_protection_follows_whoever_she_turns_out_to_be(shelter: Shelter) -> None:
    """Two records, one of them protected: the one person is."""
    born = birth(person(4), name=HER["name"], cert="C9", born=str(BORN))
    await shelter.line.report(says("birth.certified", "b9", born, str(BORN)))
    child = await shelter.line.registry.reference(SECURITY, says("birth.certified", "b9", born, str(BORN)), "child")
    await shelter.mark(identifier=None, reference=child)
    assert (await shelter.seen_by())["housing"], "nobody knows yet that it is her"
    both = HER | {"identifiers": [*HER["identifiers"], certificate("C9")]}
    joined = says("household.registered", "reg3", {"person": both, **HOME}, "2024-02-01", minute=9)
    await shelter.line.report(joined)
    assert await shelter.line.registry.told(kind="merged")
    assert {department for department, seen in (await shelter.seen_by()).items() if seen} == {SECURITY}


async def who_has_no_case_yet_hears_of_no_area(shelter: Shelter, stays: CloudEvent, parted: CloudEvent) -> None:
    """Housing, which had nothing to do with either of two, gets a case on each; something of both is reported then."""
    await shelter.line.rest()
    token = shelter.token("housing")
    for event, id_ in ((stays, "n1"), (parted, "n2")):
        reference = await shelter.line.registry.reference("housing", event)
        await shelter.line.open_case("housing", reference)
        await shelter.line.registry.service.pool.execute(
            "UPDATE called_case SET purpose = $1, agreement = $2 WHERE agreement = 'none' AND department = 'housing'",
            *next((each.purpose, each.identifier) for each in STANDING if each.identifier == "housing-public-rental"),
        )
        who = event["data"]["person"]
        await shelter.line.report(registered(id_, who, TOWN, minute=20))
        found = await shelter.call("GET", f"/v1/people/{reference}", token)
        headers = shelter.line.exchange.headers("housing")
        snapshot = await shelter.line.exchange.http.get("/v1/snapshot", params={"limit": 1000}, headers=headers)
        read = b"".join([found.content, snapshot.content, await shelter.line.feed_bytes("housing")])
        assert read.count(who["name"].encode()) >= 3, "look-up, snapshot and feed speak of them"
        assert not [each for each in (TOWN, OTHER_TOWN) if each.encode() in read]


async def test_the_other_half_of_a_protected_person_is_protected_from_who_has_a_case_only_later(
    shelter: Shelter,
) -> None:
    one, other = somebody(5, "Li Wei"), somebody(5, "Li Lan")
    stays, leaves = registered("s1", one), registered("s2", other, OTHER_TOWN, minute=1)
    await shelter.line.report(stays, leaves)
    await shelter.mark(identifier=number(5))
    desk = Desk(shelter.line.registry, shelter.lookups)
    review = await asked(desk, stays)
    await desk.decide(review, "split", leaving=named(review, "Li Lan"), who={"subject": "clerk-2"})
    await who_has_no_case_yet_hears_of_no_area(shelter, stays, leaves)


async def test_who_was_a_protected_persons_former_name_is_protected_from_who_has_a_case_only_later(
    shelter: Shelter,
) -> None:
    stays, leaves = registered("m1", somebody(5, "Li Wei")), registered("m2", somebody(6, "Li Lan"), OTHER_TOWN)
    await shelter.line.report(stays)
    await shelter.line.report(leaves)
    await shelter.mark(identifier=number(5))
    desk = Desk(shelter.line.registry, shelter.lookups)
    _, former = await merged(desk, stays, leaves)
    await shelter.line.rest()
    await desk.decide(await questioned(desk, former), "undo", who={"subject": "clerk-2"})
    await who_has_no_case_yet_hears_of_no_area(shelter, stays, leaves)


async def test_who_is_protected_already_is_not_so_twice_when_a_record_turns_out_to_be_theirs(
    shelter: Shelter,
) -> None:
    stays, leaves = registered("m1", somebody(5, "Li Wei")), registered("m2", somebody(6, "Li Lan"), OTHER_TOWN)
    await shelter.line.report(stays)
    await shelter.line.report(leaves)
    desk = Desk(shelter.line.registry, shelter.lookups)
    first, former = await merged(desk, stays, leaves)
    await shelter.line.report(registered("m3", somebody(5, "Li Wei"), minute=5))
    await shelter.mark(identifier=number(5))
    await desk.decide(await questioned(desk, former), "undo", who={"subject": "clerk-2"})
    (listed,) = await desk.reviews("records-after-merge")
    shown = await desk.shown(listed["review"])
    (question,) = shown["questions"]
    for _ in range(2):
        rows = await shelter.line.registry.service.pool.fetch("SELECT person_id FROM protection WHERE ended_at IS NULL")
        assert (len(rows), len({row["person_id"] for row in rows})) == (2, 2)
        if shown["standing"] == "open":
            await desk.decide(shown, "link", to={question["about"]: former})
            shown["standing"] = "decided"
    assert first != former
    assert await shelter.line.registry.reference(SECURITY, registered("m3", None)) == former


async def test_alerts_is_told_of_no_area(shelter: Shelter) -> None:
    async def areas() -> list[str | None]:
        told = await shelter.line.registry.told("care", "person")
        return [each["area"] for each in told]

    assert (await areas())[-1] == AREA
    protection = await shelter.mark()
    assert (await areas())[-1] is None
    await shelter.line.report(says("household.registered", "again", {"person": HER, **HOME}, "2024-02-02", minute=11))
    assert (await areas())[-1] is None
    await shelter.ended(protection["id"])
    assert (await areas())[-1] == AREA


async def test_one_official_protects_and_two_end_it(shelter: Shelter) -> None:
    protection = await shelter.mark()
    assert (await shelter.mark())["id"] == protection["id"], "said again, it is the same"
    assert (await shelter.end(protection["id"], "official-7", CIVIL)).status_code == 404
    first = await shelter.end(protection["id"], "official-7")
    assert (first.json()["end_asked_by"], first.json()["ended_at"]) == ("official-7", None)
    refused = await shelter.end(protection["id"], "official-7")
    assert (refused.status_code, refused.json()["type"]) == (403, "/errors#four-eyes")
    assert {department for department, seen in (await shelter.seen_by()).items() if seen} == {SECURITY}
    assert (await shelter.end(protection["id"], "official-8")).json()["ended_by"] == "official-8"
    assert (await shelter.end(protection["id"], "official-8")).status_code == 404
    listed = (await shelter.call("GET", "/v1/protections?ended=true", shelter.token(SECURITY))).json()
    assert [each["id"] for each in listed["protections"]] == [protection["id"]]


async def test_an_authority_protects_on_its_own_grounds_and_sees_its_own(shelter: Shelter) -> None:
    body = {**WHY, "identifier": number(2), "review_by": str(clock.today())}
    assert (await shelter.call("PUT", "/v1/protections", shelter.token(CIVIL), body)).status_code == 403
    housing = shelter.token("housing")
    assert (await shelter.call("PUT", "/v1/protections", housing, body)).status_code == 403
    other = shelter.token(SECURITY, "household-registration")
    assert (await shelter.call("PUT", "/v1/protections", other, body)).status_code == 403
    yesterday = body | {"review_by": str(date(2020, 1, 1))}
    assert (await shelter.call("PUT", "/v1/protections", shelter.token(SECURITY), yesterday)).status_code == 422
    unknown = body | {"identifier": number(77)}
    assert (await shelter.call("PUT", "/v1/protections", shelter.token(SECURITY), unknown)).status_code == 404
    adopted = await shelter.mark(CIVIL, ground="adoption")
    assert not (await shelter.seen_by())[SECURITY], "whose own reports it knows, and is told nothing more"
    mine = (await shelter.call("GET", "/v1/protections", shelter.token(CIVIL))).json()["protections"]
    assert [(each["id"], each["ground"], each["overdue"]) for each in mine] == [(adopted["id"], "adoption", False)]
    assert (await shelter.call("GET", "/v1/protections", shelter.token(SECURITY))).json()["protections"] == []


async def test_she_sees_it_in_her_record_and_an_adoption_stands_in_none(shelter: Shelter) -> None:
    shown = {"identifier": number(2), "name": HER["name"], "birth_date": str(BORN)}
    provider = shelter.lookups.issuer.issue(subject="identity-provider", service="identity-provider")
    subject = (await shelter.call("POST", "/v1/citizens", provider, shown)).json()["subject"]
    token = shelter.lookups.issuer.issue(subject=subject, roles=("citizen",))
    before = (await shelter.call("GET", "/v1/me/disclosures", token)).json()["disclosures"]
    await shelter.mark(CIVIL, ground="adoption", reason="Adopted.")
    mine = await shelter.call("GET", "/v1/me", token)
    log = await shelter.call("GET", "/v1/me/disclosures", token)
    assert mine.json()["protections"] == []
    assert not [word for word in (b"protection", b"adoption") if word in log.content]
    assert [each for each in log.json()["disclosures"] if not each["yourself"]] == [
        each for each in before if not each["yourself"]
    ], "nor does an entry without a name tell of it"
    await shelter.mark()
    (standing,) = (await shelter.call("GET", "/v1/me", token)).json()["protections"]
    assert (standing["department"]["name"], standing["ground"]) == (SECURITY, "violence")
    assert mine.json()["fields"] == (await shelter.call("GET", "/v1/me", token)).json()["fields"], "all of her own"
