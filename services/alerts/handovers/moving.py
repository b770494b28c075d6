"""Who lives where another facility is on duty by now is asked about; whose stay elsewhere is over comes back."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.alerts.episodes import life
from services.alerts.episodes import repository as episodes
from services.alerts.episodes.acting import Act, acting
from services.alerts.episodes.care import Care
from services.alerts.episodes.identity import person_indexes
from services.alerts.episodes.repository import Episode
from services.alerts.episodes.vault import Erased
from services.alerts.facilities.duty import Facilities
from services.alerts.handovers import offers, repository
from services.alerts.handovers.offers import decide
from services.alerts.handovers.rules import State
from services.alerts.handovers.serving import serving_now
from shared.crypto.sealing import Unsealable

BATCH = 200


@dataclass(frozen=True)
class Moving:
    """What the use cases need."""

    care: Care
    facilities: Facilities

    async def heard(self, act: Act, names: Sequence[str]) -> None:
        """Something was said of these people, or who serves them has changed. Again is the same."""
        for name, person in await self.people(act, names):
            for episode in person:
                await self.settle(act, episode, name)

    async def people(self, act: Act, names: Sequence[str]) -> list[tuple[str, list[Episode]]]:
        """Those of them who have episodes, locked, with one of their names each. One statement asks for all: hardly
        anybody has one."""
        ring, found = act.care.ring, []
        concerned = await episodes.of_people(act.connection, person_indexes(ring, names))
        by_index: dict[bytes, list[Episode]] = {}
        for episode in concerned:
            by_index.setdefault(episode.person_index or b"", []).append(episode)
        for name in names if concerned else ():
            (index,) = person_indexes(ring, [name])
            if index in by_index:
                found.append((name, by_index.pop(index)))
        return found

    async def settle(self, act: Act, episode: Episode, name: str) -> None:
        """One episode: whether another facility serves where she lives than when it was looked at last. Where she lives
        is told no more: no offer stays open, and nothing that was kept of one tells it (protection rule 12)."""
        today = act.care.today()
        area, serving = await serving_now(act, name)
        if serving == await repository.served(act.connection, episode.episode_id, episode.facility):
            return
        await repository.serve(act.connection, episode.episode_id, serving)
        if area is None:
            await offers.take_back(act, episode, all_of_them=True)
            await repository.blank(act.connection, episode.episode_id)
            return
        if episode.state == "ended" or not life.holds(episode, today):
            return
        try:
            if serving is None or serving == episode.facility:
                await offers.take_back(act, episode, all_of_them=False)
            else:
                await offers.ask(act, episode, serving, self.facilities.prefix(serving, area, today))
        except Erased:  # withdrawn, and about to be removed
            return

    async def let_stays_end(self) -> int:
        """Give the duty back where the last day of a stay has passed; how many there were. Missed days are made up
        once."""
        async with acting(self.care) as act:
            await episodes.families(act.connection)
            over = await repository.over(act.connection, self.care.today(), BATCH)
            for handover_id, episode_id in over:
                offer = await repository.one(act.connection, handover_id)
                episode = await episodes.one(act.connection, episode_id)
                assert offer is not None
                assert episode is not None
                if self.facilities.get(offer.from_facility) is None:  # nobody is there: it stays where she stayed
                    await repository.forever(act.connection, handover_id)
                    continue
                if (left := await repository.open_of(act.connection, episode_id)) is not None:
                    await decide(act, left, State.WITHDRAWN)
                await decide(act, offer, State.RETURNED)
                try:
                    former = offers.opened(act, offer).former_workers
                except (Erased, Unsealable):  # the duty goes back without it: one record holds nobody else's stay up
                    former = ()
                await offers.hand_on(act, episode, offer.from_facility, former)
        return len(over)
