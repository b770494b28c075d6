"""The flow matrix (protection rules 2, 6, 7 and 12): a unique canary per field and person, a small history through the
whole line, and every cell of department × field looked for in every sink a department can read."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import structlog

from services.registry.facts.state import RELATIVES
from shared import clock
from shared.auth.caller import DEPARTMENTS
from shared.crypto.references import mint
from shared.identifiers.resident import make
from shared.settings import PROVISIONING
from shared.sharing.agreements import Agreements
from shared.sharing.fields import FIELDS
from tests.departments_world import Line
from tests.histories import birth, certificate
from tests.registry_world import CloudEvent, LookUpWorld, looking_up, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

AGREEMENTS = [agreement for agreement in Agreements.load(PROVISIONING) if agreement.in_force(clock.today())]
PURPOSES = {
    department: sorted({a.purpose for a in AGREEMENTS if a.department == department}) for department in DEPARTMENTS
}
REPORTERS = {"health", "public-security", "civil-affairs"}


@dataclass(frozen=True)
class Canary:
    """A person whose every value is theirs alone. `cases`: who reported about them."""

    name: str
    birth_date: str
    identity_number: str
    registered_area: str
    household_number: str
    died_on: str
    cases: frozenset[str]

    def record(self, *also: dict[str, str]) -> dict[str, Any]:
        """The person as a source record."""
        number = {"type": "resident-identity-number", "value": self.identity_number}
        return {"identifiers": [number, *also], "name": self.name, "sex": "female", "birth_date": self.birth_date}

    def home(self) -> dict[str, Any]:
        """Their line of a household register."""
        household = {
            "number": self.household_number,
            "kind": "family",
            "relation": "spouse",
            "area": self.registered_area,
        }
        return {"person": self.record(), "household": household}

    def values(self) -> dict[str, str]:
        """Field → canary, for the fields whose values are unique."""
        names = ("name", "birth_date", "identity_number", "registered_area", "household_number", "died_on")
        return {name: getattr(self, name) for name in names}


def canary(n: int, *cases: str) -> Canary:
    """The n-th canary."""
    born = f"{1950 + n}-0{1 + n % 9}-1{n % 9}"
    number = make("370102", date.fromisoformat(born), 100 + n)
    return Canary(
        f"Canary{n}Qx", born, number, f"370102{700 + n}{800 + n}", f"HH{n}Zz{n}", f"202{n % 5}-1{n % 3}-2{n % 9}",
        frozenset(cases),
    )  # fmt: skip


WHOLE = canary(3, "health", "public-security", "civil-affairs")  # of whom every field is known
MOTHER, FATHER = canary(1, "health"), canary(2, "health")
SPOUSE = canary(4, "civil-affairs")
SETTLED = canary(5, "public-security")
DEAD = canary(6, "health")
PEOPLE = [WHOLE, MOTHER, FATHER, SPOUSE, SETTLED, DEAD]
MENTIONED_IN: dict[Canary, tuple[str, str]] = {
    WHOLE: ("reg", "person"), MOTHER: ("birth", "mother"), FATHER: ("birth", "father"),
    SPOUSE: ("wed", "spouse_2"), SETTLED: ("move", "person"), DEAD: ("death2", "person"),
}  # fmt: skip


def history() -> dict[str, CloudEvent]:
    """A life in a few events; only the last two come after other departments have opened a case."""
    born = birth(MOTHER.record(), FATHER.record(), name=WHOLE.name, cert="CertQx3", born=WHOLE.birth_date)
    whole = WHOLE.home() | {"person": WHOLE.record(certificate("CertQx3"))}
    wedding = {"spouses": [WHOLE.record(), SPOUSE.record()], "certificate_number": "M1"}
    moved = SETTLED.home() | {"permit_number": "P1", "from_area": "440305", "to_area": SETTLED.registered_area}
    stay = {"person": WHOLE.record(), "registration_number": "R1", "current": {"area": "370103"}}
    death2 = {"person": DEAD.record(), "certificate_number": "D2"}
    death = {"person": WHOLE.record(), "certificate_number": "D1"}
    return {
        "birth": says("birth.certified", "birth", born, WHOLE.birth_date),
        "reg": says("household.registered", "reg", whole, "1999-01-02"),
        "wed": says("marriage.registered", "wed", wedding, "2019-05-05"),
        "move": says("migration.arrived", "move", moved, "2020-06-07"),
        "death2": says("death.certified", "death2", death2, DEAD.died_on, department="health"),
        "stay": says("residence.registered", "stay", stay, "2020-06-08"),
        "death": says("death.certified", "death", death, WHOLE.died_on, department="health"),
    }


@dataclass
class Played:
    """What was played, and what every department could read: feeds, receipts, look-ups; and everything logged."""

    line: Line
    lookups: LookUpWorld
    events: dict[str, CloudEvent]
    logged: str

    async def reference(self, department: str, person: Canary) -> str:
        """The department's reference of a person."""
        event, role = MENTIONED_IN[person]
        return await self.line.registry.reference(department, self.events[event], role)

    async def looked_up(self, department: str) -> bytes:
        """All that it finds by reference or number, for each of its purposes; household references too."""
        answers = []
        for purpose in PURPOSES[department]:
            for person in PEOPLE:
                number = {"type": "resident-identity-number", "value": person.identity_number}
                found = await self.lookups.get(
                    f"/v1/people/{await self.reference(department, person)}", department, purpose
                )
                answers += [found, await self.lookups.search(number, department, purpose)]
                if home := found.json().get("household"):
                    answers.append(await self.lookups.get(f"/v1/households/{home}", department, purpose))
        assert all(answer.status_code in (200, 403, 404) for answer in answers)
        return b"\n".join(answer.content for answer in answers)


