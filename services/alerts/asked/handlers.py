"""Use cases of help that a person asked for: what there is, and taking a request down.

A request is an episode like any other: the same consent, key, contacts, outcomes, pause and withdrawal. Kinds differ by
data only, and what was claimed or done is known from the worker or from whoever asked, never from another department.
"""

from uuid import UUID

from services.alerts.asked.schemas import AskedBody, ForeseenBody, HelpsView, HelpView
from services.alerts.episodes import problems
from services.alerts.episodes.acting import acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.enrolment import chosen, enrolled, identifiers, resolved
from services.alerts.life.handlers import concerns
from services.alerts.life.rules import Kin
from services.alerts.schedules import handlers as schedules
from services.alerts.schedules.plan import PlannedContact, plan
from services.alerts.schedules.schedule import EpisodeKind
from shared.auth.caller import Caller

KINDS = (EpisodeKind.CHILD, EpisodeKind.TRANSFER, EpisodeKind.ENTITLEMENT)


def offered(care: Care, caller: Caller) -> HelpsView:
    """What may be asked for at the caller's facility today. It tells nothing of anybody."""
    found = {each.names: each for kind in KINDS for each in schedules.offered(care, caller, kind)}
    return HelpsView(helps=[HelpView.of(found[names]) for names in sorted(found)])


def foreseen(care: Care, caller: Caller, body: ForeseenBody) -> list[PlannedContact]:
    """What would be done and when, were it asked for today. Nothing is kept of it, and nobody is looked up.

    Raises Invalid for what cannot be.
    """
    today = care.today()
    if body.born_on is not None and body.born_on > today:
        raise problems.wrong("/care/born_on", problems.NOT_IN_FORCE)
    choices = chosen(care, EpisodeKind(body.kind), caller.facility or "", body.schedules)
    return plan(care.catalogue, choices, body.facts(today))


async def ask(care: Care, caller: Caller, body: AskedBody) -> tuple[UUID, bool]:
    """Take a request down; the episode, and whether it is new. The same request, or the same help for the same person
    at this facility, is answered with the episode there is.

    Raises Conflict for a request used for something else, or where this person's episode here has a consent that
    expired or follows other schedules; Invalid for what cannot be.
    """
    if body.care.born_on is not None and body.care.born_on > care.today():
        raise problems.wrong("/care/born_on", problems.NOT_IN_FORCE)
    async with acting(care) as act:
        found = await enrolled(act, caller, body)
        guardian = body.care.guardian
        if found.created and guardian is not None and guardian.identifiers:
            reference = await resolved(act, identifiers(care, guardian.identifiers))
            if reference is not None:
                await concerns(act, found.episode_id, Kin.GUARDIAN, reference)
    return found.taken()
