"""What the form of a birth shows, and the body that a program would send; and the outcome that waits for it. Pure."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from services.alerts.episodes.views import RecordView
from services.alerts.ui.forms import filled

FIELDSETS = 3  # how many children a form asks for at least
MOST = 9


def numbers_of(known: Collection[int]) -> list[int]:
    """The numbers of the children that a form has room for: those that there are, then new ones."""
    new = [number for number in range(1, MOST + 1) if number not in known]
    return sorted(known) + new[: max(FIELDSETS - len(known), 0)]


def known_in(form: Mapping[str, str]) -> set[int]:
    """The numbers of the children that there were when the form was made."""
    return {int(each) for each in form.get("known", "").split(",") if each in {str(n) for n in range(1, MOST + 1)}}


def rows_of(form: Mapping[str, str]) -> list[tuple[int, bool]]:
    """A row of the form for each number that it has room for, and whether there is such a child."""
    known = known_in(form)
    return [(number, number in known) for number in numbers_of(known)]


def form_of(record: RecordView | None) -> dict[str, str]:
    """The form as a browser would send it, filled with what is recorded. Days are in ISO 8601."""
    if record is None:
        return {}
    children, born = record.children, record.delivered_on
    count = len(children) or (0 if born else 1)
    told = {"count": str(count), "known": ",".join(str(each.number) for each in children)}
    told |= days(delivered_on=born, discharged_on=record.discharged_on)
    for each in children:
        n = each.number
        told |= days(**{f"born_on_{n}": None if each.born_on == born else each.born_on})
        told |= days(**{f"discharged_on_{n}": each.discharged_on})
        told |= {f"{name}_{n}": "on" for name in ("low_weight", "birth_defect", "ended") if getattr(each, name)}
        if each.preterm is not None:
            told[f"preterm_{n}"] = "yes" if each.preterm else "no"
    return told


def days(**told: date | None) -> dict[str, str]:
    """The days that are known, as forms send them."""
    return {name: day.isoformat() for name, day in told.items() if day is not None}


def delivery_of(form: Mapping[str, str]) -> dict[str, object]:
    """The body of a birth. A child is born on the day of the birth unless another is given, and goes home with the
    mother unless another day is given."""
    told = filled(form, "delivered_on", "discharged_on")
    known = known_in(form)
    numbers = numbers_of(known)
    count = form.get("count", "")
    wanted = int(count) if count in {str(n) for n in range(len(numbers) + 1)} else max(len(known), 1)
    return told | {"children": [child_of(form, number, told) for number in numbers[:wanted]]}


def child_of(form: Mapping[str, str], number: int, told: Mapping[str, object]) -> dict[str, object]:
    """One child of the body."""
    child: dict[str, object] = {"number": number, "born_on": told.get("delivered_on", "")}
    child |= {name: day for name in ("born_on", "discharged_on") for day in filled(form, f"{name}_{number}").values()}
    child |= {name: f"{name}_{number}" in form for name in ("low_weight", "birth_defect", "ended")}
    if (preterm := form.get(f"preterm_{number}")) in ("yes", "no"):
        child["preterm"] = preterm == "yes"
    return child


def kept_of(contact: UUID, told: Mapping[str, object]) -> dict[str, str]:
    """Hidden fields of the form of a birth: an outcome that is recorded once the birth is."""
    fields = {f"outcome_{name}": "yes" if text is True else str(text) for name, text in told.items()}
    return {"outcome_contact": str(contact)} | fields


def kept_in(form: Mapping[str, str]) -> dict[str, str]:
    """The same fields, of a form that was sent."""
    names = [f"outcome_{name}" for name in ("contact", "kind", "on", "note", "refer")]
    return {name: form[name] for name in names if form.get(name)}


def outcome_of(form: Mapping[str, str]) -> dict[str, object]:
    """The body of the outcome that was kept so."""
    told = filled(form, "outcome_kind", "outcome_on", "outcome_note")
    refer = {"refer": True} if form.get("outcome_refer") else {}
    return {name.removeprefix("outcome_"): text for name, text in told.items()} | refer
