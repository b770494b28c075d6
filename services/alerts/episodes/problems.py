"""What goes wrong with episodes, as the caller is told."""

from collections.abc import Iterable

from shared.errors import Conflict, Fault, Invalid, Text, declare
from shared.errors_text import ErrorText

declare(
    "request-used",
    ErrorText(
        409,
        "This request was used for something else, or what it made is gone",
        "该请求标识已用于其他内容，或其结果已不存在",
        "Choose a new `request` for a new enrolment.",
        "请为新的登记使用新的 request。",
    ),
)
declare(
    "enrolled-here",
    ErrorText(
        409,
        "This person is enrolled here already",
        "该人已在本机构登记",
        "Use the episode that there is; end this proposal.",
        "请使用已有的登记，并结束本次征求。",
    ),
)
declare(
    "expired-here",
    ErrorText(
        409,
        "The consent of this person's episode here has expired",
        "该人在本机构的同意已到期",
        "Nothing was recorded. Renew the consent of the episode that there is: `POST …/consent`.",
        "未作任何记录。请为已有的登记续签同意（POST …/consent）。",
    ),
)
declare(
    "follows-others",
    ErrorText(
        409,
        "This person's episode here follows other schedules",
        "该人在本机构的登记采用其他方案",
        "Nothing was recorded. Change what the episode that there is follows: `PUT …/schedules`.",
        "未作任何记录。请更改已有登记所采用的方案（PUT …/schedules）。",
    ),
)
declare(
    "no-consent",
    ErrorText(
        409,
        "No consent holds",
        "没有有效的同意",
        "Ask her again: a consent that has expired is renewed by `POST …/consent`.",
        "请再次征求其同意：已到期的同意可通过 POST …/consent 续期。",
    ),
)
declare(
    "episode-over",
    ErrorText(
        409, "The episode has ended", "该服务已结束", "Enrol anew where she wishes it.", "如其愿意，请重新登记。"
    ),
)
declare(
    "clinician-required",
    ErrorText(
        403,
        "Only a clinician of the facility may do this",
        "仅限本机构临床医务人员",
        "Ask a clinician of the facility to do it.",
        "请由本机构临床医务人员操作。",
    ),
)

FAULTS = {
    "in-the-future": Text("is still to come", "晚于今天"),
    "too-far-ahead": Text("is further ahead than a pregnancy lasts", "超出孕期范围"),
    "no-such-date": Text("counts, and is not given", "缺少所依据的日期"),
    "does-not-fit-the-dating": Text("does not fit the dating", "与孕周推算不符"),
    "before-the-birth": Text("lies before the birth", "早于分娩日期"),
    "number-twice": Text("names a number twice", "序号重复"),
}
UNKNOWN_TEXT = Text("is no text in force for this", "不是适用于此的现行文本")
BEYOND = Text("must be today or later, and no later than the text allows", "须不早于今天且不超过文本允许的期限")
UNKNOWN_SCHEDULE = Text("is no schedule on offer here", "不是可选用的保健方案")
UNKNOWN_LEVEL = Text("is no level of this scale", "不是该分级中的级别")
WHICH_COUNTS = Text("must be said where both dates are new", "两个日期均有改动时须选定其一")
NOT_IN_FORCE = Text("needs a day that has come", "须为已到的日期")


def refuse(place: str, found: Iterable[tuple[str, str]]) -> None:
    """Raise Invalid where facts cannot be true; `place`: where they stand in the body."""
    faults = [Fault(f"{place}/{field}", FAULTS[code]) for field, code in found]
    if faults:
        raise Invalid(faults=faults)


def wrong(pointer: str, what: Text) -> Invalid:
    """One fault."""
    return Invalid(faults=[Fault(pointer, what)])


def no_consent() -> Conflict:
    """Nothing may be done: no consent holds."""
    return Conflict("no-consent")


def episode_over() -> Conflict:
    """Nothing may be done: it has ended."""
    return Conflict("episode-over")
