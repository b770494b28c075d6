"""Ask for a case, and end it. Who the person is only the registry finds out; it is told on the feed `sharing`."""

import hmac
from uuid import UUID, uuid5

import msgspec

from services.exchange.cases import repository as sql
from services.exchange.cases.quotas import official_of, within_quotas
from services.exchange.cases.rules import digest, refuse
from services.exchange.cases.schemas import Asked, CaseAsked, CaseShown
from services.exchange.cases.standing import Status
from services.exchange.feeds.names import SHARING
from shared import clock
from shared.app import Service
from shared.auth.caller import Caller
from shared.db import transaction
from shared.errors import Conflict, NotFound, declare
from shared.errors_text import ErrorText
from shared.feed.values import NewEntry
from shared.sharing.agreements import Agreements

DIGEST = "digest"

declare(
    "case-by-reporting",
    ErrorText(
        409,
        "This case ends with what was reported",
        "该业务关系随上报内容终止",
        "Your own reports opened it, and it ends when they are taken back. Only a case by call can be closed.",
        "该业务关系由本部门的上报建立，上报被撤销或更正后终止；仅可关闭主动申请的业务关系。",
    ),
)


async def ask(service: Service, caller: Caller, agreements: Agreements, asked: Asked) -> tuple[CaseAsked, bool]:
    """Ask for a case; whether it is new. The same id again is the same case, whatever has become of it since.

    Raises Forbidden and Invalid (rules.refuse), Problem 429 beyond a quota, Conflict for the same id with other
    content.
    """
    department = caller.department or ""
    async with transaction(service.pool) as connection:
        before = await sql.asked(connection, department, asked.id)
        if before is None:
            refuse(asked, department, caller.purpose, agreements, clock.today())
            asking = sql.Asking(department, clock.today(), official_of(service.ring, caller))
            await within_quotas(connection, service.settings, asking)
            case = await sql.new_name(connection)
            kid, key = service.ring.current(DIGEST)
            mark = kid.encode() + b"." + digest(key, case, asked)
            terms = (asked.purpose, asked.agreement, asked.until)
            if await sql.ask(connection, case, asking, asked.id, mark, *terms):
                await service.feeds.append(connection, SHARING, [told(case, caller, asked)])
                return CaseAsked(case=case, status="asked"), True
            before = await sql.asked(connection, department, asked.id)  # another call was faster
    if before is None or not same(service, before, asked):
        raise Conflict("same-id-other-content")
    return CaseAsked(case=before.case, status=before.status), False


def same(service: Service, before: sql.Asked, asked: Asked) -> bool:
    """Whether the case was asked for in the same words."""
    kid, _, mark = before.digest.partition(b".")
    return bool(kid) and hmac.compare_digest(mark, digest(service.ring.get(DIGEST, kid.decode()), before.case, asked))


def told(case: UUID, caller: Caller, asked: Asked) -> NewEntry:
    """What the registry is told: here, sealed, and nowhere else in the exchange, the number stands."""
    body = {
        "kind": "case-asked",
        "case": case,
        "department": caller.department,
        "identifier": {
            "type": asked.identifier.type,
            "value": asked.identifier.value,
            "issuer": asked.identifier.issuer or "",
        },
        "purpose": asked.purpose,
        "agreement": asked.agreement,
        "until": asked.until,
        "subject": caller.subject,
    }
    return NewEntry(case, msgspec.json.encode(body))


async def close(service: Service, department: str, case: UUID) -> CaseShown:
    """End a case by call, at once; one that is over stays as it is.

    Raises NotFound, and Conflict for a case by reporting.
    """
    async with transaction(service.pool) as connection:
        closed = await sql.close(connection, department, case)
        found = await sql.one(connection, department, case)
        if found is None:
            raise NotFound
        if found["opened_by"] == "reporting":
            raise Conflict("case-by-reporting")
        if closed:
            body = msgspec.json.encode({"kind": "case-closed", "case": case, "department": department})
            await service.feeds.append(connection, SHARING, [NewEntry(uuid5(case, "closed"), body)])
    return CaseShown.model_validate(dict(found))


async def one(service: Service, department: str, case: UUID) -> CaseShown:
    """One case. Raises NotFound, for another department's, too."""
    async with service.pool.acquire() as connection:
        found = await sql.one(connection, department, case)
    if found is None:
        raise NotFound
    return CaseShown.model_validate(dict(found))


async def page(
    service: Service, department: str, status: Status | None, after: UUID | None, limit: int
) -> list[CaseShown]:
    """The department's cases, by call and by reporting, in the order of their names."""
    async with service.pool.acquire() as connection:
        found = await sql.page(connection, department, status, after, limit)
    return [CaseShown.model_validate(dict(row)) for row in found]
