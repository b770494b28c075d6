"""The alerts API: a facility's worklist, its feeds and its pages. Nothing here is told to anyone else."""

from contextlib import AsyncExitStack

from fastapi import APIRouter, FastAPI

from services.alerts.addresses.limits import Limits
from services.alerts.addresses.routes import SECRET
from services.alerts.addresses.routes import router as addresses
from services.alerts.asked.routes import router as asked
from services.alerts.assignments.routes import router as assignments
from services.alerts.contacts.routes import router as care_contacts
from services.alerts.episodes import damaged
from services.alerts.episodes.restoring import replay
from services.alerts.episodes.routes import router as episodes
from services.alerts.facilities.provisioned import first_staff
from services.alerts.facilities.routes import router as staff
from services.alerts.feeds.routes import router as feeds
from services.alerts.handovers.routes import router as handovers
from services.alerts.life.routes import router as life_events
from services.alerts.misuse.routes import router as flags
from services.alerts.needs.routes import router as needs
from services.alerts.overview.routes import router as overview
from services.alerts.own.routes import router as own
from services.alerts.questions.routes import router as questions
from services.alerts.reports.routes import router as reports
from services.alerts.schedules.routes import router as schedules
from services.alerts.sessions.routes import router as login_codes
from services.alerts.state import Alerts
from services.alerts.supervision.routes import router as supervision
from services.alerts.ui.routes import PAGE_ROUTERS
from services.alerts.webhooks.routes import router as webhooks
from services.alerts.worklist.routes import router as worklist
from shared.app import Service, make_app
from shared.client import sender_for
from shared.reconciliation.routes import findings_router
from shared.settings import Settings
from shared.web.pages import static_files


async def opening(app: FastAPI, service: Service, stack: AsyncExitStack) -> None:
    """Provisioning, and the feeds of its facilities."""
    app.state.alerts = Alerts.of(service)
    alerts = app.state.alerts
    app.state.sessions = alerts.sessions
    await replay(alerts.care)
    app.state.address_limits, app.state.sender = Limits(), sender_for(service.settings)
    await alerts.helps.ensure_feeds()
    await alerts.staff.provision(first_staff(service.settings.provisioning, alerts.facilities))


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build alerts. One-time codes can be minted in development only."""
    told = settings or Settings()
    care = [needs, episodes, care_contacts, schedules, handovers, assignments, life_events, asked]
    channels = [feeds, addresses, SECRET, webhooks]
    routers: list[APIRouter] = [worklist, *care, *channels, staff, supervision, overview]
    routers += [reports, own, questions, flags, findings_router(), *PAGE_ROUTERS]
    if told.environment == "development":
        routers.append(login_codes)
    app = make_app(
        "Tenfold alerts",
        "Help for families who asked for it, shown to the health facility that has the duty of care.",
        told,
        routers,
        opening,
        counted=False,
    )
    damaged.install(app)
    app.mount("/static", static_files())
    return app
