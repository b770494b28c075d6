"""Forms of the alerts pages, read and sent as a browser does without scripts."""

from html.parser import HTMLParser

import httpx

from tests.care_world import CareWorld

OWN = {"origin": "http://alerts"}


class Forms(HTMLParser):
    """What a browser would send of each form, by its action, nothing touched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, dict[str, str]] = {}
        self.form: dict[str, str] = {}
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name, value = told.get("name") or "", told.get("value")
        if tag == "form":
            self.form = self.sent.setdefault(told.get("action") or "", {})
        elif tag == "select":
            self.select = name
        elif tag == "option" and ("selected" in told or self.select not in self.form):
            self.form[self.select] = value or ""
        elif tag == "input" and name and (told.get("type") not in ("checkbox", "radio") or "checked" in told):
            self.form[name] = value if value is not None else "on"


async def forms(cared: CareWorld, path: str) -> dict[str, dict[str, str]]:
    """The forms of a page."""
    answer = await cared.world.http.get(path)
    assert answer.status_code == 200, answer.text
    return Forms(answer.text).sent


async def send(cared: CareWorld, path: str, form: dict[str, str]) -> httpx.Response:
    """Send a form."""
    return await cared.world.http.post(path, data=form, headers=OWN)
