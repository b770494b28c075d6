"""The mapping file: which column of a register is which field. Strict; every fault names its line."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, NoReturn, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.errors_faults import faults_of
from shared.errors_text import RuleBroken, Text

SEX_CODES = {"0": "unknown", "1": "male", "2": "female", "9": "unspecified"}
RELATION_CODES = {
    "0": "head",
    "1": "spouse",
    "2": "child",
    "3": "child",
    "4": "grandchild",
    "5": "parent",
    "6": "grandparent",
    "7": "sibling",
    "8": "other",
}
"""GB/T 4761: the first digit is the kind of relation."""


LONGEST = 200
"""Characters of a name or a value in a mapping."""
DEEPEST = 5
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but for the tab, which separates columns; and what is no character."""
A_DAY = date(2004, 12, 31)


def way_of_days(said: str) -> str:
    """Days are written so that they can be read again. Raises RuleBroken."""
    try:
        if datetime.strptime(A_DAY.strftime(said), said).date() == A_DAY:  # noqa: DTZ007 - a day has no zone
            return said
    except (ValueError, re.error):  # a directive that stands twice makes a wrong expression of strptime
        pass
    raise RuleBroken("is no way to write days", "不是有效的日期格式")


Dates = Annotated[str, AfterValidator(way_of_days)]


class Taken(BaseModel):
    """Where a field comes from: a column, or one value for all rows. `codes`: what the register's codes mean, or the
    standard they are of. `dates`: how its days are written, by strftime; the file's own way where left out."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    column: Annotated[str, Field(min_length=1)] | None = None
    constant: Annotated[str, Field(min_length=1)] | None = None
    codes: dict[str, str] | Literal["gb-t-2261.1", "gb-t-4761"] | None = None
    dates: Dates | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """A column or a constant."""
        if (self.column is None) == (self.constant is None):
            raise RuleBroken("needs a column or a constant, and not both", "须且仅须填写 column 或 constant 之一")
        return self


class Fields(BaseModel):
    """The fields of an entry in a household register. At least one number must be among them."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Taken
    effective_on: Taken
    name: Taken
    sex: Taken
    birth_date: Taken
    household_number: Taken
    household_kind: Taken
    relation: Taken
    area: Taken
    time: Taken | None = None
    resident_identity_number: Taken | None = None
    birth_certificate_number: Taken | None = None
    passport: Taken | None = None
    passport_issuer: Taken | None = None

    @model_validator(mode="after")
    def some_number(self) -> Self:
        """Nobody is found without one."""
        if not (self.resident_identity_number or self.birth_certificate_number or self.passport):
            raise RuleBroken("needs a field with a number of the person", "须至少映射一种证件号码")
        return self


class FileMapping(BaseModel):
    """How a register's file is read. `source`: the provisioned system whose register it is."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)

    source: Annotated[str, Field(pattern=r"^urn:tenfold:public-security:[a-z0-9]+(-[a-z0-9]+)*$")]
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: Annotated[str, Field(pattern='^[^\n\r"]$')] = ","
    dates: Dates = "%Y-%m-%d"
    fields: Fields

    def named(self) -> dict[str, Taken]:
        """The fields that are mapped, by name."""
        found = {name: getattr(self.fields, name) for name in Fields.model_fields}
        return {name: taken for name, taken in found.items() if taken is not None}


class BrokenMapping(Exception):
    """The mapping file cannot be used; each fault with its line."""

    def __init__(self, faults: list[tuple[int, Text]]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"line {line}: {text.en} {text.zh}" for line, text in faults))


class Plainly(yaml.BaseLoader):
    """YAML as text in lists and tables, whatever it may be taken for. Without aliases, of which a few lines may mean
    millions; and nothing in it is long, deep or unprintable. Raises BrokenMapping."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """As YAML does, within these limits."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self.depth += 1
        if isinstance(event, yaml.AliasEvent):
            self.refuse(event, Text("is an alias, which a mapping may not have", "映射文件中不得使用别名"))
        if self.depth > DEEPEST:
            self.refuse(event, Text("is nested too deeply", "嵌套过深"))
        if isinstance(event, yaml.ScalarEvent) and (len(event.value) > LONGEST or CONTROL.search(event.value)):
            self.refuse(event, Text("is too long, or has control characters", "过长或含有控制字符"))
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def refuse(self, event: yaml.Event, why: Text) -> NoReturn:
        """Say on which line."""
        mark = event.start_mark
        raise BrokenMapping([(mark.line + 1 if mark else 1, why)])


def load(text: str) -> FileMapping:
    """Read a mapping. Raises BrokenMapping."""
    try:
        loader = Plainly(text)
        node = loader.get_single_node()
        content = None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise BrokenMapping([(mark.line + 1 if mark else 1, Text("is not YAML", "不是有效的 YAML"))]) from None
    if not isinstance(content, dict):
        raise BrokenMapping([(1, Text("must be a mapping", "须为键值结构"))])
    lines: dict[str, int] = {}
    twice = [(line, Text("stands twice", "重复出现")) for line in noted(node, "", lines)]
    if twice:
        raise BrokenMapping(twice)
    document = plain(content)
    try:
        return FileMapping.model_validate(document)
    except ValidationError as error:
        findings = error.errors(include_url=False, include_input=False)
        faults = faults_of(findings, document)
        raise BrokenMapping([(line_of(fault.pointer, lines), in_words(fault)) for fault in faults]) from None


def in_words(fault: Any) -> Text:
    """A fault with the name of what it is about."""
    said = fault.message if isinstance(fault.message, Text) else Text(fault.message, fault.message)
    name = fault.pointer.strip("/").replace("/", ".")
    return Text(f"{name} {said.en}".strip(), f"{name} {said.zh}".strip())


def plain(content: Mapping[Any, Any]) -> dict[Any, Any]:
    """A column's name alone stands for a column."""
    found = dict(content)
    if isinstance(fields := found.get("fields"), dict):
        found["fields"] = {name: taken(value) for name, value in fields.items()}
    return found


def taken(value: Any) -> Any:
    """One field, spelled out."""
    return {"column": value} if isinstance(value, str) else value


def noted(node: Any, pointer: str, lines: dict[str, int]) -> Iterator[int]:
    """Note on which line everything stands; gives the lines of keys that stand twice."""
    lines.setdefault(pointer, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{pointer}/{key.value}"
            if inner in lines:
                yield key.start_mark.line + 1
            lines[inner] = key.start_mark.line + 1
            yield from noted(value, inner, lines)


def line_of(pointer: str, lines: Mapping[str, int]) -> int:
    """The line of a pointer, or of the nearest thing around it."""
    while pointer not in lines:
        pointer = pointer.rpartition("/")[0]
    return lines[pointer]
