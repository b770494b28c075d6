"""What is provisioned is read and checked once per process and text, and copied for whoever reads it again.

Every service under test reads the same dozen files when it starts: that was most of what its start cost. Nothing else
changes: a file with another text is another file, and what is refused is refused every time.
"""

import pickle
import sys
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml
from pydantic import BaseModel

from shared.sharing import provisioning

Model = TypeVar("Model", bound=BaseModel)

_kept: dict[Hashable, bytes] = {}
_read, _safe_load = provisioning.read, yaml.safe_load


def _once(key: Hashable, make: Callable[[], Any]) -> Any:
    if key not in _kept:
        _kept[key] = pickle.dumps(make())
    return pickle.loads(_kept[key])  # a copy: no reader can spoil it for the next


def read(model: type[Model], path: Path) -> Model:
    """`shared.sharing.provisioning.read`, once per model, file and text."""
    try:
        text = path.read_bytes()
    except OSError:
        return _read(model, path)
    found: Model = _once((model, path.name, text), lambda: _read(model, path))
    return found


def safe_load(stream: Any) -> object:
    """`yaml.safe_load`, once per text."""
    return _once(stream, lambda: _safe_load(stream)) if isinstance(stream, str | bytes) else _safe_load(stream)


@pytest.fixture(scope="session", autouse=True)
def provisioned_is_read_once() -> Iterator[None]:
    """For all that was imported until the first test begins."""
    importers = [each for each in list(sys.modules.values()) if getattr(each, "read", None) is _read]
    with pytest.MonkeyPatch.context() as patch:
        for module in importers:
            patch.setattr(module, "read", read)
        patch.setattr(yaml, "safe_load", safe_load)
        yield
