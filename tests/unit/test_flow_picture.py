"""Where the ribbons of the flow picture run."""

import itertools
import re

import pytest

from services.exchange.ui.flow import GAP, LINE, THICKEST, TOP, End, flow

NAMES = ["civil-affairs", "education", "finance", "health"]


def side(*counts: int) -> list[tuple[str, int]]:
    return list(zip(NAMES, counts, strict=True))


def right_heights(path: str) -> float:
    """How wide a ribbon is where it ends."""
    _, y2, _, y3 = (float(part) for pair in re.findall(r"([\d.]+),([\d.]+)", path)[3:5] for part in pair)
    return y3 - y2


def test_widths_follow_the_counts_and_the_fuller_side_is_as_high_as_allowed() -> None:
    picture = flow(side(100, 50, 0, 10), side(300, 0, 0, 20), 150)
    heights = [end.height for end in picture.receivers]
    assert sum(heights) == pytest.approx(THICKEST, abs=0.5)
    assert heights[0] / heights[3] == pytest.approx(15, rel=0.02)
    assert picture.reporters[0].height == pytest.approx(2 * picture.reporters[1].height, rel=0.02)
    assert picture.exchange[1] == pytest.approx(160 / 320 * THICKEST, abs=0.1)


def test_departments_keep_their_order_whatever_they_count() -> None:
    for counts in ((1, 2, 3, 4), (4, 3, 2, 1)):
        picture = flow(side(*counts), side(0, 0, 0, 0), 0)
        assert [end.department for end in picture.reporters] == NAMES
        assert [end.middle for end in picture.reporters] == sorted(end.middle for end in picture.reporters)


@pytest.mark.parametrize("counts", [(0, 0, 0, 1), (100_000, 1, 1, 1), (5, 5, 5, 5), (0, 10, 90_000, 0)])
def test_lines_do_not_touch_and_nothing_leaves_the_picture(counts: tuple[int, ...]) -> None:
    picture = flow(side(*counts), side(*reversed(counts)), 1)
    for ends in (picture.reporters, picture.receivers):
        for above, below in itertools.pairwise(ends):
            assert below.middle - above.middle >= LINE - 0.1
            assert below.y >= above.y + above.height + (GAP if above.height and below.height else 0) - 0.2
        assert ends[0].y >= TOP
        assert ends[-1].y + ends[-1].height <= picture.height


def test_one_event_can_be_seen_beside_a_hundred_thousand_and_none_is_not_drawn() -> None:
    picture = flow(side(100_000, 1, 0, 0), side(0, 0, 0, 0), 0)
    assert picture.reporters[1].height > 1
    assert picture.reporters[1].path
    assert picture.reporters[2] == End("finance", 0, picture.reporters[2].y, 0.0, picture.reporters[2].middle, "")
    assert picture.applied == ""


def test_ribbons_end_side_by_side_in_the_bar_between() -> None:
    picture = flow(side(3, 4, 5, 6), side(1, 1, 1, 1), 18)
    top, height = picture.exchange
    assert sum(right_heights(end.path) for end in picture.reporters) == pytest.approx(height, abs=0.5)
    assert re.match(rf"M324,[\d.]+ C.* 486,{top:.1f} ", picture.reporters[0].path)


def test_an_empty_county_has_an_empty_picture() -> None:
    picture = flow(side(0, 0, 0, 0), side(0, 0, 0, 0), 0)
    assert picture.exchange[1] == picture.registry[1] == 0
    assert all(not end.path for end in [*picture.reporters, *picture.receivers])
