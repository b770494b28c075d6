"""A newcomer begins with a snapshot and follows from its position: it holds what a reader of the whole feed holds."""

import random
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.holding import Fields, holding
from shared.crypto.references import read
from tests.departments_world import Json, Line
from tests.histories import OTHER_TOWN, TOWN, birth, household, move, number, person
from tests.registry_world import CloudEvent, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

SECURITY, HEALTH, CIVIL = "public-security", "health", "civil-affairs"


async def page(line: Line, department: str, **query: object) -> Json:
    """One page of a department's snapshot."""
    asked = {name: str(value) for name, value in query.items() if value is not None}
    answer = await line.exchange.http.get("/v1/snapshot", params=asked, headers=line.exchange.headers(department))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def told_after(line: Line, department: str, position: str | None) -> list[Json]:
    """What a department's feed tells behind a cursor, until its end."""
    told: list[Json] = []
    while True:
        query = {"limit": "1000"} | ({"after": position} if position else {})
        headers = line.exchange.headers(department)
        answer = (await line.exchange.http.get("/v1/feed", params=query, headers=headers)).json()
        if not answer["entries"]:
            return told
        told += [entry.get("data") for entry in answer["entries"]]
        position = answer["next_after"]


def people_of(found: Json) -> dict[str, Fields]:
    """The people of a page."""
    return {each["reference"]: each["fields"] for each in found["people"]}


