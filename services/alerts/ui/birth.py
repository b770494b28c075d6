"""What the form of a birth shows of each child, and the body that a program would send. Pure."""

from collections.abc import Collection, Iterable, Mapping

from services.alerts.episodes.views import ChildView
from services.alerts.ui.forms import filled

FIELDSETS = 3  # how many children a form asks for at least
MOST = 9


def numbers_of(known: Collection[int]) -> list[int]:
    """The numbers of the children that a form has room for: those that there are, then new ones."""
    new = [number for number in range(1, MOST + 1) if number not in known]
    return sorted(known) + new[: max(FIELDSETS - len(known), 0)]


def rows_of(children: Iterable[ChildView]) -> list[tuple[int, ChildView | None]]:
    """A row of the form for each number that it has room for, with the child where there is one."""
    known = {each.number: each for each in children}
    return [(number, known.get(number)) for number in numbers_of(known)]


def delivery_of(form: Mapping[str, str]) -> dict[str, object]:
    """The body of a birth. A child is born on the day of the birth unless another is given, and goes home with the
    mother unless another day is given."""
    told = filled(form, "delivered_on", "discharged_on")
    known = {int(each) for each in form.get("known", "").split(",") if each in {str(n) for n in range(1, MOST + 1)}}
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
