"""Cases while a page is taken: which stand, for what, and what a feed that is read again changes (nothing)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from services.exchange.cases.standing import MERGED, NOTHING_REPORTED, Call, Case, Cases, granted
from shared.settings import PROVISIONING
from shared.sharing.agreements import Agreements

TODAY = date(2026, 11, 21)
T = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(9)]
ME, OTHER = ("health", "k1.A"), ("health", "k1.B")
RECEIPT, LATER, CALL = UUID(int=1), UUID(int=2), UUID(int=3)
VACCINATION = Call(CALL, "health", "service-delivery", "health-child-vaccination", TODAY)


def cases(*calls: Call, **known: Case) -> Cases:
    return Cases({("health", f"k1.{name}"): case for name, case in known.items()}, {c.case: c for c in calls}, TODAY)


def test_a_report_opens_a_case_once_and_what_came_before_it_is_the_past() -> None:
    page = cases()
    page.reported(ME, RECEIPT, T[2])
    page.mark_told(ME)
    page.reported(ME, LATER, T[3])
    assert page.known[ME] == Case(RECEIPT, T[2], told=True)
    assert page.standing(ME, T[1]) is None
    assert page.standing(ME, T[2]) == page.changed[ME]


def test_a_case_whose_reports_are_taken_back_ends_and_only_a_later_report_opens_it_again() -> None:
    page = cases(A=Case(RECEIPT, T[1], told=True))
    assert page.unreported(ME, T[3])
    assert not page.unreported(ME, T[3]), "once is enough"
    assert (page.known[ME].reason, page.known[ME].reported_until) == (NOTHING_REPORTED, T[3])
    for again in (T[1], T[3]):
        page.reported(ME, RECEIPT, again)
        assert not page.stands(ME), "the feed is read again"
    page.reported(ME, LATER, T[4])
    assert page.standing(ME, T[4]) == Case(LATER, T[4], told=False)
    assert not page.unreported(ME, T[3]), "an end of before the new case"
    assert page.stands(ME)


def test_what_is_reported_and_taken_back_in_one_moment_ends_without_a_word() -> None:
    page = cases()
    page.reported(ME, RECEIPT, T[1])
    assert not page.unreported(ME, T[1])
    assert not page.stands(ME)
    assert not page.unreported(OTHER, T[1])


def test_a_call_stands_for_the_agreement_it_named_until_its_last_day() -> None:
    page = cases(VACCINATION)
    assert page.open(VACCINATION, "k1.A", T[1])
    assert not page.open(page.calls[CALL], "k1.A", T[1]), "answered once"
    assert page.known[ME] == Case(CALL, T[1], told=False, reporting=False)
    agreements = [each for each in Agreements.load(PROVISIONING) if each.department == "health"]
    counting = granted(page, ME, agreements, registered=True)
    assert {each.identifier for each in counting} == {"health-child-vaccination"}
    assert granted(page, OTHER, agreements, registered=True) == []
    page.today = TODAY + timedelta(days=1)
    assert not page.stands(ME)
    assert granted(page, ME, agreements, registered=False) == []


def test_only_what_a_call_adds_is_told_again() -> None:
    page = cases(VACCINATION, A=Case(RECEIPT, T[1], told=True))
    page.open(VACCINATION, "k1.A", T[2])
    assert page.known[ME].told, "the department's own reports count for every agreement"
    second = replace(VACCINATION, case=LATER)
    page = cases(VACCINATION, second, replace(second, case=UUID(int=9), agreement="health-other"))
    page.open(VACCINATION, "k1.A", T[2])
    page.mark_told(ME)
    page.open(second, "k1.A", T[3])
    assert page.known[ME].told
    page.open(page.calls[UUID(int=9)], "k1.A", T[4])
    assert not page.known[ME].told


def test_a_call_that_was_closed_before_its_answer_stays_closed() -> None:
    closed = replace(VACCINATION, status="ended", reason="closed", closed_at=T[1])
    page = cases(closed)
    assert not page.open(closed, "k1.A", T[2])
    page.end(closed, "closed", T[3])
    assert page.calls[CALL].closed_at == T[1]
    assert not page.stands(ME)


def test_a_report_widens_a_case_by_call_and_a_call_keeps_the_end_of_reports_in_mind() -> None:
    page = cases(VACCINATION, A=Case(RECEIPT, T[1], True, False, T[2], NOTHING_REPORTED))
    page.open(VACCINATION, "k1.A", T[3])
    assert (page.known[ME].reported_until, page.known[ME].opened_at) == (T[2], T[3])
    page.mark_told(ME)
    page.reported(ME, RECEIPT, T[1])
    assert page.known[ME].told, "the feed is read again"
    page.reported(ME, LATER, T[4])
    assert page.known[ME] == Case(LATER, T[4], told=False)


def test_a_merge_moves_what_stands_and_says_everything_again_where_something_is_gained() -> None:
    open_call = replace(VACCINATION, status="open", reference="k1.A", opened_at=T[1])
    page = cases(open_call, A=Case(RECEIPT, T[1], told=True))
    page.merge(ME, OTHER, T[2])
    assert page.known[OTHER] == Case(RECEIPT, T[2], told=False)
    assert page.calls[CALL].key == OTHER
    assert (page.known[ME].reporting, page.known[ME].reason) == (False, MERGED)
    before = dict(page.known)
    page.merge(ME, OTHER, T[2])
    assert page.known == before, "the feed is read again"

    called = replace(open_call, reference="k1.B")
    page = cases(called, A=Case(RECEIPT, T[1], told=True), B=Case(CALL, T[1], told=True, reporting=False))
    page.merge(ME, OTHER, T[2])
    assert (page.known[OTHER].reporting, page.known[OTHER].told) == (True, False)

    page = cases(A=Case(RECEIPT, T[1], told=True), B=Case(LATER, T[1], told=True))
    page.merge(ME, OTHER, T[2])
    assert page.known[OTHER].told, "it knew both"


def test_a_merge_of_a_case_by_call_alone_leaves_no_case_by_reporting() -> None:
    page = cases(
        replace(VACCINATION, status="open", reference="k1.A", opened_at=T[1]),
        A=Case(CALL, T[1], told=True, reporting=False),
    )
    page.merge(ME, OTHER, T[2])
    assert page.known[OTHER] == Case(CALL, T[2], told=False, reporting=False)
    assert page.stands(OTHER)
    assert not page.stands(ME)
    assert page.known[ME].reason is None
