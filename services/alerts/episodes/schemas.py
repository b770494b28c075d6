"""Bodies of episodes, as they are sent."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.alerts.episodes.consents import Channel, Language
from services.alerts.schedules.facts import Dating, EpisodeFacts
from shared.contracts.values import Day, Identifier, Text, Value
from shared.errors import RuleBroken

Request = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Za-z._-]{8,64}$"),
    Field(
        description="Chosen by the sender, new for each enrolment: the same again is answered with the same episode."
    ),
]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.+-]{0,63}$")]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$")]


class ReachBody(Value):
    """One way in which she chose to be reached."""

    how: Literal["phone", "message", "post", "other"]
    value: Text


class PersonBody(Value):
    """Who is in front of the worker. `identifiers` may be empty: an episode that is linked to nobody stands by itself.

    `avoid`: whom not to contact, in her words.
    """

    name: Text
    identifiers: Annotated[list[Identifier], Field(max_length=4)] = Field(default=[])
    language: Language = "zh"
    reach: Annotated[list[ReachBody], Field(max_length=5)] = Field(default=[])
    avoid: Annotated[list[Text], Field(max_length=10)] = Field(default=[])


class DatingBody(Value):
    """The first day of the last menstrual period, an estimated due date, or both; `counts` says which one counts.

    Without it: at enrolment the first of the two that is known; in a revision the one that is new, and as before where
    none is.
    """

    lmp: Day | None = None
    edd: Day | None = None
    counts: Literal["lmp", "edd"] | None = None

    @model_validator(mode="after")
    def one_is_known(self) -> Self:
        """Without either there is nothing to plan from."""
        if self.lmp is None and self.edd is None:
            raise RuleBroken("needs a last menstrual period or a due date", "需要末次月经日期或预产期")
        if self.counts is not None and getattr(self, self.counts) is None:
            raise RuleBroken("the date that counts is not given", "缺少所选的日期")
        return self


class ChoiceBody(Value):
    """A version of a schedule to follow."""

    schedule: Code
    version: Code


class CareBody(Value):
    """What is known once she has agreed. `schedules`: None leaves it to the norms in force. `worker`: who is named as
    hers; the caller unless given."""

    person: PersonBody
    dating: DatingBody
    multiple: bool = False
    schedules: Annotated[list[ChoiceBody], Field(min_length=1, max_length=10)] | None = None
    worker: Subject | None = None

    def facts(self, today: date) -> EpisodeFacts:
        """What the plan is made of on the day of enrolment."""
        dating = self.dating
        counts = dating.counts or ("lmp" if dating.lmp else "edd")
        return EpisodeFacts(
            enrolled_on=today, lmp=dating.lmp, edd=dating.edd, dating=Dating(counts), multiple=self.multiple
        )

    def details(self) -> dict[str, str]:
        """Nothing is kept beside."""
        return {}


class ConsentBody(Value):
    """Which text she was given in which language, and how she answered. `until`: its last day, not beyond what the text
    allows; that unless given."""

    text: Code
    version: Code
    language: Language
    channel: Channel
    until: Day | None = None


class EnrolmentBody(Value):
    """An enrolment of the woman in front of the caller. With `state` "proposed" she was given the text and has not
    answered yet: nothing about her may be sent."""

    request: Request
    kind: Literal["maternal"] = "maternal"
    state: Literal["proposed", "given"]
    consent: ConsentBody
    care: CareBody | None = None

    @model_validator(mode="after")
    def nothing_before_consent(self) -> Self:
        """Data about her exists only with her consent (protection rule 3)."""
        if (self.care is None) != (self.state == "proposed"):
            raise RuleBroken(
                "`care` comes with a consent that is given, and never before", "仅在同意之后才能提交保健信息"
            )
        return self


class ConsentChangeBody(Value):
    """She agrees to what was proposed (`given`, with `care`), or agrees again: another text, or longer (`changed`)."""

    state: Literal["given", "changed"]
    consent: ConsentBody
    care: CareBody | None = None

    @model_validator(mode="after")
    def care_comes_with_the_first(self) -> Self:
        """What is known is sent when she first agrees."""
        if (self.care is None) != (self.state == "changed"):
            raise RuleBroken("`care` comes with `given`, and with nothing else", "仅在首次同意时提交保健信息")
        return self


class ChildBody(Value):
    """A child of the episode; `number` tells twins apart. `preterm` is computed from the dates where nobody says.
    `discharged_on`: where it differs from the mother's. `ended`: nothing more is planned for this child, and nobody
    asks why; unless given, as it was."""

    number: Annotated[int, Field(ge=1, le=9)]
    born_on: Day
    discharged_on: Day | None = None
    preterm: bool | None = None
    low_weight: bool = False
    birth_defect: bool = False
    ended: bool | None = None


class DeliveryBody(Value):
    """The birth. Sent again, it replaces what was told before; without `children` these stay as they are."""

    delivered_on: Day
    discharged_on: Day | None = None
    children: Annotated[list[ChildBody], Field(max_length=9)] | None = None


class RiskBody(Value):
    """The level that a clinician sets, on a scale, and whether there is an infection, which no feed ever shows."""

    scale: Code = "cn-2017"
    level: Code
    infection: bool = False


class EndBody(Value):
    """Why it ended stays sealed in the care record."""

    because: Words
    on: Day | None = None
