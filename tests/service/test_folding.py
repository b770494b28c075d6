"""The registry on PostgreSQL: who is one person, what supersedes what, what is held, and that nothing is told twice."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import asyncpg
import msgspec
import pytest

from services.registry.facts.deadlines import DEADLINE_PASSED, reject_overdue
from services.registry.facts.handlers import HELD_FOR
from services.registry.facts.page import AMBIGUOUS, MISMATCH, NOT_ARRIVED
from shared import clock
from shared.db import transaction
from shared.feed.follow import Again, FeedEntry, FeedPage, Follower
from tests.histories import OTHER_TOWN, TOWN, birth, certificate, household, move, number, person
from tests.registry_world import SOURCES, CloudEvent, RegistryWorld, entry_of, receipt_of, says

pytest_plugins = ["tests.registry"]

MOTHER = person(2, "Wang Fang")
BABY = {"identifiers": [number(5), certificate("C1")], "name": "Wang An", "sex": "female", "birth_date": "2024-02-01"}
BY_NUMBER = BABY | {"identifiers": [number(5)]}


def born(id_: str = "b1", cert: str = "C1", **more: object) -> CloudEvent:
    return says("birth.certified", id_, birth(MOTHER, cert=cert, help_requested=True), "2024-02-01", **more)  # type: ignore[arg-type]


def registered(id_: str, who: object, area: str = TOWN, **more: object) -> CloudEvent:
    return says("household.registered", id_, {"person": who, **household(area)}, "2024-02-20", **more)  # type: ignore[arg-type]


def died(id_: str, who: object, on: str, department: str, **more: object) -> CloudEvent:
    data = {"person": who, "certificate_number": id_}
    return says("death.certified", id_, data, on, department=department, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("reverse", [False, True])
async def test_a_birth_and_the_registration_with_both_numbers_are_one_person(
    registry: RegistryWorld, reverse: bool
) -> None:
    events = [born(), registered("h1", BABY)]
    for event in events[::-1] if reverse else events:
        await registry.apply(event)
    child = await registry.named("Wang An")
    assert (child.registered_area, child.mother, child.help_asked) == (
        TOWN,
        (SOURCES["health"], "b1", "mother"),
        True,
    )
    assert await registry.count("person") == 2  # the child and her mother
    assert await registry.told(kind="merged") == []


async def test_two_people_who_turn_out_to_be_one_are_merged_and_departments_are_told(registry: RegistryWorld) -> None:
    moved = says("migration.departed", "d1", {"person": BY_NUMBER, **move()}, "2024-03-01")
    await registry.apply(born())
    await registry.apply(moved)
    before = await registry.reference("public-security", moved)
    await registry.apply(registered("h1", BABY))
    after = await registry.reference("public-security", moved)
    (merged,) = await registry.told(kind="merged")
    assert (merged["from"]["public-security"], merged["into"]["public-security"]) == (before, after)
    (care,) = await registry.told("care", "merged")
    assert care["from"] != care["into"]
    kinds = [entry["kind"] for entry in await registry.told()]
    assert kinds.index("merged") < len(kinds) - 1 - kinds[::-1].index("person"), "the merge is told before the person"
    child = await registry.named("Wang An")
    assert child.residence == "departed"
    assert child.mother is not None


async def test_three_people_become_one_in_one_page(registry: RegistryWorld) -> None:
    """Each of the three was known before; the second link meets the first one's winner."""
    passport = {"type": "passport", "value": "P77", "issuer": "CHN"}
    three = [BY_NUMBER, BABY | {"identifiers": [certificate("C1")]}, BABY | {"identifiers": [passport]}]
    for n, who in enumerate(three):
        await registry.apply(registered(f"h{n}", who))
    pair = BABY | {"identifiers": [certificate("C1"), passport]}
    await registry.apply(registered("h4", pair), registered("h5", BABY), registered("h6", BY_NUMBER))
    states, links = await registry.people()
    assert len(states) == 1
    assert len(set(links.values())) == 1
    assert len(await registry.told(kind="merged")) == 2
    assert await registry.count("relink") == 2  # each of the losers moved once, straight to the last winner


