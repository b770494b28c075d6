"""The demo's accounting finds what is missing. A demo that cannot fail would show nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from deploy.tenfold.county import Expectations, Foreseen
from deploy.tenfold.county.planted import Contradiction, HalfMove, Planted
from deploy.tenfold.demo_account import Account
from deploy.tenfold.demo_compare import Compared
from deploy.tenfold.demo_journal import Journal
from deploy.tenfold.demo_play import Played
from deploy.tenfold.demo_pull import Pulled
from deploy.tenfold.talking_figures import Department, Feed, Figures, Follower

SIDES = frozenset({("health", "2026-02-03"), ("civil-affairs", "2026-02-02")})
DATES = Contradiction("deaths-differ", 7, SIDES)
MOVED = HalfMove("departure", 8, "P1", "2026-02-09", "370103")
ALSO = HalfMove("departure", 9, "P2", "2026-02-09", "370103")


def listing(contradictions: list[Contradiction], half_moves: list[HalfMove]) -> Planted:
    """What a clerk finds in the lists."""
    return Planted(Counter(contradictions), Counter(half_moves))


def account() -> Account:
    """Two people and one report, of which one is held; everything as it should be."""
    receipts = {"a": "applied", "b": "applied", "c": "held"}
    return Account(
        people=2,
        played=Played(receipts={"health": set(receipts)}),
        figures=Figures(
            up={"exchange": True},
            departments=(Department("health", accepted=3, applied=2, held=1, rejected=0),),
            feeds=(Feed("exchange", "department:health", 0, head=3, entries=3),),
            followers=(Follower("registry", "vital-events", 0, position=3, lag=0),),
            parked=0,
        ),
        feeds={"health": Pulled(entries=3, head=3, types=Counter({"receipt.changed": 3}), receipts=receipts)},
        journals={"health": Journal(same=1, unlike=0, not_applied=2)},
        compared={"health": Compared(people=2, differences=())},
        facility_feeds={"H1": Pulled(entries=1, head=1)},
        help={"H1": 1, "H2": 0},
        expected=Expectations(
            reports=1, held=1, open_help={"H1": 1}, people_registered_since=0, newborns_unregistered=1, deaths=0
        ),
        foreseen=Foreseen(
            reported={"health": 3}, held={"health": 1}, replaced={"health": 1}, people={}, let_go={}, roles={}
        ),
        found=listing([DATES], [MOVED, ALSO]),
        planted=listing([DATES], [ALSO, MOVED]),
        held=frozenset({"c"}),
    )


def changed(figures: Callable[[Figures], Figures]) -> Account:
    """The same with other figures."""
    whole = account()
    return replace(whole, figures=figures(whole.figures))


def outcome(**counts: int) -> Account:
    """The same with another outcome."""
    row = Department("health", **({"accepted": 3, "applied": 2, "held": 1, "rejected": 0} | counts))
    return changed(lambda figures: replace(figures, departments=(row,)))


LOST = {
    "an event on its way": outcome(applied=1),
    "an event the journal does not have": outcome(accepted=2, applied=1),
    "a hole in a feed": changed(
        lambda figures: replace(figures, feeds=(replace(figures.feeds[0], entries=2),)),
    ),
    "an entry the reader did not get": replace(account(), facility_feeds={"H1": Pulled(entries=0, head=1)}),
    "an entry that came twice": replace(account(), facility_feeds={"H1": Pulled(entries=1, head=1, repeated=1)}),
    "a reporter who was not told": replace(
        account(), feeds={"health": Pulled(entries=3, head=3, receipts={"a": "applied", "c": "held"})}
    ),
    "a follower behind": changed(lambda figures: replace(figures, followers=(replace(figures.followers[0], lag=1),))),
    "a follower that cannot be seen": changed(
        lambda figures: replace(figures, followers=(replace(figures.followers[0], lag=None),))
    ),
}
OTHERWISE = {
    "held instead of applied": outcome(applied=1, held=2),
    "rejected": outcome(applied=1, rejected=1),
    "help at another facility": replace(account(), help={"H1": 0, "H2": 1}),
    "help that nobody needs": replace(account(), help={"H1": 1, "H2": 1}),
    "a department that knows something else": replace(account(), compared={"health": Compared(2, ("k1.a: name",))}),
    "a report the journal does not have": replace(account(), journals={"health": Journal(1, 1, 2)}),
    "a contradiction nobody planted": replace(
        account(), found=listing([DATES, DATES._replace(kind="names-differ")], [MOVED, ALSO])
    ),
    "a contradiction that is listed twice": replace(account(), found=listing([DATES, DATES], [MOVED, ALSO])),
    "a contradiction of somebody else": replace(account(), found=listing([DATES._replace(person=9)], [MOVED, ALSO])),
    "a contradiction in which others speak": replace(
        account(), found=listing([DATES._replace(sides=frozenset({("health", "2026-02-03")}))], [MOVED, ALSO])
    ),
    "a half move that is not found": replace(account(), found=listing([DATES], [MOVED])),
    "a half move of another day": replace(
        account(), found=listing([DATES], [MOVED, ALSO._replace(since="2026-02-08")])
    ),
    "another report held": replace(account(), held=frozenset({"b"})),
    "a report that counts no longer": replace(account(), journals={"health": Journal(0, 0, 3)}),
    "another department reported it": changed(
        lambda figures: replace(figures, departments=(replace(figures.departments[0], department="finance"),))
    ),
    "something parked": changed(lambda figures: replace(figures, parked=1)),
    "a report refused": replace(
        account(), played=Played({"health": {"a", "b", "c"}}, refused=["birth.certified 1: 422"])
    ),
}


def test_a_whole_account_is_right() -> None:
    """Nothing missing, all as planned; the summary adds up."""
    assert account().unaccounted == 0
    assert account().right
    assert account().summary(1.25) == {
        "accepted": 3,
        "applied": 2,
        "held": 1,
        "rejected": 0,
        "unaccounted": 0,
        "feeds": {"health": 3},
        "differences": {"health": 0},
        "contradictions": {"deaths-differ": 1},
        "half_moves": {"departure": 2},
        "alerts": 1,
        "seconds": 1.2,
    }


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST.keys())
def test_whatever_is_lost_is_counted(lost: Account) -> None:
    """Each kind of loss alone makes the demo fail."""
    assert lost.unaccounted > 0
    assert not lost.right


@pytest.mark.parametrize("otherwise", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_what_is_not_as_planned_fails_without_being_a_loss(otherwise: Account) -> None:
    """Accounted for, and still wrong."""
    assert otherwise.unaccounted == 0
    assert not otherwise.right
