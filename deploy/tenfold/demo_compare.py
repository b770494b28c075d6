"""Compare what a department was told with what the county foresaw, person by person and field by field. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from deploy.tenfold.county import Foreseen
from deploy.tenfold.county.mentions import EventKey
from deploy.tenfold.demo_pull import Pulled

RELATIVES = frozenset({"spouse", "mother", "father"})
"""Fields whose value is a reference."""


@dataclass(frozen=True)
class Compared:
    """A department's feed against the county's plan: how many people it holds, and each difference in words that
    name no value."""

    people: int
    differences: tuple[str, ...]

    def also(self, differences: Iterable[str]) -> "Compared":
        """With what else was found."""
        return Compared(self.people, (*self.differences, *differences))


def compared(department: str, foreseen: Foreseen, receipt_of: Mapping[EventKey, str], pulled: Pulled) -> Compared:
    """Find everything that the department holds and should not, does not hold and should, or holds otherwise. Who is
    meant by a reference is known from the receipts of its own reports, and from nothing else."""
    who, found = known_people(foreseen, receipt_of, pulled)
    reference_of = {person: reference for reference, person in who.items()}
    wanted = foreseen.people.get(department, {})
    for person, fields in wanted.items():
        if person not in reference_of:
            found.append("somebody it reported on: it knows no reference")
            continue
        held = pulled.people.get(reference_of[person], {})
        found += (f"{reference_of[person]}: {says}" for says in unlike(fields, held, who))
    for reference in pulled.people.keys() - {reference_of.get(person) for person in wanted}:
        found.append(f"{reference}: it holds no case and knows of the person")
    return Compared(len(pulled.people), tuple(found))


def known_people(
    foreseen: Foreseen, receipt_of: Mapping[EventKey, str], pulled: Pulled
) -> tuple[dict[str, int], list[str]]:
    """Whom the references of a department mean, and the roles in which people are taken for one another."""
    who: dict[str, int] = {}
    reference_of: dict[int, str] = {}
    found: list[str] = []
    for event, roles in foreseen.roles.items():
        told = pulled.references.get(receipt_of.get(event, ""), {})
        for role, person in roles.items():
            if role not in told:
                continue
            reference = pulled.goes_on(told[role])
            if who.setdefault(reference, person) != person or reference_of.setdefault(person, reference) != reference:
                found.append(f"{role} of {event[1]}: people are taken for one another")
    return who, found


def unlike(wanted: Mapping[str, object], held: Mapping[str, object], who: Mapping[str, int]) -> Iterator[str]:
    """The fields that are not as they should be."""
    for name in sorted(wanted.keys() | held.keys()):
        value = held.get(name)
        if name in RELATIVES and value is not None:
            value = who.get(str(value), value)
        if name not in held:
            yield f"{name} is missing"
        elif name not in wanted:
            yield f"{name} should not be known"
        elif value != wanted[name]:
            yield f"{name} is another"
