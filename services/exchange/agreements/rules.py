"""Who signs, how an agreement stands on a day, and what a change takes away. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal

from shared.errors_text import Text
from shared.sharing.agreement import Agreement

# As stored; `approved` is said of one that all have signed and whose first day is still to come.
Standing = Literal[
    "proposed", "approved", "in-force", "suspended", "ended", "expired", "replaced", "refused", "withdrawn"
]
EFFECTIVE: Final = frozenset({"in-force", "suspended"})
OPEN: Final = EFFECTIVE | {"proposed"}
STOOD: Final = EFFECTIVE | {"ended", "expired", "replaced"}  # something may have been told under it

NOT_PROPOSED = Text("Nothing of this agreement and version is proposed.", "该协议的该版本没有待批准的提议。")
ALREADY_PROPOSED = Text(
    "Another version is proposed; it is approved, refused or withdrawn first.", "已有版本待批准，请先批准、拒绝或撤回。"
)
NOT_SUSPENDED = Text("The agreement is not suspended.", "该协议未中止。")
NOT_STANDING = Text("The agreement is neither in force nor suspended.", "该协议既未生效也未中止。")
ALREADY_SUSPENDED = Text("The agreement is suspended already.", "该协议已中止。")
ANOTHERS_SUSPENSION = Text("Whoever suspended the agreement resumes it.", "须由中止方恢复该协议。")
NOTHING_CHANGES = Text("The agreement that stands says the same.", "与现行协议内容相同。")
SUSPENDED = Text("The agreement is suspended; it is resumed first, or ended.", "该协议已中止，请先恢复或终止该协议。")
AT_ONCE = Text(
    "must not be in the future: a new version replaces the one that stands at once",
    "不得晚于今天：新版本将立即取代现行版本",
)
PAST = Text("must not be in the past", "不得早于今天")
KEPT = Text(
    "an identifier keeps its receiver, purpose and scope for ever: name another agreement",
    "协议编号的接收部门、用途和范围不可更改，请另立协议",
)


def signers(agreement: Agreement) -> frozenset[str]:
    """The departments that must approve, and the only ones that may see it: those that give, and the one that
    receives."""
    return frozenset({agreement.approved_by.receiving, *agreement.approved_by.giving})


def standing_on(day: date, stored: str, agreement: Agreement) -> str:
    """How a version stands on a day: first and last day are kept by the clock, not by a process that must run."""
    if stored in EFFECTIVE and day > agreement.valid_until:
        return "expired"
    if stored == "in-force" and day < agreement.valid_from:
        return "approved"
    return stored


def other_kept(before: Agreement, after: Agreement) -> list[str]:
    """What an identifier keeps for ever and these two do not share: what was told under it is read by them."""
    return [name for name in ("department", "purpose", "scope") if getattr(before, name) != getattr(after, name)]


def read_anew(before: Agreement | None, after: Agreement) -> bool:
    """Whether what was told under an identifier that stood before is read otherwise now: it grants less than `before`,
    or, None where nothing of it stood any more, grants again what had been cut."""
    return before is None or set(before.fields) != set(after.fields) or after.valid_until < before.valid_until


def awaited(agreement: Agreement, signed: Iterable[str]) -> list[str]:
    """The departments that have not approved yet."""
    return sorted(signers(agreement).difference(signed))
