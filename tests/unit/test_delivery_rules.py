"""When a delivery is tried again: the table of Standard Webhooks, spread a little, and what the receiver asked for."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deliveries.rules import RETRIES, breath, next_try, outcome_of, retry_after_of

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def test_ten_tries_over_more_than_three_days() -> None:
    hours = 3600
    assert (0, 5, 300, 1800, 2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours) == RETRIES
    assert timedelta(days=3) < timedelta(seconds=sum(RETRIES)) < timedelta(days=4)


@pytest.mark.parametrize("tries", range(1, 10))
@given(chance=st.floats(0, 1))
def test_each_wait_is_the_tables_within_a_tenth(tries: int, chance: float) -> None:
    delay = next_try(tries, RETRIES, chance, 500, None).delay
    assert delay is not None
    assert 0.9 * RETRIES[tries] - 1e-6 <= delay.total_seconds() <= 1.1 * RETRIES[tries] + 1e-6


def test_after_the_last_one_nothing_follows() -> None:
    for tries in (10, 11, 500):
        assert next_try(tries, RETRIES, 0.5, 500, None).delay is None


def test_retry_after_lengthens_a_wait_and_never_shortens_it() -> None:
    asked = timedelta(minutes=2)
    assert next_try(1, RETRIES, 0.5, 500, asked).delay == asked
    assert next_try(2, RETRIES, 0.5, 500, asked).delay == timedelta(minutes=5)


def test_only_429_and_503_ask_for_silence_about_everything() -> None:
    asked = timedelta(minutes=2)
    assert {status for status in range(300, 600) if next_try(1, RETRIES, 0.5, status, asked).quiet} == {429, 503}
    assert next_try(1, RETRIES, 0.5, 503, None).quiet is None
    assert next_try(10, RETRIES, 0.5, 503, asked).quiet == asked


def test_a_receiver_that_refuses_everything_is_called_more_and_more_rarely() -> None:
    assert [breath(failures) for failures in (0, 1, 4, 5, 6, 7, 9, 10, 10_000)] == [0, 0, 0, 1, 2, 4, 16, 16, 16]


def test_2xx_alone_is_success() -> None:
    assert {status for status in range(100, 600) if outcome_of(status) == "delivered"} == set(range(200, 300))
    assert {status for status in range(100, 600) if outcome_of(status) == "redirected"} == set(range(300, 400))
    assert outcome_of(410) == "gone"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("9" * 30, 86_400),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), 180),
        (format_datetime(NOW - timedelta(minutes=3), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=300), usegmt=True), 86_400),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("١٢", None),
        ("Sun, 99 Nov 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(text: str | None, seconds: int | None) -> None:
    wait = retry_after_of(text, NOW)
    assert (None if wait is None else wait.total_seconds()) == seconds
