"""The token bucket, by any sequence of questions: never more than it promises, and nobody is refused for ever."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from shared.rates import Bucket

RATES = st.integers(1, 50)
STEPS = st.lists(st.tuples(st.floats(0, 3, allow_nan=False), st.integers(1, 120)), max_size=60)
LITTLE = 1e-6


def full(rate: int) -> Bucket:
    return Bucket(rate, rate * 2, rate * 2, 0.0)


@given(rate=RATES, steps=STEPS)
def test_over_any_time_no_more_is_let_through_than_the_burst_the_rate_and_what_the_last_owes(
    rate: int, steps: list[tuple[float, int]]
) -> None:
    bucket, instants = full(rate), list(accumulate(step for step, _ in steps))
    taken = [(now, count) for now, (_, count) in zip(instants, steps, strict=True) if bucket.take(count, now) == 0.0]
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            time = taken[last][0] - taken[first][0]
            owed = max(0, taken[last][1] - bucket.burst)
            assert sum(count for _, count in taken[first : last + 1]) <= bucket.burst + rate * time + owed + LITTLE


@given(rate=RATES, steps=STEPS, count=st.integers(1, 1000))
def test_whoever_comes_back_after_the_time_that_was_told_is_let_through(
    rate: int, steps: list[tuple[float, int]], count: int
) -> None:
    bucket, now = full(rate), 0.0
    for step, asked in steps:
        now += step
        bucket.take(asked, now)
    wait = bucket.take(count, now)
    if wait:
        assert wait <= (bucket.burst + 120) / rate + LITTLE, "no longer than what is owed and a full bucket take"
        assert bucket.take(count, now + wait + LITTLE) == 0.0


@given(rate=RATES, counts=st.lists(st.integers(1, 50), max_size=60))
def test_whoever_stays_below_the_rate_is_never_refused(rate: int, counts: list[int]) -> None:
    bucket, now = full(rate), 0.0
    for count in counts:
        assert bucket.take(count, now) == 0.0
        now += count / rate + LITTLE


@given(rate=RATES, steps=st.lists(st.tuples(st.floats(-3, 3, allow_nan=False), st.integers(1, 20)), max_size=40))
def test_a_clock_that_goes_back_gives_nothing(rate: int, steps: list[tuple[float, int]]) -> None:
    bucket, now, latest, taken = full(rate), 0.0, 0.0, 0
    for step, count in steps:
        now += step
        latest = max(latest, now)
        if bucket.take(count, now) == 0.0:
            taken += count
    assert taken <= bucket.burst + rate * latest + 20 + LITTLE


@given(rate=RATES, count=st.integers(2, 400))
def test_a_batch_that_was_begun_is_let_through_like_one_taken_whole(rate: int, count: int) -> None:
    begun, whole = full(rate), full(rate)
    assert begun.take(1, 0.0) == 0.0
    assert begun.take(count, 0.0, already=1) == whole.take(count, 0.0) == 0.0
    assert begun.tokens == whole.tokens
