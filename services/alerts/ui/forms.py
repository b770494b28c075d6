"""What a form of a page sends, made into the body that a program would send, and what is wrong with it in words."""

from collections.abc import Mapping
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from services.alerts.ui.form_words import FIELDS
from shared.errors import Fault, Invalid, Text
from shared.errors_faults import faults_of
from shared.errors_tree import Problem
from shared.web.language import page_language

Body = TypeVar("Body", bound=BaseModel)


def filled(form: Mapping[str, str], *names: str) -> dict[str, object]:
    """The fields of these names that somebody filled in. Browsers send line ends of two characters."""
    found = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in names}
    return {name: text for name, text in found.items() if text}


def body(model: type[Body], told: object) -> Body:
    """The body. Raises Invalid."""
    try:
        return model.model_validate(told)
    except ValidationError as refusal:
        raise Invalid(faults=faults_of(refusal.errors())) from None


def said(request: Request, refusal: Problem) -> list[str]:
    """What is wrong, for people to read: each fault with the name of its field, or the problem itself."""
    chinese = page_language(request) == "zh-CN"
    language = "zh-CN" if chinese else "en"
    if not refusal.faults:
        title = refusal.text.title
        return [f"{title.in_(language)}: {_in(refusal.detail, language)}"]
    return [_of(fault, language) for fault in refusal.faults]


def _of(fault: Fault, language: str) -> str:
    parts = fault.pointer.split("/")
    places = [each for end in range(len(parts), 0, -1) for each in ("/".join(parts[end - 2 : end]), parts[end - 1])]
    name = next((each for each in places if each in FIELDS), None)
    message = _in(fault.message, language)
    return f"{FIELDS[name].in_(language)}: {message}" if name else message


def _in(text: str | Text, language: str) -> str:
    return text.in_(language) if isinstance(text, Text) else text


THERE = {"expired-here": "/consent", "follows-others": "#followed"}


def there(refusal: Problem) -> str | None:
    """Where what was refused can be done: at the form of the episode that there is."""
    place = THERE.get(refusal.slug)
    return f"/episodes/{refusal.extra['episode']}{place}" if place else None
