"""Searches: by an identifier, by full name and birth date, by a description. Counted before anyone is looked for.

Found are only people whom the caller may see, and only by what the caller may see of them: who is withheld leaves no
trace in the answer, and a guess at a field that no agreement shows confirms nothing (docs/decisions/0015).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.registry.blocks import repository as blocks
from services.registry.blocks.handlers import Blinding
from services.registry.cases.repository import held_on
from services.registry.facts.reported import IDENTITY
from services.registry.facts.values import NamedNumber, named_number
from services.registry.identity.blocking import search_blocks
from services.registry.people import repository as people_sql
from services.registry.people.handlers import NOW, LookUps
from services.registry.people.rules import Asking, Subject, holds
from services.registry.search.rules import COMPARED, Grade, Why, compare, ranked, weakest
from services.registry.search.schemas import MOST_HITS, Hit, Search
from shared import clock
from shared.auth.caller import Caller
from shared.crypto.blind import blind_index
from shared.db import Connection, transaction
from shared.errors import Forbidden
from shared.errors_text import Text
from shared.sharing.agreement import Agreement

NOT_BY_NAME = Text(
    "No agreement for this purpose shows your department name and birth date together, so it cannot search by them."
    " Search by an identifier.",
    "本用途下没有同时向贵部门披露姓名与出生日期的协议，不能据此查询。请按证件号码查询。",
)


@dataclass(frozen=True)
class Searches:
    """Answers searches."""

    look_ups: LookUps
    blinding: Blinding

    async def search(self, caller: Caller, search: Search) -> list[Hit]:
        """The best hits among the people whom the caller may see. Raises Forbidden; Problem (429) beyond a quota."""
        await self.look_ups.quotas.count_search(self.look_ups.pool, caller)
        async with transaction(self.look_ups.pool, one_moment=True) as connection:
            agreements = await self.look_ups.entitled(connection, caller)
            if "identifier" in search.model_fields_set:
                return await self.by_number(connection, caller, agreements, named_number(search.identifier))
            return await self.by_name(connection, caller, agreements, search.name, search.birth_date)

    async def by_number(
        self, connection: Connection, caller: Caller, agreements: Sequence[Agreement], number: NamedNumber
    ) -> list[Hit]:
        """Everyone who holds a number. One that was corrected away finds nobody."""
        ring = self.look_ups.vault.ring
        index = blind_index(ring, IDENTITY, number.type, number.issuer, number.value)
        holders = await people_sql.holders(connection, index)
        known = await self.known(connection, caller, agreements, holders)
        found = [each for each in known if holds(each.state, number)]
        grades: dict[UUID, Why] = {each.person: {"identifier": Grade.EXACT} for each in found}
        return await self.shown(connection, caller, agreements, found, grades, action="look-up")

    async def by_name(
        self, connection: Connection, caller: Caller, agreements: Sequence[Agreement], name: str, born: date
    ) -> list[Hit]:
        """Everyone whose name and birth date agree, as far as the caller may see both."""
        refuse_names(agreements)
        vault = self.look_ups.vault
        whys: dict[UUID, Why] = {}
        found: list[Subject] = []
        for row in await blocks.candidates(connection, self.blinding.keys(search_blocks(name, born))):
            state = vault.open_state(row["person_id"], row["state"])
            if why := compare(name, born, state):
                whys[row["person_id"]] = why
                found.append(Subject(row["person_id"], state, (), row["folded_at"]))
        own = await held_on(connection, list(whys), caller.department or "", agreements, clock.today())
        found = [replace(each, by_case=own.get(each.person, ())) for each in found]
        return await self.shown(connection, caller, agreements, found, whys, action="search")

    async def known(
        self, connection: Connection, caller: Caller, agreements: Sequence[Agreement], people: Sequence[UUID]
    ) -> list[Subject]:
        """People as they are now, with the cases of the caller's department on them."""
        own = await held_on(connection, people, caller.department or "", agreements, clock.today())
        return await self.look_ups.subjects(connection, people, own, NOW)

    async def shown(
        self,
        connection: Connection,
        caller: Caller,
        agreements: Sequence[Agreement],
        found: Sequence[Subject],
        grades: Mapping[UUID, Why],
        *,
        action: str,
    ) -> list[Hit]:
        """The best of those whom the caller may see, written down. By a field that is not shown of somebody they are
        not found."""
        asking = [Asking(caller, agreements, each) for each in found]
        seen = {
            each.subject.person: (each, shown)
            for each, shown in await self.look_ups.disclosed(connection, asking)
            if grades[each.subject.person].keys() & set(COMPARED) <= shown.fields.keys()
        }
        best = [person for person, _ in ranked((person, grades[person]) for person in seen)][:MOST_HITS]
        told = [seen[person] for person in best]
        await self.look_ups.write_down(connection, told, action=action, given=told)
        answers = await self.look_ups.answers(connection, told)
        return [
            Hit(**answer.model_dump(), match=weakest(grades[person]), why=grades[person])
            for person, answer in zip(best, answers, strict=True)
        ]


def refuse_names(agreements: Sequence[Agreement]) -> None:
    """Names and birth dates are compared only for those who may be shown both. Raises Forbidden, before any look-up."""
    if not set(COMPARED) <= {field for agreement in agreements for field in agreement.fields}:
        raise Forbidden("not-agreed", detail=NOT_BY_NAME)
