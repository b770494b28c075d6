"""What was cut while an agreement did not stand reaches every kind of reader when it stands again, and a correction is
heard in between."""

from typing import Any

from services.exchange.told import repository as told_rows
from tests.agreements_world import Hands
from tests.departments_world import Json, Line
from tests.histories import OTHER_TOWN, TOWN, certificate, household, number, person
from tests.registry_world import CloudEvent, says

pytest_plugins = ["tests.exchange", "tests.registry", "tests.departments"]

HOUSING, SECURITY = "housing", "public-security"
RENTAL, TENANCY = "housing-public-rental", "housing-tenancy-register"


def registered(id_: str, who: Json, on: str = "2024-02-20", area: str = TOWN, **more: Any) -> CloudEvent:
    return says("household.registered", id_, {"person": who, **household(area)}, on, **more)


SETTLED = registered("h1", person(1, "Li Wei"))
RENAMED = registered("h2", person(1, "Li Wen"), action="corrected", of="h1", minute=1)


async def ask(line: Line, *, rest: bool = True) -> None:
    """A case by call on the person."""
    body = {
        "id": "HA-1",
        "identifier": number(1),
        "purpose": "service-delivery",
        "agreement": RENTAL,
        "until": "2027-06-30",
    }
    headers = line.exchange.headers(HOUSING, roles=["clerk"])
    answer = await line.exchange.http.post("/v1/cases", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    if rest:
        await line.rest()


async def granting(hands: Hands, without: str | None = None) -> Json:
    """The agreement as it was first, without a field."""
    first: Json = (await hands.get(RENTAL)).json()["versions"][0]["agreement"]
    return first | {"fields": [each for each in first["fields"] if each != without]}


class Reader:
    """Follows the feed from where it is. `forgets`: on a reset it empties what it holds, and its ids; otherwise it
    keeps both, and passes over the ids that it knows."""

    def __init__(self, line: Line, *, forgets: bool) -> None:
        self.line, self.forgets = line, forgets
        self.held: dict[str, Any] = {}
        self.known: set[str] = set()
        self.after: str | None = None

    async def read_on(self) -> dict[str, Any]:
        """Read to the head; what is held of the one person then."""
        while True:
            query = {"after": self.after} if self.after else {}
            headers = self.line.exchange.headers(HOUSING)
            answer = await self.line.exchange.http.get("/v1/feed", params=query, headers=headers)
            if answer.status_code == 409:
                self.after = None
                if self.forgets:
                    self.held, self.known = {}, set()
                continue
            page = answer.json()
            for entry in page["entries"]:
                if "data" in entry and entry["id"] not in self.known:
                    self.known.add(entry["id"])
                    self.held |= entry["data"]["data"].get("changed", {})
            self.after = page["next_after"]
            if not page["entries"]:
                return self.held


async def ledger(line: Line) -> list[dict[str, object]]:
    rows = await line.exchange.service.pool.fetch("SELECT * FROM told WHERE department = $1", HOUSING)
    return [told_rows.opened(line.exchange.service.ring, row).holds for row in rows]


async def test_who_read_while_an_agreement_granted_less_reads_what_it_grants_again(line: Line) -> None:
    hands = Hands(line.exchange)
    await line.report(SETTLED)
    await ask(line)
    readers = [Reader(line, forgets=True), Reader(line, forgets=False)]
    assert [(await each.read_on())["registered_area"] for each in readers] == [TOWN, TOWN]
    await hands.agree(await granting(hands, without="registered_area"), version=2)
    assert "registered_area" not in await readers[0].read_on()
    late = Reader(line, forgets=False)
    assert "registered_area" not in await late.read_on()
    await hands.agree(await granting(hands), version=3)
    await line.rest()
    for reader in (*readers, late):
        assert [await reader.read_on()] == await ledger(line)


async def test_who_began_during_a_suspension_and_passes_over_known_ids_is_complete_afterwards(line: Line) -> None:
    hands = Hands(line.exchange)
    await line.report(SETTLED)
    await ask(line)
    await hands.does("suspend", RENTAL)
    reader = Reader(line, forgets=False)
    assert "registered_area" not in await reader.read_on()
    await hands.does("resume", RENTAL)
    await line.report(registered("h3", person(1, "Li Wen"), "2024-06-01", minute=1))
    held = await reader.read_on()
    assert (held["registered_area"], held["name"]) == (TOWN, "Li Wen")
    assert [held] == await ledger(line)


async def test_what_is_concluded_again_after_its_end_begins_a_new_epoch(line: Line) -> None:
    hands = Hands(line.exchange)
    await hands.does("end", RENTAL, HOUSING)
    before = await line.exchange.service.pool.fetchval("SELECT epoch FROM feed_head WHERE feed = 'department:housing'")
    await hands.agree(await granting(hands), version=2)
    after = await line.exchange.service.pool.fetchval("SELECT epoch FROM feed_head WHERE feed = 'department:housing'")
    assert before != after


async def test_changes_read_again_after_a_widening_note_only_what_the_feed_says(line: Line) -> None:
    hands = Hands(line.exchange)
    await hands.agree(await granting(hands, without="registered_area"), version=2)
    await line.report(SETTLED)
    await ask(line)
    await hands.agree(await granting(hands), version=3)
    await line.registry.service.pool.execute("UPDATE feed_head SET epoch = gen_random_uuid() WHERE feed = 'changes'")
    while await line.distributing.step() or (await line.distributing.standing())[0] is None:
        pass
    (held,) = await ledger(line)
    assert held["registered_area"] == TOWN, "the same entry of the registry is told with what is granted by now"
    assert await Reader(line, forgets=True).read_on() == held


async def test_a_correction_whose_agreement_ended_before_it_was_read_is_heard_as_withdrawn(line: Line) -> None:
    hands = Hands(line.exchange)
    await line.report(SETTLED)
    await ask(line)
    await line.report(RENAMED)
    (told,) = await line.feed(HOUSING, "value.corrected")
    assert told["data"]["corrected"] == {"name": "Li Wen"}
    for agreement in (TENANCY, RENTAL):
        await hands.does("end", agreement, HOUSING)
    assert await line.feed(HOUSING, "value.corrected") == []
    (heard,) = await line.feed(HOUSING, "value.withdrawn")
    assert (heard["id"], heard["subject"]) == (told["id"], told["subject"])
    assert heard["data"] == {"withdrawn": ["name"], "acknowledge_by": told["data"]["acknowledge_by"]}
    answer = await line.exchange.http.post(
        "/v1/feed/acknowledgements",
        json={"entries": [heard["id"]]},
        headers=line.exchange.headers(HOUSING, roles=["follower"]),
    )
    assert answer.json()["acknowledged"] == [heard["id"]]


async def test_a_correction_of_which_some_fields_are_granted_still_names_the_others(line: Line) -> None:
    hands = Hands(line.exchange)
    await line.report(SETTLED)
    await ask(line)
    await line.report(registered("h2", person(1, "Li Wen"), area=OTHER_TOWN, action="corrected", of="h1", minute=1))
    await hands.agree(await granting(hands, without="registered_area"), version=2)
    (heard,) = await line.feed(HOUSING, "value.corrected")
    assert (heard["data"]["corrected"], heard["data"]["withdrawn"]) == ({"name": "Li Wen"}, ["registered_area"])
    assert OTHER_TOWN.encode() not in await line.feed_bytes(HOUSING)


async def test_a_case_and_a_retry_in_one_page_tell_the_person_as_they_are_after_both(line: Line) -> None:
    born = {"birth_date": "1991-03-04"}
    paper = [certificate("C1")]
    before = registered("h0", person(1, "Li Wei", also=paper) | born, "2024-01-20")
    mistaken = registered("h1", person(1, "Li Wei", also=paper))
    other = registered("h2", person(1, "Zhao Yun") | born, "2024-06-01", OTHER_TOWN, minute=1)
    # It does not say the number by which the held event would be looked at again by itself.
    same = person(1, "Li Wei") | born | {"identifiers": paper}
    right = registered("h3", same, action="corrected", of="h1", minute=2)
    for event in (before, mistaken, other, right):
        await line.report(event)
    mine = line.exchange.headers(SECURITY, roles=["reporter"])
    answer = await line.exchange.http.get("/v1/receipts", params={"status": "held"}, headers=mine)
    (held,) = answer.json()["receipts"]
    await ask(line, rest=False)
    answer = await line.exchange.http.post(f"/v1/receipts/{held['receipt']}/retry", headers=mine)
    assert answer.status_code == 202, answer.text
    await line.rest()
    (state,) = (await line.registry.people())[0].values()
    told = await Reader(line, forgets=True).read_on()
    assert (told["name"], told["registered_area"]) == (state.name, state.registered_area) == ("Zhao Yun", OTHER_TOWN)
