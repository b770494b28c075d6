"""Why a correction cannot be asked for or decided. Each may be said: who is told sees the request."""

from typing import Final

from services.registry.reviews.problems import FOUR_EYES
from shared.errors_text import ErrorText, declare
from shared.errors_tree import Conflict, Problem

CLOSED, ASKED, NOT_SAID, TAKEN = (
    "correction-closed",
    "correction-asked-already",
    "correction-does-not-fit",
    "number-of-another-person",
)
__all__ = ["ASKED", "CLOSED", "FOUR_EYES", "NOT_SAID", "TAKEN", "Refused"]

TEXTS: Final = {
    CLOSED: ErrorText(
        409,
        "The request is closed",
        "该申请已结束",
        "It was decided, withdrawn or annulled meanwhile: read it again.",
        "申请已被决定、撤回或撤销。请重新读取。",
    ),
    ASKED: ErrorText(
        409,
        "That is asked already",
        "已提出同一申请",
        "A request for this field of this person is open: wait for the answer, or withdraw it first.",
        "该人员的同一字段已有未决申请。请等待答复，或先撤回。",
    ),
    NOT_SAID: ErrorText(
        422,
        "The decision does not fit the request",
        "该决定与申请不符",
        "Approve with a value where the field is corrected here and the value can be of this person; settle with the "
        "receipt of an applied event of your own about this person; permit for another department's event about them.",
        "可直接更正的字段须给出适合该人员的值；以本部门关于此人的已生效事件回执结案；或许可取代其他部门关于此人的事件。",
    ),
    TAKEN: ErrorText(
        409,
        "Another person has that number",
        "该号码已属他人",
        "Have it reviewed first whether the two are one person.",
        "请先提交复核，确认两者是否为同一人。",
    ),
}
for slug, text in TEXTS.items():
    declare(slug, text)


class Refused(Conflict):
    """409, 422 or 403, by its slug."""

    def __init__(self, slug: str) -> None:
        Problem.__init__(self, slug)
