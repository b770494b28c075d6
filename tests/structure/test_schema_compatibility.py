"""What is released stays readable: a model that would break a reporter or a reader fails the build.

Why: ten departments' systems are written against these schemas, and none of them is deployed on the day we change one.
"""

import json
import shutil
from pathlib import Path

import pytest

from shared.contracts import schemas
from shared.contracts.catalogue import TYPES, EventType


def test_no_model_breaks_what_is_released() -> None:
    assert schemas.broken() == []


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A copy of what is released, to be told another past."""
    return Path(shutil.copytree(schemas.FOLDER, tmp_path / "schemas"))


def retold(file: Path, **keywords: object) -> None:
    """Let the released schema of a type have been another."""
    schema = json.loads(file.read_text("utf-8"))
    schema["properties"] |= keywords
    file.write_text(json.dumps(schema), "utf-8")


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry.name)
def test_a_member_that_is_gone_is_found_in_every_type(released: Path, entry: EventType) -> None:
    retold(released / f"{entry.name}.v1.json", once={"type": "string"})
    assert schemas.broken(released) == [f"{entry.name}.v1.json: /once refuses what was accepted: is not there"]


def test_what_would_break_is_not_written(released: Path) -> None:
    file = released / "payment.made.v1.json"
    retold(file, amount={"type": "string"})
    before = file.read_text("utf-8")
    assert schemas.write(released) == [
        "payment.made.v1.json: /amount refuses what was accepted: pattern is new or another"
    ]
    assert file.read_text("utf-8") == before


def test_a_type_that_is_gone_is_found(released: Path) -> None:
    (released / "birth.estimated.v1.json").write_text("{}", "utf-8")
    assert [line.partition(":")[0] for line in schemas.write(released)] == ["birth.estimated.v1.json"]


def test_what_breaks_nobody_is_written(released: Path) -> None:
    (released / "payment.made.v1.json").unlink()
    retold(released / "death.certified.v1.json", place={"$ref": "#/$defs/DeathPlace"})
    assert schemas.write(released) != []
    shutil.rmtree(released)
    assert schemas.write(released) == []
    assert {file.name: file.read_text("utf-8") for file in released.iterdir()} == schemas.texts()
