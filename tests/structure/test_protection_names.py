"""Protection rules 1, 2, 3 and 5: no schema, table, enumeration, provisioned file or page has a name for what may not
exist.

Why: what has no name cannot be stored, sent or asked for. The stems and their reasons: shared/sharing/forbidden.py.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from shared.contracts.catalogue import TYPES
from shared.contracts.envelope import CloudEvent
from shared.sharing.forbidden import STEMS, forbidden_in, words_of

ROOT = Path(__file__).parents[2]
# Care may speak of pregnancy (rule 3); of nothing else on the list.
CARE = ("services/alerts/", "deploy/provisioning/schedules")
# Exact names that mean something else where they stand; each with its reason.
ALLOWED = {
    ("services/alerts/", "fingerprint"): "keyed digest of a login code or cookie, not of a finger",
    ("shared/sessions/", "fingerprint"): "keyed digest of a login code or cookie, not of a finger",
    ("services/registry/migrations/", "fingerprint"): "keyed digest of a login code or cookie, not of a finger",
    ("services/exchange/", "fingerprint"): "digest of a message, not of a finger",
    ("shared/kafka/", "fingerprint"): "digest of a message, not of a finger",
}
ITSELF = "shared/sharing/forbidden.py"
NAMING = re.compile(r"""\b(?:name|id|for|class|data-[\w-]+|aria-[\w-]+)\s*=\s*["']([^"']*)["']""")
JINJA = re.compile(r"{[{%](.*?)[%}]}", re.DOTALL)


def names_in_json(node: object) -> Iterator[str]:
    """Keys, and texts without spaces (enumerated values, constants, references): prose is no name."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from names_in_json(value)
    elif isinstance(node, list):
        for value in node:
            yield from names_in_json(value)
    elif isinstance(node, str) and " " not in node:
        yield node


def names_in_python(text: str, *, with_sql: bool) -> Iterator[str]:
    """Attributes and members of classes, values of enumerations and literals; with_sql: every text but docstrings."""
    tree = ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name
            for part in node.body:
                targets = [part.target] if isinstance(part, ast.AnnAssign) else getattr(part, "targets", [])
                yield from (target.id for target in targets if isinstance(target, ast.Name))
                if isinstance(part, ast.Assign):
                    yield from _texts(part.value)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
            yield from _texts(node.slice)
        elif with_sql and isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield from re.findall(r"\w+", node.value)


