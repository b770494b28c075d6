"""Which cases by reporting end with a page, because nothing of what was reported counts any more. Pure."""

from uuid import UUID

from services.registry.facts.lineage import ANNULLED
from services.registry.facts.page import Page, reported_of
from services.registry.facts.values import CORRECTION


def unreported(page: Page) -> list[tuple[str, UUID]]:
    """Departments with whom of this page they have nothing left: all was annulled or corrected away.

    An event that is known already counts too: told once more to a restored exchange, it opens a case there.
    """
    asked = {
        (event.department, page.root(person))
        for event, lineage, _ in page.applied
        if event.supersedes is not None and event.fact.type != CORRECTION
        for person in page.lineage_people[lineage]
    }
    asked |= {
        (page.known[event.supersedes].department, page.root(person))
        for event, lineage, _ in page.applied
        if event.supersedes in page.known and event.fact.type != CORRECTION
        for person in page.lineage_people[lineage]
    }
    asked |= {(event.department, page.root(person)) for event, people in page.repeated for person in people.values()}
    asked |= {
        (fact.department, page.root(split.person))
        for split in page.splits
        for fact in reported_of(page.facts[page.root(split.into)])
        if fact.mention in split.mentions
    }
    if not asked:
        return []
    superseded = {header.supersedes for header in page.headers}
    return sorted(
        (department, person)
        for department, person in asked
        if not any(
            fact.department == department and fact.action != ANNULLED and fact.event not in superseded
            for fact in reported_of(page.facts[person])
        )
    )
