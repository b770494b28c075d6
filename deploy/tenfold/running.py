"""Run one process of one service: its API or its worker. Production uses these commands; `tenfold up` starts all."""

import asyncio
import importlib
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any

import structlog
import uvicorn
import uvloop

from shared.settings import Settings


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


def serve(service: str, host: str, port: int) -> None:
    """Serve a service's API until SIGTERM."""
    log_plainly()
    app = importlib.import_module(f"services.{service}.app").create_app(settings())
    uvicorn.run(
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


def work(service: str) -> None:
    """Run a service's worker until SIGTERM."""
    log_plainly()
    uvloop.run(until_ended(importlib.import_module(f"services.{service}.worker").work(settings())))


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
