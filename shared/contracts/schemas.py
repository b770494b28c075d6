"""JSON Schemas of the payloads, one file a type: `python -m shared.contracts.schemas` writes `schemas/<type>.json`.

They are committed, so that a change of the contract is seen in review; a test compares them with the models.
"""

import json
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import TYPES, EventType

FOLDER = Path(__file__).parent / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(entry: EventType) -> dict[str, Any]:
    """JSON Schema of a type's `data`."""
    return {"$schema": DRAFT, "$id": f"/schemas/{entry.name}.json", **entry.adapter.json_schema()}


def texts() -> dict[str, str]:
    """File name → content, of every type."""
    return {
        f"{entry.type.removeprefix('cn.tenfold.')}.json": json.dumps(
            schema_of(entry), ensure_ascii=False, indent=2, sort_keys=True
        )
        + "\n"
        for entry in TYPES
    }


def write() -> None:
    """Write what is missing or differs; remove what is no type any more."""
    FOLDER.mkdir(exist_ok=True)
    wanted = texts()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for file in FOLDER.glob("*.json"):
        if file.name not in wanted:
            file.unlink()


if __name__ == "__main__":
    write()
