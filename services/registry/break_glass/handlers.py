"""Break-glass: one official looks up one person for one hour although no case stands. Capped, flagged, told to them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from services.registry.break_glass import repository as sql
from services.registry.break_glass.schemas import Break, Broken
from services.registry.citizens.finding import one_holder
from services.registry.facts.state import PersonState
from services.registry.facts.stored import Vault
from services.registry.people.handlers import LookUps
from services.registry.people.repository import root_of, states
from services.registry.protection.repository import protectors
from shared import clock
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.keyring import KeyRing
from shared.crypto.references import UnknownReference, read
from shared.crypto.sealing import seal, unseal
from shared.db import Connection, transaction
from shared.errors import NotFound
from shared.errors_tree import Problem
from shared.sharing.finding import may_be_found, may_name_by
from shared.sharing.protected import withheld_from

log = structlog.get_logger()
KEY: Final = "registry"
HOUR: Final = timedelta(hours=1)
JUSTIFY: Final = timedelta(hours=72)


@dataclass
class BreakGlass:
    """Breaks glass and keeps count."""

    look_ups: LookUps
    per_official: int
    per_department: int

    @property
    def vault(self) -> Vault:
        """What opens states."""
        return self.look_ups.vault

    async def break_(self, caller: Caller, asked: Break) -> Broken:
        """Let the caller look up one person for an hour. Raises Forbidden without an agreement for the purpose and
        Problem (429) beyond the day's cap, both before anyone is looked for; NotFound for nobody certain, which counts
        against the cap, too: otherwise trying would tell who there is.
        """
        department, now = caller.department or "", clock.now()
        async with transaction(self.look_ups.pool) as connection:
            agreements = await self.look_ups.entitled(connection, caller)
            await self.within_caps(connection, caller)
            person = await self.find(connection, caller, asked)
            grant_id = await sql.new_id(connection)
            reason = sealed(self.vault.ring, grant_id, "reason", asked.reason.text)
            until, justify_by = now + HOUR, now + JUSTIFY
            grant = sql.Grant(
                grant_id,
                department,
                caller.subject,
                clock.today(),
                person,
                asked.reason.category,
                reason,
                until,
                justify_by,
            )
            await sql.add(connection, grant)
            if person is not None:
                basis = ",".join(sorted(each.identifier for each in agreements))
                await record(connection, caller, [Reading(str(person), ())], action="break-glass", basis=basis)
                await sql.flag(connection, grant)
        if person is None:  # only now: the attempt is stored
            raise NotFound
        log.warning("glass_broken", department=department, category=asked.reason.category)
        return Broken(
            grant=grant_id,
            reference=self.look_ups.telling.reference(department, person),
            until=until,
            justify_by=justify_by,
        )

    async def within_caps(self, connection: Connection, caller: Caller) -> None:
        """Raises Problem (429), with `Retry-After` in seconds until the day is over."""
        used = await sql.used(connection, caller.department or "", caller.subject, clock.today())
        caps = {
            "official": (used.official, self.per_official),
            "department": (used.department, self.per_department),
        }
        for of, (done, cap) in caps.items():
            if done >= cap:
                log.warning("break_glass_cap_reached", department=caller.department, of=of, per_day=cap)
                after = {"Retry-After": str(clock.seconds_left_today())}
                raise Problem("quota-exceeded", headers=after, limit={"of": of, "per_day": cap})

    async def find(self, connection: Connection, caller: Caller, asked: Break) -> UUID | None:
        """The one person meant; found by the rules by which a case is asked for (shared/sharing/finding.py)."""
        department = caller.department or ""
        found: tuple[UUID, PersonState] | None = None
        if asked.identifier is not None:
            if may_name_by(department, asked.identifier.type):
                found = await one_holder(connection, self.vault, asked.identifier)
        else:
            found = await self.named(connection, department, asked.reference or "")
        if found is None or not may_be_found(department, registered=found[1].registered):
            return None
        by = (await protectors(connection, [found[0]])).get(found[0], ())
        in_area = (found[1].registered_area or "").startswith(tuple(caller.areas))
        here = not caller.areas or (in_area and not withheld_from(department, by))
        return found[0] if here else None

    async def named(self, connection: Connection, department: str, reference: str) -> tuple[UUID, PersonState] | None:
        """Whom a reference of the department means now."""
        try:
            root = await root_of(connection, read(self.vault.ring, department, reference))
        except UnknownReference:
            return None
        if root is None:
            return None
        row = (await states(connection, [root]))[root]
        return root, self.vault.open_state(root, row["state"])

    async def justify(self, caller: Caller, grant: UUID, text: str) -> None:
        """Say why it was necessary, once. Raises NotFound for what is not the caller's own, or justified already."""
        async with transaction(self.look_ups.pool) as connection:
            said = sealed(self.vault.ring, grant, "justification", text)
            if not await sql.justify(connection, grant, caller.department or "", caller.subject, said):
                raise NotFound


def sealed(ring: KeyRing, grant: UUID, what: str, text: str) -> bytes:
    """A text, bound to its grant and place."""
    return seal(ring, KEY, text.encode(), what.encode() + grant.bytes)


def opened(ring: KeyRing, grant: UUID, what: str, stored: bytes | None) -> str | None:
    """A stored text; None where there is none yet."""
    return None if stored is None else unseal(ring, KEY, stored, what.encode() + grant.bytes).decode()
