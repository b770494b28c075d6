"""What is refused before anyone is looked for. Pure."""

import hmac
import json
from datetime import date
from hashlib import sha256
from uuid import UUID

from services.exchange.cases.schemas import Asked
from shared.errors_faults import Fault
from shared.errors_text import Text
from shared.errors_tree import Forbidden, Invalid
from shared.sharing.agreements import Agreements
from shared.sharing.finding import may_name_by

NOT_YOURS = Text("your department has no agreement of this name in force", "本部门没有该名称的有效协议")
ANOTHER_PURPOSE = Text("the agreement is for another purpose", "该协议用于其他用途")
DISCLOSES_NOTHING = Text(
    "the agreement discloses nothing, so a case would be of no use", "该协议不披露任何字段，无需建立业务关系"
)
OTHER_TOKEN = Text("the token was issued for another purpose", "令牌是为其他用途签发的")
PAST = Text("lies in the past", "日期已过")
NOT_BY_THIS = Text(
    "name the person by resident identity number or passport; certificate numbers are for who certifies",
    "请以公民身份号码或护照指明人员；出生医学证明编号仅限签发部门使用",
)
BEYOND = Text("lies beyond the end of the agreement", "超出协议有效期")


def refuse(asked: Asked, department: str, purpose: str | None, agreements: Agreements, today: date) -> None:
    """Judge by caller, purpose and agreement alone; `purpose` is the token's. Raises Forbidden (403), Invalid (422)."""
    if purpose not in (None, asked.purpose):
        raise Forbidden("not-agreed", detail=OTHER_TOKEN)
    named = [each for each in agreements.for_(department, None, today) if each.identifier == asked.agreement]
    if not named:
        raise Forbidden("not-agreed", detail=NOT_YOURS)
    (agreement,) = named
    if agreement.purpose != asked.purpose:
        raise Forbidden("not-agreed", detail=ANOTHER_PURPOSE)
    if not agreement.fields:
        raise Forbidden("not-agreed", detail=DISCLOSES_NOTHING)
    if not may_name_by(department, asked.identifier.type):
        raise Invalid(faults=[Fault("/identifier/type", NOT_BY_THIS)])
    if asked.until < today:
        raise Invalid(faults=[Fault("/until", PAST)])
    if asked.until > agreement.valid_until:
        raise Invalid(faults=[Fault("/until", BEYOND)])


def digest(key: bytes, case: UUID, asked: Asked) -> bytes:
    """What tells the same question from another one. Keyed, and salted by the case: two cases on one person do not
    show that they are, and a number cannot be tried out against it without the key (protection rule 7)."""
    content = json.dumps(asked.model_dump(mode="json"), sort_keys=True).encode()
    return hmac.digest(key, case.bytes + content, sha256)
