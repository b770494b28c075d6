"""Reading provisioned YAML: what is unknown, doubled or malformed is refused with its file and pointer named."""

from collections.abc import Hashable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class ProvisioningRefused(ValueError):
    """A provisioned file that may not be used: which file, where in it (RFC 6901 pointer) and why."""

    def __init__(self, file: str, faults: list[tuple[str, str]]) -> None:
        self.file = file
        self.faults = faults
        super().__init__("; ".join(f"{file}{pointer and ' at ' + pointer}: {message}" for pointer, message in faults))


class OnceLoader(yaml.CSafeLoader):
    """YAML in which a key may stand once: the plain loader silently lets the last of two win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(problem=f"the key {key} stands twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def read(model: type[Model], path: Path) -> Model:
    """Read one file as `model`. Raises ProvisioningRefused."""
    try:
        # The loader is a SafeLoader: it builds plain values only.
        document = OnceLoader(path.read_text("utf-8")).get_single_data()
    except OSError as fault:
        raise ProvisioningRefused(path.name, [("", fault.strerror or "cannot be read")]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise ProvisioningRefused(path.name, [("", f"is not well-formed YAML: {fault}")]) from None
    try:
        return model.model_validate(document)
    except ValidationError as fault:
        faults = [("".join(f"/{step}" for step in found["loc"]), found["msg"]) for found in fault.errors()]
        raise ProvisioningRefused(path.name, faults) from None
