"""Where things may stand: SQL in repositories, commits in one place, the network behind one module, rules without I/O.

Why: a reader finds every statement, every commit and every way out of the process by knowing these few places. What
layers may import is held by import-linter (pyproject.toml).
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from deploy.tenfold.embedded_cluster import SETTINGS

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    file.relative_to(ROOT).as_posix()
    for folder in ("shared", "services", "deploy")
    for file in (ROOT / folder).rglob("*.py")
)

SQL = re.compile(
    r"^\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+(SET|\w+\s+SET)\b|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s|TRUNCATE\s|"
    r"(CREATE|ALTER|DROP)\s+(TABLE|INDEX|FUNCTION|DATABASE|ROLE)\s|COPY\s+\w+\s|BEGIN\b(?!:)|COMMIT\b|ROLLBACK\b|SET\s+LOCAL\s)"
)
SQL_MAY_STAND_IN = re.compile(
    r"(.*/repository|services/exchange/intake/journal|shared/feed/\w+|shared/audit/log|shared/db|shared/partner/store|"
    r"deploy/tenfold/embedded\w*|shared/alembic/env|services/\w+/migrations/\w+)\.py"
)

# Decided by the name, so that a new file of that name is held to it at once; and some that are pure by their task.
PURE = re.compile(
    r"(.*/(rules|fold|plan|disclose|lineage|residence|state|components)|shared/contracts/\w+|shared/sharing/\w+|"
    r"services/exchange/distribution/entries|services/exchange/intake/transport|shared/errors_\w+)\.py"
)
IMPURE = (
    "asyncpg",
    "httpx",
    "aiokafka",
    "fastapi",
    "starlette",
    "sqlmodel",
    "shared.db",
    "shared.clock",
    "shared.client",
)
PURE_BUT = {
    "services/alerts/state.py": "the state of an application, not of a person",
    "shared/contracts/schemas.py": "writes the committed schemas when it is called as a program",
}

COMMITS = {
    "shared/db.py": "the one place that commits",
    "services/alerts/feeds/reading.py": "writes the access log on the connection that reads, before the page is given",
}
HTTPX = {
    "shared/client.py": "the one HTTP client",
    "shared/sessions/provider.py": "asks the city's own issuer who has logged in there",
    "shared/partner/retry.py": "tells the client's passing troubles from those that stay",
    "deploy/tenfold/talking_trouble.py": "tells people at a terminal what the client met",
    "deploy/tenfold/talking_figures.py": "tells people at a terminal what the client met",
}
CLOCK = {
    "shared/clock.py": "the one clock",
    "shared/webhooks.py": "the receiver's side of a signature: handed out, so it stands alone",
}


@cache
def tree(source: str) -> ast.Module:
    return ast.parse((ROOT / source).read_text(encoding="utf-8"))


def texts(module: ast.Module) -> Iterator[str]:
    """Every text but docstrings; of f-strings their first part."""
    prose = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


@cache
def imported(source: str) -> frozenset[str]:
    return frozenset(imports(tree(source)))


def imports_any(source: str, wanted: tuple[str, ...]) -> set[str]:
    """Which of these packages or modules a file imports."""
    found = imported(source)
    return {one for one in wanted if any(name == one or name.startswith(f"{one}.") for name in found)}


def test_these_rules_see_the_sources() -> None:
    assert len(SOURCES) > 100
    assert any(SQL_MAY_STAND_IN.fullmatch(source) and any(map(SQL.match, texts(tree(source)))) for source in SOURCES)
    assert sum(PURE.fullmatch(source) is not None for source in SOURCES) > 20


@pytest.mark.parametrize("listed", [PURE_BUT, COMMITS, HTTPX, CLOCK], ids=["pure", "commits", "httpx", "clock"])
def test_exceptions_name_files_that_exist(listed: dict[str, str]) -> None:
    assert set(listed) <= set(SOURCES)


def test_sql_stands_in_repositories_the_journal_and_the_feed_module_only() -> None:
    misplaced = {
        source: statement.strip().splitlines()[0]
        for source in SOURCES
        if not SQL_MAY_STAND_IN.fullmatch(source)
        for statement in texts(tree(source))
        if SQL.match(statement)
    }
    assert misplaced == {}


def test_rules_import_no_io_no_clock_and_no_framework() -> None:
    found = {
        source: imports_any(source, IMPURE)
        for source in SOURCES
        if PURE.fullmatch(source) and source not in PURE_BUT and imports_any(source, IMPURE)
    }
    assert found == {}


def test_only_one_place_commits_and_transactions_elsewhere_are_read_only() -> None:
    writing = set()
    for source in SOURCES:
        for node in ast.walk(tree(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "transaction":
                given = {each.arg: each.value for each in node.keywords}
                readonly = given.get("readonly")
                if not (isinstance(readonly, ast.Constant) and readonly.value is True):
                    writing.add(source)
    assert writing == set(COMMITS)


def test_the_network_is_reached_through_one_module_each() -> None:
    assert {source for source in SOURCES if imports_any(source, ("httpx",))} == set(HTTPX)
    over_kafka = {source for source in SOURCES if imports_any(source, ("aiokafka",))}
    assert over_kafka
    assert all(source.startswith("shared/kafka/") for source in over_kafka)
    for other in ("requests", "aiohttp", "urllib.request", "http.client"):
        assert not {source for source in SOURCES if imports_any(source, (other,))}


def test_nothing_reads_the_clock_but_the_clock() -> None:
    reading = set()
    for source in SOURCES:
        for node in ast.walk(tree(source)):
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
                owner = ast.unparse(node.value)
                if owner in ("datetime", "date", "datetime.datetime", "datetime.date"):
                    reading.add(source)
    assert {source for source in reading if not source.startswith("deploy/")} <= set(CLOCK)


def test_the_composed_database_has_the_settings_that_the_code_relies_on() -> None:
    """One lock per identifier of a page needs room; and the server's log must hold nobody's values (rule 7)."""
    command = (ROOT / "docker-compose.yml").read_text()
    for name in (
        "max_locks_per_transaction",
        "log_error_verbosity",
        "log_min_error_statement",
        "log_parameter_max_length",
        "log_parameter_max_length_on_error",
    ):
        assert f"-c {name}={SETTINGS[name]}" in command, name
