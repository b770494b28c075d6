"""An episode as the staff on duty, and she herself, read it."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from services.alerts.assignments import repository as assignments
from services.alerts.contacts.forecast import ComingView, forecast
from services.alerts.contacts.planning import held
from services.alerts.contacts.views import ContactView, contact_view
from services.alerts.episodes import life, repository
from services.alerts.episodes.acting import Act
from services.alerts.episodes.record import CareRecord
from services.alerts.episodes.repository import Episode
from services.alerts.life.knowing import noted_now
from services.alerts.life.schemas import FindingView

FIELDS: Final = ("name", "reach", "avoid", "dating", "children", "risk", "infection", "contacts", "consent")


class ReachView(BaseModel):
    """One way in which she chose to be reached."""

    how: str
    value: str


class ChildView(BaseModel):
    """A child of the episode."""

    number: int
    born_on: date
    discharged_on: date | None
    preterm: bool | None
    low_weight: bool
    birth_defect: bool
    ended: bool


class ChoiceView(BaseModel):
    """A schedule that is followed."""

    schedule: str
    version: str


class RecordView(BaseModel):
    """The care record."""

    name: str | None
    language: str
    linked: bool
    reach: list[ReachView]
    avoid: list[str]
    worker: str | None
    enrolled_by: str
    enrolled_on: date | None
    lmp: date | None
    edd: date | None
    due_on: date | None
    counts: str | None
    dated_on: date | None
    delivered_on: date | None
    discharged_on: date | None
    multiple: bool
    children: list[ChildView]
    schedules: list[ChoiceView]
    risk_scale: str | None
    risk_level: str | None
    risk_set_on: date | None
    risk_set_by: str | None
    infection: bool
    ended_on: date | None
    ended_because: str | None
    details: dict[str, str]

    @classmethod
    def of(cls, kept: CareRecord, worker: str | None) -> "RecordView":
        """Shape a record. `worker`: who is named for it today."""
        facts = kept.facts
        risk = facts.risk if facts else None
        return cls(
            name=kept.name,
            language=kept.language,
            linked=kept.reference is not None,
            reach=[ReachView(how=each.how, value=each.value) for each in kept.reach],
            avoid=list(kept.avoid),
            worker=worker,
            enrolled_by=kept.enrolled_by,
            enrolled_on=facts.enrolled_on if facts else None,
            lmp=facts.lmp if facts else None,
            edd=facts.edd if facts else None,
            due_on=facts.due_on if facts else None,
            counts=facts.dating.value if facts else None,
            dated_on=facts.dated_on if facts else None,
            delivered_on=facts.delivered_on if facts else None,
            discharged_on=facts.discharged_on if facts else None,
            multiple=facts.multiple if facts else False,
            children=[
                ChildView(
                    number=each.number,
                    born_on=each.born_on,
                    discharged_on=each.discharged_on,
                    preterm=each.preterm,
                    low_weight=each.low_weight,
                    birth_defect=each.birth_defect,
                    ended=each.ended,
                )
                for each in (facts.children if facts else ())
            ],
            schedules=[ChoiceView(schedule=each.schedule, version=each.version) for each in kept.choices],
            risk_scale=risk.scale if risk else None,
            risk_level=risk.level if risk else None,
            risk_set_on=risk.set_on if risk else None,
            risk_set_by=kept.risk_set_by,
            infection=kept.infection,
            ended_on=kept.ended_on,
            ended_because=kept.ended_because,
            details=kept.details,
        )


class ConsentView(BaseModel):
    """One step in the life of the consent."""

    state: str
    until: date | None
    recorded_at: datetime
    text: str
    version: str
    digest: str
    language: str
    channel: str
    by: str


class EpisodeView(BaseModel):
    """An episode. `record`, `contacts` (those that were, and the next ones) and `forecast` (all that is still to come)
    are shown only while a consent holds."""

    episode: UUID
    kind: str
    state: str
    consent: str
    consent_until: date | None
    opened_at: datetime
    record: RecordView | None
    consents: list[ConsentView]
    findings: list[FindingView]
    contacts: list[ContactView]
    forecast: list[ComingView]


async def view(act: Act, episode: Episode) -> EpisodeView:
    """A locked episode, opened. Raises Erased."""
    care = act.care
    steps = [
        (step, life.consent_of(care, episode, step.sealed))
        for step in await repository.consents(act.connection, episode.episode_id)
    ]
    holds = life.holds(episode, care.today())
    kept = life.opened(care, episode) if holds else None
    known = await held(act.connection, care, episode) if holds else []
    last = steps[-1][0].state
    worker = await assignments.shown(act.connection, episode.episode_id, episode.facility, care.today())
    return EpisodeView(
        episode=episode.episode_id,
        kind=episode.kind,
        state=episode.state,
        consent="expired" if last in ("given", "changed") and not holds else last,
        consent_until=episode.consent_until,
        opened_at=episode.opened_at,
        record=RecordView.of(kept, worker) if kept else None,
        consents=[
            ConsentView(
                state=step.state,
                until=step.until,
                recorded_at=step.recorded_at,
                text=told.text,
                version=told.text_version,
                digest=told.digest,
                language=told.language,
                channel=told.channel,
                by=told.by,
            )
            for step, told in steps
        ],
        findings=FindingView.all_of(await noted_now(act, episode)) if holds else [],
        contacts=[contact_view(care, each) for each in known],
        forecast=forecast(care, kept, known) if kept else [],
    )
