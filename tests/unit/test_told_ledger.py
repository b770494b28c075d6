"""What a department holds, and who was given a wrong value, while a page is taken."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.exchange.told.disclosures import Disclosure, by_purpose
from services.exchange.told.ledger import FEED, LOOK_UP, Ledger
from shared.feed.values import Placed
from shared.settings import PROVISIONING
from shared.sharing.agreements import Agreements

KEY, OTHER = ("health", "k1.A"), ("health", "k1.B")
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


def told(fields: dict[str, object], minute: int = 1) -> Ledger:
    ledger = Ledger({})
    ledger.tell(uuid4(), KEY, at(minute), fields)
    return ledger


def test_only_what_is_held_otherwise_is_news_and_everything_known_at_the_start_of_a_case() -> None:
    ledger = told({"name": "Li Wei", "died_on": "2024-05-01"})
    shown = {"name": "Li Wei", "died_on": None, "sex": None}
    assert ledger.news(KEY, shown, everything=False) == {"died_on": None}
    assert ledger.news(KEY, shown, everything=True) == {"name": "Li Wei", "died_on": None}
    assert ledger.news(OTHER, shown, everything=False) == {"name": "Li Wei"}


def test_what_was_told_later_is_not_overtaken_by_a_feed_that_is_read_again() -> None:
    ledger = told({"name": "Li Wei"}, 5)
    assert ledger.past(KEY, at(4))
    assert not ledger.past(KEY, at(5))
    assert not ledger.past(OTHER, at(1))


def test_a_value_given_by_look_up_is_wrong_only_if_it_was_given_before() -> None:
    ledger = Ledger({})
    ledger.looked_up(KEY, at(3), {"name": "Li Wei", "sex": None})
    assert ledger.rows[KEY].how == LOOK_UP
    assert ledger.wrong(KEY, {"name": "Li Wen", "sex": "male"}, at(4)) == ["name"]
    assert ledger.wrong(KEY, {"name": "Li Wen"}, at(2)) == []
    assert ledger.wrong(KEY, {"name": "Li Wei"}, at(4)) == []
    ledger.looked_up(KEY, at(1), {"name": "Li Wu"})
    assert ledger.wrong(KEY, {"name": "Li Wei"}, at(4)) == [], "an older look-up says nothing new"


def test_who_heard_what_is_right_has_nothing_wrong_any_more() -> None:
    ledger = told({"name": "Li Wei"})
    ledger.looked_up(KEY, at(2), {"name": "Li Wu"})
    assert ledger.wrong(KEY, {"name": "Li Wen"}, at(3)) == ["name"]
    ledger.correct(uuid4(), KEY, at(3), {"name": "Li Wen"})
    assert ledger.wrong(KEY, {"name": "Li Wen"}, at(4)) == []
    ledger.correct(uuid4(), KEY, at(5), {"name": None})
    assert ledger.holds(KEY) == {}
    assert ledger.wrong(KEY, {"name": "Li Wu"}, at(6)) == []


def test_a_forgotten_person_is_not_held_and_still_hears_what_was_wrong() -> None:
    ledger = told({"name": "Li Wei"})
    assert ledger.forget(uuid4(), KEY, at(2)) == {"name": "Li Wei"}
    assert ledger.holds(KEY) == {}
    assert ledger.wrong(KEY, {"name": "Li Wen"}, at(3)) == ["name"]
    assert ledger.forget(uuid4(), OTHER, at(2)) == {}


def test_after_a_merge_the_old_reference_holds_nothing_and_the_new_one_answers_for_it() -> None:
    ledger = told({"name": "Li Wei"})
    ledger.merge(KEY, OTHER, at(2))
    assert ledger.holds(KEY) == ledger.holds(OTHER) == {}
    assert ledger.wrong(OTHER, {"name": "Li Wen"}, at(3)) == ["name"]
    assert ledger.past(KEY, at(1)), "what is read again does not wake it"


def test_a_row_knows_the_place_of_its_newest_entry() -> None:
    ledger, entry, epoch = Ledger({}), uuid4(), uuid4()
    ledger.tell(entry, KEY, at(1), {"name": "Li Wei"})
    ledger.place([Placed(uuid4(), epoch, 1), Placed(entry, epoch, 2)])
    row = ledger.rows[KEY]
    assert (row.how, row.epoch, row.position, row.told_at, row.as_of) == (FEED, epoch, 2, at(1), at(1))


def test_a_disclosure_is_told_once_for_every_purpose_with_the_fields_of_that_purpose() -> None:
    agreements = Agreements.load(PROVISIONING).for_("health", None, T0.date())
    basis = ("health-birth-and-death-certificates", "health-child-vaccination")
    lines = by_purpose(Disclosure(uuid4(), KEY, ("name", "registered_area"), basis, T0), agreements)
    assert [(line["purpose"], line["fields"], line["basis"]) for line in lines] == [
        ("service-delivery", ["name", "registered_area"], ["health-child-vaccination"]),
        ("vital-registration", ["name"], ["health-birth-and-death-certificates"]),
    ]
    assert by_purpose(Disclosure(uuid4(), KEY, ("name",), (), T0), agreements) == []
