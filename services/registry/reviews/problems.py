"""Why a decision cannot be taken. Each may be said: who is told sees the review."""

from typing import Final

from shared.errors_text import ErrorText, declare
from shared.errors_tree import Conflict, Problem

CLOSED, CHANGED, NOT_SAID, FOUR_EYES = "review-closed", "review-changed", "decision-does-not-fit", "four-eyes"

TEXTS: Final = {
    CLOSED: ErrorText(
        409,
        "The review is closed",
        "该复核已结束",
        "Somebody has decided it, or nobody has to any more: read it again.",
        "已有他人作出决定，或已无需决定。请重新读取。",
    ),
    CHANGED: ErrorText(
        409,
        "The people in question have changed",
        "所涉人员的记录已有变化",
        "A record has come or gone since the review was read: read it again and decide on what stands now.",
        "读取之后记录有增减。请重新读取，并按现状作出决定。",
    ),
    NOT_SAID: ErrorText(
        422,
        "The decision does not answer the question",
        "该决定与所问不符",
        "Say for each record in question whose it is, by a reference among its candidates; the review says what can be "
        "decided.",
        "请按复核所列，为每条待定记录从其候选人中选定归属。",
    ),
    FOUR_EYES: ErrorText(
        403,
        "Who asked for it does not decide it",
        "申请人不得自行决定",
        "Another official of the department decides.",
        "须由本部门的其他工作人员决定。",
    ),
}
for slug, text in TEXTS.items():
    declare(slug, text)


class Refused(Conflict):
    """409, 422 or 403, by its slug."""

    def __init__(self, slug: str) -> None:
        Problem.__init__(self, slug)
