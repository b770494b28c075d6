"""Which schedules an episode follows, and which it might, as its page shows them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from services.alerts.episodes.views import EpisodeView
from services.alerts.schedules.handlers import offered_to
from services.alerts.schedules.schedule import Schedule
from services.alerts.schedules.selection import Catalogue
from services.alerts.state import Alerts
from shared.auth.caller import Caller
from shared.sharing.words import Words


@dataclass(frozen=True)
class Following:
    """A schedule on the page. `version`: the one that is followed, None where none is; `offered`: what may be followed
    instead or as well."""

    schedule: str
    version: str | None
    title: Words
    known: Schedule | None
    offered: Schedule | None


def schedules_of(alerts: Alerts, caller: Caller, shown: EpisodeView) -> list[Following]:
    """Those of an episode; none while no consent holds."""
    if shown.record is None:
        return []
    choices = [(each.schedule, each.version) for each in shown.record.schedules]
    return followed(alerts.care.catalogue, choices, offered_to(alerts.care, caller, shown.kind))


def followed(
    catalogue: Catalogue, choices: Collection[tuple[str, str]], on_offer: Iterable[Schedule]
) -> list[Following]:
    """Those that are followed, each with another version where one is on offer; then the others that are on offer."""
    offers = {each.schedule: each for each in on_offer}
    found = []
    for schedule, version in sorted(choices):
        known, other = catalogue.get((schedule, version)), offers.pop(schedule, None)
        title = known.title if known else Words(zh=schedule, en=schedule)
        newer = other if other and other.version != version else None
        found.append(Following(schedule, version, title, known, newer))
    return found + [Following(name, None, each.title, None, each) for name, each in sorted(offers.items())]
