"""The exchange's API: intake, receipts, departments' feeds, the contract."""

from contextlib import AsyncExitStack
from functools import partial

from fastapi import FastAPI

from services.exchange.agreements.current import CurrentAgreements
from services.exchange.agreements.provisioned import take_files
from services.exchange.agreements.routes import router as agreements
from services.exchange.batches.routes import router as batches
from services.exchange.caller.routes import router as caller
from services.exchange.cases.routes import router as cases
from services.exchange.contract.openapi import described
from services.exchange.contract.routes import router as contract
from services.exchange.corrections.routes import router as corrections
from services.exchange.distribution.handlers import Distribution
from services.exchange.feeds.names import SHARING, department_feed
from services.exchange.feeds.reading import DepartmentFeeds
from services.exchange.feeds.routes import router as feeds
from services.exchange.intake.handlers import Intake
from services.exchange.intake.journal import FEED, PARTITIONS, Journal
from services.exchange.intake.routes import router as intake
from services.exchange.overview.retries import retries_of
from services.exchange.overview.routes import router as overview
from services.exchange.receipts.routes import router as receipts
from services.exchange.reconciliation.findings import router as findings
from services.exchange.reconciliation.routes import PATH as LISTS
from services.exchange.reconciliation.routes import router as reconciliations
from services.exchange.snapshots.routes import router as snapshots
from services.exchange.subscriptions.handlers import Topics
from services.exchange.subscriptions.routes import router as subscriptions
from services.exchange.ui.routes import PAGE_ROUTERS
from shared.app import Service, make_app
from shared.auth.caller import DEPARTMENTS
from shared.client import sender_for
from shared.feed import heads
from shared.feed.parked_routes import router as parked
from shared.kafka.connecting import kafka_settings, state_of
from shared.sessions.handlers import Sessions
from shared.sessions.routes import code_routes
from shared.settings import Settings
from shared.sharing.authorities import Authorities
from shared.sharing.departments import Departments
from shared.sharing.schemes import Schemes
from shared.web.pages import static_files


async def ensure_feeds(service: Service) -> None:
    """Create the feeds of the exchange where they are missing."""
    async with service.pool.acquire() as connection:
        await heads.ensure(connection, FEED, PARTITIONS)
        await heads.ensure(connection, SHARING)
        for department in sorted(DEPARTMENTS):
            await heads.ensure(connection, department_feed(department))


async def opening(app: FastAPI, service: Service, stack: AsyncExitStack) -> None:
    """The journal and the one intake of this process."""
    await ensure_feeds(service)
    await take_files(service)
    app.state.agreements = CurrentAgreements(Authorities.load(service.settings.provisioning))
    app.state.department_feeds = DepartmentFeeds(service.feeds, app.state.agreements)
    app.state.reconciling = set()  # the departments whose lists are being compared
    app.state.journal = Journal(service.pool, service.ring)
    app.state.sessions = Sessions(service.pool, service.ring, "exchange")
    app.state.sender = sender_for(service.settings)
    kafka = kafka_settings(service.settings)
    kafka_for = frozenset(each.name for each in Departments.load(service.settings.provisioning).all() if each.kafka)
    app.state.topics = Topics(kafka, kafka_for, service.settings.kafka_topics)
    if kafka is not None:
        app.state.checks = {"broker": partial(state_of, kafka.bootstrap)}
    provisioning = service.settings.provisioning
    app.state.departments = Departments.load(provisioning)
    app.state.intake = Intake(app.state.journal, app.state.departments, Schemes.load(provisioning))
    distribution = Distribution(service.feeds, app.state.agreements, sorted(DEPARTMENTS))
    app.state.retries = retries_of(service, distribution, app.state.intake, app.state.departments)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the exchange. One-time codes can be minted in development only."""
    told = settings or Settings()
    pages = [*PAGE_ROUTERS, *([code_routes(told.exchange_url)] if told.environment == "development" else [])]
    app = make_app(
        "Tenfold exchange",
        "Departments report vital events once, and each receives what its agreement allows.",
        told,
        [
            intake,
            caller,
            receipts,
            batches,
            findings,
            reconciliations,
            feeds,
            snapshots,
            corrections,
            subscriptions,
            agreements,
            cases,
            overview,
            parked,
            contract,
            *pages,
        ],
        opening,
        streamed={LISTS},
    )
    app.mount("/static", static_files())
    app.openapi = described(app)  # type: ignore[method-assign] # the way FastAPI documents
    return app
