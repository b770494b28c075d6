"""The language of a page: what the address asks for, else what was chosen before, else what the browser prefers."""

from starlette.requests import Request

from shared.errors import language_of

LANGUAGES = {"zh-CN": "中文", "en": "English"}
COOKIE = "tenfold_language"


def page_language(request: Request) -> str:
    """ "zh-CN" or "en"; Chinese for a browser that does not say."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    accepted = request.headers.get("accept-language")
    return language_of(accepted) if accepted else "zh-CN"
