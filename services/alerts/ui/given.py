"""The text that somebody is given before they agree, in the language that they chose."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Request

from services.alerts.episodes.consents import Language
from shared.web.language import page_language

Hers = Annotated[Language | None, Query()]


def hers_of(request: Request, hers: Language | None) -> Language:
    """The language that was chosen; the page's own where none was."""
    return hers or ("zh" if page_language(request) == "zh-CN" else "en")


def hers_in(form: Mapping[str, str]) -> Language:
    """The language of the text that the form was sent with."""
    return "en" if form.get("hers") == "en" else "zh"


def paragraphs(text: str) -> list[str]:
    """A text whose lines were broken to fit a file, with a line for each of its paragraphs."""
    found: list[str] = []
    for line in text.splitlines():
        if found and not found[-1].endswith((".", "。")):
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found
