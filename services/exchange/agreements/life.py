"""The life of an agreement, step by step. Each use case judges and writes under one lock, in one transaction with all
that follows from it: the department's feed, its topic, and what the registry is told."""

from dataclasses import dataclass

from services.exchange.agreements import repository, rules
from services.exchange.agreements.repository import Actor, Version
from services.exchange.agreements.told import agreement_told
from services.exchange.feeds.names import SHARING, department_feed
from shared import clock
from shared.app import Service
from shared.db import Connection, transaction
from shared.errors import Conflict, Fault, Invalid, NotFound
from shared.feed import heads
from shared.sharing.agreement import Agreement
from shared.sharing.authorities import Authorities
from shared.sharing.refusals import AgreementRefused, refuse_for_authority, refuse_together


@dataclass
class Life:
    """What departments and protection officers do with agreements."""

    service: Service
    authorities: Authorities

    async def propose(self, actor: Actor, agreement: Agreement) -> tuple[str, int]:
        """A new agreement, or a new version of one. Nothing changes until all have signed.

        Raises Invalid naming the protection rule that refuses it, NotFound for a department that is no party to it, or
        to the version before.
        """
        if actor.department not in rules.signers(agreement):
            raise NotFound
        if agreement.valid_until < clock.today():
            raise Invalid(faults=[Fault("/valid_until", rules.PAST)])
        async with transaction(self.service.pool) as connection:
            await repository.lock(connection)
            found = await repository.versions(connection)
            own = [version for version in found if version.identifier == agreement.identifier]
            if own:
                before = effective(own, agreement.identifier) or own[-1]
                if actor.department not in rules.signers(before.agreement):
                    raise NotFound  # an agreement of others is not replaced by naming oneself in a new version
                refuse_after(own, agreement)
            self.judge(agreement, found)
            number = own[-1].version + 1 if own else 1
            document = agreement.model_dump_json()
            version = Version(agreement.identifier, number, agreement.department, "proposed", False, document)
            await repository.insert(connection, version)
            await repository.step(connection, agreement.identifier, number, "proposed", actor)
        return agreement.identifier, number

    async def approve(self, actor: Actor, identifier: str, number: int) -> None:
        """A department signs for itself; with the last signature the version is in force and replaces the one before.

        Signing twice is signing once. Raises NotFound where the department is no party, Conflict where nothing waits.
        """
        async with transaction(self.service.pool) as connection:
            await repository.lock(connection)
            found = await repository.versions(connection)
            version, agreement = party_to(found, identifier, number, actor)
            steps = await repository.steps(connection, identifier)
            signed = {row["department"] for row in steps if (row["what"], row["version"]) == ("approved", number)}
            if actor.department in signed:
                return
            if version.standing != "proposed":
                raise Conflict(detail=rules.NOT_PROPOSED)
            if agreement.valid_until < clock.today():
                raise Invalid(faults=[Fault("/valid_until", rules.PAST)])
            before = effective(found, identifier)
            if before is not None and before.standing == "suspended":
                raise Conflict(detail=rules.SUSPENDED)  # no signature brings back what was suspended
            self.judge(agreement, found)
            await repository.step(connection, identifier, number, "approved", actor)
            if not rules.awaited(agreement, [*signed, actor.department or ""]):
                stood = any(v.identifier == identifier and v.standing in rules.STOOD for v in found)
                anew = stood and rules.read_anew(None if before is None else before.agreement, agreement)
                await self.begin(connection, actor, version, before, anew=anew)

    async def begin(
        self, connection: Connection, actor: Actor, version: Version, before: Version | None, *, anew: bool
    ) -> None:
        """All have signed: the version is in force, and the one before is not.

        `anew`: it shows other fields of what was told before, so that readers begin again.
        """
        if before is not None:
            await repository.stand(connection, before.identifier, before.version, "replaced")
            await repository.step(connection, before.identifier, before.version, "replaced", actor)
        await repository.stand(connection, version.identifier, version.version, "in-force")
        await self.follow(connection, version, "in-force", actor, purge=anew, epoch=anew)

    async def refuse(self, actor: Actor, identifier: str, number: int, reason: str) -> None:
        """Who was asked to sign refuses; who proposed withdraws."""
        async with transaction(self.service.pool) as connection:
            await repository.lock(connection)
            found = await repository.versions(connection)
            version, _ = party_to(found, identifier, number, actor)
            if version.standing != "proposed":
                raise Conflict(detail=rules.NOT_PROPOSED)
            steps = await repository.steps(connection, identifier)
            by = next(row["department"] for row in steps if (row["what"], row["version"]) == ("proposed", number))
            what = "withdrawn" if by == actor.department else "refused"
            await repository.stand(connection, identifier, number, what)
            await repository.step(connection, identifier, number, what, actor, reason)

    async def suspend(self, actor: Actor, identifier: str, reason: str) -> None:
        """Nothing is told under it and nothing that was told is shown, until it is resumed.

        What a department suspended, a protection officer may suspend over it: then only an officer resumes.
        """
        async with transaction(self.service.pool) as connection:
            version = await self.standing(connection, identifier, actor)
            if version.standing == "suspended":
                before = await suspender(connection, version)
                if actor.department is not None or before.department is None:
                    raise Conflict(detail=rules.ALREADY_SUSPENDED)
            await repository.stand(connection, identifier, version.version, "suspended")
            await self.follow(connection, version, "suspended", actor, reason, purge=True)

    async def resume(self, actor: Actor, identifier: str, reason: str) -> None:
        """What was withheld is shown again, in a new epoch: whoever passed it reads it now.

        What happened meanwhile is told by the registry, page by page, once it has heard of this (docs/agreements.md).
        """
        async with transaction(self.service.pool) as connection:
            version = await self.standing(connection, identifier, actor)
            if version.standing != "suspended":
                raise Conflict(detail=rules.NOT_SUSPENDED)
            if (await suspender(connection, version)).department != actor.department:
                raise Conflict(detail=rules.ANOTHERS_SUSPENSION)
            await repository.stand(connection, identifier, version.version, "in-force")
            await self.follow(connection, version, "resumed", actor, reason, purge=True, epoch=True)

    async def end(self, actor: Actor, identifier: str, reason: str) -> None:
        """Any party ends it, for ever."""
        async with transaction(self.service.pool) as connection:
            version = await self.standing(connection, identifier, actor)
            await repository.stand(connection, identifier, version.version, "ended")
            await self.follow(connection, version, "ended", actor, reason, purge=True, epoch=True)

    async def let_expire(self) -> int:
        """What readers have seen by the clock since midnight: noted, told to the registry, deleted from topics.

        Each in a transaction of its own: the head of `sharing` is locked behind one department's, and never before
        another's. Returns how many agreements expired.
        """
        async with self.service.pool.acquire() as connection:
            past = past_their_day(await repository.versions(connection))
        return sum([await self.expire(version) for version in past])

    async def expire(self, known: Version) -> bool:
        """Let one agreement expire; False where another process was faster, or something else was done with it."""
        async with transaction(self.service.pool) as connection:
            await repository.lock(connection)
            if known not in past_their_day(await repository.versions(connection)):
                return False
            await repository.stand(connection, known.identifier, known.version, "expired")
            await self.follow(connection, known, "expired", CLOCK, purge=True, epoch=True)
            return True

    async def standing(self, connection: Connection, identifier: str, actor: Actor) -> Version:
        """Lock, and the version that stands; NotFound for departments that are no party, Conflict where none stands."""
        await repository.lock(connection)
        found = [version for version in await repository.versions(connection) if version.identifier == identifier]
        visible = [version for version in found if may_see(actor, version.agreement)]
        if not visible:
            raise NotFound
        version = effective(visible, identifier)
        if version is None or clock.today() > version.agreement.valid_until:
            raise Conflict(detail=rules.NOT_STANDING)
        return version

    async def follow(
        self,
        connection: Connection,
        version: Version,
        what: str,
        actor: Actor,
        reason: str | None = None,
        *,
        purge: bool,
        epoch: bool = False,
    ) -> None:
        """The step, and what follows from it. Late in the transaction: heads are locked here, in their order."""
        entry_id = await repository.step(connection, version.identifier, version.version, what, actor, reason)
        if purge:
            await repository.ask_for_purge(connection, version.department)
        if epoch:
            await heads.begin_epoch(connection, department_feed(version.department))
        status = {"resumed": "in-force", "expired": "ended"}.get(what, what)
        told = agreement_told(entry_id, version.identifier, status, version.document)
        await self.service.feeds.append(connection, SHARING, [told])

    def judge(self, agreement: Agreement, found: list[Version]) -> None:
        """Refuse what no signature can allow, alone or beside all others that stand or are proposed.

        Raises Invalid, each fault naming the rule of protection.md.
        """
        others = [version for version in found if version.identifier != agreement.identifier]
        try:
            refuse_for_authority(agreement, self.authorities)
            for standing in (rules.EFFECTIVE, {"proposed"}):
                refuse_together([*(each.agreement for each in others if each.standing in standing), agreement])
        except AgreementRefused as refused:
            raise Invalid(faults=[Fault("/fields", refused.text)]) from None


