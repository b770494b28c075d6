"""The fold: a person's state as a pure function of the facts about them. No clock, no database, no order of arrival."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from services.registry.facts.approved import as_it_was, corrected_away, heard, standing
from services.registry.facts.lineage import ANNULLED, EventHeader, dead
from services.registry.facts.marriages import civil_status
from services.registry.facts.residence import current_area, residence
from services.registry.facts.state import UNKNOWN_PERSON, PersonState
from services.registry.facts.values import CORRECTION, RESIDENT_NUMBER, EventKey, Fact, FactBody, Mention, NamedNumber

Authorities: TypeAlias = Mapping[str, Sequence[str]]
"""Attribute → departments, the highest authority first. Those not named come after all who are."""

DEFAULT_AUTHORITIES: Authorities = {
    "name": ("public-security", "civil-affairs", "health"),
    "sex": ("public-security", "civil-affairs", "health"),
    "birth_date": ("public-security", "civil-affairs", "health"),
    "identity_number": ("public-security", "civil-affairs", "health"),
    "died_on": ("health", "public-security", "civil-affairs"),
}

PRECEDENCE = {
    type_: place
    for place, types in enumerate(
        (
            (CORRECTION,),
            ("birth.certified",),
            ("identity.changed",),
            ("household.cancelled",),
            ("household.registered",),
            ("marriage.dissolved",),
            ("marriage.registered",),
            ("adoption.registered",),
            ("migration.departed",),
            ("migration.arrived",),
            ("residence.registered", "dwelling.registered", "tenancy.registered", "enrolment.registered"),
            ("insurance.enrolled", "business.registered", "entitlement.granted", "payment.made"),
            ("residence.ended", "tenancy.ended", "enrolment.ended", "insurance.ended"),
            ("business.closed", "entitlement.ended"),
            ("death.certified",),
        )
    )
    for type_ in types
}
"""What comes first among facts of one day: what was wrong is put right, life begins, is registered (out of one register
before into the next), moves (out before in) and ends."""

NOBODY: Mapping[Mention, date] = MappingProxyType({})

SEX_NOT_STATED = frozenset({"unknown", "unspecified"})


Who = TypeVar("Who", bound=Hashable)


def fold_couples(
    facts: Mapping[Who, Sequence[Fact]],
    dead: AbstractSet[EventKey],
    authorities: Authorities,
    person_of: Mapping[Mention, Who],
    died: Mapping[Who, date | None],
) -> dict[Who, PersonState]:
    """Fold people beside their spouses: a death reaches whoever outlives it, and nothing else passes between people.

    `person_of`: who the spouses are; `died`: when those died who are not among the people.
    """
    states = {person: fold(said, dead, authorities) for person, said in facts.items()}
    days = {**died, **{person: state.died_on for person, state in states.items()}}
    for person, said in facts.items():
        if states[person].spouse is not None:
            deaths = {
                spouse: day
                for spouse in spouses(said, dead)
                if spouse in person_of and (day := days.get(person_of[spouse])) is not None
            }
            if deaths:
                states[person] = fold(said, dead, authorities, deaths)
    return states


def spouses(facts: Iterable[Fact], dead: AbstractSet[EventKey]) -> set[Mention]:
    """Whom living facts ever called a spouse."""
    return {
        fact.body.spouse
        for fact in facts
        if fact.body.spouse is not None and fact.type == "marriage.registered" and fact.event not in dead
    }


def fold(
    facts: Iterable[Fact],
    dead: AbstractSet[EventKey],
    authorities: Authorities,
    deaths: Mapping[Mention, date] = NOBODY,
) -> PersonState:
    """Fold the facts about one person. `dead` holds the events that are superseded (see lineage.dead); `deaths`: when
    spouses died.

    A correction that the authority on a field approved stands until it says something later (facts/approved.py)."""
    facts = list(facts)
    living = {fact.mention: fact for fact in facts if fact.event not in dead and fact.action != ANNULLED}
    ordered = sorted((fact for fact in living.values() if fact.type != CORRECTION), key=fact_order)
    if not ordered:
        return UNKNOWN_PERSON
    approved = standing(facts, dead, authorities) if len(ordered) != len(living) else {}

    def known(field: str, read: Callable[[Sequence[Fact], Sequence[str]], Said | None]) -> Said | None:
        ranking = authorities.get(field, ())
        correction = approved.get(field)
        return read(ordered, ranking) if correction is None else heard(correction, ordered, ranking, read)

    identity_number = known("identity_number", _identity_number)
    died_on = known("died_on", _date_of_death)
    place, residencies = residence(ordered, died_on)
    birth = _latest(ordered, "birth.certified", "child")
    adoption = _latest(ordered, "adoption.registered", "child")
    status, spouse = civil_status(ordered, died_on, deaths)
    household = place.household
    return PersonState(
        name=known("name", _name),
        sex=known("sex", _sex),
        birth_date=known("birth_date", _birth_date),
        identity_number=identity_number,
        other_identifiers=_other_identifiers(ordered, {identity_number, corrected_away(approved)}),
        residence=place.residence,
        registered_area=place.area,
        household_number=household.number if household else None,
        household_kind=household.kind if household else None,
        relation_to_head=household.relation if household else None,
        died_on=died_on,
        civil_status=status,
        spouse=spouse,
        mother=birth.body.mother if birth else None,
        father=birth.body.father if birth else None,
        adopted=adoption is not None,
        adoptive_mother=adoption.body.mother if adoption else None,
        adoptive_father=adoption.body.father if adoption else None,
        registered=any(fact.body.household is not None for fact in ordered),
        help_asked=birth is not None and birth.body.help_requested,
        help_mother=birth.body.mother if birth and birth.body.help_requested else None,
        residencies=residencies,
        current_area=current_area(ordered, died_on),
    )


def fact_order(fact: Fact) -> tuple[date, int, datetime, str, str, str]:
    """When it took effect, what comes first on one day, when it was said; the ids only make the order total."""
    return (fact.effective_on, PRECEDENCE[fact.type], fact.time, fact.event_source, fact.event_id, fact.role)


def as_of(
    facts: Iterable[Fact], headers: Iterable[EventHeader], valid_at: date | None, known_at: datetime | None
) -> tuple[list[Fact], set[EventKey]]:
    """Facts effective by `valid_at` and recorded by `known_at`, and the events that were dead by what was known then:
    the first two arguments of `fold`. None leaves an axis open; what is not recorded yet was never known at any time.

    A correction that moves an event past `valid_at` still kills what it supersedes: by then it had not happened yet.
    """
    known = [header for header in headers if known_at is None or _recorded_by(header.recorded_at, known_at)]
    chosen = [
        as_it_was(fact, valid_at)
        for fact in facts
        if (valid_at is None or fact.effective_on <= valid_at)
        and (known_at is None or _recorded_by(fact.recorded_at, known_at))
    ]
    return chosen, dead(known)


def _recorded_by(recorded_at: datetime | None, known_at: datetime) -> bool:
    return recorded_at is not None and recorded_at <= known_at


Said = TypeVar("Said")


def _stated(ordered: Sequence[Fact], ranking: Sequence[str], read: Callable[[Fact], Said | None]) -> Said | None:
    """What the highest authority that says anything says; of several sayings of its own, the latest."""
    best, best_rank = None, len(ranking)
    for fact in ordered:
        value = read(fact)
        if value is not None:
            rank = ranking.index(fact.department) if fact.department in ranking else len(ranking)
            if rank <= best_rank:
                best, best_rank = value, rank
    return best


def _by_law(ordered: Sequence[Fact]) -> FactBody | None:
    """What the person became by the latest change of identity: it stands, whoever still says otherwise."""
    return next((fact.body for fact in reversed(ordered) if fact.body.became is not None), None)


def _name(ordered: Sequence[Fact], ranking: Sequence[str]) -> str | None:
    """An unnamed newborn's empty name says nothing."""
    by_law = _by_law(ordered)
    return by_law.name if by_law else _stated(ordered, ranking, lambda fact: fact.body.name or None)


