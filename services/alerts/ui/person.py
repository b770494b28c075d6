"""What a form says of a person and of the help that they chose, made into the parts of a program's body. Pure."""

from collections.abc import Mapping

from services.alerts.ui.forms import filled

NUMBER = "resident-identity-number"
FOLLOW = "follow-"


def person_of(form: Mapping[str, str], hers: str) -> dict[str, object]:
    """Whom the help is about, and how they are reached."""
    reach, avoid = filled(form, "phone"), filled(form, "avoid")
    return {
        "name": form.get("name", "").strip(),
        "identifiers": identifiers(form, "number"),
        "language": hers,
        "reach": [{"how": form.get("how", "phone"), "value": reach["phone"]}] if reach else [],
        "avoid": [each.strip() for each in str(avoid.get("avoid", "")).splitlines() if each.strip()],
    }


def identifiers(form: Mapping[str, str], field: str) -> list[dict[str, str]]:
    """The identity number, where one was filled in."""
    found = filled(form, field)
    return [{"type": NUMBER, "value": str(found[field]).upper()}] if found else []


def chosen_in(form: Mapping[str, str]) -> list[str]:
    """The schedules whose boxes are ticked, `<schedule>/<version>` each."""
    return sorted(name.removeprefix(FOLLOW) for name in form if name.startswith(FOLLOW))


def schedules_in(form: Mapping[str, str]) -> dict[str, object]:
    """The schedules that were chosen; nothing where none was."""
    chosen = [each.partition("/") for each in chosen_in(form)]
    return {"schedules": [{"schedule": name, "version": version} for name, _, version in chosen]} if chosen else {}
