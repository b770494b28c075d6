"""Look-ups that come at the same time are answered together: one transaction reads and writes down for all of them.

Whoever comes while another is being answered waits for that answer and goes with the next. There is no timer, so a
look-up that comes alone does not wait at all.
"""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.registry.break_glass.repository import granted
from services.registry.break_glass.rules import PURPOSE
from services.registry.cases.repository import counting, held_by
from services.registry.people import repository as sql
from services.registry.people.handlers import LookUps, agreed
from services.registry.people.quotas import official
from services.registry.people.rules import Asking, Subject
from services.registry.people.schemas import PersonFound
from shared import clock
from shared.auth.caller import Caller
from shared.crypto.references import read
from shared.db import Connection, transaction
from shared.errors import NotFound, Problem
from shared.sharing.agreement import Agreement

AT_ONCE: Final = 50
SIDE_BY_SIDE: Final = 2  # while one waits for the database, another reads and cuts

Asked = tuple[Caller, str]
Answer = PersonFound | Exception


class Together:
    """Answers look-ups by reference, of people as they are now. One per process."""

    def __init__(self, look_ups: LookUps) -> None:
        self.look_ups = look_ups
        self.waiting: list[tuple[Asked, asyncio.Future[PersonFound]]] = []
        self.answering: set[asyncio.Task[None]] = set()

    async def person(self, caller: Caller, reference: str) -> PersonFound:
        """One person by the caller department's own reference, once it is written down. Raises as
        `LookUps.person` does."""
        answer: asyncio.Future[PersonFound] = asyncio.get_running_loop().create_future()
        self.waiting.append(((caller, reference), answer))
        if len(self.answering) < SIDE_BY_SIDE:
            task = asyncio.create_task(self.answer())
            self.answering.add(task)
            task.add_done_callback(self.answering.discard)
        return await answer

    async def answer(self) -> None:
        """Answer whoever waits, until nobody does."""
        while self.waiting:
            taken, self.waiting = self.waiting[:AT_ONCE], self.waiting[AT_ONCE:]
            try:
                answers = await self.answers([asked for asked, _ in taken])
                for (_, future), answer in zip(taken, answers, strict=True):
                    if not future.done():
                        tell(future, answer)
            finally:
                for _, future in taken:
                    future.cancel()  # only who was not answered, because this process ends

    async def answers(self, asked: Sequence[Asked]) -> list[Answer]:
        """An answer for each. What fails for all is tried once more for each alone: one that cannot be read or
        written down must not spoil the others."""
        try:
            return await self.people(asked)
        except Exception as trouble:
            if len(asked) == 1:
                return [trouble]
        return [answer for each in asked for answer in await self.answers([each])]

    async def people(self, asked: Sequence[Asked]) -> list[Answer]:
        """In one transaction, with as many statements for fifty officials as for one. A refusal is an answer like the
        others, and decided in the same order as alone: agreement, quota, and only then the person."""
        look_ups, today = self.look_ups, clock.today()
        async with transaction(look_ups.pool, one_moment=True) as connection:
            entitled = await self.entitled(connection, asked)
            roots = {
                place: person
                for place, (caller, reference) in enumerate(asked)
                if not isinstance(entitled[place], Problem) and (person := self.read(caller, reference))
            }
            living = await sql.living(connection, roots.values())
            pairs = [(row["person_id"], asked[place][0].department or "") for place, person in roots.items()
                     if (row := living.get(person))]  # fmt: skip
            held = await held_by(connection, pairs, today)
            looks = {
                place: (caller.department or "", caller.subject, row["person_id"])
                for place, person in roots.items()
                if (caller := asked[place][0]).purpose == PURPOSE and (row := living.get(person))
            }
            broken = await granted(connection, looks.values(), clock.now())
            asking: dict[int, Asking] = {}
            for place, person in roots.items():
                agreements, row = entitled[place], living.get(person)
                if row is None or isinstance(agreements, Problem):
                    continue
                caller, root = asked[place][0], row["person_id"]
                by_glass = agreements if looks.get(place) in broken else []
                by_case = counting(held.get((root, caller.department or "")), agreements) or by_glass
                state = look_ups.vault.open_state(root, row["state"])
                asking[place] = Asking(caller, agreements, Subject(root, state, by_case, row["folded_at"]))
            seen = await look_ups.disclosed(connection, list(asking.values()))
            await look_ups.write_down(connection, seen, action="look-up", given=seen)
            found = await look_ups.answers(connection, seen)
        told = {id(each): answer for (each, _), answer in zip(seen, found, strict=True)}
        return [self.answered(entitled[place], told.get(id(asking.get(place)))) for place in range(len(asked))]

    def answered(self, entitled: list[Agreement] | Problem, found: PersonFound | None) -> Answer:
        """What one of them is told."""
        if isinstance(entitled, Problem):
            return entitled
        return found or NotFound()

    async def entitled(self, connection: Connection, asked: Sequence[Asked]) -> list[list[Agreement] | Problem]:
        """The agreements of each, or why they may see nobody."""
        standing = await self.look_ups.agreements.current(connection)
        used = await sql.people_seen(connection, [official(caller) for caller, _ in asked], clock.today())
        found: list[list[Agreement] | Problem] = []
        for caller, _ in asked:
            try:
                agreements = agreed(standing, caller)
                self.look_ups.quotas.refuse(caller, used[official(caller)])
                found.append(agreements)
            except Problem as refusal:
                found.append(refusal)
        return found

    def read(self, caller: Caller, reference: str) -> UUID | None:
        """Whom a reference means; None where it is none of the department's."""
        try:
            return read(self.look_ups.vault.ring, caller.department or "", reference)
        except NotFound:
            return None


def tell(future: asyncio.Future[PersonFound], answer: Answer) -> None:
    """Hand an answer over."""
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
