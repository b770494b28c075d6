"""Plugins of test files are loaded for the whole run: two fixtures of one name would silently replace each other."""

import ast
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_shared_fixture_has_a_name_of_its_own() -> None:
    defined = defaultdict(list)
    for path in sorted(TESTS.glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
                "fixture" in ast.unparse(decorator) for decorator in node.decorator_list
            ):
                defined[node.name].append(path.name)
    assert len(defined) > 10
    assert {name: files for name, files in defined.items() if len(files) > 1} == {}
