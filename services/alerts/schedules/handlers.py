"""Which schedules a running episode follows: another version is adopted, or one is left, for what is still to come."""

from uuid import UUID

import msgspec

from services.alerts.contacts.planning import facts_of, held
from services.alerts.episodes import life, problems
from services.alerts.episodes.acting import acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.duty import to_change
from services.alerts.schedules.moves import Move, preview
from services.alerts.schedules.schedule import EpisodeKind, Schedule
from services.alerts.schedules.selection import Choice, adopted
from shared.auth.caller import Caller
from shared.errors import Conflict, declare
from shared.errors_text import ErrorText

declare(
    "nothing-to-follow",
    ErrorText(
        409,
        "It would leave nothing to follow",
        "将不再有任何适用方案",
        "Adopt another schedule first, or end the episode.",
        "请先选用其他方案，或结束该服务。",
    ),
)


def offered(care: Care, caller: Caller, kind: EpisodeKind) -> list[Schedule]:
    """What episodes of this kind may follow at the caller's facility today."""
    facility = caller.facility or ""
    return care.catalogue.offered(kind, care.today(), facility=facility, serves=care.serves(facility))


async def follow(
    care: Care, caller: Caller, episode_id: UUID, schedule: str, version: str | None, *, dry_run: bool
) -> list[Move]:
    """Follow this version of a schedule from today on, or (None) follow it no more; what moves by it. Finished contacts
    stay as they are. The same version again changes nothing. Raises NotFound, Invalid for what is not on offer here,
    Conflict where it would leave nothing to follow, or where no consent holds."""
    async with acting(care) as act:
        episode = await to_change(act, caller, episode_id)
        kept = life.opened(care, episode)
        if kept.facts is None:
            raise Conflict
        if version is None:
            choices = tuple(each for each in kept.choices if each.schedule != schedule)
        elif (schedule, version) in {each.names for each in kept.choices}:
            choices = kept.choices
        elif (schedule, version) in {(each.schedule, each.version) for each in offered_to(care, caller, episode.kind)}:
            choices = adopted(kept.choices, Choice(schedule, version, care.today()))
        else:
            raise problems.wrong("/version", problems.UNKNOWN_SCHEDULE)
        if not choices:
            raise Conflict("nothing-to-follow")
        known = await held(act.connection, care, episode)
        facts = facts_of(kept, known) or kept.facts
        moves = preview(care.catalogue, kept.choices, facts, new_choices=choices)
        await life.note(act, caller, episode, "preview-schedules" if dry_run else "choose-schedules")
        if not dry_run and choices != kept.choices:
            await life.rewrite(act, episode, msgspec.structs.replace(kept, choices=choices), known)
    return moves


def offered_to(care: Care, caller: Caller, kind: str) -> list[Schedule]:
    """What an episode may follow; kinds of help that follow no schedule may follow none."""
    return offered(care, caller, EpisodeKind(kind)) if kind in set(EpisodeKind) else []
