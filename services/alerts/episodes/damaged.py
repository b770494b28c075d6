"""A record whose key, or whose sealed bytes, cannot be opened: told as such to whoever may read it, in one place.

Lists leave such a record out (vault.skipping); whoever asks for it alone is told. Withdrawing needs no key.
"""

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from services.alerts.episodes.vault import UNREADABLE
from shared.errors import Unavailable, declare, problem_response
from shared.errors_text import ErrorText

log = structlog.get_logger()
RETRY_AFTER = 600  # seconds: somebody has to put the key back

declare(
    "record-not-opened",
    ErrorText(
        503,
        "This record cannot be opened at present",
        "目前无法打开该记录",
        "Nothing was read or changed. Tell whoever runs this service: its key or what is stored is damaged, or out of "
        "reach. Consent can be withdrawn all the same.",
        "未读取或更改任何内容。请告知本系统的运维人员：其密钥或所存内容已损坏或无法读取。仍可撤回同意。",
    ),
)


def damaged(error: Exception) -> Unavailable:
    """That it cannot be opened, and nothing of it; the log says what kind of trouble it is, and not whose."""
    log.error("record_not_opened", trouble=type(error).__name__)
    return Unavailable("record-not-opened", retry_after=RETRY_AFTER)


async def answer_damaged(request: Request, error: Exception) -> Response:
    """The same for a program."""
    return problem_response(request, damaged(error))


def install(app: FastAPI) -> None:
    """Answer for what cannot be opened, wherever it was to be read: pages by a page."""
    app.state.troubles = dict.fromkeys(UNREADABLE, damaged)
    for trouble in UNREADABLE:
        app.exception_handler(trouble)(answer_damaged)