@pytest.mark.parametrize("cut", [1, 2])
@pytest.mark.parametrize("reverse", [False, True])
async def test_a_correction_counts_whenever_it_arrives(registry: RegistryWorld, reverse: bool, cut: int) -> None:
    first = registered("h1", person(1, "Li Wei"))
    fixed = registered("h2", person(1, "Li Wen"), OTHER_TOWN, action="corrected", of="h1", minute=1)
    events = [fixed, first] if reverse else [first, fixed]
    for start in range(0, 2, cut):
        await registry.apply(*events[start : start + cut])
    state = await registry.named("Li Wen")
    assert state.registered_area == OTHER_TOWN
    assert (await registry.outcomes(fixed))[-1] == ("applied", None)
    assert await registry.outcomes(first) == [("applied", None)]
    assert await registry.count("held_event") == 0


async def test_no_correction_waits_for_ever_when_both_are_applied_at_once(registry: RegistryWorld) -> None:
    """In other partitions, at the same time: one of the two transactions must see the other."""
    rounds = range(25)
    firsts = [registered(f"a{n}", person(n + 10)) for n in rounds]
    # Another number, so that no lock on an identifier stands between the two.
    fixes = [registered(f"b{n}", person(n + 50, f"New {n}"), action="corrected", of=f"a{n}", minute=1) for n in rounds]
    for first, fixed in zip(firsts, fixes, strict=True):
        await registry.together([fixed], [first])
    assert await registry.count("held_event") == 0
    states, _ = await registry.people()
    assert sorted(state.name or "" for state in states.values()) == sorted(f"New {n}" for n in rounds)


async def test_of_competing_corrections_the_later_said_one_wins_in_any_order(registry: RegistryWorld) -> None:
    first = registered("h1", person(1, "A"))
    early = registered("h2", person(1, "B"), action="corrected", of="h1", minute=1)
    late = registered("h3", person(1, "C"), action="corrected", of="h1", minute=2)
    chained = registered("h4", person(1, "D"), action="corrected", of="h2", minute=9)
    await registry.apply(first)
    await registry.apply(chained, late)
    await registry.apply(early)
    assert {state.name for state in (await registry.people())[0].values()} == {"C"}
    assert await registry.count("held_event") == 0


async def test_a_long_chain_of_corrections_that_came_backwards_is_applied_in_one_page(registry: RegistryWorld) -> None:
    chain = [registered("h0", person(1, "N0"))]
    chain += [
        registered(f"h{n}", person(1, f"N{n}"), action="corrected", of=f"h{n - 1}", minute=n) for n in range(1, 300)
    ]
    await registry.apply(*chain[:0:-1])
    assert await registry.count("held_event") == 299
    await registry.apply(chain[0])
    assert await registry.count("held_event") == 0
    assert (await registry.named("N299")).registered


async def test_an_annulled_event_leaves_nothing_and_its_person_is_found_again(registry: RegistryWorld) -> None:
    one = registered("h1", person(1, "Li Wei"))
    await registry.apply(one)
    await registry.apply(registered("h2", person(1, "Li Wei"), action="annulled", of="h1", minute=1))
    (state,) = (await registry.people())[0].values()
    assert (state.name, state.registered, state.identity_number) == (None, False, None)
    before = await registry.reference("public-security", one)
    again = registered("h3", person(1, "Li Wei"))
    await registry.apply(again)
    assert await registry.reference("public-security", again) == before
    last = (await registry.told(kind="person"))[-1]
    assert last["state"]["name"] == "Li Wei"


async def test_an_annulment_links_nobody(registry: RegistryWorld) -> None:
    """What an annulment says of identity counts for nothing: it must not make two people one."""
    await registry.apply(born(), registered("h1", person(3, "Li Wei")))
    both = person(3, "Li Wei", also=[certificate("C1")])
    await registry.apply(registered("h2", both, action="annulled", of="h1", minute=1))
    assert await registry.told(kind="merged") == []
    assert await registry.count("held_event") == 0


