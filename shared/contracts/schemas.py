"""JSON Schemas of the payloads, one file a type: `python -m shared.contracts.schemas` writes `schemas/<type>.json`.

They are committed, so that a change of the contract is seen in review; a test compares them with the models. What is
committed is released: a change that could break somebody is refused here and in the build, unless the type's version
rises, and so is taking a type away.
"""

import json
import sys
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import TYPES, EventType
from shared.contracts.compatibility import breaks

FOLDER = Path(__file__).parent / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def file_of(entry: EventType) -> str:
    """The file name of a type's schema: with its version, for a later one stands beside it."""
    return f"{entry.name}.v{entry.version}.json"


def schema_of(entry: EventType) -> dict[str, Any]:
    """JSON Schema of a type's `data`."""
    return {"$schema": DRAFT, "$id": f"/schemas/{file_of(entry)}", **entry.adapter.json_schema()}


def texts() -> dict[str, str]:
    """File name → content, of every type."""
    return {
        file_of(entry): json.dumps(schema_of(entry), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        for entry in TYPES
    }


def broken(folder: Path = FOLDER) -> list[str]:
    """What the models would break of what is released in the folder: one line each."""
    wanted = texts()
    found = []
    for file in sorted(folder.glob("*.json")):
        if file.name not in wanted:
            found.append(f"{file.name}: the type is gone; what was reported with it could no longer be read")
            continue
        released, proposed = (json.loads(text) for text in (file.read_text(encoding="utf-8"), wanted[file.name]))
        found += [f"{file.name}: {each}" for each in breaks(released, proposed)]
    return found


def write(folder: Path = FOLDER) -> list[str]:
    """Write what is missing or differs, unless something would break: then nothing, and what would."""
    found = broken(folder)
    if not found:
        folder.mkdir(exist_ok=True)
        for name, text in texts().items():
            (folder / name).write_text(text, encoding="utf-8")
    return found


if __name__ == "__main__":
    if lines := write():
        sys.exit("\n".join([*lines, "Raise the version of the type in shared/contracts/catalogue.py instead."]))