@pytest.fixture
async def played(
    line: Line, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> AsyncIterator[Played]:
    """The history, played; every department holds a case on WHOLE before the last event."""
    caplog.set_level(logging.DEBUG)
    events = history()
    with structlog.testing.capture_logs() as entries:
        async with looking_up(line.registry, line.exchange.issuer) as lookups:
            played = Played(line, lookups, events, "")
            *first, stay, death = events.values()
            await line.report(*first)
            for department in DEPARTMENTS:
                await line.open_case(department, await played.reference(department, WHOLE))
            await line.report(stay)
            await line.report(death)
            yield played
            out, err = capfd.readouterr()
            played.logged = f"{entries}{caplog.text}{out}{err}"
            for person in PEOPLE:
                assert not [f for f, value in person.values().items() if value in played.logged], "logs hold no person"


def in_register(person: Canary) -> bool:
    """Whether the household register knows the person: scope "everyone" means everyone in it (rule 2)."""
    return person in (WHOLE, SETTLED)


def granted(department: str, *, case: bool, registered: bool = True) -> set[str]:
    """The fields of a person that the department may be told, by all its agreements."""
    return {
        field
        for agreement in AGREEMENTS
        if agreement.department == department and (case or (registered and agreement.scope == "everyone"))
        for field in agreement.fields
    }


def known(person: Canary) -> set[str]:
    """The canary fields that events said of the person."""
    said = {"name", "birth_date", "identity_number"}
    said |= {"registered_area", "household_number"} if person in (WHOLE, SETTLED) else set()
    return said | ({"died_on"} if person in (WHOLE, DEAD) else set())


async def test_each_department_is_told_each_field_of_its_agreements_and_nothing_else(played: Played) -> None:
    for department in sorted(DEPARTMENTS):
        feed = await played.line.feed_bytes(department)
        for person in PEOPLE:
            case = department in person.cases or person is WHOLE
            expected = known(person) & granted(department, case=case, registered=in_register(person))
            found = {field for field, value in person.values().items() if value.encode() in feed}
            assert found == expected, (department, person.name)
        told = await played.line.feed(department, "person.changed")
        mine = await played.reference(department, WHOLE)
        fields = {field for event in told if event["subject"] == mine for field in event["data"]["changed"]}
        assert fields == granted(department, case=True), department
        others = {field for event in told if event["subject"] != mine for field in event["data"]["changed"]}
        assert others <= granted(department, case=department in REPORTERS), department


async def test_relatives_are_told_as_the_receivers_own_references_only(played: Played) -> None:
    relatives = {"mother": MOTHER, "father": FATHER, "spouse": SPOUSE}
    for department in sorted(DEPARTMENTS):
        mine = await played.reference(department, WHOLE)
        for event in await played.line.feed(department, "person.changed"):
            for field in set(relatives) & set(event["data"]["changed"]):
                value = event["data"]["changed"][field]
                if event["subject"] == mine and value is not None:
                    assert value == await played.reference(department, relatives[field])
    assert {d for d in DEPARTMENTS if "mother" in granted(d, case=True)} == {"public-security"}
    assert set(RELATIVES) - {"help_mother", "adoptive_mother", "adoptive_father"} == set(relatives)


async def test_look_ups_give_what_the_agreements_of_that_purpose_allow(played: Played) -> None:
    for department in sorted(DEPARTMENTS):
        for purpose in PURPOSES[department]:
            for person in PEOPLE:
                case = department in person.cases
                allowed = {
                    field
                    for agreement in AGREEMENTS
                    if (agreement.department, agreement.purpose) == (department, purpose)
                    and (case or (in_register(person) and agreement.scope == "everyone"))
                    for field in agreement.fields
                }
                reference = await played.reference(department, person)
                answer = await played.lookups.get(f"/v1/people/{reference}", department, purpose)
                if not allowed:
                    assert answer.status_code in (403, 404), (department, purpose, person.name)
                    continue
                found = answer.json()
                assert set(found["fields"]) == allowed
                assert set(found["withheld"]) == set(FIELDS) - allowed
                assert found["reference"] == reference


async def test_no_department_sees_a_canary_beyond_its_agreements_in_look_ups_and_receipts(played: Played) -> None:
    for department in sorted(DEPARTMENTS):
        seen = await played.looked_up(department)
        receipts = await played.line.receipts(department)
        for person in PEOPLE:
            expected = known(person) & granted(
                department, case=department in person.cases, registered=in_register(person)
            )
            assert {f for f, value in person.values().items() if value.encode() in seen} == expected
            assert not [f for f, value in person.values().items() if value.encode() in receipts]


async def test_no_department_ever_sees_anothers_reference_or_a_root_id(played: Played) -> None:
    rows = await played.line.registry.service.pool.fetch(
        "SELECT person_id FROM person UNION SELECT household_id FROM household"
    )
    roots = [row[0] for row in rows]
    ring = played.line.registry.service.ring
    sinks = {
        department: b"\n".join(
            [
                await played.line.feed_bytes(department),
                await played.line.receipts(department),
                await played.looked_up(department),
            ]
        )
        for department in sorted(DEPARTMENTS)
    }
    own = 0
    for department, sink in sinks.items():
        for root in roots:
            assert str(root).encode() not in sink
            assert root.hex.encode() not in sink
            for other in sorted(DEPARTMENTS):
                there = mint(ring, other, root).encode() in sink
                assert other == department or not there
                own += there
    assert own >= 10, "what is looked for is what departments see"


async def test_receipts_are_of_ones_own_events_only(played: Played) -> None:
    for department in sorted(DEPARTMENTS - REPORTERS):
        assert await played.line.receipts(department) == b'{"receipts":[],"next_after":null}'
        assert await played.line.feed(department, "receipt.changed") == []
    for department in sorted(REPORTERS):
        told = await played.line.feed(department, "receipt.changed")
        assert {(event["data"]["source"].split(":")[2], event["data"]["status"]) for event in told} == {
            (department, "applied")
        }


async def test_nothing_that_names_a_person_stands_readable_in_either_database(played: Played) -> None:
    secrets = [value for person in PEOPLE for value in (person.name, person.identity_number)] + ["CertQx3"]
    for service in (played.line.registry.service, played.line.exchange.service):
        async with service.pool.acquire() as connection:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            size = 0
            for (table,) in tables:
                rows = await connection.fetch(f'SELECT * FROM "{table}"')
                raw = b"\n".join(
                    value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row.values()
                )
                size += len(raw)
                assert not [secret for secret in secrets if secret.encode() in raw], table
        assert size > 5_000


async def test_what_is_refused_is_not_repeated(played: Played) -> None:
    """Numbers that are wrong, and people in the wrong place, come back in no answer."""
    wrong = "370102199001011239"
    for person in (WHOLE, DEAD):
        event = says(
            "death.certified", "bad", {"person": person.record(), "certificate_number": "D9"}, department="health"
        )
        event["data"]["person"]["identifiers"].append({"type": "resident-identity-number", "value": wrong})
        event["data"]["person"]["nickname"] = person.identity_number
        answer = await played.line.exchange.post(event, "health")
        assert answer.status_code == 422
        assert wrong not in answer.text
        assert person.identity_number not in answer.text
        assert person.name not in answer.text
    answer = await played.lookups.search({"type": "resident-identity-number", "value": wrong}, "public-security")
    assert answer.status_code == 422
    assert wrong not in answer.text
