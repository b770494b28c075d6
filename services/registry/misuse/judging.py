"""The judge: reads the access log behind the sealer, and raises what the rules notice. No look-up ever waits for it."""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

import structlog

from services.registry.cases.repository import held_by
from services.registry.facts.stored import Vault
from services.registry.misuse import repository as sql
from services.registry.misuse.rules import LOOKS_BACK, Access, Flag, Limits, Official, close, many
from shared import clock
from shared.db import Connection, Pool, transaction
from shared.feed.follow import PASSING
from shared.settings import Settings

log = structlog.get_logger()
EVERY: Final = 1.0  # seconds
FLAGS: Final = UUID("5b0f3bb0-6c0c-5d0a-9d0c-0a4e8b3a7f11")
"""Of what the ids of flags are made, so that the same flag is the same for ever."""


def limits_of(settings: Settings) -> Limits:
    """The limits as this installation sets them."""
    return Limits(
        settings.flagged_people_per_hour,
        settings.flagged_people_per_day,
        settings.flagged_without_case_per_day,
        settings.flagged_looks_at_one_person_per_day,
    )


@dataclass
class Judge:
    """Judges what is sealed, seal by seal."""

    pool: Pool
    vault: Vault
    limits: Limits

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            judged = False
            try:
                judged = await self.once()
            except PASSING as trouble:
                log.warning("judge_waits", trouble=type(trouble).__name__)
            await asyncio.sleep(0 if judged else EVERY)

    async def once(self) -> bool:
        """Judge the next seal, whole or not at all; False where there is none."""
        async with transaction(self.pool) as connection:
            rows = await sql.next_seal(connection)
            if rows is None:
                return False
            page = await self.page(connection, rows)
            if page:
                await sql.keep(connection, page)
                found = [*await self.close(connection, page), *await self.many(connection, page)]
                fresh = await sql.raise_(connection, list({each.flag_id: each for each in map(stored, found)}.values()))
                for row in fresh:
                    log.warning("access_flagged", rule=row["rule"], department=row["department"])
                await sql.forget(connection, page[0].at - 2 * LOOKS_BACK)
            await sql.judged(connection, rows.seal)
        return True

    async def page(self, connection: Connection, rows: sql.Range) -> list[Access]:
        """The accesses of a seal, each with whether its department has reported on the person."""
        found = await sql.accesses(connection, rows)
        held = await held_by(connection, [(row["person_id"], row["department"]) for row in found], clock.today())
        reported = {pair for pair, cases in held.items() if cases.reported}
        return [
            Access(
                row["access_id"],
                row["at"],
                row["department"],
                row["subject"],
                row["person_id"],
                without_case=(row["person_id"], row["department"]) not in reported,
            )
            for row in found
        ]

    async def close(self, connection: Connection, page: list[Access]) -> list[Flag]:
        """What rules say who speak of kin, neighbours and colleagues; only of officials who are known as people."""
        rows = await sql.officials(connection, {(each.department, each.subject) for each in page})
        known = {(row["department"], row["subject"]): row for row in rows}
        looks = [each for each in page if (each.department, each.subject) in known]
        people = {each.person for each in looks} | {row["person_id"] for row in rows}
        states = {
            row["person_id"]: self.vault.open_state(row["person_id"], row["state"])
            for row in await sql.states(connection, people)
        }
        colleagues = await sql.colleagues(connection, {each.person for each in looks})
        found: list[Flag] = []
        for access in looks:
            row = known[access.department, access.subject]
            official = Official(row["person_id"], tuple(row["areas"]), states[row["person_id"]])
            found += close(access, official, states[access.person])
            if access.person != official.person and (access.department, access.person) in colleagues:
                found.append(Flag("colleague", access))
        return found

    async def many(self, connection: Connection, page: list[Access]) -> list[Flag]:
        """What the rules about numbers say of whoever acts in this page."""
        here = {each.access_id for each in page}
        found: list[Flag] = []
        for department, subject in sorted({(each.department, each.subject) for each in page}):
            accesses = await sql.kept(connection, department, subject, page[0].at - LOOKS_BACK)
            found += [flag for flag in many(accesses, self.limits) if flag.access.access_id in here]
        return found


def stored(flag: Flag) -> sql.Raised:
    """A flag as it is kept: one a day for each rule, official and person; for the rules about numbers of people, one a
    day for each official."""
    access = flag.access
    day = access.at.astimezone(clock.SHANGHAI).date()
    person = "" if flag.rule.startswith(("many", "without")) else str(access.person)
    name = "\n".join([flag.rule, access.department, access.subject, person, day.isoformat()])
    return sql.Raised(uuid5(FLAGS, name), flag.rule, access)
