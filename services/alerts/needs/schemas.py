"""Bodies of episodes that need a look."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.alerts.episodes.life import KEPT_AFTER
from services.alerts.life.schemas import FindingView
from services.alerts.needs.handlers import Needing, Needs
from services.alerts.needs.rules import Need


class NeedingBody(BaseModel):
    """An episode that needs a look. `name` and `findings` are there only while the consent holds. `erased_after`: of an
    expired consent, the last day on which it can be renewed. `moved_to`: a facility about which she is to be asked;
    `worker`: who is named for it today. `damaged`: its record cannot be opened."""

    episode: UUID
    kind: str
    state: str
    name: str | None
    linked: bool
    consent_until: date
    erased_after: date | None
    moved_to: str | None
    worker: str | None
    findings: list[FindingView]
    damaged: bool

    @classmethod
    def of(cls, need: Need, each: Needing) -> "NeedingBody":
        """Shape one."""
        row = each.stored
        return cls(
            episode=row.episode_id,
            kind=row.kind,
            state=row.state,
            name=each.name,
            linked=row.linked,
            consent_until=row.consent_until,
            erased_after=row.consent_until + KEPT_AFTER if need is Need.EXPIRED else None,
            moved_to=row.moved_to if need is Need.MOVED else None,
            worker=row.worker,
            findings=FindingView.all_of(each.note) if each.note else [],
            damaged=each.damaged,
        )


class NeedsBody(BaseModel):
    """A page of one list. `counts`: how many episodes of the facility stand in each; 501 means more
    than 500. `unopened`: how many of this page are left out, for their keys cannot be read."""

    needs: Need
    episodes: list[NeedingBody]
    unopened: int
    next_after: str | None
    counts: dict[Need, int]

    @classmethod
    def of(cls, page: Needs) -> "NeedsBody":
        """Shape a page."""
        return cls(
            needs=page.need,
            episodes=[NeedingBody.of(page.need, each) for each in page.episodes],
            unopened=page.unopened,
            next_after=page.next_after,
            counts=page.counts,
        )
