"""Who is meant by an identifier, and whom a caller may see at all. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.registry.facts.state import UNKNOWN_PERSON, PersonState
from services.registry.facts.values import RESIDENT_NUMBER, NamedNumber
from shared.auth.caller import Caller
from shared.sharing.agreement import Agreement


@dataclass(frozen=True)
class Subject:
    """Somebody a caller asks about, at one point of both time axes. `by_case`: those of the caller's agreements that
    the department's cases on the person count for. `folded_at`: which stored state it is; None for one of the past."""

    person: UUID
    state: PersonState
    by_case: Sequence[Agreement]
    folded_at: datetime | None = None


@dataclass(frozen=True)
class Asking:
    """An official asks about somebody. `agreements`: all those of the department for the official's purpose."""

    caller: Caller
    agreements: Sequence[Agreement]
    subject: Subject

    @property
    def department(self) -> str:
        """The official's."""
        return self.caller.department or ""

    @property
    def whose(self) -> tuple[UUID, str]:
        """Of whom, and for which department."""
        return self.subject.person, self.department


def holds(state: PersonState, number: NamedNumber) -> bool:
    """Whether living facts give the person this identifier."""
    return number in state.other_identifiers or (
        number.type == RESIDENT_NUMBER and number.value == state.identity_number
    )


def may_see(asking: Asking, *, protected_from: bool) -> bool:
    """Whether any of the caller's agreements covers the person: by a case, or because it is about everyone in the
    household register (shared/sharing/disclose.py) and they stand in it; and whether the token is for where they are
    registered. Nobody is seen of whom nothing counts; and nobody who is protected from the caller's department by a
    token for some areas: that they are found would tell where they live (protection rule 12)."""
    state, areas = asking.subject.state, asking.caller.areas
    everyone = any(agreement.scope == "everyone" for agreement in asking.agreements)
    covered = bool(asking.subject.by_case) or (everyone and state.registered)
    here = not areas or (not protected_from and (state.registered_area or "").startswith(tuple(areas)))
    return covered and here and state != UNKNOWN_PERSON
