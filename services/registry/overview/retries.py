"""How the registry tries again what it has parked."""

from services.registry.folding import folding_of
from services.registry.sharing.handlers import Sharing
from shared.app import Service
from shared.feed.retry import Retries, by


def retries_of(service: Service) -> Retries:
    """Accepted events go to the fold, the rest of what the exchange tells to its handler."""
    folding = folding_of(service)
    handlers = {"vital-events": folding.handle, "sharing": Sharing(folding).handle}
    return Retries(service.pool, service.ring, {feed: by(feed, handle) for feed, handle in handlers.items()})
