"""GET /v1/households: a household by reference."""

from fastapi import APIRouter

from services.registry.households import handlers
from services.registry.households.schemas import HouseholdFound
from services.registry.people.handlers import Instant
from services.registry.people.routes import Handler, KnownAt, Official, ValidAt

router = APIRouter(tags=["households"])


@router.get("/v1/households/{reference}")
async def household(
    reference: str, caller: Official, handler: Handler, valid_at: ValidAt = None, known_at: KnownAt = None
) -> HouseholdFound:
    """The household's members as the caller's agreements allow. 404: unknown or none of your people."""
    return await handlers.household(handler, caller, reference, Instant(valid_at, known_at))
