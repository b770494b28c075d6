"""What the pages call things that come from data."""

from services.alerts.schedules.plan import PlannedContact
from services.alerts.schedules.selection import Catalogue, UnknownSchedule
from shared.sharing.words import Words


def levels(catalogue: Catalogue) -> list[tuple[str, Words]]:
    """Every level of every scale: the value of a form's choice, and what it is called."""
    scales = catalogue.scales.values()
    return [(f"{scale.scale}/{each.code}", each.title) for scale in scales for each in scale.levels]


def title_of(catalogue: Catalogue, contact: PlannedContact) -> Words:
    """What a contact of a plan is called."""
    try:
        return catalogue.explain(contact.schedule, contact.version, contact.code).title
    except UnknownSchedule:
        return Words(zh=contact.code, en=contact.code)
