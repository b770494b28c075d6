"""The registry's codes in words, for people who read pages; an unknown code is shown as it is. Pure."""

from collections.abc import Mapping

from shared.errors_text import ERRORS, Text
from shared.errors_tree import Problem
from shared.sharing.words import Words


def in_words(known: Mapping[str, Words], code: str) -> Words:
    """What a code means; the code itself where nobody has described it."""
    return known.get(code) or Words(zh=code, en=code)


def problem(slug: str) -> tuple[Words, Words]:
    """A problem type as a page says it: what it is, and what helps."""
    said = ERRORS[slug]
    return Words(zh=said.title_zh, en=said.title_en), Words(zh=said.what_to_do_zh, en=said.what_to_do_en)


def said_of(refusal: Problem) -> Words:
    """What a refusal says, and what helps."""
    detail = refusal.detail if isinstance(refusal.detail, Text) else refusal.text.what_to_do
    title = refusal.text.title
    return Words(zh=f"{title.zh}。{detail.zh}", en=f"{title.en}. {detail.en}")
