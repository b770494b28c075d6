"""How a person stands after all that the county's departments have said of them. Everyone plays in one story, so plain
rules do: what was said last counts, and public security is heard before health."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from deploy.tenfold.county.mentions import Event, mentioned

HEARD_FIRST = ("public-security", "health")
CERTIFY_DEATHS = ("health", "public-security", "civil-affairs")


@dataclass(frozen=True, slots=True)
class Living:
    """What a report that still counts says of one person; `relatives` are the others in it, by role."""

    department: str
    type: str
    role: str
    said: Event
    data: Event
    time: str
    relatives: Mapping[str, int]

    @classmethod
    def of(cls, department: str, event: Event, role: str, roles: Mapping[str, int]) -> "Living":
        """One person of a report. A changed identity is said in full by what the person becomes."""
        said = {**mentioned(event)[role], **event["data"].get("becomes", {})}
        type_name = event["type"].removeprefix("cn.tenfold.").removesuffix(".v1")
        return cls(department, type_name, role, said, event["data"], event["time"], roles)


def standing(facts: Sequence[Living], deaths: Mapping[int, str]) -> dict[str, object]:
    """Field → value as departments are told it (dates in ISO form, relatives by number), where anybody said it.
    `deaths`: who of the county died, and when."""
    ordered = in_order(facts)
    died = death(ordered)
    found: dict[str, object | None] = {
        **{name: _stated(ordered, name) for name in ("name", "sex", "birth_date")},
        "identity_number": _identity_number(ordered),
        **_registered(ordered),
        **_family(ordered, died, deaths),
        "current_area": None if died else _current_area(ordered),
        "died_on": died,
    }
    return {name: value for name, value in found.items() if value is not None}


def in_order(facts: Iterable[Living]) -> list[Living]:
    """As things took effect, and then as they were said."""
    return sorted(facts, key=lambda fact: (fact.data["effective_on"], fact.time))


def death(ordered: Sequence[Living]) -> str | None:
    """The day, if somebody died. Of several reports of one death the first authority's counts, and of its own the
    earliest day."""
    for department in CERTIFY_DEATHS:
        for fact in ordered:
            if fact.type == "death.certified" and fact.department == department:
                return date.fromisoformat(fact.data["effective_on"]).isoformat()
    return None


def _by_precedence(ordered: Sequence[Living]) -> Iterator[Living]:
    """What is heard first comes first: a change by law, then the departments in their order, the latest of each."""
    latest = ordered[::-1]
    yield from (fact for fact in latest if fact.type == "identity.changed")
    for department in HEARD_FIRST:
        yield from (fact for fact in latest if fact.department == department)
    yield from latest


def _stated(ordered: Sequence[Living], name: str) -> object | None:
    return next((fact.said[name] for fact in _by_precedence(ordered) if fact.said[name]), None)


def _identity_number(ordered: Sequence[Living]) -> object | None:
    for fact in _by_precedence(ordered):
        for identifier in fact.said["identifiers"]:
            if identifier["type"] == "resident-identity-number":
                return str(identifier["value"])
    return None


def _registered(ordered: Sequence[Living]) -> dict[str, object | None]:
    """The line of the household register: entered, moved out (still counted where they left, wherever that was), moved
    in, struck out."""
    place: dict[str, object | None] = {}
    for fact in ordered:
        if (home := fact.data.get("household")) and fact.role == "person":
            place = {
                "registered_area": home["area"],
                "household_number": home["number"],
                "relation_to_head": home["relation"],
                "residence": "resident",
            }
        elif fact.type == "migration.departed":
            left, here = str(fact.data["from_area"]), str(place.get("registered_area", ""))
            if not (here.startswith(left) or left.startswith(here)):
                place = {"registered_area": left}
            place["residence"] = "departed"
        elif fact.type == "household.cancelled":
            place = {}
    return place


def _family(ordered: Sequence[Living], died: str | None, deaths: Mapping[int, str]) -> dict[str, object | None]:
    """Civil status and spouse by civil affairs, and by the spouse's death for whoever outlives it; parents by the
    certificate of birth, whoever adopts."""
    found: dict[str, object | None] = {"civil_status": "unspecified"}
    for fact in ordered:
        match fact.type, fact.role:
            case "marriage.registered", ("spouse_1" | "spouse_2") as role:
                other = "spouse_2" if role == "spouse_1" else "spouse_1"
                spouse = fact.relatives[other]
                widowed = fact.data["effective_on"] <= deaths.get(spouse, "") < (died or "9999-12-31")
                found |= (
                    {"civil_status": "widowed", "spouse": None}
                    if widowed
                    else {"civil_status": "married", "spouse": spouse}
                )
            case "marriage.dissolved", _:
                found |= {"civil_status": "divorced", "spouse": None}
            case "birth.certified", "child":
                found |= {"mother": fact.relatives["mother"], "father": fact.relatives.get("father")}
            case _:
                pass
    return found


def _current_area(ordered: Sequence[Living]) -> object | None:
    stays: dict[str, object] = {}
    for fact in ordered:
        if fact.type == "residence.registered":
            stays[fact.data["registration_number"]] = fact.data["current"]["area"]
        elif fact.type == "residence.ended":
            stays.pop(fact.data["registration_number"], None)
    return next(reversed(stays.values()), None)
