"""Use cases of an episode: each in one transaction, written down, for staff of the facility that has the duty."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec

from services.alerts.contacts.planning import facts_of, held
from services.alerts.episodes import enrolment, life, problems, repository
from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.duty import at_duty, to_change
from services.alerts.episodes.identity import erased_name
from services.alerts.episodes.record import CareRecord, Kind
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.rules import next_step
from services.alerts.episodes.schemas import ChildBody, ConsentChangeBody, DatingBody, DeliveryBody, EndBody, RiskBody
from services.alerts.episodes.views import FIELDS, EpisodeView, view
from services.alerts.life.handlers import Life, beside
from services.alerts.schedules.facts import Child, Dating, EpisodeFacts, Risk
from services.alerts.schedules.moves import Move, preview
from services.alerts.schedules.selection import UnknownSchedule
from shared.auth.caller import Caller
from shared.errors import Conflict, NotFound


async def read(care: Care, caller: Caller, episode_id: UUID) -> EpisodeView:
    """The whole care record. Without a consent that holds, only where the episode stands. Raises NotFound."""
    async with acting(care) as act:
        episode = await at_duty(act, caller, episode_id)
        shown = await view(act, episode)
        await life.note(act, caller, episode, "read-episode", FIELDS if shown.record else ())
    return shown


async def agreed(care: Care, caller: Caller, episode_id: UUID, body: ConsentChangeBody) -> None:
    """She agrees to what was proposed, or agrees again. Raises NotFound, Conflict, Invalid."""
    async with acting(care) as act:
        if body.care is None:  # what is beside it may be known again
            await repository.families(act.connection)
        episode = await at_duty(act, caller, episode_id)
        if episode.state == "ended":
            raise problems.episode_over()
        told = enrolment.noted(care, caller, Kind(episode.kind), body.consent)
        until = enrolment.until_of(care, episode.kind, body.consent)
        kept = life.opened(care, episode)
        if body.care is not None:
            if kept.facts is not None:
                raise Conflict
            await life.note(act, caller, episode, "take-consent")
            await enrolment.first_agreed(act, caller, episode, kept, told, until, body.care)
            return
        if episode.consent_until is None:
            raise Conflict
        expired = not life.holds(episode, care.today())
        await life.note(act, caller, episode, "change-consent")
        await life.consented(act, episode, "changed", until, told)
        changed = episode.but(
            consent_until=until,
            next_look_on=until + timedelta(days=1),
            consent_tell_on=next_step(until, care.today()),
        )
        await repository.update(act.connection, changed)
        if expired:
            if not kept.paused:
                changed = await life.resume(act, changed)
            await Life(care).settle_moved(act, changed)


async def withdraw(care: Care, caller: Caller, episode_id: UUID) -> None:
    """She withdraws: nothing of it is left, within this call. Again is answered the same. Raises NotFound for what was
    never at the caller's facility."""
    facility = caller.facility or ""
    async with acting(care) as act:
        await repository.families(act.connection)
        episode = await repository.one(act.connection, episode_id, facility)
        if episode is not None:
            known = await beside(act, episode)
            await life.withdraw(act, caller, episode)
            await Life(care).settle_all(act, known)
        elif not await repository.written_down_here(act.connection, erased_name(episode_id), facility, life.WITHDRAWN):
            raise NotFound


async def pause(care: Care, caller: Caller, episode_id: UUID) -> None:
    """She wants no reminders for now. Again is the same."""
    async with acting(care) as act:
        episode = await to_change(act, caller, episode_id)
        await life.note(act, caller, episode, "pause")
        await life.pause(act, episode)


async def resume(care: Care, caller: Caller, episode_id: UUID) -> None:
    """Reminders begin again. Again is the same."""
    async with acting(care) as act:
        episode = await to_change(act, caller, episode_id)
        await life.note(act, caller, episode, "resume")
        await life.resume(act, episode)


async def end(care: Care, caller: Caller, episode_id: UUID, body: EndBody) -> None:
    """It is over; why stays sealed. Again is the same. Raises Invalid for a day that has not come."""
    async with acting(care) as act:
        await repository.families(act.connection)
        episode = await at_duty(act, caller, episode_id)
        on = body.on or care.today()
        if on > care.today():
            raise problems.wrong("/on", problems.NOT_IN_FORCE)
        await life.note(act, caller, episode, "end-episode")
        over = await life.end(act, episode, body.because, on)
        await Life(care).settle_moved(act, over)


