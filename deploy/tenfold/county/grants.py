"""Which fields each department's agreements give it, read from provisioning as anybody could read it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from deploy.tenfold.county.provisioned import PROVISIONING

Grants = Mapping[str, frozenset[str]]
"""Department → fields of the people it holds a case on."""


def grants(on: date, provisioning: Path = PROVISIONING) -> Grants:
    """The fields of all agreements in force on a day. Whoever stands in the household register was reported by public
    security, so its agreement about everyone reaches nobody on whom it holds no case."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted((provisioning / "agreements").glob("*.yaml")):
        for agreement in yaml.safe_load(file.read_text(encoding="utf-8"))["agreements"]:
            given = found.setdefault(agreement["department"], frozenset())
            if agreement["valid_from"] <= on <= agreement["valid_until"]:
                found[agreement["department"]] = given | frozenset(agreement["fields"])
    return found
