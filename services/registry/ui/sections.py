"""The sections of the registry's pages, and whom each is offered. Pure; what counts is what each page asks for itself.

A page that is offered here is refused there all the same to whoever may not see it.
"""

from collections.abc import Callable, Mapping

from shared.auth.caller import Caller

Offered = Callable[[Caller, str], bool]
"""Whether a caller is offered a section; the second is the department that registers identity numbers."""

DECIDES, LOOKS_UP = frozenset({"clerk", "reviewer"}), frozenset({"reporter", "follower", "clerk"})
OFFICIALS, ASKS = DECIDES | LOOKS_UP, frozenset({"clerk", "reporter"})
CORRECTION = "correction"
IDENTITY_REVIEW, AUDIT, STATISTICS = "identity-review", "audit", "statistics"


def shows_people(caller: Caller) -> bool:
    """Whether the purpose is one for which an agreement may show people: for statistics nobody is shown."""
    return caller.purpose is not None and caller.purpose != STATISTICS


def looks_up(caller: Caller, authority: str) -> bool:
    """Officials of a department who name a purpose for which somebody may be shown."""
    return caller.department is not None and shows_people(caller) and bool(caller.roles & LOOKS_UP)


def questions_facts(caller: Caller, authority: str) -> bool:
    """Clerks of a whole department, there to find out who is who."""
    staff = caller.department is not None and bool(caller.roles & DECIDES) and not caller.areas
    return staff and caller.purpose == IDENTITY_REVIEW


def corrects(caller: Caller, authority: str) -> bool:
    """Those of a whole department who ask for corrections, and those who are there to decide them."""
    asks = shows_people(caller) and bool(caller.roles & ASKS)
    decides = caller.purpose == CORRECTION and bool(caller.roles & DECIDES)
    return caller.department is not None and not caller.areas and (asks or decides)


def reviews(caller: Caller, authority: str) -> bool:
    """Those of the department that registers identity."""
    return questions_facts(caller, authority) and caller.department == authority


def statistics(caller: Caller, authority: str) -> bool:
    """Officials of any department who are there for statistics."""
    return caller.department is not None and bool(caller.roles & OFFICIALS) and caller.purpose == STATISTICS


def own(caller: Caller, authority: str) -> bool:
    """Everybody, for their own record."""
    return "citizen" in caller.roles


def watches(caller: Caller, authority: str) -> bool:
    """The protection officer of the city, there to watch over accesses."""
    return "protection-officer" in caller.roles and caller.department is None and caller.purpose == AUDIT


def accounts(caller: Caller, authority: str) -> bool:
    """Who answers for the accesses of a department."""
    return "administrator" in caller.roles and caller.department is not None and caller.purpose == AUDIT


# In the order in which they stand; whoever comes to `/` is led to the first that is theirs.
SECTIONS: Mapping[str, Offered] = {
    "/population": statistics,
    "/reviews": reviews,
    "/contradictions": questions_facts,
    "/corrections": corrects,
    "/people": looks_up,
    "/statements": accounts,
    "/questions": watches,
    "/flags": watches,
    "/seen": watches,
    "/me": own,
    "/me/disclosures": own,
    "/me/cases": own,
    "/me/matches": own,
    "/me/questions": own,
    "/me/corrections": own,
}


def offered(caller: Caller, authority: str) -> list[str]:
    """The sections that are this caller's."""
    return [path for path, seen in SECTIONS.items() if seen(caller, authority)]
