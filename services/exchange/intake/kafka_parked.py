"""A record of an intake topic that could not be read: kept whole, and taken through the intake again."""

from uuid import UUID

import msgspec

from services.exchange.intake.handlers import Intake
from services.exchange.intake.journal import Report
from services.exchange.intake.kafka_transport import message_of
from shared.db import Connection
from shared.feed.retry import Retry, StillFailing
from shared.kafka.values import Record


class KeptRecord(msgspec.Struct, frozen=True):
    """What a department produced: in binary mode the headers are half of the event."""

    value: bytes
    headers: list[tuple[str, bytes | None]]


KEPT = msgspec.json.Decoder(KeptRecord)


def kept(record: Record) -> bytes:
    """A record as it is parked."""
    return msgspec.json.encode(KeptRecord(record.value or b"", list(record.headers)))


def opened(body: bytes) -> Record:
    """A parked record, without its place. Those that were parked before headers were kept are only their value."""
    try:
        found = KEPT.decode(body)
    except msgspec.DecodeError:
        found = KeptRecord(body, [])
    return Record(0, 0, 0, None, found.value, tuple(found.headers))


def through(intake: Intake, department: str) -> Retry:
    """Report a parked record as its department. The journal commits by itself: a repeat is known by source and id."""

    async def again(connection: Connection, entry_id: UUID | None, body: bytes) -> None:
        record = opened(body)
        judged = intake.judge(message_of(record), department)
        assert record.value is not None
        (accepted,) = await intake.submit([Report(judged, department, record.value)])
        if accepted.verdict == "differs":
            raise StillFailing("same-id-other-content")

    return again
