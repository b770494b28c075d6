"""What the routes of alerts share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from fastapi import FastAPI, Request

from services.alerts.episodes.care import Care
from services.alerts.episodes.consents import Consents
from services.alerts.episodes.vault import Vault
from services.alerts.facilities.duty import Facilities
from services.alerts.facilities.handlers import Staff
from services.alerts.facilities.streams import OpenStreams
from services.alerts.feeds.reading import ToldFeed
from services.alerts.feeds.together import Together
from services.alerts.handovers.handlers import Handovers
from services.alerts.handovers.moving import Moving
from services.alerts.life.handlers import Life
from services.alerts.life.hearing import Hearing
from services.alerts.registration_help.handlers import Helps
from services.alerts.schedules.catalogue import load
from shared import clock
from shared.app import Service
from shared.identifiers.areas import AreaTable
from shared.sessions.handlers import Sessions


@dataclass(frozen=True)
class Alerts:
    """The service with its provisioned facilities and areas, and the date it works by."""

    service: Service
    facilities: Facilities
    areas: AreaTable
    helps: Helps
    care: Care
    life: Life
    hearing: Hearing
    handovers: Handovers
    moving: Moving
    sessions: Sessions
    staff: Staff
    streams: OpenStreams
    together: Together
    today: Callable[[], date]

    @classmethod
    def of(cls, service: Service, today: Callable[[], date] = clock.today) -> "Alerts":
        """Read provisioning and put the parts together; the same for API and worker."""
        folder = service.settings.provisioning
        areas = AreaTable.load(folder / "areas.yaml")
        facilities = Facilities.load(folder / "facilities.yaml", areas)
        helps = Helps(service.pool, service.ring, service.feeds, facilities, today)
        care = Care(
            service.pool,
            service.ring,
            service.feeds,
            Vault(service.settings.episode_folder, service.ring),
            load(folder),
            Consents.load(),
            today,
            facilities,
        )
        life = Life(care)
        sessions = Sessions(service.pool, service.ring, "alerts")
        staff = Staff(service.pool, service.settings.environment == "production", today)
        moving = Moving(care, facilities)
        return cls(
            service,
            facilities,
            areas,
            helps,
            care,
            life,
            Hearing(helps, moving, life),
            Handovers(care, facilities),
            moving,
            sessions,
            staff,
            OpenStreams(staff),
            Together(service.pool, ToldFeed(service.feeds, care.vault, today, paused=True), staff),
            today,
        )


def alerts_of(request: Request) -> Alerts:
    """The alerts of this application."""
    app: FastAPI = request.app
    alerts: Alerts = app.state.alerts
    return alerts
