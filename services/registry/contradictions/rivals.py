"""Reports that several others correct or annul at once: all but the latest are lost, and somebody should know. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from services.registry.contradictions.values import Contradiction, Statement
from services.registry.facts.lineage import EventHeader, alive, both_listed
from services.registry.facts.values import EventKey


class Correction(NamedTuple):
    """An event that supersedes another, as far as it is about nobody."""

    header: EventHeader
    department: str
    type: str
    effective_on: date


def rival_corrections(line: Iterable[Correction]) -> set[Contradiction]:
    """What stands against each other in one line of corrections."""
    known = {each.header.key: each for each in line}
    return {
        Contradiction("rival-corrections", parent, tuple(sorted(_said(known[rival]) for rival in rivals)))
        for parent, rivals in both_listed(each.header for each in known.values()).items()
    }


def counting(line: Iterable[Correction]) -> set[EventKey]:
    """The event of the line that counts, if any still does."""
    return alive(each.header for each in line)


def _said(correction: Correction) -> Statement:
    header = correction.header
    return Statement(
        header.source,
        header.id,
        "",
        correction.department,
        correction.type,
        correction.effective_on,
        "action",
        header.action,
    )
