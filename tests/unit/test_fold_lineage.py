"""Which of several events about one thing counts: corrections, annulments, rivals, in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from services.registry.facts.lineage import EventHeader, alive, both_listed, dead

SOURCE = "urn:tenfold:health:system"


def header(id_: str, of: str | None = None, minute: int = 0, action: str | None = None) -> EventHeader:
    time = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return EventHeader(SOURCE, id_, time, action or ("corrected" if of else "created"), (SOURCE, of) if of else None)


def annulment(id_: str, of: str, minute: int = 0) -> EventHeader:
    return header(id_, of, minute, "annulled")


DILEMMAS = {
    "nothing supersedes": ([header("a"), header("b")], "ab"),
    "a correction replaces": ([header("a"), header("b", "a")], "b"),
    "a correction of a correction": ([header("a"), header("b", "a"), header("c", "b")], "c"),
    "an annulment leaves nothing": ([header("a"), annulment("b", "a")], ""),
    "an annulled correction revives nothing": ([header("a"), header("b", "a"), annulment("c", "b")], ""),
    "an annulment that is corrected": ([header("a"), annulment("b", "a"), header("c", "b")], "c"),
    "two corrections, the later said wins": ([header("a"), header("b", "a", 9), header("c", "a", 1)], "b"),
    "two corrections at one time, the greater id wins": ([header("a"), header("b", "a"), header("c", "a")], "c"),
    "a later annulment beats a correction": ([header("a"), header("b", "a", 1), annulment("c", "a", 2)], ""),
    "a later correction beats an annulment": ([header("a"), annulment("b", "a", 1), header("c", "a", 2)], "c"),
    "what corrects a loser is lost with it": (
        [header("a"), header("b", "a", 1), header("c", "a", 2), header("d", "b", 3)],
        "c",
    ),
    "an annulment of the winner does not revive the loser": (
        [header("a"), header("b", "a", 1), header("c", "a", 2), annulment("d", "c", 3)],
        "",
    ),
    "a correction whose target is not known yet": ([header("b", "a")], "b"),
    "rivals whose target is not known yet": ([header("b", "a", 1), header("c", "a", 2)], "c"),
    "an event that supersedes itself": ([header("a", "a")], ""),
    "events that supersede each other": ([header("a", "b"), header("b", "a")], ""),
    "what hangs on a ring is lost, won": ([header("a", "b"), header("b", "a"), header("c", "b", 5)], ""),
    "what hangs on a ring is lost, lost": ([header("a", "b", 5), header("b", "a"), header("c", "b")], ""),
    "what corrects an event that supersedes itself": ([header("a", "a"), header("b", "a", 5), header("c", "b")], ""),
}


@pytest.mark.parametrize(("headers", "expected"), DILEMMAS.values(), ids=DILEMMAS)
def test_what_is_alive_depends_on_no_order_and_no_repetition(headers: list[EventHeader], expected: str) -> None:
    for order in permutations([*headers, headers[0]]):
        assert {id_ for _, id_ in alive(order)} == set(expected)
        assert {id_ for _, id_ in dead(order)} == {
            key[1] for h in headers for key in (h.key, h.supersedes) if key and key[1] not in expected
        }


def test_rivals_are_both_listed_the_winner_first() -> None:
    headers = [header("a"), header("b", "a", 1), header("c", "a", 2), header("d", "c", 3)]
    assert both_listed(headers) == {(SOURCE, "a"): ((SOURCE, "c"), (SOURCE, "b"))}
    assert both_listed(headers[:2]) == {}


def test_equal_ids_of_two_sources_are_two_events() -> None:
    other = EventHeader("urn:tenfold:health:other", "a", datetime(2024, 1, 1, tzinfo=UTC), "created", None)
    assert alive([header("a"), header("b", "a"), other]) == {(SOURCE, "b"), other.key}
