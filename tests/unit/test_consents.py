"""Texts of consents: a version that women agreed to is never changed."""

from datetime import date

from services.alerts.episodes.consents import Consents, months_after
from services.alerts.episodes.record import Kind

# SHA-256 of the words, as they stand beside every consent that was given. A change of words is another version.
RELEASED = {
    ("care", "2026-01", "zh"): "15f36f9b5d8da3c89126b59c1cd60c4b826a779253e03201f3c645afb88c2f04",
    ("care", "2026-01", "en"): "6924e899fb313c61623488cbf133966f0bd89fb0be2192cf978a474993e063b2",
    ("child", "2026-01", "zh"): "84f939921da5dcb6f3421b2c30351b8a7a3e80380d70aef7cfa664b12ef65a47",
    ("child", "2026-01", "en"): "36ab843e6af13067c58108654ce41bec3ca6ca29206c55a8325d26975efefed5",
    ("help", "2026-01", "zh"): "722a61267a2050e27717f1e48fe22ab0f3c2be015943771000a6bbf0aa13189c",
    ("help", "2026-01", "en"): "2bcffb176c50807d908f193b21682390074f343c1bc47b57f6d94d44993a1db5",
}


def test_no_text_that_was_released_has_changed() -> None:
    found = {
        (text, version, language): each.digest(language)
        for (text, version), each in Consents.load().texts.items()
        for language in ("zh", "en")
    }
    assert {name: found.get(name) for name in RELEASED} == RELEASED


def test_every_kind_of_episode_has_a_text_in_force() -> None:
    consents = Consents.load()
    for kind in Kind:
        assert consents.in_force(kind, date(2026, 1, 1)), kind
        assert not consents.in_force(kind, date(2025, 12, 31)), kind


def test_months_end_on_the_last_day_of_a_shorter_month() -> None:
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_after(date(2026, 12, 1), 24) == date(2028, 12, 1)
