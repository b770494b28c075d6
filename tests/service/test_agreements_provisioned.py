"""Agreements from files: imported once by whoever starts first, renewed by new files, never over what calls did."""

import asyncio
import shutil
from pathlib import Path

import pytest

from services.exchange.agreements.provisioned import take_files
from shared.settings import PROVISIONING
from shared.sharing.agreements import Agreements
from shared.sharing.provisioning import ProvisioningRefused
from tests.agreements_world import Hands, document
from tests.exchange_world import Exchange

pytest_plugins = ["tests.exchange"]

NAME, FILE, DEPARTMENT = "market-supervision-sole-traders", "market-supervision.yaml", "market-supervision"


@pytest.fixture
def files(exchange: Exchange, tmp_path: Path) -> Path:
    """The exchange's own copy of what is provisioned."""
    copy = tmp_path / "provisioning"
    shutil.copytree(PROVISIONING, copy)
    exchange.service.settings.provisioning = copy
    return copy


def rewrite(files: Path, before: str, after: str) -> None:
    """Change the one agreement of the file."""
    file = files / "agreements" / FILE
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


async def test_everyone_who_starts_at_once_imports_each_agreement_once(exchange: Exchange, files: Path) -> None:
    pool = exchange.service.pool
    await pool.execute("TRUNCATE agreement, agreement_step")
    await asyncio.gather(*[take_files(exchange.service) for _ in range(6)])
    expected = len(list(Agreements.load(files)))
    assert await pool.fetchval("SELECT count(*) FROM agreement") == expected
    assert await pool.fetchval("SELECT count(*) FROM agreement_step") == expected


async def test_starting_again_changes_nothing(exchange: Exchange, files: Path) -> None:
    pool = exchange.service.pool
    before = await pool.fetchval("SELECT max(step) FROM agreement_step")
    await take_files(exchange.service)
    assert await pool.fetchval("SELECT max(step) FROM agreement_step") == before


async def test_a_new_file_is_a_new_version_that_replaces_the_old_one(exchange: Exchange, files: Path) -> None:
    rewrite(files, "fields: [name, registered_area, died_on]", "fields: [name, died_on]")
    await asyncio.gather(*[take_files(exchange.service) for _ in range(4)])
    assert await Hands(exchange).standing(NAME) == ["replaced", "in-force"]
    source = exchange.app.state.agreements
    async with exchange.service.pool.acquire() as connection:
        (now,) = (each for each in await source.current(connection) if each.identifier == NAME)
    assert now.fields == ["name", "died_on"]
    assert await exchange.service.pool.fetchval("SELECT asked FROM feed_purge WHERE department = $1", DEPARTMENT) == 1


@pytest.mark.parametrize("act", ["suspend", "end"])
async def test_no_file_overwrites_what_was_done_by_call(exchange: Exchange, files: Path, act: str) -> None:
    hands = Hands(exchange)
    await hands.does(act, NAME, DEPARTMENT)
    rewrite(files, "fields: [name, registered_area, died_on]", "fields: [name, died_on]")
    await take_files(exchange.service)
    assert await hands.standing(NAME) == ["suspended" if act == "suspend" else "ended"]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("purpose: service-delivery", "purpose: audit", "keeps its receiver, purpose and scope"),
        ("fields: [name,", "fields: [mother, name,", "protection rule 2"),
    ],
)
async def test_a_file_that_may_not_be_is_refused_at_the_start_and_nothing_changes(
    exchange: Exchange, files: Path, before: str, after: str, why: str
) -> None:
    rewrite(files, before, after)
    with pytest.raises(ProvisioningRefused, match=why):
        await take_files(exchange.service)
    assert await Hands(exchange).standing(NAME) == ["in-force"]


async def test_a_file_that_may_not_stand_beside_what_was_agreed_by_call_is_refused(
    exchange: Exchange, files: Path
) -> None:
    hands = Hands(exchange)
    register = files / "agreements" / "public-security.yaml"
    text = register.read_text("utf-8")
    narrow = text.replace("fields: [name, birth_date, registered_area,", "fields: [name,")
    narrow = narrow.replace(
        "household_number, relation_to_head, residence]\n    scope: everyone", "residence]\n    scope: everyone"
    )
    register.write_text(narrow, "utf-8")
    await take_files(exchange.service)
    wide = {"scope": "everyone", "fields": ["sex"], "identifier": "by-call"}
    await hands.agree(document("public-security", **wide))
    register.write_text(text, "utf-8")
    with pytest.raises(ProvisioningRefused, match="protection rule 2"):
        await take_files(exchange.service)
