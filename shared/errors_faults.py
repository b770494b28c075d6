"""From pydantic's findings to faults a caller can read: JSON pointer and sentence, never the value that was sent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.errors_text import RuleBroken, Text


class Fault(NamedTuple):
    """One thing wrong: where (RFC 6901 pointer into the body, or a header's or query parameter's name) and what."""

    pointer: str
    message: str | Text


NOT_VALID = Text("is not valid", "不符合要求")

# Keyed by pydantic's error type. Words in braces are limits from the schema, never input.
MESSAGES: dict[str, Text] = {
    "missing": Text("is required", "必填"),
    "extra_forbidden": Text("is not part of the contract", "不属于接口约定的字段"),
    "json_invalid": Text("is not well-formed JSON", "不是有效的 JSON"),
    "string_type": Text("must be text", "必须是文本"),
    "string_too_short": Text("must have at least {min_length} characters", "至少 {min_length} 个字符"),
    "string_too_long": Text("must have at most {max_length} characters", "最多 {max_length} 个字符"),
    "string_pattern_mismatch": Text("does not have the required form", "格式不正确"),
    "literal_error": Text("must be one of {expected}", "必须是以下之一：{expected}"),
    "enum": Text("must be one of {expected}", "必须是以下之一：{expected}"),
    "int_type": Text("must be a whole number", "必须是整数"),
    "int_parsing": Text("must be a whole number", "必须是整数"),
    "int_from_float": Text("must be a whole number", "必须是整数"),
    "float_type": Text("must be a number", "必须是数字"),
    "bool_type": Text("must be true or false", "必须是 true 或 false"),
    "bool_parsing": Text("must be true or false", "必须是 true 或 false"),
    "greater_than": Text("must be greater than {gt}", "必须大于 {gt}"),
    "greater_than_equal": Text("must be at least {ge}", "必须不小于 {ge}"),
    "less_than": Text("must be less than {lt}", "必须小于 {lt}"),
    "less_than_equal": Text("must be at most {le}", "必须不大于 {le}"),
    "too_short": Text("must have at least {min_length} entries", "至少 {min_length} 项"),
    "too_long": Text("must have at most {max_length} entries", "最多 {max_length} 项"),
    "date_type": Text("must be a date, YYYY-MM-DD", "必须是日期，格式 YYYY-MM-DD"),
    "date_parsing": Text("must be a date, YYYY-MM-DD", "必须是日期，格式 YYYY-MM-DD"),
    "date_from_datetime_parsing": Text("must be a date, YYYY-MM-DD", "必须是日期，格式 YYYY-MM-DD"),
    "datetime_type": Text("must be an instant, RFC 3339 with offset", "必须是带时区的 RFC 3339 时间"),
    "datetime_parsing": Text("must be an instant, RFC 3339 with offset", "必须是带时区的 RFC 3339 时间"),
    "datetime_from_date_parsing": Text("must be an instant, RFC 3339 with offset", "必须是带时区的 RFC 3339 时间"),
    "timezone_aware": Text("must carry an offset from UTC", "必须带时区偏移"),
    "uuid_type": Text("must be a UUID", "必须是 UUID"),
    "uuid_parsing": Text("must be a UUID", "必须是 UUID"),
    "list_type": Text("must be a list", "必须是列表"),
    "dict_type": Text("must be an object", "必须是对象"),
    "model_type": Text("must be an object", "必须是对象"),
    "model_attributes_type": Text("must be an object", "必须是对象"),
    "union_tag_invalid": Text("must be one of the kinds {expected_tags}", "类别必须是以下之一：{expected_tags}"),
    "union_tag_not_found": Text("does not say of which kind it is", "缺少类别"),
    "none_required": Text("must be null", "必须为 null"),
}

_LIMITS = ("min_length", "max_length", "expected", "expected_tags", "gt", "ge", "lt", "le")


def faults_of(findings: Iterable[Mapping[str, Any]], document: object = None, prefix: str = "") -> list[Fault]:
    """Faults for pydantic's `errors()`; `document` is what was validated, so that pointers skip names of union members.

    `prefix` is the pointer of the document within the body, such as "/data".
    """
    return list(
        dict.fromkeys(Fault(prefix + _pointer(finding["loc"], document), _message(finding)) for finding in findings)
    )


def _message(finding: Mapping[str, Any]) -> Text:
    context: Mapping[str, Any] = finding.get("ctx") or {}
    broken = context.get("error")
    if isinstance(broken, RuleBroken):
        return broken.text
    text = MESSAGES.get(finding["type"], NOT_VALID)
    limits = {name: context[name] for name in _LIMITS if name in context}
    try:
        return Text(text.en.format(**limits), text.zh.format(**limits))
    except KeyError:
        return NOT_VALID


def _pointer(loc: Sequence[str | int], document: object) -> str:
    """RFC 6901. Steps that do not exist in the document are pydantic's own (union members) unless they come last."""
    steps: list[str] = []
    here = document
    for place, step in enumerate(loc):
        if document is not None:
            last = place == len(loc) - 1
            if isinstance(here, dict):
                if step not in here and not last:
                    continue
                here = here.get(step)
            elif isinstance(here, list):
                if not isinstance(step, int):
                    continue
                here = here[step] if step < len(here) else None
            else:
                continue
        steps.append(str(step).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{step}" for step in steps)
