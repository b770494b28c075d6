"""Agreements as their parties, and those who watch over all of them, read them."""

from collections.abc import Iterable
from dataclasses import dataclass

from asyncpg import Record

from services.exchange.agreements import repository, rules
from services.exchange.agreements.life import may_see
from services.exchange.agreements.repository import Actor, Version
from services.exchange.agreements.schemas import Granting, Listed, Preview, Previewed, Step
from shared import clock
from shared.db import Connection
from shared.errors import Fault, Invalid, NotFound
from shared.sharing.agreements import Agreements, applying
from shared.sharing.authorities import Authorities
from shared.sharing.disclose import as_state, disclose
from shared.sharing.refusals import AgreementRefused


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; None: everything."""

    standing: str | None = None
    department: str | None = None
    purpose: str | None = None


def cursor_of(listed: Listed) -> str:
    """Where a list goes on."""
    return f"{listed.identifier}.{listed.version:05}"


async def listed(
    connection: Connection, actor: Actor, wanted: Wanted, after: str | None, limit: int
) -> tuple[list[Listed], bool]:
    """The versions the actor may see, in order, and whether there are more. A city has hundreds, not millions."""
    history = await repository.steps(connection)
    found = [
        each
        for version in await repository.versions(connection)
        if (each := shown(version, history, actor)) is not None
        and wanted.standing in (None, each.standing)
        and wanted.department in (None, each.agreement.department)
        and wanted.purpose in (None, each.agreement.purpose)
        and (after is None or cursor_of(each) > after)
    ]
    found.sort(key=cursor_of)
    return found[:limit], len(found) > limit


async def one(connection: Connection, actor: Actor, identifier: str) -> list[Listed]:
    """All versions of one agreement that the actor may see. Raises NotFound where there is none."""
    history = await repository.steps(connection, identifier)
    stored = [version for version in await repository.versions(connection) if version.identifier == identifier]
    found = [each for version in stored if (each := shown(version, history, actor)) is not None]
    if not found:
        raise NotFound
    return found


def shown(version: Version, history: Iterable[Record], actor: Actor) -> Listed | None:
    """A version with its history; None where the actor is no party to it."""
    agreement = version.agreement
    if not may_see(actor, agreement):
        return None
    rows = [row for row in history if (row["identifier"], row["version"]) == (version.identifier, version.version)]
    signed = [row["department"] for row in rows if row["what"] == "approved"]
    return Listed.model_validate(
        {
            "identifier": version.identifier,
            "version": version.version,
            "standing": rules.standing_on(clock.today(), version.standing, agreement),
            "agreement": agreement,
            "awaiting": rules.awaited(agreement, signed) if version.standing == "proposed" else [],
            "history": [Step.model_validate(dict(row)) for row in rows],
        }
    )


def preview(asked: Preview, standing: Agreements, actor: Actor, authorities: Authorities) -> Previewed:
    """What would be disclosed of a made-up person by the agreements the actor may see. Touches no one's data.

    Raises Invalid, naming the rule, for a draft that protection.md refuses.
    """
    day = asked.on or clock.today()
    agreements = [each for each in standing if may_see(actor, each)]
    if asked.agreement is not None:
        agreements = [each for each in agreements if each.identifier != asked.agreement.identifier] + [asked.agreement]
        others = [each for each in standing if each.identifier != asked.agreement.identifier]
        try:
            Agreements([*others, asked.agreement], authorities)
        except AgreementRefused as refused:
            raise Invalid(faults=[Fault("/agreement/fields", refused.text)]) from None
    granting = applying(agreements, asked.department, asked.purpose, day)
    cut = disclose(
        as_state(asked.person, asked.department),
        granting,
        receiver=asked.department,
        holds_case=asked.holds_case,
        registered=asked.registered,
        protected_from=False,  # the person is made up
    )
    basis = [
        Granting(
            agreement=each.identifier,
            purpose=each.purpose,
            legal_basis=each.legal_basis,
            valid_until=each.valid_until,
        )
        for each in granting
        if each.identifier in cut.basis
    ]
    disclosed = {name: value if isinstance(value, str) else None for name, value in cut.fields.items()}
    return Previewed(on=day, disclosed=disclosed, withheld=list(cut.withheld), basis=basis)
