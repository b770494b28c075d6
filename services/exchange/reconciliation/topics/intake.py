"""A department's intake topic beside the journal: whatever was taken from it is there, or was answered.

Each record is looked at once, soon after it was taken: what the journal loses later, its own rows and positions tell.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.exchange.feeds.names import department_feed
from services.exchange.intake import repository as intake_sql
from services.exchange.intake.handlers import Intake
from services.exchange.intake.journal import Report
from services.exchange.intake.kafka import KEEP_SECONDS
from services.exchange.intake.kafka_refusals import entry_id_of
from services.exchange.intake.kafka_transport import message_of
from services.exchange.reconciliation.topics import repository
from shared.app import Service
from shared.crypto.keyring import UnknownKey
from shared.errors import Problem
from shared.kafka.bounds import Bounds, bounds_of
from shared.kafka.consumer import TopicReader
from shared.kafka.errors import Unreachable
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import intake_topic
from shared.kafka.values import Position, Record
from shared.reconciliation.kinds import INTAKE_GONE, INTAKE_LOST, Finding
from shared.reconciliation.ranges import NAMED
from shared.reconciliation.running import Check, InFlight, Step

BATCH: Final = 200
SILENCE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class IntakeTopics:
    """The intake topics of these departments."""

    service: Service
    intake: Intake
    kafka: KafkaSettings
    departments: Sequence[str]

    def check(self) -> Check:
        """As a check of the exchange's reconciler."""
        return Check("intake", (INTAKE_LOST, INTAKE_GONE), self.look)

    async def look(self, place: str) -> AsyncIterator[Step]:
        """Topic by topic, a batch a step. Raises InFlight where the broker does not answer."""
        for department in sorted(self.departments):
            topic = intake_topic(department, self.service.settings.kafka_topics)
            if topic > place:
                try:
                    async for findings in self.topic(department, topic):
                        yield Step(place, findings)
                except Unreachable:
                    raise InFlight from None
                yield Step(topic, await self.gone(topic))

    async def topic(self, department: str, topic: str) -> AsyncIterator[list[Finding]]:
        """What was taken since and is nowhere. Positions are read first: what comes later is not asked."""
        taken = await intake_sql.positions(self.service.pool, topic)
        async with self.service.pool.acquire() as connection:
            checked = await repository.checked(connection, topic)
        for partition, bounds in (await bounds_of(self.kafka, topic)).items():
            stands, until = checked.get(partition), taken.get(partition)
            stands = await self.seen(topic, partition, bounds, stands, until)
            if until is not None and bounds.start <= until.offset < bounds.end:
                async for findings in self.partition(department, topic, partition, stands, until):
                    yield findings

    async def seen(
        self, topic: str, partition: int, bounds: Bounds, stands: Position | None, until: Position | None
    ) -> Position | None:
        """Keep in mind what left the topic unseen; gives the last record that was looked at, if it is there still."""
        known = stands or until
        following = 0 if known is None else known.offset + 1
        if stands is not None and bounds.end <= stands.offset:
            await self.anew(topic, partition, following)
        elif bounds.start > following:
            async with self.service.pool.acquire() as connection:
                await repository.gone(connection, topic, partition, following, bounds.start - 1)
        return stands if stands is not None and bounds.start <= stands.offset < bounds.end else None

    async def anew(self, topic: str, partition: int, following: int) -> None:
        """Another log is in its place: what was behind the last record seen, nobody knows."""
        async with self.service.pool.acquire() as connection:
            await repository.gone(connection, topic, partition, following, None)
            await repository.anew(connection, topic, partition)

    async def partition(
        self, department: str, topic: str, partition: int, stands: Position | None, until: Position
    ) -> AsyncIterator[list[Finding]]:
        """Records behind `stands`, up to the last one taken."""
        whole = True
        async with TopicReader(self.kafka, topic, {partition: stands}, lambda _: [partition]) as reader:
            offset = -1 if stands is None else stands.offset
            while offset < until.offset:
                batch = await reader.read_batch(BATCH, timeout=SILENCE_SECONDS)
                if batch.rewound and stands is not None:
                    await self.anew(topic, partition, stands.offset + 1)
                    raise InFlight
                if not batch.records:
                    raise InFlight
                records = [record for record in batch if record.offset <= until.offset]
                offset = batch.records[-1].offset
                if any(each.offset == until.offset and each.fingerprint != until.fingerprint for each in records):
                    raise InFlight  # the topic was created anew, and its reader has not seen it yet
                missing = await self.unaccounted(department, topic, records)
                if whole:
                    whole = not missing
                    good = [each for each in records if not missing or each.offset < missing[0].offset]
                    if good:
                        async with self.service.pool.acquire() as connection:
                            await repository.check(connection, topic, partition, good[-1].position)
                yield [Finding(INTAKE_LOST, f"{topic}/{partition}: {each.offset}") for each in missing[:NAMED]]

    async def unaccounted(self, department: str, topic: str, records: Sequence[Record]) -> list[Record]:
        """Those that are neither in the journal with that content, nor answered on the department's feed."""
        said = [(record, *self.read(record, department)) for record in records]
        async with self.service.pool.acquire() as connection:
            known = await repository.reported(connection, department, [key for _, key, _ in said if key is not None])
            rest = [record for record, key, report in said if key not in known or not self.same(known[key], report)]
            ids = {entry_id_of(topic, record): record for record in rest}
            answered = await intake_sql.told(connection, department_feed(department), list(ids))
        return [record for entry_id, record in ids.items() if entry_id not in answered]

    def same(self, digest: bytes, report: Report | None) -> bool:
        """Whether the journal has that content, as far as it can be told."""
        try:
            return report is None or self.intake.journal.same(digest, report)
        except UnknownKey:
            return False

    def read(self, record: Record, department: str) -> tuple[tuple[str, str] | None, Report | None]:
        """Source and id, and the report; None as far as it cannot be read. What was accepted once and would be refused
        now, by another release, is known by source and id alone."""
        try:
            message = message_of(record)
        except Problem:
            return None, None
        try:
            report = Report(self.intake.judge(message, department), department, b"")
        except Problem:
            return key_of(message), None
        return report.key, report

    async def gone(self, topic: str) -> list[Finding]:
        """What left the topic unseen, for as long as the topic would have kept it."""
        async with self.service.pool.acquire() as connection:
            rows = await repository.still_gone(connection, topic, KEEP_SECONDS)
        return [Finding(INTAKE_GONE, f"{topic}/{row['partition']}: {range_of(row)}") for row in rows]


def key_of(message: Any) -> tuple[str, str] | None:
    """Source and id of what claims to be a CloudEvent."""
    if not isinstance(message, dict):
        return None
    source, id_ = message.get("source"), message.get("id")
    return (source, id_) if isinstance(source, str) and isinstance(id_, str) else None


def range_of(row: Any) -> str:
    """`5-9`, or `5-` where nobody knows how many there were."""
    return f"{row['first_offset']}-{'' if row['last_offset'] is None else row['last_offset']}"
