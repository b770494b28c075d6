"""An example of every type, as a department reports it: committed, made by the synthetic county (nobody in it exists).

`python -m deploy.tenfold.county.contract_examples` writes `examples/<type>.json`; a test compares them.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import EventType

FOLDER = Path(__file__).parent / "examples"


def file_of(entry: EventType) -> str:
    """The file name of a type's example."""
    return f"{entry.name}.v{entry.version}.json"


@cache
def example_of(entry: EventType) -> dict[str, Any]:
    """The CloudEvent. Do not change it: it is read once."""
    found: dict[str, Any] = json.loads((FOLDER / file_of(entry)).read_text(encoding="utf-8"))
    return found
