"""/channels/webhooks: a facility's webhooks, for its supervisors: state, test, pause, what is parked."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints
from starlette.responses import Response

from services.alerts.sessions.callers import Supervisor
from services.alerts.state import alerts_of
from services.alerts.ui import channels
from services.alerts.ui.forms import body, filled, said
from services.alerts.ui.frame import PAGES, frame
from services.alerts.webhooks import handlers
from services.alerts.webhooks.routes import NAME, Name, Outward, shown
from services.alerts.webhooks.schemas import WebhookWanted
from shared.auth.caller import Caller
from shared.errors import Conflict, Invalid
from shared.errors_tree import Problem
from shared.sessions.pages import SEE_OTHER, page_route
from shared.subscriptions.schemas import Rotation, Tried
from shared.web.forms import texts_of

router = APIRouter(prefix="/channels/webhooks", tags=["pages"], include_in_schema=False, route_class=page_route(PAGES))

ROWS = 50
SAID = frozenset({"changed", "paused", "resumed", "retried"})


class NamedWebhook(WebhookWanted):
    """The form of a new webhook: its name as well."""

    name: Annotated[str, StringConstraints(pattern=NAME)]


@router.post("")
async def make(request: Request, caller: Supervisor, sender: Outward) -> Response:
    """Make one, whose secret is shown once. A name that is taken is refused: nothing of the other is changed."""
    form = await texts_of(request)
    try:
        wanted = body(NamedWebhook, filled(form, "name") | wanted_of(form))
        facility = caller.facility or ""
        _, secret = await handlers.put(alerts_of(request), sender, facility, wanted.name, wanted, there=False)
    except (Invalid, Conflict) as refusal:
        return await channels.page(request, caller, form=form, faults=said(request, refusal), status=refusal.status)
    return secret_once(request, caller, wanted.name, secret or "")


@router.post("/{name}")
async def change(request: Request, name: Name, caller: Supervisor, sender: Outward) -> Response:
    """Give one another address or another choice."""
    try:
        wanted = body(WebhookWanted, wanted_of(await texts_of(request)))
        await handlers.put(alerts_of(request), sender, caller.facility or "", name, wanted, there=True)
    except Invalid as refusal:
        return await page(request, caller, name, refusal=refusal)
    return done(name, "changed")


def wanted_of(form: dict[str, str]) -> dict[str, object]:
    """The body that a program would send."""
    return filled(form, "url") | {"kinds": [each for each in form.get("kinds", "").split(",") if each]}


@router.get("/{name}")
async def read(
    request: Request, name: Name, caller: Supervisor, noted: Annotated[str | None, Query(max_length=20)] = None
) -> Response:
    """One webhook, what waits and what is parked."""
    return await page(request, caller, name, noted=noted if noted in SAID else None)


async def page(
    request: Request,
    caller: Caller,
    name: str,
    *,
    noted: str | None = None,
    tried: Tried | None = None,
    refusal: Problem | None = None,
) -> Response:
    """The page of one, with what the receiver said to a test, or why something was not done."""
    alerts, facility = alerts_of(request), caller.facility or ""
    webhook = await shown(request, facility, name)
    values = {
        "webhook": webhook,
        "seen": handlers.said(webhook.old_secret_until),
        "waiting": [
            (state, await handlers.deliveries(alerts, facility, name, None, state, ROWS)) for state in ("parked", "due")
        ],
        "noted": noted,
        "tried": tried,
        "faults": said(request, refusal) if refusal else [],
    }
    status = refusal.status if refusal else 200
    return PAGES.render(request, "webhook.html", values | frame(request, caller, "/channels"), status=status)


@router.post("/{name}/test")
async def trial(request: Request, name: Name, caller: Supervisor, sender: Outward) -> Response:
    """What the receiver says to a test message, within 20 seconds."""
    tried = await handlers.trial(alerts_of(request), sender, caller.facility or "", name)
    return await page(request, caller, name, tried=tried)


@router.post("/{name}/pause")
async def pause(request: Request, name: Name, caller: Supervisor) -> Response:
    """Nothing is sent until it is resumed."""
    try:
        await handlers.pause(alerts_of(request), caller.facility or "", name)
    except Conflict as refusal:
        return await page(request, caller, name, refusal=refusal)
    return done(name, "paused")


@router.post("/{name}/resume")
async def resume(request: Request, name: Name, caller: Supervisor) -> Response:
    """Go on where it stopped."""
    await handlers.resume(alerts_of(request), caller.facility or "", name)
    return done(name, "resumed")


@router.post("/{name}/retry")
async def retry(request: Request, name: Name, caller: Supervisor) -> Response:
    """Try what is parked again."""
    await handlers.retry_parked(alerts_of(request), caller.facility or "", name)
    return done(name, "retried")


@router.post("/{name}/rotate")
async def rotate(request: Request, name: Name, caller: Supervisor) -> Response:
    """A new secret, shown once; for a day the old one signs as well. A form that was sent before makes no other."""
    grace, seen = timedelta(hours=Rotation().grace_hours), (await texts_of(request)).get("seen", "")
    try:
        secret, _ = await handlers.rotate(alerts_of(request), caller.facility or "", name, grace, seen=seen)
    except Conflict as refusal:
        return await page(request, caller, name, refusal=refusal)
    return secret_once(request, caller, name, secret)


@router.post("/{name}/deletion")
async def delete(request: Request, name: Name, caller: Supervisor) -> Response:
    """End it; the entries stay in the feed."""
    await handlers.delete(alerts_of(request), caller.facility or "", name)
    return RedirectResponse("/channels?noted=deleted", SEE_OTHER)


def done(name: str, what: str) -> Response:
    """Show it again, with what was done."""
    return RedirectResponse(f"/channels/webhooks/{name}?noted={what}", SEE_OTHER)


def secret_once(request: Request, caller: Caller, name: str, secret: str) -> Response:
    """The secret that signs its messages."""
    values = {"what": "webhook", "secret": secret, "name": name}
    return PAGES.render(request, "shown_once.html", values | frame(request, caller, "/channels"))
