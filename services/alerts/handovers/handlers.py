"""Use cases of hand-over: offer, accept, decline, take back, and see what waits."""

from dataclasses import dataclass
from uuid import UUID

from services.alerts import cursors
from services.alerts.assignments import repository as assignments
from services.alerts.episodes import life
from services.alerts.episodes import repository as episodes
from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.duty import to_change
from services.alerts.episodes.identity import log_names
from services.alerts.episodes.repository import Episode
from services.alerts.facilities.duty import Facilities, Facility
from services.alerts.handovers import agreement, offers, repository, rules
from services.alerts.handovers.agreement import HandoverNote
from services.alerts.handovers.repository import Offer
from services.alerts.handovers.rules import State
from services.alerts.handovers.schemas import CountsView, HandoversView, IncomingView, OfferBody, OfferedView
from shared.audit.log import Reading, record
from shared.auth.caller import Caller
from shared.db import Connection
from shared.errors import Conflict, Fault, Invalid, NotFound, Text, declare
from shared.errors_text import ErrorText

LISTS = ("incoming", "outgoing")
ELSEWHERE = Text("must be a provisioned facility, and another one", "须为另一家已登记的机构")
SERVED = Text("is an area that no other facility serves today", "该地区今日没有其他机构服务")
VERSION = Text("is not the version in force", "不是现行版本")
PAST = Text("is over", "日期已过")

declare(
    "handover-open",
    ErrorText(
        409,
        "Another offer of this episode is open",
        "该服务已有未答复的转接",
        "Take it back first, or wait for the answer.",
        "请先收回，或等待答复。",
    ),
)
declare(
    "handover-decided",
    ErrorText(
        409,
        "This offer was decided otherwise",
        "该转接已另有决定",
        "What was decided stays; a new offer may be made.",
        "已作出的决定不再更改；可重新提出转接。",
    ),
)


