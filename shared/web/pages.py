"""Render pages: templates in a frame, texts in two languages, headers that let nothing foreign in."""

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from shared.clock import SHANGHAI
from shared.sharing.provisioning import OnceLoader
from shared.sharing.words import Words
from shared.web.language import COOKIE, LANGUAGES, page_language

HERE = Path(__file__).parent
TEXTS = TypeAdapter(dict[str, Words])

# Pages show names: nobody keeps them, frames them or learns from a link where the reader came from.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "vary": "Accept-Language, Cookie",
}
YEAR = 365 * 24 * 3600
MONTHS = list(calendar.month_name)  # English unless the process changed its locale, which none does


def static_files() -> StaticFiles:
    """The style sheet; mount it at `/static`."""
    return StaticFiles(directory=HERE / "static")


class Pages:
    """The pages of one service: its folder holds `templates/` and `texts*.yaml`, added to the shared ones.

    Templates get `t(key, **values)`, `day(date)`, `moment(datetime)` in Beijing time,
    `language`, `languages` and `path` (of the page that is read). A missing text is an
    error, and so is one that is there twice.
    """

    def __init__(self, folder: Path) -> None:
        folders = [folder / "templates", HERE / "templates"]
        self._templates = Environment(
            loader=ChoiceLoader([FileSystemLoader(each) for each in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._texts = _texts([HERE / "texts.yaml", *sorted(folder.glob("texts*.yaml"))])

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, object] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Answer with a page in the reader's language; a language chosen by `?lang=` is remembered."""
        language = page_language(request)
        chinese = language == "zh-CN"

        def text(key: str, **parts: object) -> str:
            words = self._texts[key]
            return (words.zh if chinese else words.en).format(**parts)

        def said(words: Words) -> str:
            return words.zh if chinese else words.en

        def day(when: date) -> str:
            if chinese:
                return f"{when.year}年{when.month}月{when.day}日"
            return f"{when.day} {MONTHS[when.month]} {when.year}"

        def moment(when: datetime) -> str:
            here = when.astimezone(SHANGHAI)
            on = day(here) if chinese else f"{here.day} {MONTHS[here.month][:3]} {here.year}"
            return f"{on} {here:%H:%M}"

        content = self._templates.get_template(template).render(
            dict(values or {}),
            t=text,
            say=said,
            day=day,
            moment=moment,
            language=language,
            languages=LANGUAGES,
            path=reading(request),
        )
        answer = HTMLResponse(
            content, status_code=status, headers={**HEADERS, "content-language": language, **(headers or {})}
        )
        if request.query_params.get("lang") == language:
            answer.set_cookie(COOKIE, language, max_age=YEAR, httponly=True, samesite="lax")
        return answer


def reading(request: Request) -> str:
    """The path of the page that is read: of the one whose form was sent, where this is the answer to a form."""
    if request.method in {"GET", "HEAD"}:
        return request.url.path
    try:
        sent_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # no address at all
        return "/"
    own = sent_from.netloc == request.headers.get("host") and re.match(r"/(?![/\\])", sent_from.path)
    return sent_from.path if own else "/"


def _texts(files: Iterable[Path]) -> dict[str, Words]:
    texts: dict[str, Words] = {}
    for file in files:
        more = TEXTS.validate_python(OnceLoader(file.read_text(encoding="utf-8")).get_single_data())
        if twice := texts.keys() & more.keys():
            raise ValueError(f"said twice, the second time in {file.name}: {', '.join(sorted(twice))}")
        texts |= more
    return texts
