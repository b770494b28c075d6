"""One way to make a service's application: state, errors, health, offline documentation."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry

from shared.auth.tokens import Verifier
from shared.bodies import LimitedBodies
from shared.crypto.keyring import KeyRing
from shared.db import AWAY, Pool, answers, connect
from shared.errors import Unavailable, install, problem_response
from shared.feed.log import FeedLog
from shared.feed.watch import Watch
from shared.metrics.requests import CountedRequests
from shared.metrics.serving import serving
from shared.openapi import refusing
from shared.rates import Rates
from shared.settings import Settings
from shared.unkept import UnkeptAnswers

log = structlog.get_logger()


@dataclass
class Service:
    """What the handlers of one service share."""

    settings: Settings
    pool: Pool
    ring: KeyRing
    feeds: FeedLog
    watch: Watch


async def open_service(settings: Settings, *, connections: int = 10) -> Service:
    """Open database and keys; the same for an API and for a worker."""
    pool = await connect(settings.database_url, most=connections)
    ring = KeyRing.load(settings.keys_file)
    return Service(settings, pool, ring, FeedLog(ring), Watch(pool))


async def service_of(request: Request) -> Service:
    """The dependency that hands a route its service."""
    service: Service = request.app.state.service
    return service


Check = Callable[[], Awaitable[str]]

health = APIRouter(tags=["health"])


@health.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@health.get("/readyz")
async def readyz(request: Request) -> dict[str, str]:
    """The database answers; 503 where it does not. What else a service needs is told, and decides nothing."""
    try:
        await answers((await service_of(request)).pool)
    except (*AWAY, asyncpg.PostgresError):
        raise Unavailable from None
    checks: dict[str, Check] = getattr(request.app.state, "checks", {})
    return {"status": "ready", **{name: await check() for name, check in checks.items()}}


async def answer_away(request: Request, error: Exception) -> Response:
    """Trouble of the database is 503, try again, and no fault of ours."""
    return problem_response(request, away(error))


def away(error: Exception) -> Unavailable:
    """The problem for what `AWAY` names, written down by its kind alone."""
    log.warning("database_away", trouble=type(error).__name__)
    return Unavailable()


Opening = Callable[[FastAPI, Service, AsyncExitStack], Awaitable[None]]


def make_app(
    title: str,
    description: str,
    settings: Settings,
    routers: Sequence[APIRouter],
    opening: Opening | None = None,
    streamed: Container[str] = (),
    *,
    counted: bool = True,
) -> FastAPI:
    """Build an application; `opening` adds what one service needs beyond the common state.

    `streamed`: paths that read their bodies themselves, in pieces (see LimitedBodies). `counted`: requests are counted
    for /metrics, by route and status; not where that would tell how much care is given (protection rule 4).
    """
    metrics = CollectorRegistry()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            service = await open_service(settings)
            stack.push_async_callback(service.pool.close)
            app.state.service = service
            if opening:
                await opening(app, service, stack)
            await stack.enter_async_context(serving(settings.metrics_host, settings.metrics_port, metrics))
            gc.collect()
            gc.freeze()  # what lives from now on is mostly garbage of requests, and has no cycles:
            gc.set_threshold(100_000, 20, 50)  # the collector took a fifth of the intake's time looking for some
            yield

    app = FastAPIOffline(title=title, description=description, version="1", lifespan=lifespan)
    app.state.verifier = Verifier(settings.jwks_file, settings.token_issuer, settings.token_audience)
    app.state.rates = Rates({"events": settings.events_per_second, "requests": settings.requests_per_second})
    install(app)
    app.add_middleware(LimitedBodies, streamed=streamed)
    app.add_middleware(UnkeptAnswers)
    if counted:
        app.add_middleware(CountedRequests, registry=metrics)
    for trouble in AWAY:
        app.exception_handler(trouble)(answer_away)
    for router in (health, *routers):
        app.include_router(router)
    app.openapi = refusing(app)  # type: ignore[method-assign] # the way FastAPI documents
    return app
