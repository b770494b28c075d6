"""One clock: UTC instants, Shanghai dates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared import clock


def test_now_is_an_instant_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(("hour", "expected"), [(15, date(2026, 2, 28)), (16, date(2026, 3, 1))])
def test_today_turns_at_midnight_in_shanghai(hour: int, expected: date) -> None:
    with clock.frozen(datetime(2026, 2, 28, hour, tzinfo=UTC)):
        assert clock.today() == expected


def test_a_frozen_clock_stands_still_and_runs_again_afterwards() -> None:
    at = datetime(2026, 1, 1, 8, tzinfo=clock.SHANGHAI)
    with clock.frozen(at):
        assert clock.now() == at
        assert clock.now().tzinfo is UTC
    assert clock.now() > at


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"), clock.frozen(datetime(2026, 1, 1)):
        pass
