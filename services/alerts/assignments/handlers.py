"""Use cases of assignments, for an episode whose duty the caller's facility has."""

from uuid import UUID

from services.alerts.assignments import repository
from services.alerts.assignments.repository import Assigned
from services.alerts.assignments.schemas import NOT_LISTED, WorkersBody
from services.alerts.episodes import life
from services.alerts.episodes.acting import acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.duty import at_duty, to_change
from shared.auth.caller import Caller
from shared.errors import Fault, Invalid, Text

BEFORE = Text("ends before it begins", "结束日期早于开始日期")


async def read(care: Care, caller: Caller, episode_id: UUID) -> list[Assigned]:
    """Who is named. Raises NotFound."""
    async with acting(care) as act:
        episode = await at_duty(act, caller, episode_id)
        await life.note(act, caller, episode, "read-workers", ("worker",))
        return await repository.of_episode(act.connection, episode_id, episode.facility)


async def put(care: Care, caller: Caller, episode_id: UUID, body: WorkersBody) -> list[Assigned]:
    """Name these workers. Again is the same. Raises NotFound, Conflict; Invalid for who is not listed here."""
    today = care.today()
    wanted = [Assigned(each.subject, each.begins or today, each.until) for each in body.workers]
    for place, each in enumerate(wanted):
        if each.valid_until is not None and each.valid_until < each.valid_from:
            raise Invalid(faults=[Fault(f"/workers/{place}/until", BEFORE)])
    async with acting(care) as act:
        episode = await to_change(act, caller, episode_id)
        subjects = [each.subject for each in wanted]
        strangers = await repository.not_listed(act.connection, episode.facility, subjects, today)
        if strangers:
            places = [place for place, each in enumerate(wanted) if each.subject in strangers]
            raise Invalid(faults=[Fault(f"/workers/{place}/subject", NOT_LISTED) for place in places])
        await life.note(act, caller, episode, "name-workers")
        await repository.name(act.connection, episode_id, episode.facility, wanted)
        return await repository.of_episode(act.connection, episode_id, episode.facility)
