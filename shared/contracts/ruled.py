"""Structs with the rules of the catalogue's models: what one of them reads, the model accepts with the same values.

They accept less: what is lenient, unusual or not known to this module is left to the model (shared/contracts/quick.py).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import annotated_types
import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic.fields import FieldInfo

from shared.contracts.envelope import CloudEvent, instant
from shared.contracts.values import iso_day

Check = Callable[[Any], object]
"""Raises ValueError for what breaks a rule."""
Rule = tuple[str, Any]
"""A word of msgspec.Meta and its value; or one of those below, which it does not have."""
READ_AS, CHECK, LEAST, MOST = "read as", "check", "ge", "le"
WORDS: Final[Mapping[type, str]] = {
    annotated_types.MinLen: "min_length",
    annotated_types.MaxLen: "max_length",
    annotated_types.Ge: LEAST,
    annotated_types.Le: MOST,
}

JSON: Final[Mapping[object, object]] = {iso_day: date, instant: str}
"""What a member is in JSON, by the validator that takes it from there. Who reads an instant must call `instant`."""


@cache
def struct_of(model: type[BaseModel]) -> type[msgspec.Struct]:
    """The struct of a model, its members in the order of their names in JSON; those left out are None. Raises TypeError
    for a rule of which nothing is known, and for any other default of a payload: its canonical form would lack it."""
    hints = get_type_hints(model, include_extras=True)
    members, checks = [], []
    for name, member in sorted(model.model_fields.items(), key=lambda each: each[1].alias or each[0]):
        type_, found = plain(hints[name])
        checks += [(name, check) for check in found]
        needed = member.is_required()
        if not needed and member.default is not None and model is not CloudEvent:
            raise TypeError(f"{model.__name__}.{name} has a default")
        field = msgspec.field(default=msgspec.NODEFAULT if needed else None, name=member.alias)
        members.append((name, type_ if needed else type_ | None, field))
    return msgspec.defstruct(
        model.__name__,
        members,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
        namespace={"__post_init__": holding(checks, checks_of(model))},
    )


def checks_of(model: type[BaseModel]) -> list[Check]:
    """What a model asks of its members together."""
    found = model.__pydantic_decorators__
    if found.field_validators or found.validators or found.root_validators:
        raise TypeError(f"{model.__name__} has validators that are not known")
    if any(each.info.mode != "after" for each in found.model_validators.values()):
        raise TypeError(f"{model.__name__} has a validator that is not known")
    return [getattr(model, name) for name in found.model_validators]


def holding(checks: list[tuple[str, Check]], together: list[Check]) -> Callable[[Any], None]:
    """What holds a struct to the rules that its types do not say."""

    def hold(self: Any) -> None:
        for name, check in checks:
            value = getattr(self, name)
            if value is not None:
                check(value)
        for check in together:
            check(self)

    return hold


def plain(annotation: Any) -> tuple[Any, list[Check]]:
    """A member's type with the rules that msgspec knows, and the other rules."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return annotated(*arguments)
    if origin in (Union, UnionType):
        found = [plain(each) for each in arguments]
        if len(found) == 2 and arguments[1] is type(None):
            return found[0][0] | None, found[0][1]
    elif origin is list:
        type_, checks = plain(arguments[0])
        if not checks:
            return list[type_], []  # type: ignore[valid-type]
    elif annotation == dict[str, Any]:
        return msgspec.Raw, []
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return struct_of(annotation), []
    elif origin is Literal or annotation in (str, bool, type(None)) or issubclass(annotation, (date, StrEnum)):
        return annotation, []
    raise TypeError(f"no plain form is known of {annotation}")


def annotated(inner: Any, *beside: Any) -> tuple[Any, list[Check]]:
    """As `plain`, for a type with rules beside it."""
    type_, checks = plain(inner)
    known: dict[str, Any] = {}
    for word, value in (rule for each in beside for rule in rules_of(each)):
        if word == READ_AS:
            type_ = value
        elif word == CHECK:
            checks.append(value)
        elif word == "pattern" and word in known:
            checks.append(matching(value))
        else:
            known[word] = value
    if limits := (known.pop(LEAST, None), known.pop(MOST, None)):
        checks += [within(*limits)] if limits != (None, None) else []
    return (Annotated[type_, msgspec.Meta(**known)] if known else type_), checks


def rules_of(beside: Any) -> Iterator[Rule]:
    """What stands beside a type, as rules. Raises TypeError for what is not known."""
    match beside:
        case StringConstraints():
            yield from rules_of_text(beside)
        case FieldInfo():
            for each in beside.metadata:
                yield from rules_of(each)
        case BeforeValidator(func=function) if function in JSON:
            yield READ_AS, JSON[function]
        case AfterValidator(func=function):
            yield CHECK, function
        case _ if word := WORDS.get(type(beside)):
            yield word, getattr(beside, word)
        case WithJsonSchema():
            pass
        case _ if type(beside).__name__ == "Strict" and beside.strict is False:
            pass  # lenient: the models take an enumeration's text then, which is all that JSON can give
        case _:
            raise TypeError(f"a rule that is not known: {beside}")


def rules_of_text(constraints: StringConstraints) -> Iterator[Rule]:
    """What is asked of a text."""
    for word, value in vars(constraints).items():
        if value is not None:
            if word not in ("pattern", "min_length", "max_length"):
                raise TypeError(f"a rule that is not known: {constraints}")
            yield word, of_python(value) if word == "pattern" else value


def of_python(pattern: str) -> str:
    """A pattern of pydantic's engine in Python's: its `$` is the very end, and not before a last line feed, too."""
    if not pattern.startswith("^") or not pattern.endswith("$") or "$" in pattern[:-1]:
        raise TypeError(f"a pattern for the whole text is needed: {pattern}")
    if re.search(r"\\[dDwWsSbBpP]|\(\?", pattern):
        raise TypeError(f"engines may differ on {pattern}")
    return pattern[:-1] + r"\Z"


def within(least: Any, most: Any) -> Check:
    """Refuses what lies beyond limits, of which there are always two."""
    if least is None or most is None:
        raise TypeError("a limit alone is not known")

    def check(value: Any) -> None:
        if not least <= value <= most:
            raise ValueError

    return check


def matching(pattern: str) -> Check:
    """Refuses what does not match."""
    search = re.compile(pattern).search

    def check(value: str) -> None:
        if search(value) is None:
            raise ValueError

    return check
