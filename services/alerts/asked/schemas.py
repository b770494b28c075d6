"""Bodies of help that a person asked for."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from services.alerts.episodes.schemas import ChoiceBody, ConsentBody, PersonBody, Request, Subject, Words
from services.alerts.schedules.facts import Child, EpisodeFacts
from services.alerts.schedules.schedule import Schedule
from shared.contracts.values import Day, Identifier, Text, Value
from shared.errors import RuleBroken
from shared.sharing import words


def not_named() -> RuleBroken:
    """Nobody is given a help that they did not name (protection rule 12)."""
    return RuleBroken("names the help that was asked for in `schedules`", "须在 schedules 中列明所请求的帮助")


class GuardianBody(Value):
    """Who asks and agrees for a child. With `identifiers` a guardian's death is shown to the worker."""

    name: Text
    identifiers: Annotated[list[Identifier], Field(max_length=4, default_factory=list)]


class AskedCareBody(Value):
    """What is asked for, and by whom. `person`: whom the help is about, and how whoever asked is reached. `asked_for`:
    in their words. `schedules`: the help they chose; None is for a child's norms in force."""

    person: PersonBody
    asked_for: Words
    guardian: GuardianBody | None = None
    born_on: Day | None = None
    preterm: bool | None = None
    low_weight: bool = False
    birth_defect: bool = False
    schedules: Annotated[list[ChoiceBody], Field(min_length=1, max_length=10)] | None = None
    worker: Subject | None = None

    def facts(self, today: date) -> EpisodeFacts:
        """What the plan is made of: the day of asking, and a child's birth date."""
        return facts_of(self, today)

    def details(self) -> dict[str, str]:
        """What is kept beside: their words, and who agreed for a child."""
        return {"asked_for": self.asked_for} | ({"guardian": self.guardian.name} if self.guardian else {})


class ForeseenBody(Value):
    """What the dates of a help depend on, and nothing of who anybody is. `schedules`: as in a request."""

    kind: Literal["child", "transfer", "entitlement"]
    born_on: Day | None = None
    preterm: bool | None = None
    low_weight: bool = False
    birth_defect: bool = False
    schedules: Annotated[list[ChoiceBody], Field(min_length=1, max_length=10)] | None = None

    @model_validator(mode="after")
    def enough_is_said(self) -> Self:
        """A child's dates count from its birth; other help is named."""
        if self.kind != "transfer" and self.born_on is None:
            raise RuleBroken("`born_on` is needed to count from", "须填写出生日期才能推算时间")
        if self.kind != "child" and self.schedules is None:
            raise not_named()
        return self

    def facts(self, today: date) -> EpisodeFacts:
        """What the plan would be made of, were it asked for today."""
        return facts_of(self, today)


class AskedBody(Value):
    """A request that a worker takes down in front of whoever asks, with their consent. Nothing else starts such
    help."""

    request: Request
    kind: Literal["child", "transfer", "entitlement"]
    consent: ConsentBody
    care: AskedCareBody

    @model_validator(mode="after")
    def a_child_has_a_guardian_and_a_birth_date(self) -> Self:
        """What is about a child is counted from its birth, and agreed to by its guardian; a transfer is one's own."""
        child = self.kind != "transfer"
        if (self.care.guardian is not None) != child or (self.care.born_on is not None) != child:
            raise RuleBroken(
                "`guardian` and `born_on` come with help for a child, and with nothing else",
                "仅在为儿童提供的帮助中填写监护人和出生日期",
            )
        return self

    @model_validator(mode="after")
    def help_is_chosen(self) -> Self:
        """Nobody is given a help that they did not name (protection rule 12)."""
        if self.kind != "child" and self.care.schedules is None:
            raise not_named()
        return self


def facts_of(told: AskedCareBody | ForeseenBody, today: date) -> EpisodeFacts:
    """The day of asking, and the child where there is one."""
    if told.born_on is None:
        return EpisodeFacts(enrolled_on=today)
    child = Child(1, told.born_on, preterm=told.preterm, low_weight=told.low_weight, birth_defect=told.birth_defect)
    return EpisodeFacts(enrolled_on=today, children=(child,))


class TaskView(BaseModel):
    """One task of a help: what is done, why, and which clause says so. `dates_by`: who says when."""

    code: str
    title: words.Words
    reason: words.Words
    clause: words.Words
    source: words.Words
    dates_by: str


class HelpView(BaseModel):
    """A help that may be asked for. `scheme`: what it helps to claim, by the provisioned list."""

    schedule: str
    version: str
    kinds: list[str]
    title: words.Words
    source: words.Words
    scheme: str | None
    tasks: list[TaskView]

    @classmethod
    def of(cls, schedule: Schedule) -> "HelpView":
        """Shape one."""
        return cls(
            schedule=schedule.schedule,
            version=schedule.version,
            kinds=[kind.value for kind in schedule.kinds],
            title=schedule.title,
            source=schedule.source,
            scheme=schedule.scheme,
            tasks=[
                TaskView(
                    code=each.code,
                    title=each.title,
                    reason=each.reason,
                    clause=each.clause,
                    source=each.source or schedule.source,
                    dates_by=each.dates_by.value,
                )
                for each in schedule.by_code.values()
            ],
        )


class HelpsView(BaseModel):
    """Everything that may be asked for here today."""

    helps: list[HelpView]
