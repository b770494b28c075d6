"""What goes wrong while talking to Tenfold, in words for a terminal."""

from collections.abc import Awaitable, Mapping
from typing import Any

import httpx
from rich.console import Console

from shared.client import Refused
from shared.feed.follow import Reset

errors = Console(stderr=True, soft_wrap=True, highlight=False)


def complain(text: str) -> None:
    """One line on standard error."""
    errors.print(text, style="red", markup=False)


async def in_plain_words(work: Awaitable[int]) -> int:
    """The exit code of `work`; what stops it becomes one clear line and exit code 1."""
    try:
        return await work
    except httpx.ConnectError as trouble:
        complain(f"Nothing answers at {address(trouble)}. Is `tenfold up` or `tenfold demo` running there?")
    except httpx.TransportError as trouble:
        complain(f"The connection to {address(trouble)} was lost ({type(trouble).__name__}).")
    except httpx.InvalidURL:
        complain("That is no address of an exchange: give one such as http://127.0.0.1:8101.")
    except httpx.HTTPStatusError as refusal:
        complain("\n".join(lines_of(refusal.response.status_code, problem_of(refusal.response))))
    except Refused as refusal:
        complain("\n".join(lines_of(refusal.status, refusal.problem)))
    except Reset:
        complain("The cursor is not of this feed: leave out --after to begin at the beginning.")
    return 1


def address(trouble: httpx.TransportError) -> str:
    """Host and port that did not answer; never a path or query."""
    url = trouble.request.url
    return f"{url.scheme}://{url.netloc.decode()}"


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The members of a problem; none where the answer is something else."""
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def lines_of(status: int, problem: Mapping[str, Any]) -> list[str]:
    """A problem as lines: status and title, what to do, or each fault by its JSON pointer."""
    lines = [f"{status} {problem.get('title', 'refused')}"]
    faults = problem.get("faults", ())
    if problem.get("detail") and not faults:
        lines.append(f"  {problem['detail']}")
    lines += [f"  {fault['pointer'] or '(all of it)'}  {fault['message']}" for fault in faults]
    return lines
