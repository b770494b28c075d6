"""Side by side, bars of weights and the picture of a timeline: pure geometry and words."""

from datetime import UTC, date, datetime
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from services.registry.people.schemas import ChangeShown, Step
from services.registry.reviews.schemas import Kind
from services.registry.ui import words_events, words_reviews
from services.registry.ui.review_shown import DECISIONS
from services.registry.ui.side_by_side import bars, compared, letter
from services.registry.ui.timeline_picture import end_of, fitting, picture, text_of
from shared.contracts.catalogue import CATALOGUE

FIELDS = ("name", "registered_area", "died_on")
VALUES = st.one_of(st.none(), st.text("李王伟芳AB12", min_size=1, max_size=6))


@given(st.lists(VALUES, min_size=1, max_size=5), st.booleans())
def test_every_value_is_shown_whole_and_marked_only_where_it_differs(
    values: list[str | None], by_character: bool
) -> None:
    row = compared("name", values, by_character=by_character)
    assert ["".join(piece.text for piece in cell) or None for cell in row.cells] == values
    said = {value for value in values if value}
    assert (row.agreement == "differs") == (len(said) > 1)
    assert any(piece.differs for cell in row.cells for piece in cell) == (len(said) > 1)


def test_one_wrong_digit_is_marked_alone_and_who_says_nothing_is_no_difference() -> None:
    row = compared("identity_number", ["110105199005170011", "110105199005170031", None])
    assert [[piece.text for piece in cell if piece.differs] for cell in row.cells] == [["1"], ["3"], []]
    assert compared("name", ["李伟", None]).agreement == "one-sided"
    assert compared("name", [None, None]).agreement == "nothing"


def test_people_have_letters_until_there_are_too_many() -> None:
    assert [letter(place, "zh-CN") for place in (0, 9, 10)] == ["甲", "癸", "11"]
    assert letter(1, "en") == "B"


@given(st.dictionaries(st.text(), st.floats(-60, 60), max_size=8))
def test_bars_stay_within_their_picture_and_on_their_side(weights: dict[str, float]) -> None:
    for name, (x, width) in bars(weights, 90.0).items():
        assert -0.1 <= x <= x + width <= 180.2
        assert x >= 90 if weights[name] >= 0 else x + width <= 90.2


def changed(field: str, value: str | None, known: int, until: int | None = None) -> ChangeShown:
    def on(day: int) -> datetime:
        return datetime(2024, 1, day, tzinfo=UTC)

    return ChangeShown(
        field=field,
        value=value,
        said_by=["health"],
        known_since=on(known),
        known_until=None if until is None else on(until),
    )


@given(
    st.dictionaries(
        st.dates(),
        st.lists(
            st.builds(
                changed,
                st.sampled_from(FIELDS),
                VALUES,
                st.integers(1, 9),
                st.one_of(st.none(), st.integers(10, 20)),
            ),
            min_size=1,
            max_size=6,
            unique_by=lambda change: (change.field, change.known_until is None),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_bar_of_a_timeline_covers_another_and_all_are_in_the_picture(life: dict[date, list[ChangeShown]]) -> None:
    steps = [Step(on=day, changes=changes) for day, changes in sorted(life.items())]
    said = {(each.field, text_of(each.value)): each.value or "-" for step in steps for each in step.changes}
    drawn = picture(steps, said, FIELDS)
    found = [bar for lane in drawn.lanes for bar in lane.bars]
    assert len(found) == sum(len(step.changes) for step in steps)
    for n, bar in enumerate(found):
        assert bar.x > 0
        assert bar.width > 0
        assert bar.x + bar.width <= drawn.width
        assert bar.y + 26 < drawn.strip < drawn.height
        for other in found[n + 1 :]:
            apart = bar.x + bar.width <= other.x or other.x + other.width <= bar.x
            assert apart or bar.y != other.y
    assert {day for _, day in drawn.days} == life.keys()


def test_a_text_is_cut_where_it_does_not_fit_and_a_day_ends_in_beijing() -> None:
    assert fitting("李伟", 40) == "李伟"
    assert fitting("欧阳雪梅欧阳雪梅", 60) == "欧阳雪…"
    assert end_of(date(2024, 3, 1)).astimezone(UTC).isoformat() == "2024-03-01T15:59:59.999999+00:00"


def test_every_kind_of_event_and_of_review_has_words() -> None:
    assert {each.name for each in CATALOGUE.values()} < words_events.TYPES.keys()
    kinds = set(get_args(Kind))
    assert words_reviews.KINDS.keys() == words_reviews.QUESTIONS.keys() == kinds
    assert DECISIONS.keys() < kinds
