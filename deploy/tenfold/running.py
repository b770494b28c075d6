"""Run one process of one service: its API or its worker. Production uses these commands; `tenfold up` starts all."""

import asyncio
import importlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from contextlib import suppress
from types import FrameType
from typing import Any

import structlog
import uvicorn
import uvloop

from shared.db import connect
from shared.metrics.gauges import Measures
from shared.metrics.serving import serving
from shared.settings import Settings

NOT_STARTED = 3  # the exit code that uvicorn has for this


def log_plainly() -> None:
    """JSON lines with static names to standard error; never personal data."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(levelname)s %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )


def serve(service: str, host: str, port: int, *, share_port: bool = False) -> None:
    """Serve a service's API until SIGTERM. `share_port`: beside other processes of the same API on this machine; the
    kernel gives each new connection to one of them."""
    log_plainly()
    app = importlib.import_module(f"services.{service}.app").create_app(settings())
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,  # addresses of requests are nobody's business
        log_level="warning",
        timeout_graceful_shutdown=1,  # long polls are open as a rule; whoever waits asks again
        server_header=False,
    )
    server = Server(config)
    with suppress(KeyboardInterrupt):
        server.run([shared_socket(host, port)] if share_port else None)
    if not server.started:
        sys.exit(NOT_STARTED)


class Server(uvicorn.Server):
    """Answers whoever waits for news before it ends: a long poll that is cut off leaves the trace of no fault."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to end: no more requests, and what waits is answered."""
        super().handle_exit(sig, frame)
        service = getattr(self.config.app.state, "service", None)  # type: ignore[union-attr] # ours is an application
        if service is not None:
            asyncio.get_running_loop().call_soon_threadsafe(service.watch.end)


def shared_socket(host: str, port: int) -> socket.socket:
    """A socket on a port that others may listen on, too. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    shared = socket.socket(family, socket.SOCK_STREAM)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    shared.bind((host, port))
    return shared


def work(service: str) -> None:
    """Run a service's worker until SIGTERM."""
    log_plainly()
    uvloop.run(until_ended(measured(service, settings())))


async def measured(service: str, told: Settings) -> None:
    """A service's worker, beside it /metrics with the figures of the service's database."""
    running = importlib.import_module(f"services.{service}.worker").work(told)
    if told.metrics_port == 0:
        await running
        return
    pool = await connect(told.database_url, most=1)
    try:
        measures = Measures(pool, importlib.import_module(f"services.{service}.measures.repository").MEASURES)
        async with serving(told.metrics_host, told.metrics_port, measures.registry, measures.refresh):
            await running
    finally:
        await pool.close()


def settings() -> Settings:
    """What this process is told by its environment."""
    return Settings.model_validate({})


async def until_ended(running: Coroutine[Any, Any, None]) -> None:
    """Cancel the work on SIGTERM or SIGINT; every transaction under way commits or rolls back."""
    task = asyncio.create_task(running)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        structlog.get_logger().info("worker_ended", pid=os.getpid())
