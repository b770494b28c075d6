"""Whatever happens to a handful of people, however its reports arrive, the registry holds the same picture of them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.registry.facts.fold import DEFAULT_AUTHORITIES, as_of, fold, fold_couples, spouses
from services.registry.facts.lineage import EventHeader, alive, dead, header_of
from services.registry.facts.state import PersonState, canonical
from services.registry.facts.values import EventKey, Fact, Mention
from services.registry.identity.components import components
from tests.histories import (
    OTHER_TOWN,
    START,
    TOWN,
    History,
    birth,
    certificate,
    household,
    move,
    number,
    person,
    report,
)

Event = Mapping[str, Fact]

ADULTS, BABIES = st.integers(1, 4), st.integers(5, 6)
DAYS = st.integers(0, 40).map(lambda day: str(date(2024, 1, 1) + timedelta(days=day)))
TOWNS = st.sampled_from([TOWN, OTHER_TOWN, TOWN[:6]])
NAMES = st.sampled_from(["Wang Fang", "Li Wei", "Zhao Min"])
SEXES = st.sampled_from(["male", "female", "unspecified"])


@st.composite
def people(draw: st.DrawFn, who: st.SearchStrategy[int] = ADULTS) -> dict[str, Any]:
    """A source record: adults go by their number; a baby also by its certificate, or by that alone."""
    sequence = draw(who)
    described = person(sequence, draw(NAMES), sex=draw(SEXES))
    if sequence > 4:
        both = [number(sequence), certificate(f"C{sequence}")]
        described["identifiers"] = draw(st.sampled_from([both, both[1:]]))
    return described


@st.composite
def becoming(draw: st.DrawFn) -> dict[str, Any]:
    """What the law makes of somebody: perhaps another number, too."""
    given = draw(st.none() | st.integers(7, 8).map(lambda sequence: [number(sequence)]))
    named = {"name": draw(NAMES), "sex": draw(SEXES), "birth_date": draw(DAYS)}
    return {"decision_number": "L1", "becomes": named | ({"identifiers": given} if given else {})}


STAYS = st.sampled_from(["R1", "R2"])
OTHERS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "household.cancelled": st.sampled_from(["H1", "H2"]).map(lambda number_: {"household_number": number_}),
    "residence.registered": st.builds(
        lambda stay, area: {"registration_number": stay, "current": {"area": area}}, STAYS, TOWNS
    ),
    "residence.ended": STAYS.map(lambda stay: {"registration_number": stay}),
    "identity.changed": becoming(),
    "entitlement.granted": st.just({"scheme": "childcare-subsidy"}),
}
"""Types about one person beyond TYPES: what they say besides of whom."""


@st.composite
def said(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """The data of a vital event of that type."""
    day = draw(DAYS)
    if name == "birth.certified":
        father = draw(st.none() | people())
        cert, named = f"C{draw(BABIES)}", draw(st.none() | NAMES)
        return birth(draw(people()), father, name=named, cert=cert, help_requested=draw(st.booleans()), born=day)
    if name.startswith("marriage."):
        first, second = draw(st.permutations([1, 2, 3, 4]))[:2]
        spouses = [draw(people(st.just(first))), draw(people(st.just(second)))]
        return {"effective_on": day, "spouses": spouses, "certificate_number": "M1"}
    if name == "adoption.registered":
        adopters = draw(st.lists(people(), min_size=1, max_size=2))
        return {"effective_on": day, "child": draw(people(BABIES)), "adopters": adopters, "certificate_number": "A1"}
    whose = {"effective_on": day, "person": draw(people(ADULTS | BABIES))}
    if name == "death.certified":
        return {**whose, "certificate_number": "D1"}
    if name in OTHERS:
        return {**whose, **draw(OTHERS[name])}
    entry = household(draw(TOWNS), number_=draw(st.sampled_from(["H1", "H2"])))
    if name == "household.registered":
        return {**whose, **entry}
    halves = move(draw(st.sampled_from(["P1", "P2"])), draw(TOWNS), draw(TOWNS))
    return {**whose, **halves, **(entry if name == "migration.arrived" else {})}


TYPES = [
    "household.registered",
    "birth.certified",
    "marriage.registered",
    "migration.departed",
    "migration.arrived",
    "death.certified",
    "adoption.registered",
    "marriage.dissolved",
    "household.cancelled",
    "residence.registered",
    "residence.ended",
    "entitlement.granted",
]


ALL_TYPES = [*TYPES, "identity.changed"]
"""With the one type that links two numbers of one person, which on PostgreSQL only a clerk can part again."""


@st.composite
def histories(draw: st.DrawFn, max_size: int = 9) -> list[Event]:
    """Events, recorded an hour apart. A third of them correct or annul another, which may be recorded after them."""
    reported: list[tuple[str, str, str | None]] = []
    events: list[Event] = []
    for n, hour in enumerate(draw(st.integers(1, max_size).flatmap(lambda size: st.permutations(range(size))))):
        action = draw(st.sampled_from(["created"] * 4 + ["corrected", "annulled"])) if reported else "created"
        name, department, of = draw(st.sampled_from(ALL_TYPES)), None, None
        if name == "death.certified":
            department = draw(st.sampled_from(["health", "public-security", "civil-affairs"]))
        if action != "created":
            of, name, department = draw(st.sampled_from(reported))
        minute = draw(st.integers(0, 3))
        data = draw(said(name))
        reported.append((f"e{n}", name, department))
        events.append(
            report(name, f"e{n}", data, action=action, of=of, minute=minute, department=department, recorded=hour)
        )
    return events


@given(histories(), st.data())
def test_any_order_and_any_repetition_give_the_same_people(events: list[Event], data: st.DataObject) -> None:
    repeated = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=4))))
    assert History(repeated).states() == History(events).states()


@given(histories(), st.data())
def test_the_fold_sees_a_set_of_facts(events: list[Event], data: st.DataObject) -> None:
    facts = [fact for event in events for fact in event.values()]
    gone = dead(map(header_of, facts))
    shuffled = data.draw(st.permutations(facts))
    assert fold(shuffled + facts, gone, DEFAULT_AUTHORITIES) == fold(facts, gone, DEFAULT_AUTHORITIES)


class Growing:
    """A registry that takes events one by one and folds again only whom an event touches, and whoever was ever called a
    spouse of these, with only the headers that hang together with their events: what the database handler does."""

    def __init__(self) -> None:
        self.history = History()
        self.folded: dict[frozenset[Mention], PersonState] = {}

    def add(self, event: Event) -> None:
        self.history.add(event)
        facts, headers = self.history.facts, self.history.headers
        moved = self.tree({fact.event for fact in event.values()}, headers)
        who = {mention: group for group in self.groups() for mention in group}
        said = {group: [facts[mention] for mention in group] for group in who.values()}
        touched = {group for group in said if group not in self.folded or any(each[:2] in moved for each in group)}
        beside = {
            group for group in said if any(who[spouse] in touched for spouse in spouses(said[group], frozenset()))
        }
        again = {group: said[group] for group in touched | beside}
        kept = {group: self.folded[group] for group in said.keys() - again.keys()}
        tree = self.tree({mention[:2] for group in again for mention in group}, headers)
        gone = dead(header for header in headers if header.key in tree)
        died = {group: state.died_on for group, state in kept.items()}
        self.folded = kept | fold_couples(again, gone, DEFAULT_AUTHORITIES, who, died)

    def groups(self) -> list[frozenset[Mention]]:
        links = self.links()
        return [frozenset(m for m in links if links[m] == person) for person in set(links.values())]

    def links(self) -> dict[Mention, Mention]:
        return self.history.links(self.history.facts.values(), dead(self.history.headers))

    def tree(self, keys: set[EventKey], headers: list[EventHeader]) -> set[EventKey]:
        """All events that hang together with these by superseding."""
        while True:
            more = {k for h in headers if h.supersedes and {h.key, h.supersedes} & keys for k in (h.key, h.supersedes)}
            if more <= keys:
                return keys
            keys = keys | more

    def states(self) -> dict[Mention, PersonState]:
        return canonical({min(group): state for group, state in self.folded.items()}, self.links())


@given(histories())
def test_growing_event_by_event_equals_folding_from_scratch(events: list[Event]) -> None:
    growing, history = Growing(), History()
    for event in events:
        growing.add(event)
        history.add(event)
        assert growing.states() == history.states()


@given(histories())
def test_what_is_known_now_is_the_current_state(events: list[Event]) -> None:
    assert History(events).states(START + timedelta(hours=len(events))) == History(events).states()


@given(histories(), st.integers(0, 8))
def test_what_was_known_then_is_what_had_been_recorded_by_then(events: list[Event], hour: int) -> None:
    known_at = START + timedelta(hours=hour)
    by_then = [event for event in events if all(f.recorded_at and f.recorded_at <= known_at for f in event.values())]
    assert History(events).states(known_at) == History(by_then).states()


@given(histories(), DAYS.map(date.fromisoformat))
def test_facts_that_take_effect_later_have_no_influence(events: list[Event], valid_at: date) -> None:
    history = History(events)
    links = history.links(history.facts.values(), dead(history.headers))
    for name in set(links.values()):
        facts = [fact for fact in history.facts.values() if links[fact.mention] == name]
        earlier = [fact for fact in facts if fact.effective_on <= valid_at]
        state = fold(*as_of(facts, history.headers, valid_at, None), DEFAULT_AUTHORITIES)
        assert state == fold(*as_of(earlier, history.headers, None, None), DEFAULT_AUTHORITIES)
        assert state.died_on is None or state.died_on <= valid_at


IDS = [f"e{n}" for n in range(8)]


@st.composite
def superseding(draw: st.DrawFn) -> list[EventHeader]:
    """Headers that supersede each other in trees, in rings and beyond what is known."""
    headers = []
    for id_ in draw(st.lists(st.sampled_from(IDS), min_size=1, unique=True)):
        parent = draw(st.none() | st.sampled_from(IDS))
        action = draw(st.sampled_from(["corrected", "corrected", "annulled"])) if parent else "created"
        time = START + timedelta(minutes=draw(st.integers(0, 3)))
        headers.append(EventHeader("s", id_, time, action, ("s", parent) if parent else None))
    return headers


@given(superseding(), st.data())
def test_the_dead_stay_dead_however_the_rest_arrives(headers: list[EventHeader], data: st.DataObject) -> None:
    fewer = data.draw(st.lists(st.sampled_from(headers)))
    assert dead(fewer) <= dead(headers)
    assert alive(data.draw(st.permutations(headers + fewer))) == alive(headers)


@given(superseding())
def test_at_most_one_event_of_a_tree_lives(headers: list[EventHeader]) -> None:
    above = {header.key: header.supersedes for header in headers}
    roots = []
    for living in alive(headers):
        path = [living]
        while (parent := above.get(path[-1])) is not None:
            assert parent not in path, "nothing that hangs on a ring lives"
            path.append(parent)
        roots.append(path[-1])
    assert len(roots) == len(set(roots))


@given(histories())
def test_residencies_follow_each_other_and_end_with_life(events: list[Event]) -> None:
    for state in History(events).states().values():
        for stay, following in zip(state.residencies, state.residencies[1:], strict=False):
            assert stay.until is not None
            assert stay.since < stay.until <= following.since
        if state.died_on is not None:
            assert all(stay.until is not None and stay.until <= state.died_on for stay in state.residencies)


MENTIONS = st.tuples(st.just("s"), st.integers(0, 9).map(str), st.just("person"))


@given(st.dictionaries(MENTIONS, st.frozensets(st.integers(0, 12), max_size=3)), st.data())
def test_linking_is_reachability_whatever_the_order(
    mentions: dict[Mention, frozenset[int]], data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(mentions.items()))))
    linked = components(shuffled)
    for mention in mentions:
        reached, numbers = {mention}, set(mentions[mention])
        while more := {other for other in mentions if mentions[other] & numbers} - reached:
            reached |= more
            numbers = numbers.union(*(mentions[other] for other in more))
        assert linked[mention] == min(reached)
