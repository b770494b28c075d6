"""The forms of alerts' pages, filled in by nobody honest: no 5xx, and every answer is a page or leads to one."""

import itertools
import re
from collections.abc import Iterator
from urllib.parse import quote_from_bytes
from uuid import uuid4

import httpx

from tests.alerts_world import LIUQUAN
from tests.care_world import CareWorld
from tests.hostile_world import TIMES
from tests.page_forms import OWN, Forms

pytest_plugins = ["tests.alerts"]

FORM = "application/x-www-form-urlencoded"
NASTY = (
    b"", b" ", b"\x00", b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", "王".encode("gb18030"), "\u202e\ufeff".encode(), b"%",
    b"-1", b"9" * 400, b"2026-02-30", b"0001-01-01", b"9999-12-31", b"nonsense", b"cn-2017/", b"/", b"//x",
    b"?a=b", b"on", b"x" * 70_000, str(uuid4()).encode(), b"1,2,3,99999999999999999999", "٣".encode(),
)  # fmt: skip
EACH = 3 * TIMES  # of them for each field, by turns
GONE = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


def encoded(fields: list[tuple[str, bytes]]) -> bytes:
    """As a browser would send it, whatever the bytes are."""
    return b"&".join(f"{name}={quote_from_bytes(value)}".encode() for name, value in fields)


def bodies(form: dict[str, str], turns: Iterator[bytes]) -> list[bytes]:
    """The form with one field after the other wrong or missing; all of them twice; and none of them at all."""
    sent = [(name, value.encode()) for name, value in form.items()]
    found = [b"", b"&&=&=", encoded(sent + sent)]
    for place, (name, _) in enumerate(sent):
        found.append(encoded(sent[:place] + sent[place + 1 :]))
        wrong = itertools.islice(turns, EACH)
        found += [encoded([*sent[:place], (name, value), *sent[place + 1 :]]) for value in wrong]
    return found


class Controls(Forms):
    """The same of whatever has a name in a form, ticked, chosen and written into or not."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        told = dict(attrs)
        if tag in ("input", "select", "textarea") and (name := told.get("name")):
            self.form.setdefault(name, told.get("value") or "")


async def forms_of(cared: CareWorld, paths: list[str]) -> dict[str, dict[str, str]]:
    """Every form of these pages, by its action."""
    found: dict[str, dict[str, str]] = {}
    for path in paths:
        answer = await cared.world.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        for action, form in Controls(answer.text).sent.items():
            found.setdefault(action or path, {}).update(form)
    return found


def broken(answer: httpx.Response) -> bool:
    """Whether it is neither a page nor leads to one."""
    page = answer.headers.get("content-type", "").startswith("text/html") or "location" in answer.headers
    return answer.status_code >= 500 or not page


async def test_no_form_breaks_a_page_whatever_it_holds(cared: CareWorld) -> None:
    await cared.world.listed(("nurse", "care-worker"), ("nurse", "supervisor"))
    episode = await cared.enrolled()
    contact = (await cared.contacts(episode, "open"))[0]["contact"]
    assert (await cared.call("POST", f"/v1/worklist/{contact}/wrong", {"wrong": "other"})).status_code == 204
    await cared.world.login_cookie(LIUQUAN, ("care-worker", "supervisor"))
    line = await cared.care.pool.fetchval("SELECT staff_id FROM staff_member WHERE role = 'care-worker'")
    paths = ["/worklist", f"/worklist/{contact}", "/enrolment", "/asked/child", "/asked/entitlement", "/asked/transfer"]
    paths += [f"/episodes/{episode}{page}" for page in ("", "/birth", "/consent", "/handover", "/workers")]
    paths += ["/supervision", "/staff", f"/staff/{line}", "/channels"]
    forms = await forms_of(cared, paths)
    last = ("/withdrawal", "/end", "/logout", f"/staff/{line}/revocation")  # nothing is left behind these
    kept = {action: form for action, form in forms.items() if not action.endswith(last)}
    assert len(kept) >= 15, sorted(forms)
    found, sent, turns = [], 0, itertools.cycle(NASTY)
    for action, form in kept.items():
        for path in (action, re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", GONE, action)):
            for content in bodies(form, turns) if path == action else bodies(form, turns)[:3]:
                sent += 1
                answer = await cared.world.http.post(path, content=content, headers=OWN | {"content-type": FORM})
                if broken(answer):
                    found.append((path, answer.status_code, content[:200], answer.text[:200]))
    assert not found, (len(found), found[:10])
    assert sent > 200
