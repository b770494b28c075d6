"""What all pages of the registry have in common: how they are rendered, and what stands around them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from fastapi import Request

from services.registry.areas.handlers import Areas
from services.registry.reviews.handlers import Reviews
from services.registry.ui.places import called
from services.registry.ui.sections import offered
from services.registry.ui.words import in_words
from shared.auth.caller import Caller
from shared.sharing.departments import Departments
from shared.sharing.words import Words
from shared.web.pages import Pages

PAGES = Pages(Path(__file__).parent)


def titles(request: Request) -> Mapping[str, Words]:
    """What the departments are called, in the order of provisioning."""
    departments: Departments = request.app.state.departments
    return {each.name: each.title for each in departments.all()}


def authority_of(request: Request) -> str:
    """The department that registers identity numbers."""
    reviews: Reviews = request.app.state.reviews
    return reviews.authority


async def places(request: Request, codes: Iterable[str]) -> dict[str, Words]:
    """What the areas of these codes are called, as far as the list that stands knows them or what is around them."""
    areas: Areas = request.app.state.areas
    async with areas.pool.acquire() as connection:
        table = await areas.table(connection)
    return {code: name for code in set(codes) if (name := called(table, code)) is not None}


def frame(request: Request, caller: Caller, section: str) -> dict[str, object]:
    """Who is signed in, for which department, and where one can go from here."""
    named = titles(request)
    return {
        "subject": caller.subject,
        "signed_in": "authorization" not in request.headers,
        "place": named[caller.department] if caller.department else None,
        "section": section,
        "sections": offered(caller, authority_of(request)),
        "titles": named,
        "in_words": in_words,
    }
