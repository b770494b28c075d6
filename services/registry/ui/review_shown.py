"""A review as its page shows it: everyone in question side by side, the score, and what can be decided. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.registry.reviews.rules import HELD_KINDS
from services.registry.reviews.schemas import Candidate, Number, Question, Record, ReviewShown
from services.registry.ui.side_by_side import Row, bars, compared
from services.registry.ui.words import in_words
from services.registry.ui.words_reviews import IDENTIFIERS, SEXES
from shared.sharing.words import Words

RESIDENT = "resident-identity-number"
HALF = 90.0  # of the width of a weight's picture

# What can be decided of a review that is about two people, or about one who may be two.
DECISIONS: Mapping[str, Sequence[str]] = {
    "possible-match": ("merge", "separate"),
    "merge-questioned": ("merge", "undo"),
    "records-after-merge": ("link",),
    "split-asked": ("split", "merge"),
    "supersedes-another-kind": ("reject",),
}


@dataclass(frozen=True)
class Weighed:
    """What one field said of two people. `bar`: where its picture begins, and how wide it is."""

    field: str
    level: str | None
    weight: float
    bar: tuple[float, float]


def rows(review: ReviewShown, places: Mapping[str, Words], language: str) -> list[Row]:
    """The records in question and then the candidates, field by field. Dates stay as they are written, so that they
    can be compared digit by digit."""
    records = [each.record for each in asked_first(review)]
    people = review.candidates

    def said(words: Words) -> str:
        return words.zh if language == "zh-CN" else words.en

    def sex(code: str | None) -> str | None:
        return said(in_words(SEXES, code)) if code else None

    def others(numbers: Sequence[Number]) -> str | None:
        named = {f"{said(in_words(IDENTIFIERS, each.type))} {each.value}" for each in numbers if each.type != RESIDENT}
        return "; ".join(sorted(named)) or None

    everyone: list[Record | Candidate] = [*records, *people]
    known = [str(place) for place in (each.registered_area for each in people) if place]
    area = {code: f"{said(places[code])} {code}" if code in places else code for code in known}
    found = [
        compared("name", [each.name for each in everyone]),
        compared("sex", [sex(each.sex) for each in everyone], by_character=False),
        compared("birth_date", [each.birth_date.isoformat() if each.birth_date else None for each in everyone]),
        compared("identity_number", [resident(each) for each in records] + [each.identity_number for each in people]),
        compared("identifiers", [others(numbers_of(each)) for each in everyone], by_character=False),
        compared("registered_area", [None] * len(records) + [area.get(each.registered_area or "") for each in people]),
        compared(
            "died_on",
            [None] * len(records) + [each.died_on.isoformat() if each.died_on else None for each in people],
        ),
    ]
    return [row for row in found if row.agreement != "nothing"]


def asked_first(review: ReviewShown) -> list[Question]:
    """Of a held event the records in question; of two people none, for they have theirs already."""
    return review.questions if review.kind in HELD_KINDS else []


def resident(record: Record) -> str | None:
    """The resident number that a record gives."""
    return next((each.value for each in record.identifiers if each.type == RESIDENT), None)


def numbers_of(each: Record | Candidate) -> list[Number]:
    """The identifiers of a record, or of all of a candidate's."""
    records = [each] if isinstance(each, Record) else each.records
    return [number for record in records for number in record.identifiers]


def weighed(review: ReviewShown) -> list[Weighed]:
    """The score, field by field."""
    said = [each for each in review.explanation if isinstance(each.get("weight"), (int, float))]
    places = bars({str(each["field"]): float(each["weight"] or 0) for each in said}, HALF)
    return [
        Weighed(
            str(each["field"]),
            str(each["level"]) if each["level"] else None,
            float(each["weight"] or 0),
            places[str(each["field"])],
        )
        for each in said
    ]


def rules(review: ReviewShown) -> list[str]:
    """What keeps a pair from being certain."""
    return [str(each["level"]) for each in review.explanation if each["field"] == "rule"]


def asked_because(review: ReviewShown) -> list[str]:
    """What the officials said who asked for it."""
    return [str(each["said"]) for each in review.explanation if each["field"] == "asked"]


def decisions(review: ReviewShown) -> Sequence[str]:
    """What can be decided."""
    if review.standing != "open":
        return ()
    if review.kind not in HELD_KINDS:
        return DECISIONS[review.kind]
    if not review.questions:
        return ("link", "split", "reject") if review.partings else ()
    several = any(len(each.candidates) > 1 for each in review.questions)
    return ("link", "separate", "merge", "reject") if several else ("link", "separate", "reject")


def pieces(review: ReviewShown) -> dict[str, dict[int, int]]:
    """Reference → number of a record → the piece it falls into."""
    return {
        each.reference: {number: place for place, piece in enumerate(each.pieces) for number in piece}
        for each in review.partings
    }
