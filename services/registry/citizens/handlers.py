"""What a person sees of the use of their own data, and how they get the subject of their tokens."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from uuid import UUID

from services.registry.break_glass.repository import about
from services.registry.citizens import repository as sql
from services.registry.citizens.finding import one_holder
from services.registry.citizens.matches import judged
from services.registry.citizens.record import TITLES, sources, value
from services.registry.citizens.schemas import (
    Basis,
    CaseByCall,
    CaseByReporting,
    Department,
    Identified,
    Law,
    Notice,
    OwnCases,
    OwnDisclosure,
    OwnDisclosures,
    OwnField,
    OwnIdentifier,
    OwnMatches,
    OwnProtection,
    OwnRecord,
    OwnResidence,
    Subject,
)
from services.registry.facts.fold import Authorities, as_of, fold
from services.registry.facts.repository import superseding
from services.registry.facts.stored import Vault
from services.registry.keys import CITIZEN
from services.registry.people.repository import facts as facts_of
from services.registry.protection import repository as protection
from services.registry.protection.keeping import open_body
from services.registry.protection.rules import UNSEEN
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.crypto.references import mint, read
from shared.db import Connection, Pool, transaction
from shared.errors import NotFound
from shared.identifiers.names import plain
from shared.sharing.agreement import Agreement
from shared.sharing.departments import Departments
from shared.sharing.fields import FIELDS

OWN_DATA = "own-data"
MOST_MATCHES = 100
PROTECTION = "protection-officer"
"""The basis of what a protection officer reads: the office, and no agreement."""


@dataclass
class Citizens:
    """Answers people about themselves, and nobody about anyone else."""

    pool: Pool
    vault: Vault
    departments: Departments
    authorities: Authorities

    async def record(self, caller: Caller) -> OwnRecord:
        """Everything known of the caller, with who says so. Raises NotFound."""
        async with transaction(self.pool) as connection:
            people = await self.myself(connection, caller)
            rows = await facts_of(connection, people[0], None)
            headers = await superseding(connection, {row["lineage"] for row in rows})
            notices = await about(connection, people)
            protected = await protection.about(connection, people)
            await self.log(connection, caller, people[0], "own-record")
        facts = [self.vault.open_fact(row["receipt"], row["role"], row["body"]) for row in rows]
        living, dead = as_of(facts, headers, None, None)
        state = fold(living, dead, self.authorities)
        said = sources(state, living, dead, self.authorities)
        return OwnRecord(
            fields=[
                OwnField(
                    name=name,
                    title=TITLES[name],
                    value=value(state, name),
                    sources=[self.department(each) for each in said[name]],
                )
                for name in FIELDS
            ],
            identifiers=[OwnIdentifier(type=each.type, value=each.value) for each in state.other_identifiers],
            residences=[
                OwnResidence(
                    area=each.area,
                    household_number=each.household,
                    relation=each.relation,
                    since=each.since,
                    until=each.until,
                )
                for each in state.residencies
            ],
            notices=[
                Notice(
                    at=row["granted_at"],
                    until=row["until"],
                    department=self.department(row["department"]),
                    category=row["category"],
                    justified=row["justified_at"] is not None,
                )
                for row in notices
            ],
            protections=[
                OwnProtection(
                    department=self.department(row["department"]),
                    ground=body.ground,
                    since=row["marked_at"],
                    review_by=row["review_by"],
                )
                for row in protected
                if (body := open_body(self.vault.ring, row)).ground not in UNSEEN
            ],
        )

    async def subject(self, caller: Caller, shown: Identified) -> Subject:
        """The subject for the tokens of the one person who has this number, this name and this birth date. Nobody,
        several, and another name are one answer: NotFound."""
        async with transaction(self.pool) as connection:
            found = await one_holder(connection, self.vault, shown.identifier)
            if found is None:
                raise NotFound
            person, state = found
            if plain(state.name or "") != plain(shown.name) or state.birth_date != shown.birth_date:
                raise NotFound
            await self.log(connection, caller, person, "subject")
            return Subject(subject=mint(self.vault.ring, CITIZEN, person))

    async def cases(self, caller: Caller, after: UUID | None, limit: int) -> OwnCases:
        """Who has to do with the caller. Those by reporting stand on the first page. Raises NotFound."""
        async with transaction(self.pool) as connection:
            person, *_ = await self.myself(connection, caller)
            called = await sql.by_call(connection, person, after, limit)
            reported = await sql.by_reporting(connection, person) if after is None else []
            laws = await self.laws(connection, [row["agreement"] for row in called])
            await self.log(connection, caller, person, "own-cases")
        return OwnCases(
            by_reporting=[CaseByReporting(department=self.department(row["department"])) for row in reported],
            by_call=[
                CaseByCall(
                    case=row["case_id"],
                    department=self.department(row["department"]),
                    purpose=row["purpose"],
                    basis=Basis(agreement=row["agreement"], laws=laws.get(row["agreement"], [])),
                    opened_at=row["opened_at"],
                    until=row["until"],
                    closed_at=row["closed_at"],
                    reason=row["reason"],
                )
                for row in called
            ],
            next_after=called[-1]["case_id"] if len(called) == limit else None,
        )

    async def matches(self, caller: Caller) -> OwnMatches:
        """How it was judged which records are the caller's. Raises NotFound."""
        async with transaction(self.pool) as connection:
            people = await self.myself(connection, caller)
            rows = await sql.matches(connection, people, MOST_MATCHES)
            await self.log(connection, caller, people[0], "own-matches")
        return OwnMatches(matches=[judged(self.vault, row, people) for row in rows])

    async def disclosures(self, caller: Caller, after: UUID | None, limit: int) -> OwnDisclosures:
        """What was seen of the caller, by whom, when, what for, on which basis. Raises NotFound.

        Only entries about the caller, and of officials only their department: what was looked for when they were seen,
        or whom else, is not in them.
        """
        async with transaction(self.pool) as connection:
            people = await self.myself(connection, caller)
            rows = await sql.disclosures(connection, people, after, limit)
            laws = await self.laws(connection, [name for row in rows for name in names_in(row["basis"])])
            await self.log(connection, caller, people[0], "own-disclosures")
        return OwnDisclosures(
            disclosures=[
                OwnDisclosure(
                    entry=row["access_id"],
                    at=row["at"],
                    action=row["action"],
                    department=self.department(row["department"]) if row["department"] else None,
                    service=row["service"],
                    yourself=row["service"] is None and row["purpose"] == OWN_DATA,
                    purpose=row["purpose"],
                    fields=row["fields"],
                    basis=[Basis(agreement=name, laws=laws[name]) for name in names_in(row["basis"]) if name in laws],
                    office=office_in(row["basis"], laws),
                    break_glass=row["break_glass"],
                )
                for row in rows
            ],
            next_after=rows[-1]["access_id"] if len(rows) == limit else None,
        )

    async def myself(self, connection: Connection, caller: Caller) -> list[UUID]:
        """Every id of the caller, the living one first. Raises NotFound."""
        found = await sql.one_person(connection, read(self.vault.ring, CITIZEN, caller.subject))
        if not found:
            raise NotFound
        return found

    async def log(self, connection: Connection, caller: Caller, person: UUID, action: str) -> None:
        """Write down that it was shown: somebody else with the person's login leaves a trace, too."""
        reading = Reading(str(person), ())
        await record(connection, caller, [reading], action=action, basis=OWN_DATA, purpose=OWN_DATA)

    async def laws(self, connection: Connection, agreements: Iterable[str]) -> dict[str, list[Law]]:
        """The provisions behind agreements, also of those that have ended."""
        documents = await sql.agreements(connection, agreements)
        return {
            name: [
                Law(law=basis.law, article=basis.article) for basis in Agreement.model_validate_json(text).legal_basis
            ]
            for name, text in documents.items()
        }

    def department(self, name: str) -> Department:
        """A department as people know it."""
        return Department(name=name, title=self.departments.get(name).title)


def names_in(basis: str) -> list[str]:
    """The agreements that an entry of the access log names; none where the basis is the person's own right."""
    return [name for name in basis.split(",") if name and name != OWN_DATA]


def office_in(basis: str, agreements: Container[str]) -> str | None:
    """What an entry rests on where that is no agreement: an office, such as the protection officer's."""
    return next((name for name in names_in(basis) if name not in agreements), None)
