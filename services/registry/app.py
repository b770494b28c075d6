"""The registry's API: look-ups, and what it tells the other services."""

from contextlib import AsyncExitStack

from fastapi import FastAPI

from services.registry.areas.handlers import Areas
from services.registry.areas.routes import router as areas
from services.registry.blocks.handlers import Blinding
from services.registry.break_glass.handlers import BreakGlass
from services.registry.break_glass.routes import router as break_glass
from services.registry.citizens.handlers import Citizens
from services.registry.citizens.routes import router as citizens
from services.registry.contradictions.handlers import Contradictions
from services.registry.contradictions.keeping import Keeping
from services.registry.contradictions.routes import router as contradictions
from services.registry.corrections.asking import AskingCorrections
from services.registry.corrections.deciding import Deciding
from services.registry.corrections.handlers import Corrections
from services.registry.corrections.routes import router as corrections
from services.registry.facts.stored import Vault
from services.registry.facts.told import CARE_FEED, CHANGES, Telling
from services.registry.feeds.routes import router as feeds
from services.registry.folding import folding_of
from services.registry.households.routes import router as households
from services.registry.misuse.handlers import Misuse
from services.registry.misuse.routes import router as misuse
from services.registry.moves.keeping import HalfMoves
from services.registry.moves.routes import UnmatchedMoves
from services.registry.moves.routes import router as moves
from services.registry.overview.retries import retries_of
from services.registry.overview.routes import router as overview
from services.registry.people.collecting import Together
from services.registry.people.handlers import LookUps
from services.registry.people.quotas import Quotas
from services.registry.people.routes import router as people
from services.registry.protection.handlers import Protections
from services.registry.protection.routes import router as protections
from services.registry.questions.handlers import Questions
from services.registry.questions.routes import router as questions
from services.registry.reconciliation.agreements import router as told_agreements
from services.registry.reconciliation.routes import router as reconciliation
from services.registry.reviews.handlers import Reviews
from services.registry.reviews.routes import router as reviews
from services.registry.search.handlers import Searches
from services.registry.search.routes import router as search
from services.registry.sharing.agreements import AgreementsAsTold
from services.registry.statistics.handlers import Reading
from services.registry.statistics.places import home_of
from services.registry.statistics.releases import Releases
from services.registry.statistics.routes import router as statistics
from services.registry.ui.routes import PAGE_ROUTERS
from services.registry.uploads.handlers import Uploads
from services.registry.uploads.routes import Files
from services.registry.uploads.routes import router as uploads
from shared.app import Service, make_app
from shared.auth.caller import DEPARTMENTS
from shared.feed import heads
from shared.feed.parked_routes import router as parked
from shared.reconciliation.routes import findings_router
from shared.sessions.handlers import Sessions
from shared.sessions.routes import code_routes
from shared.settings import Settings
from shared.sharing.authorities import Authorities
from shared.sharing.departments import Departments
from shared.web.pages import static_files


async def ensure_feeds(service: Service) -> None:
    """Create the feeds of the registry where they are missing."""
    async with service.pool.acquire() as connection:
        await heads.ensure(connection, CHANGES)
        await heads.ensure(connection, CARE_FEED)


async def opening(app: FastAPI, service: Service, stack: AsyncExitStack) -> None:
    """Feeds, and the look-ups with their agreements and authorities."""
    await ensure_feeds(service)
    authorities = Authorities.load(service.settings.provisioning)
    app.state.retries = retries_of(service)
    home = home_of(service.settings.provisioning)
    quotas = Quotas(service.settings.searches_per_official_and_hour, service.settings.people_per_official_and_day)
    app.state.statistics = Reading(service.pool, home)
    app.state.releases = Releases(service.pool, home)
    app.state.areas = Areas(service.pool, service.ring, service.settings.provisioning)
    app.state.reviews = Reviews(service.pool, folding_of(service), authorities.registering("identity_number"), quotas)
    app.state.contradictions = Contradictions(service.pool, Keeping(service.ring), quotas)
    app.state.unmatched_moves = UnmatchedMoves(service.pool, HalfMoves(service.ring), quotas)
    app.state.sessions = Sessions(service.pool, service.ring, "registry")
    app.state.departments = departments = Departments.load(service.settings.provisioning)
    app.state.citizens = Citizens(service.pool, Vault(service.ring), departments, authorities.by_attribute())
    app.state.questions = Questions(service.pool, app.state.citizens)
    app.state.misuse = Misuse(service.pool, Vault(service.ring), departments)
    app.state.look_ups = LookUps(
        service.pool,
        Vault(service.ring),
        Telling(service.ring, sorted(DEPARTMENTS)),
        AgreementsAsTold(authorities),
        authorities.by_attribute(),
        quotas,
        app.state.areas,
    )
    app.state.together = Together(app.state.look_ups)
    asking = AskingCorrections(service.pool, app.state.citizens, app.state.look_ups, authorities)
    app.state.corrections = Corrections(asking, Deciding(folding_of(service)))
    app.state.break_glass = BreakGlass(
        app.state.look_ups,
        service.settings.break_glass_per_official_and_day,
        service.settings.break_glass_per_department_and_day,
    )
    app.state.protections = Protections(app.state.look_ups, service.feeds)
    app.state.uploads = Uploads(service.pool, service.ring, departments, service.settings.largest_import)
    app.state.searches = Searches(app.state.look_ups, Blinding(service.ring))


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the registry. One-time codes can be minted in development only."""
    told = settings or Settings()
    pages = [*PAGE_ROUTERS, *([code_routes(told.registry_url)] if told.environment == "development" else [])]
    app = make_app(
        "Tenfold registry",
        "One accurate person, on both time axes, open to question.",
        told,
        [
            break_glass,
            people,
            search,
            households,
            areas,
            contradictions,
            corrections,
            moves,
            citizens,
            protections,
            questions,
            misuse,
            feeds,
            overview,
            parked,
            reviews,
            reconciliation,
            told_agreements,
            statistics,
            uploads,
            findings_router(),
            *pages,
        ],
        opening,
        Files(),
    )
    app.mount("/static", static_files())
    return app
