"""What the form of a request for help sends, made into the bodies that a program would send. Pure."""

from collections.abc import Mapping

from services.alerts.ui.forms import filled
from services.alerts.ui.person import identifiers, person_of, schedules_in
from shared.errors import Fault, Invalid, Text

NOT_AGREED = Text("is needed: tick the box once they have agreed", "须在其同意后勾选")
CIRCUMSTANCES = ("low_weight", "birth_defect")


def basis_of(kind: str, form: Mapping[str, str]) -> dict[str, object]:
    """The body that asks when what would be done."""
    return {"kind": kind} | care_basis(form)


def care_basis(form: Mapping[str, str]) -> dict[str, object]:
    """What the dates depend on: the child's birth and circumstances, and the help that was chosen."""
    told = filled(form, "born_on")
    if told:
        told |= {name: True for name in CIRCUMSTANCES if name in form}
        if form.get("preterm") in ("yes", "no"):
            told["preterm"] = form["preterm"] == "yes"
    return told | schedules_in(form)


def request_of(kind: str, form: Mapping[str, str], hers: str) -> dict[str, object]:
    """The body of a request. Raises Invalid without the box that says that whoever asks agrees."""
    if "agrees" not in form:
        raise Invalid(faults=[Fault("/consent", NOT_AGREED)])
    care: dict[str, object] = {"person": person_of(form, hers)} | filled(form, "asked_for") | care_basis(form)
    if kind != "transfer":
        care["guardian"] = {
            "name": form.get("guardian", "").strip(),
            "identifiers": identifiers(form, "guardian_number"),
        }
    consent = {name: form.get(name, "") for name in ("text", "version", "channel")}
    return {"request": form.get("request", ""), "kind": kind, "consent": consent | {"language": hers}, "care": care}
