"""The fold as a process of this service needs it: a worker, and whoever tries a parked entry again."""

from services.registry.areas.handlers import Areas
from services.registry.blocks.handlers import Blinding, StoreBlocks
from services.registry.contradictions.keeping import Keeping
from services.registry.facts.derived import Derive
from services.registry.facts.handlers import Folding
from services.registry.facts.stored import Vault
from services.registry.facts.told import Telling
from services.registry.households.naming import note_named
from services.registry.matching.queueing import Queueing
from services.registry.moves.keeping import HalfMoves
from services.registry.protection.keeping import follow_merges
from services.registry.statistics.deltas import Counting
from services.registry.statistics.places import home_of
from shared.app import Service
from shared.auth.caller import DEPARTMENTS
from shared.sharing.authorities import Authorities
from shared.sharing.fields import FIELDS


def folding_of(service: Service) -> Folding:
    """The fold with this service's keys, feeds and authorities."""
    authorities = Authorities.load(service.settings.provisioning)
    registering = {authorities.registering(field) for field in FIELDS}
    telling = Telling(service.ring, sorted(DEPARTMENTS), registering)
    vault = Vault(service.ring)
    areas = Areas(service.pool, service.ring, service.settings.provisioning)
    derive: list[Derive] = [
        StoreBlocks(Blinding(service.ring)),
        Queueing(),
        Keeping(service.ring).derive,
        HalfMoves(service.ring).derive,
        note_named,
        follow_merges,
        Counting(service.ring, home_of(service.settings.provisioning), areas),
    ]
    return Folding(vault, service.feeds, telling, authorities.by_attribute(), derive)