@dataclass(frozen=True)
class Handovers:
    """What the use cases need."""

    care: Care
    facilities: Facilities

    def recipient(self, code: str, caller: Caller) -> Facility:
        """The facility she is told about. Raises Invalid for none, and for the caller's own."""
        found = self.facilities.get(code)
        if found is None or code == caller.facility:
            raise Invalid(faults=[Fault("/to", ELSEWHERE)])
        return found

    async def offer(self, caller: Caller, episode_id: UUID, body: OfferBody) -> tuple[OfferedView, bool]:
        """Offer an episode of the caller's facility, as she agreed; the offer, and whether it is new. Again is the
        same.

        Raises NotFound, Conflict while another offer is open, Invalid for who cannot be offered it.
        """
        today = self.care.today()
        to, area = self.addressed(caller, body)
        if body.agreed.version != agreement.VERSION:
            raise Invalid(faults=[Fault("/agreed/version", VERSION)])
        if body.until is not None and body.until < today:
            raise Invalid(faults=[Fault("/until", PAST)])
        note = HandoverNote(
            offered_by=caller.subject,
            text_version=body.agreed.version,
            digest=agreement.digest(to, body.agreed.language),
            language=body.agreed.language,
            channel=body.agreed.channel,
            agreement_by=caller.subject,
        )
        async with acting(self.care) as act:
            episode = await to_change(act, caller, episode_id)
            await life.note(act, caller, episode, "offer-handover")
            made, new = await offers.offered(act, episode, to.code, area, body.until, note)
            if (made.to_facility, made.until) != (to.code, body.until):
                raise Conflict("handover-open")
        return self.outgoing(made), new

    def addressed(self, caller: Caller, body: OfferBody) -> tuple[Facility, str]:
        """The facility an offer goes to, and the prefix of the area for which it is on duty. Raises Invalid."""
        today = self.care.today()
        if body.to is not None:
            return self.recipient(body.to, caller), self.facilities.prefix(body.to, None, today)
        code = self.facilities.on_duty(body.area, today)
        if code is None or code == caller.facility:
            raise Invalid(faults=[Fault("/area", SERVED)])
        return self.recipient(code, caller), self.facilities.prefix(code, body.area, today)

    async def accept(self, caller: Caller, handover_id: UUID) -> UUID:
        """Take the duty over; the episode, which the former facility sees no longer. Again is the same.

        Raises NotFound for what is not offered to the caller's facility, is withdrawn or without consent; Conflict for
        what was decided otherwise while the duty is here.
        """
        async with acting(self.care) as act:
            await episodes.families(act.connection)
            offer, episode = await self.offered_here(act, caller, handover_id)
            if self.undecided(caller, offer, episode, State.ACCEPTED):
                await life.note(act, caller, episode, "accept-handover")
                await repository.end_stays(act.connection, episode.episode_id)
                named = await assignments.of_episode(act.connection, episode.episode_id, episode.facility)
                former = tuple(each.subject for each in named if each.valid_until is None)
                await offers.decide(
                    act, offer, State.ACCEPTED, episode, decided_by=caller.subject, former_workers=former
                )
                await offers.hand_on(act, episode, offer.to_facility, [caller.subject])
        return offer.episode_id

    async def decline(self, caller: Caller, handover_id: UUID) -> None:
        """The duty stays where it is. Raises as `accept`."""
        async with acting(self.care) as act:
            offer, episode = await self.offered_here(act, caller, handover_id)
            if self.undecided(caller, offer, episode, State.DECLINED):
                await life.note(act, caller, episode, "decline-handover")
                await offers.decide(act, offer, State.DECLINED, episode, decided_by=caller.subject)

    async def take_back(self, caller: Caller, handover_id: UUID) -> None:
        """She does not want it, or it was a mistake. Again is the same. Raises NotFound for another's offer, and
        for one after which the duty is no longer here."""
        async with acting(self.care) as act:
            found = await repository.one(act.connection, handover_id)
            if found is None or found.from_facility != caller.facility:
                raise NotFound
            offer, episode = await self.held(act, found)
            if self.undecided(caller, offer, episode, State.WITHDRAWN):
                await life.note(act, caller, episode, "take-back-handover")
                await offers.decide(act, offer, State.WITHDRAWN, episode, decided_by=caller.subject)

    async def listed(self, caller: Caller, after: str | None, limit: int) -> HandoversView:
        """What waits at the caller's facility: so many of each list for care workers, counts for supervisors. Reads of
        lists are written down. Raises Invalid for what is no cursor."""
        facility, today = caller.facility or "", self.care.today()
        page = f"handovers:{facility}"
        start = cursors.read(self.care.ring, page, LISTS, after) if after else {}
        shown = HandoversView()
        async with acting(self.care) as act:
            if "care-worker" in caller.roles:
                asked = (act.connection, facility, today)
                coming = await repository.incoming(*asked, start.get("incoming"), limit + 1)
                going = await repository.outgoing(*asked, start.get("outgoing"), limit + 1)
                shown.incoming = [self.incoming(each) for each in await read(act, caller, coming[:limit], "area")]
                shown.outgoing = [self.outgoing(each) for each in await read(act, caller, going[:limit], "episode")]
                if max(len(coming), len(going)) > limit:
                    told = zip(LISTS, (coming[:limit], going[:limit]), strict=True)
                    places = start | {name: offers[-1].place for name, offers in told if offers}
                    shown.next_after = cursors.write(self.care.ring, page, LISTS, places)
            if "supervisor" in caller.roles:
                shown.counts = await self.counted(act.connection, caller)
        return shown

    async def counted(self, connection: Connection, caller: Caller) -> CountsView:
        """How much waits at the caller's facility, and how much of it too long."""
        facility, today = caller.facility or "", self.care.today()
        found = await repository.counts(connection, facility, today, rules.escalated_before(today))
        lost = None
        if self.facilities.catches(facility, today):
            lost = await repository.without_facility(connection, self.facilities.codes)
        return CountsView(**vars(found), without_facility=lost)

    async def offered_here(self, act: Act, caller: Caller, handover_id: UUID) -> tuple[Offer, Episode]:
        """An offer to the caller's facility, with its episode held. Raises NotFound, also while she was not asked."""
        found = await repository.one(act.connection, handover_id)
        if found is None or found.to_facility != caller.facility:
            raise NotFound
        offer, episode = await self.held(act, found)
        if offer.state is State.ASKING or (offer.state is State.WITHDRAWN and offer.sealed is None):
            raise NotFound
        return offer, episode

    async def held(self, act: Act, found: Offer) -> tuple[Offer, Episode]:
        """Hold the episode, and read the offer again: who decides waits for who decided before. Raises NotFound."""
        episode = await episodes.one(act.connection, found.episode_id)
        offer = await repository.one(act.connection, found.handover_id)
        if episode is None or offer is None or self.care.vault.key(episode.episode_id) is None:
            raise NotFound
        return offer, episode

    def undecided(self, caller: Caller, offer: Offer, episode: Episode, wanted: State) -> bool:
        """Whether it may be decided so now; False where it was before. Raises Conflict.

        Raises NotFound for what does not stand any more, and for what was decided unless the duty is the caller's:
        whoever sees the episode no more shall not find out by asking again whether she has withdrawn since.
        """
        here = episode.facility == caller.facility
        stands = here
        if offer.state in rules.OPEN:
            goes_on = episode.state != "ended" and life.holds(episode, self.care.today())
            stands = episode.facility == offer.from_facility and (here or goes_on)
        if not stands:
            raise NotFound
        if rules.may_become(offer.state, wanted):
            return True
        if not rules.already(offer.state, wanted):
            raise Conflict("handover-decided")
        return False

    def incoming(self, offer: Offer) -> IncomingView:
        """All that is shown of an offer before it is accepted."""
        late = rules.waits_too_long(offer.state, offer.since, self.care.today())
        return IncomingView(id=offer.handover_id, area=offer.area, since=offer.since, until=offer.until, too_long=late)

    def outgoing(self, offer: Offer) -> OfferedView:
        """An offer as the facility that made it sees it."""
        return OfferedView(
            id=offer.handover_id,
            episode=offer.episode_id,
            to=offer.to_facility,
            state=offer.state.value,
            since=offer.since,
            until=offer.until,
            too_long=rules.waits_too_long(offer.state, offer.since, self.care.today()),
        )


async def read(act: Act, caller: Caller, found: list[Offer], field: str) -> list[Offer]:
    """Write down that these offers were read; those whose episode was not erased a moment ago, and can be
    opened."""
    names = log_names(act.care.vault, (offer.episode_id for offer in found))
    kept = [offer for offer in found if offer.episode_id in names]
    readings = [Reading(names[offer.episode_id], (field,)) for offer in kept]
    await record(act.connection, caller, readings, action="handovers", basis=life.BASIS)
    return kept
