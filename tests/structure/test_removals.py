"""Rows leave a table only by a statement that says so.

Why: rows are counted with their writing, and one that is gone is a finding (shared/reconciliation). What the service
itself removes must therefore bear the mark, or the reconciler names it as lost.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MARK = "/* removes */"
REMOVES = re.compile(r"\b(DELETE\s+FROM\s+\w+|TRUNCATE\s+(TABLE\s+)?\w+)")
UNCOUNTED = {
    "shared/partner/store.py": "the file of a department's own client",
}


def removals() -> dict[str, list[str]]:
    """Every statement that removes rows, by file; migrations run before anybody counts."""
    found: dict[str, list[str]] = {}
    for folder in ("services", "shared"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            source = file.relative_to(ROOT).as_posix()
            if "/migrations/" in source:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and REMOVES.search(node.value):
                    found.setdefault(source, []).append(node.value)
    return found


def test_every_statement_that_removes_rows_says_so() -> None:
    unmarked = {
        source: statements
        for source, every in removals().items()
        if source not in UNCOUNTED and (statements := [text for text in every if MARK not in text])
    }
    assert unmarked == {}


def test_exceptions_name_files_that_remove() -> None:
    assert set(UNCOUNTED) <= set(removals())
