"""An approved correction counts in any order of arrival, until its authority says something later or takes it back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.registry.contradictions.rules import own
from services.registry.facts.approved import EVER
from services.registry.facts.fold import as_of, fold
from services.registry.facts.lineage import dead, header_of
from services.registry.facts.state import UNKNOWN_PERSON, PersonState
from services.registry.facts.values import CORRECTION, CORRECTIONS, Approved, EventKey, Fact, FactBody
from tests.histories import START, household, one, person

AUTHORITIES = dict.fromkeys(("name", "sex", "birth_date", "identity_number"), ("public-security", "health")) | {
    "died_on": ("health", "public-security")
}
NAMES = ("Li Wei", "Li Wen", "Li Wu")
BORN = date(1990, 5, 17)


def said(id_: str, name: str, minute: int) -> Fact:
    """Public security says a name."""
    return one("household.registered", id_, {"person": person(1, name), **household()}, "2024-01-10", minute=minute)


def died(id_: str, day: str, minute: int, department: str = "health", **how: str) -> Fact:
    """A department certifies a death."""
    data = {"person": person(1, "Li Wei"), "certificate_number": id_}
    return one("death.certified", id_, data, day, minute=minute, department=department, **how)


def corrected(
    id_: str, field: str, value: str | None, minute: int, *, of: EventKey | None = None, since: date = EVER
) -> Fact:
    """An authority approves a value, or takes an approved one back (`of`)."""
    approved = Approved(field, value, "Li Wei", BORN)
    name = value if field == "name" and value else "Li Wei"
    body = FactBody(name, "male", BORN, approved=approved)
    at = START + timedelta(minutes=minute)
    recorded = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    department = AUTHORITIES[field][0]
    return Fact(
        CORRECTIONS,
        id_,
        CORRECTION,
        "person",
        "annulled" if of else "created",
        since,
        at,
        of,
        recorded,
        department,
        body,
    )


def state(facts: Sequence[Fact]) -> PersonState:
    return fold(facts, dead(map(header_of, facts)), AUTHORITIES)


def kinds(facts: Sequence[Fact]) -> set[str]:
    return {each.kind for each in own(facts, dead(map(header_of, facts)), state(facts))}


Saying = st.tuples(st.sampled_from(("said", "corrected", "annulled")), st.sampled_from(NAMES), st.integers(0, 20))


@given(st.lists(Saying, max_size=8), st.randoms(use_true_random=False))
def test_whatever_the_order_the_latest_word_of_the_authority_counts(
    sayings: list[tuple[str, str, int]], random: object
) -> None:
    facts = [said("first", "Li Da", 0)]
    corrections: list[Fact] = []
    for place, (kind, name, minute) in enumerate(sayings):
        if kind == "said":
            facts.append(said(f"h{place}", name, minute))
        elif kind == "corrected":
            corrections.append(corrected(f"c{place}", "name", name, minute))
        elif corrections:
            facts.append(corrected(f"a{place}", "name", None, minute, of=corrections[-1].event))
    facts += corrections
    shuffled = list(facts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert state(shuffled + facts) == state(facts)
    taken_back = {fact.supersedes for fact in facts if fact.supersedes}
    alive = [fact for fact in corrections if fact.event not in taken_back]
    if alive:
        last = max(alive, key=lambda fact: (fact.time, fact.event_id))
        after = [fact for fact in facts if fact.type != CORRECTION and fact.time > last.time]
        expected = {fact.body.name for fact in after} or {last.body.name}
        assert state(facts).name in expected
    else:
        assert state(facts) == state([fact for fact in facts if fact.type != CORRECTION])


def test_another_departments_later_word_does_not_overrule_it() -> None:
    facts = [said("h1", "Li Wei", 0), corrected("c1", "name", "Li Wen", 1)]
    other = died("x1", "2024-05-01", 2)
    assert state([*facts, other]).name == "Li Wen"
    assert state([*facts, said("h2", "Li Wu", 3)]).name == "Li Wu"


def test_who_is_corrected_to_be_alive_lives_and_a_death_has_its_day() -> None:
    facts = [said("h1", "Li Wei", 0), died("x1", "2024-05-01", 1, "public-security")]
    assert state(facts).died_on == date(2024, 5, 1)
    assert state([*facts, corrected("c1", "died_on", None, 2)]).died_on is None
    moved = [*facts, corrected("c1", "died_on", "2024-06-01", 2)]
    assert state(moved).died_on == date(2024, 6, 1)
    before, gone = as_of(moved, map(header_of, moved), date(2024, 5, 15), None)
    assert fold(before, gone, AUTHORITIES).died_on is None
    then, gone = as_of(moved, map(header_of, moved), date(2024, 6, 1), None)
    assert fold(then, gone, AUTHORITIES).died_on == date(2024, 6, 1)


def test_who_takes_the_certificate_back_brings_the_person_back_to_life() -> None:
    death = died("x1", "2024-05-01", 1)
    facts = [said("h1", "Li Wei", 0), death, corrected("c1", "died_on", "2024-06-01", 2)]
    assert state([*facts, died("x2", "2024-05-01", 3, action="annulled", of="x1")]).died_on is None


def test_a_correction_alone_is_nobody() -> None:
    first = said("h1", "Li Wei", 0)
    back = one(
        "household.registered", "h2", {"person": person(1), **household()}, "2024-01-10", action="annulled", of="h1"
    )
    assert state([first, back, corrected("c1", "name", "Li Wen", 1)]) == UNKNOWN_PERSON


def test_a_correction_settles_what_was_said_before_and_nothing_after() -> None:
    differ = [said("h1", "Li Wei", 0), said("h2", "Li Wu", 1)]
    assert kinds(differ) == {"names-differ"}
    settled = [*differ, corrected("c1", "name", "Li Wen", 2)]
    assert kinds(settled) == set()
    late = died("x1", "2024-05-01", 3)
    assert kinds([*settled, late]) == {"names-differ"}, "health says another name since"


def test_deaths_numbers_and_birth_dates_are_settled_too() -> None:
    facts = [said("h1", "Li Wei", 0), died("x1", "2024-05-01", 1), died("x2", "2024-05-03", 2, "public-security")]
    gone = dead(map(header_of, facts))
    assert {each.kind for each in own(facts, gone, state(facts))} == {"deaths-differ"}
    for field, value in (("died_on", "2024-05-02"), ("died_on", None)):
        settled = [*facts, corrected("c1", field, value, 3)]
        assert own(settled, gone, state(settled)) == set()