async def test_a_wrong_certificate_that_is_corrected_does_not_make_two_babies_one(registry: RegistryWorld) -> None:
    await registry.apply(born("b1", "C1"), born("b2", "C2"))
    wrong = BABY | {"identifiers": [number(5), certificate("C2")]}
    await registry.apply(registered("h1", wrong))
    await registry.apply(registered("h2", BABY, action="corrected", of="h1", minute=1))
    states, links = await registry.people()
    health, security = SOURCES["health"], SOURCES["public-security"]
    assert links[health, "b1", "child"] == links[security, "h2", "person"] != links[health, "b2", "child"]
    assert states[links[health, "b2", "child"]].identity_number is None
    assert await registry.told(kind="merged") == []


async def test_a_number_corrected_to_one_that_nobody_has_stays_the_same_person(registry: RegistryWorld) -> None:
    wrong = registered("h1", person(1, "Li Wei"))
    await registry.apply(wrong)
    before = await registry.reference("public-security", wrong)
    right = registered("h2", person(3, "Li Wei"), action="corrected", of="h1", minute=1)
    await registry.apply(right)
    assert await registry.reference("public-security", right) == before
    other = registered("h3", person(1, "Zhao Min"))
    await registry.apply(other)
    assert await registry.reference("public-security", other) != before


async def test_a_correction_that_would_part_a_person_is_held_for_a_clerk(registry: RegistryWorld) -> None:
    moved = says("migration.departed", "d1", {"person": BY_NUMBER, **move()}, "2024-03-01")
    await registry.apply(born(), registered("h1", BABY), moved)
    parting = registered("h2", BY_NUMBER, action="corrected", of="h1", minute=1)
    await registry.apply(parting)
    assert await registry.outcomes(parting) == [("held", AMBIGUOUS)]
    annulled = registered("h3", BABY, action="annulled", of="h1", minute=1)
    await registry.apply(annulled)
    assert await registry.outcomes(annulled) == [("held", AMBIGUOUS)]


async def test_superseding_another_departments_or_types_event_is_held(registry: RegistryWorld) -> None:
    first = died("x1", person(1, "Li Wei"), "2024-03-01", "health")
    other = died("x2", person(1, "Li Wei"), "2024-03-02", "civil-affairs", action="corrected", of="x1",
                 of_source=first["source"])  # fmt: skip
    kind = says("birth.certified", "x3", birth(MOTHER), "2024-02-01", action="corrected", of="x1")
    await registry.apply(other)
    assert await registry.outcomes(other) == [("held", NOT_ARRIVED)]
    await registry.apply(first, kind)
    assert await registry.outcomes(other) == [("held", NOT_ARRIVED), ("held", MISMATCH)], "the reason is told anew"
    assert await registry.outcomes(kind) == [("held", MISMATCH)]
    await registry.apply(first, kind, other)
    assert len(await registry.outcomes(other)) == 2
    reasons = await registry.service.pool.fetch("SELECT DISTINCT reason, decider FROM held_event")
    assert [tuple(row) for row in reasons] == [(MISMATCH, "registry clerk")]
    assert (await registry.named("Li Wei")).died_on is not None


async def test_what_goes_on_waiting_is_told_once_and_keeps_its_day(registry: RegistryWorld) -> None:
    chain = [registered(f"h{n}", person(1, f"N{n}"), action="corrected", of=f"h{n - 1}", minute=n) for n in range(1, 4)]
    with clock.frozen(clock.now()):
        await registry.apply(chain[2])
        due = await registry.service.pool.fetchval("SELECT due FROM held_event")
    with clock.frozen(clock.now() + timedelta(days=9)):
        await registry.apply(chain[1])
    assert await registry.outcomes(chain[2]) == [("held", NOT_ARRIVED)]
    dues = {row["due"] for row in await registry.service.pool.fetch("SELECT due FROM held_event")}
    assert dues == {due, due + timedelta(days=9)}


