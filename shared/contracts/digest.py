"""The digest by which a department's own list is compared with the journal (docs/reconciliation.md). Pure.

Anyone can compute it from the event alone; the journal itself keeps only a keyed one (protection rule 7).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.envelope import CloudEvent
from shared.contracts.judge import canonical
from shared.errors import Fault, Invalid, Text


def digest_of(cloud_event: Mapping[str, Any]) -> str:
    """Lower-case hex SHA-256 of the RFC 8785 form of type, source, id, subject, time and data.

    Raises Invalid for a type that is not in the catalogue, pydantic's ValidationError for anything else the exchange
    would refuse.
    """
    envelope = CloudEvent.model_validate(dict(cloud_event))
    entry = CATALOGUE.get(envelope.type)
    if entry is None:
        raise Invalid(faults=[Fault("/type", Text("is not in the catalogue", "不在目录中"))])
    return sha256(canonical(envelope, entry.adapter.validate_python(envelope.data))).hexdigest()
