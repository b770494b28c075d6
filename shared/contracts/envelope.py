"""The CloudEvents 1.0 envelope, ours and strict (the CNCF SDK invents missing ids; see pitfalls)."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from shared.contracts.values import PRINTABLE
from shared.errors_text import RuleBroken
from shared.identifiers.resident import InvalidIdentifier, parse


def instant(value: object) -> object:
    """RFC 3339 with an offset; a date, a number or a naive time is not an instant."""
    if isinstance(value, str):
        if len(value) < 20 or value[10] not in "Tt" or value[4] != "-":
            raise RuleBroken("must be an instant such as 2026-01-31T08:00:00Z", "必须是带时区的 RFC 3339 时间")
        try:
            parsed = datetime.fromisoformat(value)
            if parsed.tzinfo is not None:
                return parsed.astimezone(UTC)
        except (ValueError, OverflowError):
            raise RuleBroken("is no instant of the calendar", "不是有效时间") from None
        raise RuleBroken("needs an offset, such as Z or +08:00", "必须带时区偏移")
    return value


def no_identity_number(value: str) -> str:
    """Personal data never stands in CloudEvents attributes (protection rule 7)."""
    try:
        parse(value)
    except InvalidIdentifier:
        return value
    raise RuleBroken("may not be a resident identity number", "不得填写公民身份号码")


Attribute = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE),
    AfterValidator(no_identity_number),
]


class CloudEvent(BaseModel):
    """One CloudEvent as a department sends it. `data` is judged by the catalogue's model of `type`, not here.

    Only tracing extensions are let through: any other attribute could carry personal data past the encryption.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    specversion: Literal["1.0"]
    id: Attribute
    source: Annotated[Attribute, StringConstraints(pattern=r"^urn:[a-z0-9][a-z0-9:.-]*$")]
    type: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
    subject: Attribute
    time: Annotated[datetime, BeforeValidator(instant)]
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] | None = None
    traceparent: Annotated[str, StringConstraints(max_length=55, pattern=r"^[0-9a-f-]+$")] | None = None
    tracestate: Annotated[str, StringConstraints(max_length=512, pattern=PRINTABLE)] | None = None
    data: Annotated[dict[str, Any], Field(description="The payload of the type.")]
