"""Write the examples of the contract's documents: `python -m deploy.tenfold.county.contract_examples`."""

import json
from collections.abc import Mapping
from datetime import date

from deploy.tenfold.county import example, generate
from shared.contracts.catalogue import TYPES
from shared.contracts.examples import FOLDER, file_of

DAY = date(2026, 3, 1)
PEOPLE = 2_000


def texts() -> Mapping[str, str]:
    """File name → content, of every type."""
    county = generate(PEOPLE)
    made = {entry: example(entry.name, county, DAY, f"{entry.name}-1") for entry in TYPES}
    return {file_of(entry): json.dumps(event, ensure_ascii=False, indent=2) + "\n" for entry, event in made.items()}


def write() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