@pytest.mark.parametrize("together", [False, True])
async def test_one_number_with_another_name_and_birth_date_is_held_whole(
    registry: RegistryWorld, together: bool
) -> None:
    holder = registered("h1", person(1, "Li Wei"))
    stranger = person(1, "Zhao Min") | {"birth_date": "1971-01-01"}
    wedding = says(
        "marriage.registered", "m1", {"spouses": [stranger, person(2, "Wang Fang")], "certificate_number": "M1"}
    )
    if together:
        await registry.apply(holder, wedding)
    else:
        await registry.apply(holder)
        await registry.apply(wedding)
    assert await registry.outcomes(wedding) == [("held", AMBIGUOUS)]
    assert await registry.count("person") == 1, "nothing of a held event is applied, also not the other spouse"


async def test_two_resident_numbers_never_meet_in_one_person(registry: RegistryWorld) -> None:
    twice = registered("h1", person(1, also=[number(3)]))
    await registry.apply(twice)
    assert await registry.outcomes(twice) == [("held", AMBIGUOUS)], "also when nobody is known yet"
    await registry.apply(registered("h2", person(1, also=[certificate("C9")])), registered("h3", person(3)))
    link = registered("h4", person(3, also=[certificate("C9")]))
    await registry.apply(link)
    assert await registry.outcomes(link) == [("held", AMBIGUOUS)]


async def test_two_roles_of_one_event_are_never_one_person(registry: RegistryWorld) -> None:
    same = says("birth.certified", "b1", birth(person(2, "Wang Fang"), person(2, "Wang Fang")), "2024-02-01")
    await registry.apply(same)
    assert await registry.outcomes(same) == [("held", AMBIGUOUS)], "also when nobody is known yet"
    joined = registered("h1", person(1, also=[certificate("C8")]))
    child = says("birth.certified", "b2", birth(person(1) | {"identifiers": [number(1)]}, cert="C8"), "2024-02-01")
    await registry.apply(joined, child)
    assert await registry.outcomes(child) == [("held", AMBIGUOUS)]


async def test_sources_of_one_death_are_reconciled(registry: RegistryWorld) -> None:
    await registry.apply(
        died("x1", person(1, "Li Wei"), "2024-03-03", "civil-affairs"),
        died("x2", person(1, "Li Wei"), "2024-03-02", "health"),
        died("x3", person(1, "Li Wei"), "2024-03-01", "public-security"),
    )
    assert str((await registry.named("Li Wei")).died_on) == "2024-03-02", "the highest authority decides"


async def test_held_beyond_its_day_is_rejected_and_stays_so(registry: RegistryWorld) -> None:
    first = registered("h1", person(1, "Li Wei"))
    early = registered("h2", person(1, "Li Wen"), action="corrected", of="h1", minute=1)
    await registry.apply(early)
    service = registry.service
    assert await reject_overdue(service.pool, service.feeds) == 0
    with clock.frozen(clock.now() + HELD_FOR):
        assert await reject_overdue(service.pool, service.feeds) == 0, "the day itself has not passed"
    with clock.frozen(clock.now() + HELD_FOR + timedelta(days=1)):
        assert await reject_overdue(service.pool, service.feeds) == 1
        assert await reject_overdue(service.pool, service.feeds) == 0
    await registry.apply(first)
    await registry.apply(early)  # read again from the beginning of the feed
    assert await registry.outcomes(early) == [("held", NOT_ARRIVED), ("rejected", DEADLINE_PASSED)]
    assert (await registry.named("Li Wei")).registered
    assert await service.pool.fetchval("SELECT octet_length(body) FROM held_event") == 0


async def test_whatever_is_repeated_is_told_and_stored_once(registry: RegistryWorld) -> None:
    waiting = registered("h9", person(1), action="corrected", of="h8", minute=1)
    events = [born(), registered("h1", BABY), waiting, died("x1", BABY, "2024-05-01", "health")]
    await registry.apply(*events)
    before = [await registry.told(), await registry.told("care"), await registry.people()]
    await registry.apply(*events, *events[::-1])
    for event in events:
        await registry.apply(event)
    assert [await registry.told(), await registry.told("care"), await registry.people()] == before


async def feed_of(entries: Sequence[FeedEntry]) -> FeedPage:
    """A page as the exchange's feed gives it."""
    numbered = [msgspec.structs.replace(entry, position=n) for n, entry in enumerate(entries, start=1)]
    epoch = receipt_of({"source": "x", "id": "epoch"})
    return FeedPage(epoch, len(numbered), f"{epoch}:{len(numbered)}", numbered)