async def dates(care: Care, caller: Caller, episode_id: UUID, body: DatingBody, *, dry_run: bool) -> list[Move]:
    """A revised dating: what moves by it. With `dry_run` nothing does."""
    async with acting(care) as act:
        episode, kept, facts = await planned(act, caller, episode_id)
        told = replace(facts, lmp=body.lmp, edd=body.edd, dating=counting(body, facts), dated_on=care.today())
        return await revised(act, caller, episode, kept, told, "", "revise-dates", dry_run=dry_run)


def counting(body: DatingBody, facts: EpisodeFacts) -> Dating:
    """Which date of a revision counts: what somebody says, the only one that is given, the one that is new, or the one
    that counted. Raises Invalid where both are new: nobody may guess which one she is treated by."""
    if body.counts is not None:
        return Dating(body.counts)
    given = {Dating.LMP: body.lmp, Dating.EDD: body.edd}
    known = [each for each, day in given.items() if day is not None]
    new = [each for each in known if given[each] != getattr(facts, each.value)]
    if len(known) > 1 and len(new) > 1:
        raise problems.wrong("/counts", problems.WHICH_COUNTS)
    if len(known) == 1:
        return known[0]
    return new[0] if new else facts.dating


def children_of(told: Sequence[ChildBody], known: Sequence[Child]) -> tuple[Child, ...]:
    """The children as they are told, by number; over for whom it was over, unless somebody says otherwise."""
    over = {each.number for each in known if each.ended}
    return tuple(
        Child(
            each.number,
            each.born_on,
            each.discharged_on,
            each.preterm,
            each.low_weight,
            each.birth_defect,
            ended=each.number in over if each.ended is None else each.ended,
        )
        for each in sorted(told, key=lambda child: child.number)
    )


async def delivery(care: Care, caller: Caller, episode_id: UUID, body: DeliveryBody, *, dry_run: bool) -> list[Move]:
    """The birth, the discharge and the children: what appears and vanishes by it. With `dry_run` nothing does."""
    async with acting(care) as act:
        episode, kept, facts = await planned(act, caller, episode_id)
        children = facts.children if body.children is None else children_of(body.children, facts.children)
        told = replace(facts, delivered_on=body.delivered_on, discharged_on=body.discharged_on, children=children)
        return await revised(act, caller, episode, kept, told, "", "record-delivery", dry_run=dry_run)


async def risk(care: Care, caller: Caller, episode_id: UUID, body: RiskBody) -> list[Move]:
    """The level that a clinician sets, and the infection flag. The level changes the plan; the flag changes nothing
    that anybody but a reader of the record could see. Raises Invalid for an unknown level."""
    async with acting(care) as act:
        episode, kept, facts = await planned(act, caller, episode_id)
        try:
            care.catalogue.level(body.scale, body.level)
        except UnknownSchedule:
            raise problems.wrong("/level", problems.UNKNOWN_LEVEL) from None
        same = facts.risk and (facts.risk.scale, facts.risk.level) == (body.scale, body.level)
        level = facts.risk if same else Risk(body.scale, body.level, care.today())
        kept = msgspec.structs.replace(kept, infection=body.infection, risk_set_by=caller.subject)
        return await revised(act, caller, episode, kept, replace(facts, risk=level), "", "set-risk", dry_run=False)


async def planned(act: Act, caller: Caller, episode_id: UUID) -> tuple[Episode, CareRecord, EpisodeFacts]:
    """An episode that may be changed, with its record and the facts of its plan. Raises NotFound, Conflict."""
    episode = await to_change(act, caller, episode_id)
    kept = life.opened(act.care, episode)
    if kept.facts is None:
        raise Conflict
    return episode, kept, kept.facts


async def revised(
    act: Act,
    caller: Caller,
    episode: Episode,
    kept: CareRecord,
    facts: EpisodeFacts,
    place: str,
    action: str,
    *,
    dry_run: bool,
) -> list[Move]:
    """Other facts for the plan of an episode: what differs, and unless it is only asked, the contacts brought to it."""
    care = act.care
    problems.refuse(place, facts.faults(care.today()))
    known = await held(act.connection, care, episode)
    before = facts_of(kept, known)
    after = msgspec.structs.replace(kept, facts=facts)
    found = preview(care.catalogue, kept.choices, before or facts, new_facts=facts_of(after, known))
    await life.note(act, caller, episode, f"preview-{action}" if dry_run else action, ("contacts",))
    if not dry_run:
        await life.rewrite(act, episode, after, known)
    return found