def _texts(node: ast.AST) -> Iterator[str]:
    return (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


def names_in_page(text: str) -> Iterator[str]:
    """Names a page sends or reads: form fields, classes, data attributes, and identifiers in Jinja expressions."""
    for found in NAMING.findall(text):
        yield from found.split()
    for expression in JINJA.findall(text):
        yield from re.findall(r"[A-Za-z_]\w*", expression)


def names_of(path: Path, text: str) -> Iterator[str]:
    """Every name in a file of a kind that can name data."""
    if path.suffix == ".py":
        yield from names_in_python(
            text, with_sql=path.name in {"tables.py", "repository.py"} or "migrations" in path.parts
        )
    elif path.suffix in {".yaml", ".yml"}:
        for document in yaml.safe_load_all(text):
            yield from names_in_json(document)
    elif path.suffix == ".json":
        yield from names_in_json(json.loads(text))
    else:
        yield from names_in_page(text)


def broken(place: str, names: Iterator[str]) -> list[str]:
    """One line per forbidden name: where, which, the rule and why."""
    care = place.startswith(CARE)
    return sorted(
        {
            f"{place}: {name} (rule {entry.rule}, '{entry.stem}': {entry.why})"
            for name in names
            if not any(place.startswith(folder) and name == word for folder, word in ALLOWED)
            for entry in forbidden_in(name, care=care)
        }
    )


def files(*patterns: str) -> list[Path]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def broken_in(paths: list[Path]) -> list[str]:
    places = ((path.relative_to(ROOT).as_posix(), path) for path in paths)
    return [
        line
        for place, path in places
        if place != ITSELF
        for line in broken(place, names_of(path, path.read_text("utf-8")))
    ]


def test_no_event_schema_names_what_may_not_exist() -> None:
    models = {entry.name: entry.model for entry in TYPES} | {"envelope": CloudEvent}
    assert [
        line for name, model in models.items() for line in broken(name, names_in_json(model.model_json_schema()))
    ] == []


def test_no_class_table_enumeration_or_migration_names_what_may_not_exist() -> None:
    paths = files("services/**/*.py", "shared/**/*.py", "deploy/**/*.py")
    assert any(path.name == "tables.py" for path in paths)
    assert broken_in(paths) == []


def test_no_provisioned_file_names_what_may_not_exist() -> None:
    paths = files("deploy/provisioning/**/*.yaml", "deploy/provisioning/**/*.yml", "services/*/**/data/**/*.yaml")
    assert any("schedules" in path.parts for path in paths)
    assert len(paths) > len(list((ROOT / "deploy/provisioning/agreements").iterdir()))
    assert broken_in(paths) == []


def test_no_page_or_generated_schema_names_what_may_not_exist() -> None:
    kinds = ("html", "jinja", "j2", "json")
    assert (
        broken_in(files(*(f"{folder}/**/*.{kind}" for folder in ("services", "shared", "docs") for kind in kinds)))
        == []
    )


PLANTED = {
    "services/registry/people/tables.py": 'class Person(SQLModel, table=True):\n    __tablename__ = "person"\n    birth_quota: int\n',
    "services/registry/facts/tables.py": 'class Fact(SQLModel):\n    kind: str = Field(sa_column=Column("iud_check", String))\n',
    "services/registry/values.py": 'class Kind(StrEnum):\n    A = "illegal-birth"\n',
    "services/exchange/values.py": 'Kind = Literal["marriage", "likelyPregnant"]\n',
    "services/registry/migrations/versions/0009.py": 'op.execute("ALTER TABLE person ADD COLUMN ethnicity text")\n',
    "services/registry/people/repository.py": 'SQL = "SELECT reference FROM person WHERE newly_married"\n',
    "deploy/provisioning/schemes.yaml": "schemes:\n  - {name: allowance, parity: 2}\n",
    "deploy/provisioning/areas.yaml": "areas:\n  - {code: '370102', 生育指标: 3}\n",
    "shared/contracts/schemas/birth.json": '{"properties": {"fetalSex": {"type": "string"}}}',
    "services/registry/ui/person.html": '<input name="religion"> ',
    "services/exchange/ui/overview.html": "<p>{{ person.pregnancy_week }}</p>",
}


@pytest.mark.parametrize("place", PLANTED)
def test_a_planted_name_is_found(place: str) -> None:
    assert broken(place, names_of(Path(place), PLANTED[place])) != []


def test_every_stem_is_found_in_a_name_made_of_it() -> None:
    for entry in STEMS:
        parts = entry.stem.split()
        assert entry in list(forbidden_in("_".join(["x", *parts])))
        assert entry in list(forbidden_in("".join(part.capitalize() for part in parts))), entry.stem


def test_care_alone_may_speak_of_pregnancy_and_of_nothing_else_on_the_list() -> None:
    text = "class Episode(SQLModel):\n    last_menstrual_period: bytes\n    fetal_sex: str\n"
    path = "episodes/tables.py"
    (only,) = broken(f"services/alerts/{path}", names_of(Path(path), text))
    assert "fetal_sex" in only
    assert len(broken(f"services/registry/{path}", names_of(Path(path), text))) >= 2


@pytest.mark.parametrize(
    "name", ["defined_at", "finest", "birth_date", "birth.certified", "permit_number", "frank", "data"]
)
def test_ordinary_names_are_let_through(name: str) -> None:
    assert list(forbidden_in(name)) == []


def test_names_are_split_into_words_however_they_are_written() -> None:
    assert words_of("birthQuota_of-HTTPArea2") == ["birth", "quota", "of", "http", "area", "2"]


def test_every_allowed_name_still_stands_where_it_is_allowed() -> None:
    for folder, word in ALLOWED:
        paths = files(f"{folder}**/*.py")
        assert any(word in names_of(path, path.read_text("utf-8")) for path in paths), (
            f"{folder}: {word} is no longer used"
        )
