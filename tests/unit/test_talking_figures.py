"""How far behind a service is, put together from overviews that were read one after the other."""

from typing import Any

from deploy.tenfold.talking_figures import figures


def overview(heads: dict[str, int], positions: dict[str, int]) -> dict[str, Any]:
    """A service's overview with one partition a feed."""
    return {
        "feeds": [{"feed": feed, "partition": 0, "head": head, "entries": head} for feed, head in heads.items()],
        "followed": [{"feed": feed, "partition": 0, "position": place} for feed, place in positions.items()],
        "parked": 1,
        "departments": [],
    }


EXCHANGE = overview({"vital-events": 10}, {"changes": 20})
REGISTRY = overview({"changes": 25, "care": 4}, {"vital-events": 12})


def lags(**overviews: dict[str, Any] | None) -> dict[str, int | None]:
    """Feed → lag of its follower."""
    return {follower.feed: follower.lag for follower in figures(overviews).followers}


def test_a_lag_is_the_head_of_the_followed_feed_less_the_position() -> None:
    """What was followed between two looks is no negative lag; one that never ran stands before everything."""
    alerts = overview({}, {})
    assert lags(exchange=EXCHANGE, registry=REGISTRY, alerts=alerts) == {"vital-events": 0, "changes": 5, "care": 4}


def test_the_lag_of_a_service_that_is_down_is_unknown() -> None:
    """Unknown is never settled, and what the others say still counts."""
    found = figures({"exchange": EXCHANGE, "registry": REGISTRY, "alerts": None})
    assert {each.feed: each.lag for each in found.followers} == {"vital-events": 0, "changes": 5, "care": None}
    assert (found.up["alerts"], found.settled, found.parked) == (False, False, 2)
    assert lags(exchange=EXCHANGE, registry=None, alerts=None) == {"vital-events": None, "changes": None}
