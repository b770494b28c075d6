"""What the registry's words do to an episode of care: whether it stops, and what its worker is asked. Pure.

A function of the set of words and of what the worker answered: no order and no repetition changes it. What stopped once
never goes on by itself, whatever is said later; a worker takes it up again (protection rule 11).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.alerts.directory.entries import Told


class Kin(StrEnum):
    """Whose words these are: those of the person whom the episode is about, or of somebody it also concerns."""

    SELF = "self"
    GUARDIAN = "guardian"
    CHILD = "child"


class Finding(StrEnum):
    """What a worker reads in the care record, and nobody anywhere else."""

    DEATH = "death-registered"
    DEATH_TAKEN_BACK = "death-taken-back"
    NOTHING_REPORTED = "nothing-reported"
    PARTED = "parted"
    GUARDIAN_DEATH = "guardian-death-registered"
    CHILD_DEATH = "child-death-registered"
    TWICE = "two-episodes"


@dataclass(frozen=True)
class Known:
    """What the directory holds of one person: whether they live by the latest word, and when each of these was last
    said of them, or of whom they were one with at that time."""

    alive: bool = True
    died: Told | None = None
    unknown: Told | None = None
    parted: Told | None = None
    merged: Told | None = None

    @property
    def latest(self) -> Told | None:
        """The last word that matters about them."""
        words = (self.died, self.unknown, self.parted, self.merged)
        return max((word for word in words if word), default=None)


@dataclass(frozen=True)
class Life:
    """How an episode stands by the registry's words. `latest`: the last of those that are found."""

    stops: bool = False
    findings: tuple[Finding, ...] = ()
    latest: Told | None = None


GOES_ON = Life()
OF_KIN = {Kin.GUARDIAN: Finding.GUARDIAN_DEATH, Kin.CHILD: Finding.CHILD_DEATH}


def life(known: Known, answered: Told | None, *, born: bool, twice: bool = False, compared: bool = False) -> Life:
    """How the words about its own person leave an episode. `answered`: up to which word the worker has decided;
    `born`: whether the episode hangs on that person's birth, as a child's does: an annulled one then stops it; `twice`:
    whether the same person has another one of its kind at its facility, however they met: two people turned out to be
    one, it was linked, or it was handed over; `compared`: whether the worker has decided about all of these."""
    died, unknown, parted = (newer(word, answered) for word in (known.died, known.unknown, known.parted))
    merged = newer(known.merged, answered) if twice else None
    met = twice and not compared
    findings = []
    if died:
        findings.append(Finding.DEATH_TAKEN_BACK if known.alive else Finding.DEATH)
    if unknown:
        findings.append(Finding.NOTHING_REPORTED)
    if parted:
        findings.append(Finding.PARTED)
    if merged or met:
        findings.append(Finding.TWICE)
    return Life(
        stops=bool(died or (unknown and born)),
        findings=tuple(findings),
        latest=Known(died=died, unknown=unknown, parted=parted, merged=merged).latest,
    )


def life_of_kin(kin: Kin, known: Known, answered: Told | None) -> Life:
    """What a word about somebody else does: a death is shown to the worker, and stops nothing."""
    died = newer(known.died, answered)
    return Life(findings=(OF_KIN[kin],), latest=died) if died and not known.alive else GOES_ON


def together(lives: list[Life]) -> Life:
    """All that concerns one episode."""
    return Life(
        stops=any(each.stops for each in lives),
        findings=tuple(finding for each in lives for finding in each.findings),
        latest=max((each.latest for each in lives if each.latest), default=None),
    )


def asks(findings: Iterable[Finding]) -> bool:
    """Whether a worker has to look. A death asks nothing of anybody."""
    return any(finding is not Finding.DEATH for finding in findings)


def newer(word: Told | None, answered: Told | None) -> Told | None:
    """The word, unless the worker has decided about it already."""
    return word if word is not None and (answered is None or word > answered) else None