CLOCK = Actor("clock", "clock")


def effective(found: list[Version], identifier: str) -> Version | None:
    """The version that is in force or suspended."""
    return next((v for v in found if v.identifier == identifier and v.standing in rules.EFFECTIVE), None)


def past_their_day(found: list[Version]) -> list[Version]:
    """Versions that stand although their last day is over."""
    return [v for v in found if v.standing in rules.EFFECTIVE and v.agreement.valid_until < clock.today()]


def may_see(actor: Actor, agreement: Agreement) -> bool:
    """Those who watch over all agreements, and the parties to this one."""
    return actor.department is None or actor.department in rules.signers(agreement)


def party_to(found: list[Version], identifier: str, number: int, actor: Actor) -> tuple[Version, Agreement]:
    """The version of that number. Raises NotFound where there is none, or none the actor is a party to."""
    for version in found:
        if (version.identifier, version.version) == (identifier, number):
            agreement = version.agreement
            if may_see(actor, agreement):
                return version, agreement
    raise NotFound


async def suspender(connection: Connection, version: Version) -> Actor:
    """Who suspended a version last."""
    steps = await repository.steps(connection, version.identifier)
    row = [row for row in steps if (row["what"], row["version"]) == ("suspended", version.version)][-1]
    return Actor(row["subject"], row["role"], row["department"])


def refuse_after(own: list[Version], agreement: Agreement) -> None:
    """Refuse what may not follow the versions there are. Raises Conflict or Invalid."""
    if any(version.standing == "proposed" for version in own):
        raise Conflict(detail=rules.ALREADY_PROPOSED)
    before = effective(own, agreement.identifier)
    if before is not None and before.agreement == agreement:
        raise Conflict(detail=rules.NOTHING_CHANGES)
    if before is not None and agreement.valid_from > clock.today():
        raise Invalid(faults=[Fault("/valid_from", rules.AT_ONCE)])
    other = rules.other_kept(own[-1].agreement, agreement)
    if other:
        raise Invalid(faults=[Fault(f"/{name}", rules.KEPT) for name in other])
