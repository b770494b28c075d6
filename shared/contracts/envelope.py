"""The CloudEvents 1.0 envelope, ours and strict (the CNCF SDK invents missing ids; see pitfalls)."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.contracts.values import PRINTABLE
from shared.errors_text import RuleBroken
from shared.identifiers.resident import InvalidIdentifier, parse

# Python reads much more than RFC 3339: week dates, times without colons, offsets with seconds.
RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
EARLIEST, LATEST = datetime(1850, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)

# Seventeen digits and a check character that stand alone in a longer text are found too.
LIKE_IDENTITY_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")


def instant(value: object) -> object:
    """RFC 3339 with an offset; a date, a number or a naive time is not an instant."""
    if isinstance(value, str):
        found = RFC_3339.fullmatch(value)
        if found is None:
            raise RuleBroken("must be an instant such as 2026-01-31T08:00:00Z", "必须是带时区的 RFC 3339 时间")
        if found[2] is None:
            raise RuleBroken("needs an offset, such as Z or +08:00", "必须带时区偏移")
        try:
            parsed = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise RuleBroken("is no instant of the calendar", "不是有效时间") from None
        if not EARLIEST <= parsed <= LATEST:
            raise RuleBroken("must lie between 1850 and 2199", "年份须在 1850 至 2199 之间")
        return parsed
    return value


def no_identity_number(value: str) -> str:
    """Personal data never stands in CloudEvents attributes (protection rule 7)."""
    for found in LIKE_IDENTITY_NUMBER.findall(unicodedata.normalize("NFKC", value)):
        try:
            parse(found)
        except InvalidIdentifier:
            continue
        raise RuleBroken("may not hold a resident identity number", "不得含有公民身份号码")
    return value


Attribute = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE),
    AfterValidator(no_identity_number),
]

BATCH_ID = r"^[A-Za-z0-9._-]{1,64}$"
BatchId = Annotated[str, StringConstraints(pattern=BATCH_ID), AfterValidator(no_identity_number)]


class CloudEvent(BaseModel):
    """One CloudEvent as a department sends it. `data` is judged by the catalogue's model of `type`, not here.

    Only `batchid` and tracing extensions are let through: any other attribute could carry personal data past the
    encryption. `batchid` is how a department names a bulk load of corrections; it says how the event travels, and is no
    part of its content.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[Attribute, Field(description="Made by the reporting system, unique within `source` for ever.")]
    source: Annotated[
        Attribute,
        StringConstraints(pattern=r"^urn:[a-z0-9][a-z0-9:.-]*$"),
        Field(description="The URN of a system of the department, as provisioned (`sources` in GET /v1/catalogue)."),
    ]
    type: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
    subject: Annotated[Attribute, Field(description="The reporter's own file number. Never personal data.")]
    time: Annotated[
        datetime,
        BeforeValidator(instant),
        Field(
            description="When the reporting system recorded it, with an offset. Of several events that replace the same"
            " one, that with the latest time counts."
        ),
    ]
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] | None = None
    traceparent: Annotated[str, StringConstraints(max_length=55, pattern=r"^[0-9a-f-]+$")] | None = None
    tracestate: Annotated[str, StringConstraints(max_length=512, pattern=PRINTABLE)] | None = None
    batchid: Annotated[
        BatchId | None,
        Field(
            description="The bulk load of corrections and annulments that this one is part of. Not with action created."
        ),
    ] = None
    data: Annotated[dict[str, Any], Field(description="The payload of the type.")]
