"""The first load: one household.registered for each person of the base population."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from deploy.tenfold.county.cloudevents import cloud_event, created, household, resident
from deploy.tenfold.county.values import COUNTY_AREA, REFERENCE_EVE, County, Report


def registrations(county: County) -> Iterator[Report]:
    """Exactly one report per person, household by household, heads first. All were recorded on the eve of REFERENCE,
    a second apart as far as the day reaches, so that they precede every month."""
    start = datetime.combine(REFERENCE_EVE, time(0), UTC)
    number = 0
    for home in county.households:
        for member in home.members:
            who = county.people[member]
            recorded = start + timedelta(seconds=number % 43_200)
            number += 1
            data = created(
                who.registered_on,
                person=resident(who),
                household=household(home.number, home.area, who.relation, home.kind),
            )
            event = cloud_event(
                "household.registered",
                "public-security",
                f"hr-{number:07d}",
                f"HR-{COUNTY_AREA}-{number:07d}",
                recorded,
                data,
            )
            yield Report("public-security", None, event)
