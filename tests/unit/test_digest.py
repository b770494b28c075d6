"""The digest that departments compute is the one that their documentation describes."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from shared.contracts.digest import digest_of
from shared.errors import Invalid

PAGE = Path(__file__).parents[2] / "docs" / "reconciliation.md"
TEXT, DIGEST = re.findall(r"```(?:json)?\n(\{.+\}|[0-9a-f]{64})\n```", PAGE.read_text(encoding="utf-8"))
REPORTED = {"specversion": "1.0", **json.loads(TEXT)}


def test_the_example_is_what_it_says() -> None:
    assert sha256(TEXT.encode()).hexdigest() == DIGEST == digest_of(REPORTED)


def test_another_offset_of_the_same_instant_and_null_members_change_nothing() -> None:
    data = REPORTED["data"] | {"supersedes": None}
    assert digest_of(REPORTED | {"time": "2026-02-01T16:00:00+08:00", "data": data}) == DIGEST


@pytest.mark.parametrize("member", ["id", "subject", "time"])
def test_any_other_value_changes_it(member: str) -> None:
    other = "2026-02-01T08:00:00.5Z" if member == "time" else "other"
    assert digest_of(REPORTED | {member: other}) != DIGEST


def test_a_type_outside_the_catalogue_has_none() -> None:
    with pytest.raises(Invalid):
        digest_of(REPORTED | {"type": "cn.tenfold.nothing.happened.v1"})