async def test_a_poison_entry_is_parked_and_the_rest_is_applied(registry: RegistryWorld) -> None:
    poisons = [b"null", b'{"department":"health","event":{"type":"no.such"}}', b'{"department":"health"}']
    events = [registered(f"h{n}", person(n)) for n in range(1, 5)]
    entries = [entry_of(event) for event in events]
    for n, body in enumerate(poisons):
        entries.insert(n + 1, FeedEntry(1, receipt_of({"source": "poison", "id": str(n)}), None, msgspec.Raw(body)))
    page = await feed_of(entries)

    async def fetch(feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
        return page if after is None else msgspec.structs.replace(page, entries=[])

    service = registry.service
    follower = Follower("vital-events", 0, fetch, service.pool, service.ring, registry.folding.handle)
    assert await follower.step() == 7
    assert await follower.step() == 0
    assert await registry.count("parked") == 3
    assert await registry.count("vital_event") == 4
    faults = {row["fault"] for row in await service.pool.fetch("SELECT fault FROM parked")}
    assert faults == {"ValidationError"}, "the kind of the fault, never its text"


async def test_four_followers_with_the_same_people_apply_everything_once(registry: RegistryWorld) -> None:
    """Marriages, births and moves among forty people, spread over four feeds at random and applied at once."""
    rng = random.Random(11)
    events: list[CloudEvent] = []
    for n in range(320):
        he, she = (rng.randrange(20) * 2 + sex for sex in (1, 2))
        kind = n % 4
        if kind == 0:
            spouses = {"spouses": [person(he), person(she)], "certificate_number": f"M{n}"}
            events.append(says("marriage.registered", f"e{n}", spouses, minute=n))
        elif kind == 1:
            events.append(says("birth.certified", f"e{n}", birth(person(she), person(he), cert=f"C{n}"), "2024-02-01"))
        elif kind == 2:
            events.append(registered(f"e{n}", person(he), minute=n))
        else:
            fixed = {"spouses": [person(he), person(she)], "certificate_number": f"M{n}"}
            events.append(says("marriage.registered", f"e{n}", fixed, action="corrected", of=f"e{n - 3}", minute=n))
    feeds: list[list[CloudEvent]] = [[], [], [], []]
    for event in events:
        rng.choice(feeds).append(event)
    service = registry.service

    async def follow(partition: int) -> None:
        page = await feed_of([entry_of(event) for event in feeds[partition]])

        async def fetch(feed: str, partition: int, after: str | None, limit: int, wait: float) -> FeedPage:
            start = int(after.split(":")[1]) if after else 0
            return msgspec.structs.replace(page, entries=page.entries[start : start + limit])

        follower = Follower(
            "vital-events", partition, fetch, service.pool, service.ring, registry.folding.handle, limit=20
        )
        handled = 0
        while handled < len(feeds[partition]):
            with suppress(Again, asyncpg.DeadlockDetectedError):
                handled += await follower.step()

    await asyncio.gather(*(follow(partition) for partition in range(4)))
    assert await registry.count("parked") == 0
    assert await registry.count("held_event") == 0
    assert await registry.count("vital_event") == 320
    applied = [o["receipt"] for o in await registry.told(kind="outcome") if o["status"] == "applied"]
    assert sorted(applied) == sorted(str(receipt_of(event)) for event in events)
    states, _ = await registry.people()
    assert len(states) == 40 + 80


async def test_a_failed_page_leaves_nothing(registry: RegistryWorld) -> None:
    await registry.service.pool.execute("ALTER TABLE feed_entry ADD CHECK (feed <> 'care')")
    with pytest.raises(asyncpg.CheckViolationError):
        await registry.apply(registered("h1", person(1)))
    for table in ("person", "fact", "vital_event", "identifier_index", "residency", "household", "feed_entry"):
        assert await registry.count(table) == 0
    async with transaction(registry.service.pool) as connection:
        assert await connection.fetchval("SELECT sum(position) FROM feed_head") == 0


async def waits_for_a_lock(registry: RegistryWorld) -> None:
    """Until another transaction is waiting for a row."""
    waiting = 0
    while not waiting:
        waiting = await registry.service.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")


async def test_a_person_merged_while_we_waited_for_them_is_resolved_again(registry: RegistryWorld) -> None:
    passport = {"type": "passport", "value": "P7", "issuer": "CHN"}
    child = BABY | {"identifiers": [certificate("C1")]}
    travelling = BABY | {"identifiers": [number(5), passport]}
    await registry.apply(born(), registered("h1", travelling))
    async with transaction(registry.service.pool) as connection:
        await registry.folding.handle(connection, [entry_of(registered("h2", BABY))])
        by_passport = registered("h3", child | {"identifiers": [passport]}, OTHER_TOWN, minute=9)
        waiting = asyncio.create_task(registry.apply(by_passport))
        await waits_for_a_lock(registry)
    await waiting
    states, links = await registry.people()
    assert len(states) == 2
    assert links[SOURCES["public-security"], "h3", "person"] == links[SOURCES["health"], "b1", "child"]


async def test_somebody_brought_in_by_another_correction_of_the_line_is_folded_too(registry: RegistryWorld) -> None:
    """The earlier of two rivals was corrected onto another person; when it loses, that person loses the fact too."""
    await registry.apply(registered("h0", person(3, "Other")))
    await registry.apply(registered("h1", person(1, "Li Wei")))
    await registry.apply(registered("h2", person(1, "Li Wei"), action="corrected", of="h1", minute=1))
    onto_other = registered("h3", person(3, "Other"), OTHER_TOWN, action="corrected", of="h2", minute=2)
    async with transaction(registry.service.pool) as connection:
        await registry.folding.handle(connection, [entry_of(onto_other)])
        rival = registered("h4", person(1, "Li Wen"), action="corrected", of="h1", minute=5)
        waiting = asyncio.create_task(registry.apply(rival))
        await waits_for_a_lock(registry)
    await waiting
    assert (await registry.named("Other")).registered_area == TOWN
    assert (await registry.named("Li Wen")).registered


async def test_two_who_are_new_in_one_page_and_turn_out_to_be_one_leave_no_trace(registry: RegistryWorld) -> None:
    await registry.apply(born(), registered("h1", BY_NUMBER), registered("h2", BABY))
    assert await registry.told(kind="merged") == []
    assert await registry.count("person") == 2
    assert await registry.count("relink") == 0


async def test_the_same_event_under_another_receipt_is_settled_and_applied_once(registry: RegistryWorld) -> None:
    event = registered("h1", person(1))
    await registry.apply(event)
    other = receipt_of({"source": "other", "id": "receipt"})
    await registry.handle([msgspec.structs.replace(entry_of(event), id=other)])
    told = await registry.told(kind="outcome")
    assert [(each["receipt"], each["status"]) for each in told] == [
        (str(receipt_of(event)), "applied"),
        (str(other), "applied"),
    ]
    assert await registry.count("fact") == 1


async def test_help_is_told_when_asked_and_taken_back_when_annulled(registry: RegistryWorld) -> None:
    await registry.apply(born())
    annulled = birth(MOTHER, cert="C1", help_requested=True)
    await registry.apply(says("birth.certified", "b2", annulled, "2024-02-01", action="annulled", of="b1", minute=1))
    asked, back = await registry.told("care", "help")
    assert (asked["asked"], asked["mother_name"], asked["born_on"]) == (True, "Wang Fang", "2024-02-01")
    assert (back["asked"], back["child"], back["mother"]) == (False, asked["child"], asked["mother"])


async def test_help_names_the_mother_also_when_only_the_child_is_spoken_of(registry: RegistryWorld) -> None:
    await registry.apply(born())
    named = {"person": BABY | {"identifiers": [certificate("C1")]}, **move()}
    await registry.apply(says("migration.departed", "d1", named, "2024-03-01"))
    first, second = await registry.told("care", "help")
    assert (first["mother_name"], first["child_name"]) == ("Wang Fang", None)
    assert (second["mother_name"], second["child_name"]) == ("Wang Fang", "Wang An")