def _birth_date(ordered: Sequence[Fact], ranking: Sequence[str]) -> date | None:
    by_law = _by_law(ordered)
    return by_law.birth_date if by_law else _stated(ordered, ranking, lambda fact: fact.body.birth_date)


def _sex(ordered: Sequence[Fact], ranking: Sequence[str]) -> str | None:
    """Unknown and unspecified count only where nobody states a sex."""
    by_law = _by_law(ordered)
    if by_law:
        return by_law.sex
    stated = _stated(ordered, ranking, lambda fact: None if fact.body.sex in SEX_NOT_STATED else fact.body.sex)
    return stated or _stated(ordered, ranking, lambda fact: fact.body.sex)


def _resident_number(fact: Fact) -> str | None:
    for number in fact.body.identifiers:
        if number.type == RESIDENT_NUMBER:
            return number.value
    return None


def _identity_number(ordered: Sequence[Fact], ranking: Sequence[str]) -> str | None:
    """The resident number of the latest change by law that gave one stands, whatever number others still report."""
    changes = [fact.body.became for fact in ordered if fact.body.became is not None]
    given = next((change.identity_number for change in reversed(changes) if change.identity_number), None)
    return given or _stated(ordered, ranking, _resident_number)


def _other_identifiers(ordered: Sequence[Fact], without: AbstractSet[str | None]) -> tuple[NamedNumber, ...]:
    """Every number but these resident ones: the one that stands, and one that turned out to be wrong."""
    numbers = {number for fact in ordered for number in fact.body.identifiers}
    return tuple(sorted(n for n in numbers if n.type != RESIDENT_NUMBER or n.value not in without))


def _latest(ordered: Sequence[Fact], type_: str, role: str | None = None) -> Fact | None:
    for fact in reversed(ordered):
        if fact.type == type_ and role in (None, fact.role):
            return fact
    return None


def _date_of_death(ordered: Sequence[Fact], ranking: Sequence[str]) -> date | None:
    """Several sources certify one death: the highest authority decides, and within it the earliest date."""
    return _stated(ordered[::-1], ranking, lambda fact: fact.effective_on if fact.type == "death.certified" else None)
