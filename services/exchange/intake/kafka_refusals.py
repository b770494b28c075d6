"""What is answered on a department's feed when a record of its intake topic cannot be accepted. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from services.exchange.distribution.entries import cloud_event
from shared.errors import Problem, language_of
from shared.feed.values import NewEntry
from shared.kafka.values import Record

MOST_FAULTS = 100
LONGEST_POINTER = 200  # a pointer can hold a member's name, of any length


@dataclass(frozen=True)
class Refusal:
    """One record that was not accepted. `unread`: it could not be parsed, so nobody else knows what it says."""

    record: Record
    problem: Problem
    unread: bool


def entry_id_of(topic: str, record: Record) -> UUID:
    """The same record is answered once: a record read again has the same id, one of a re-created topic another."""
    place = f"{topic}/{record.partition}/{record.offset}/{record.fingerprint.hex()}"
    return uuid5(NAMESPACE_URL, f"urn:tenfold:intake:{place}")


def entry_of(topic: str, refusal: Refusal, time: datetime) -> NewEntry:
    """The entry `intake.refused`: where the record lies, and the problem as HTTP would have answered it.

    In the language that the record's `accept-language` header asks for. Never what was sent, nor the key.
    """
    record = refusal.record
    entry_id = entry_id_of(topic, record)
    data = {"topic": topic, "partition": record.partition, "offset": record.offset, "problem": problem_of(refusal)}
    subject = f"{topic}/{record.partition}/{record.offset}"
    return NewEntry(entry_id, cloud_event(entry_id, "intake.refused", subject, time, data))


def problem_of(refusal: Refusal) -> dict[str, Any]:
    """The problem's members, with a bounded list of faults: an entry must fit into the feed's topic."""
    asked = (refusal.record.header("accept-language") or b"").decode("latin-1")
    body: dict[str, Any] = refusal.problem.body(language_of(asked))
    faults: list[dict[str, str]] = body.get("faults", [])
    if faults:
        body["faults"] = [fault | {"pointer": fault["pointer"][:LONGEST_POINTER]} for fault in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        body["faults_in_all"] = len(faults)
    return body
