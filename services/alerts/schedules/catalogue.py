"""Reading schedules, scales of risk and local variants from their files."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.alerts.schedules.scale import RiskScale
from services.alerts.schedules.schedule import Schedule
from services.alerts.schedules.selection import Catalogue
from services.alerts.schedules.variant import Variant
from shared.sharing.provisioning import ProvisioningRefused, read

DATA = Path(__file__).parent / "data"
LOCAL = "schedules"  # a city's own files, in its provisioning folder

Model = TypeVar("Model", bound=BaseModel)


def load(provisioning: Path | None = None) -> Catalogue:
    """The schedules that come with Tenfold, and those of a city. Raises ProvisioningRefused with file and place."""
    folders = [DATA, *([provisioning / LOCAL] if provisioning else [])]
    scales = dict(_read_all(RiskScale, folders, "scales"))
    schedules = dict(_read_all(Schedule, folders, "versions"))
    _refuse_doubles({file: (scale.scale, "") for file, scale in scales.items()})
    _refuse_doubles({file: (schedule.schedule, schedule.version) for file, schedule in schedules.items()})
    known = {scale.scale: {level.code for level in scale.levels} for scale in scales.values()}
    for file, schedule in schedules.items():
        _refuse_unknown_levels(file, schedule, known)
    by_names = {(schedule.schedule, schedule.version): schedule for schedule in schedules.values()}
    variants: list[tuple[Variant, Schedule]] = []
    for file, variant in _read_all(Variant, folders, "variants"):
        base = by_names.get((variant.of, variant.base))
        if base is None:
            raise ProvisioningRefused(file.name, [("/base", f"there is no {variant.of} {variant.base}")])
        applied = _applied(file, variant, base)
        _refuse_unknown_levels(file, applied, known)
        if (applied.schedule, applied.version) in by_names:
            raise ProvisioningRefused(file.name, [("/variant", "another file has the same name and base")])
        by_names[applied.schedule, applied.version] = applied
        variants.append((variant, applied))
    return Catalogue(schedules.values(), variants, scales.values())


def _read_all(model: type[Model], folders: list[Path], name: str) -> list[tuple[Path, Model]]:
    files = (file for folder in folders for file in sorted((folder / name).glob("*.yaml")))
    return [(file, read(model, file)) for file in files]


def _applied(file: Path, variant: Variant, base: Schedule) -> Schedule:
    try:
        return variant.applied(base)
    except ValidationError as fault:
        raise ProvisioningRefused(file.name, [("", found["msg"]) for found in fault.errors()]) from None
    except ValueError as fault:
        raise ProvisioningRefused(file.name, [("", str(fault))]) from None


def _refuse_doubles(names: dict[Path, tuple[str, str]]) -> None:
    first: dict[tuple[str, str], Path] = {}
    for file, name in names.items():
        if name in first:
            fault = f"{' '.join(name).strip()} stands in {first[name].name} already"
            raise ProvisioningRefused(file.name, [("", fault)])
        first[name] = file


def _refuse_unknown_levels(file: Path, schedule: Schedule, known: dict[str, set[str]]) -> None:
    if schedule.scale is not None and schedule.scale not in known:
        raise ProvisioningRefused(file.name, [("/scale", f"there is no scale {schedule.scale}")])
    for place, contact in enumerate(schedule.contacts):
        for level in contact.only.risk if contact.only else ():
            if level not in known[schedule.scale or ""]:
                fault = f"{level} is no level of {schedule.scale}"
                raise ProvisioningRefused(file.name, [(f"/contacts/{place}/only/risk", fault)])