class City:
    """Random vital events about a few people: moves, deaths, corrections, annulments, two that turn out to be one."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.events: list[CloudEvent] = []

    def who(self, sequence: int) -> Json:
        """A source record by number, by passport, or by both: which makes the two one person."""
        passport = {"type": "passport", "value": f"P{sequence}", "issuer": "CHN"}
        named = self.chance.choice([[number(sequence)], [number(sequence)], [passport], [number(sequence), passport]])
        return person(sequence) | {"identifiers": named}

    def next(self) -> CloudEvent:
        """Something happens, or is corrected or taken back."""
        id_, minute = f"e{len(self.events)}", len(self.events)
        if self.events and self.chance.random() < 0.3:
            event = self.corrected(self.chance.choice(self.events), id_, minute)
        else:
            event = self.happens(id_, minute)
        self.events.append(event)
        return event

    def happens(self, id_: str, minute: int) -> CloudEvent:
        """A vital event about one of them."""
        who, area = self.who(self.chance.randint(1, 6)), self.chance.choice([TOWN, OTHER_TOWN])
        on = f"2024-0{self.chance.randint(1, 9)}-10"
        match self.chance.randint(0, 4):
            case 0:
                death = {"person": who, "certificate_number": id_}
                return says("death.certified", id_, death, on, minute=minute, department=HEALTH)
            case 1:
                return says("birth.certified", id_, birth(who, cert=id_), "2024-02-01", minute=minute)
            case 2:
                data = {"person": who, **move(id_, TOWN, OTHER_TOWN)}
                return says("migration.departed", id_, data, on, minute=minute)
            case 3:
                married = {"spouses": [who, person(7)], "certificate_number": id_}
                return says("marriage.registered", id_, married, on, minute=minute)
        return says("household.registered", id_, {"person": who, **household(area)}, on, minute=minute)

    def corrected(self, event: CloudEvent, id_: str, minute: int) -> CloudEvent:
        """The reporter of an event says that it was otherwise, or was not."""
        name, department = event["type"].removeprefix("cn.tenfold.").rpartition(".v")[0], event["source"].split(":")[2]
        data: dict[str, Any] = {k: v for k, v in event["data"].items() if k not in ("action", "supersedes")}
        if "person" in data:
            data["person"] = data["person"] | {"name": f"Person {minute}"}
        action = self.chance.choice(["corrected", "annulled"])
        return says(
            name, id_, data, data["effective_on"], action=action, of=event["id"], minute=minute, department=department
        )


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_newcomer_holds_what_the_whole_feed_says_while_others_write(line: Line, seed: int) -> None:
    city = City(seed)
    departments = (SECURITY, HEALTH, CIVIL)
    await line.report(*[city.next() for _ in range(30)])
    first = {each: await page(line, each, limit=2) for each in departments}
    held: dict[str, dict[str, Fields]] = {each: people_of(first[each]) for each in departments}
    following: Mapping[str, str | None] = {each: first[each]["next_after"] for each in departments}
    while any(following.values()):
        await line.report(*[city.next() for _ in range(3)])
        pages = {
            each: await page(line, each, limit=2, after=following[each]) for each in departments if following[each]
        }
        for each, found in pages.items():
            assert found["position"] == first[each]["position"], "the same on every page"
            held[each] |= people_of(found)
        following = {each: found["next_after"] for each, found in pages.items()}
        following = {each: following.get(each) for each in departments}
    await line.report(*[city.next() for _ in range(3)])
    for each in departments:
        whole = holding(await told_after(line, each, None))
        newcomer = holding(await told_after(line, each, first[each]["position"]), held[each])
        assert newcomer == whole, each
        assert people_of(await page(line, each, limit=1000)) == whole, "and so says a snapshot of now"
        assert len(whole) > 2
        types = {told["type"] for told in await told_after(line, each, None) if told is not None}
        assert "cn.tenfold.person.changed.v1" in types


async def test_a_page_of_another_epoch_begins_anew(line: Line) -> None:
    for sequence in (1, 2):
        registered = {"person": person(sequence), **household(number_=f"H{sequence}")}
        await line.report(says("household.registered", f"h{sequence}", registered))
    found = await page(line, SECURITY, limit=1)
    pool = line.exchange.service.pool
    await pool.execute("UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed = 'department:public-security'")
    query = {"after": found["next_after"]}
    answer = await line.exchange.http.get("/v1/snapshot", params=query, headers=line.exchange.headers(SECURITY))
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors#feed-reset")
    assert (await page(line, SECURITY))["position"] != found["position"]


async def test_a_cursor_is_ones_own_and_nobody_makes_one_up(line: Line) -> None:
    await line.report(says("household.registered", "h1", {"person": person(1), **household()}))
    cursor = (await page(line, SECURITY, limit=1))["next_after"]
    for department, after in ((HEALTH, cursor), (SECURITY, "x" + cursor[1:]), (SECURITY, "nothing"), (SECURITY, "é")):
        headers = line.exchange.headers(department)
        answer = await line.exchange.http.get("/v1/snapshot", params={"after": after}, headers=headers)
        assert answer.status_code == 422, after


async def test_each_person_given_is_written_down_for_the_person_to_see(line: Line) -> None:
    registered = says("household.registered", "h1", {"person": person(1), **household()})
    await line.report(registered)
    await page(line, SECURITY)
    await line.rest()
    await page(line, SECURITY)
    await line.rest()
    rows = await line.registry.service.pool.fetch(
        "SELECT reference, department, purpose, fields FROM access_log WHERE action = 'snapshot'"
    )
    twice = sorted(["household-registration", "identity-review"] * 2)
    assert sorted(row["purpose"] for row in rows) == twice, "once each time for each purpose"
    reference = await line.registry.reference(SECURITY, registered)
    root = read(line.registry.service.ring, SECURITY, reference)
    for row in rows:
        assert (UUID(row["reference"]), row["department"]) == (root, SECURITY)
        assert "name" in row["fields"]


async def test_who_is_not_a_receivers_matter_does_not_stand_in_its_snapshot(line: Line) -> None:
    death = says("death.certified", "x1", {"person": person(1), "certificate_number": "x1"}, department=HEALTH)
    await line.report(death)
    assert len((await page(line, HEALTH))["people"]) == 1
    assert (await page(line, CIVIL))["people"] == []
    await line.report(
        says("death.certified", "x2", {"person": person(1), "certificate_number": "x1"}, action="annulled", of="x1",
             minute=1, department=HEALTH)
    )  # fmt: skip
    assert (await page(line, HEALTH))["people"] == [], "its case has ended"
