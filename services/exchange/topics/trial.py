"""One record into a subscription's topic, so that its reader sees that it reads."""

import asyncio
import time
from typing import Final
from uuid import uuid4

from services.exchange.distribution.entries import cloud_event
from services.exchange.topics.records import COPIED
from shared import clock
from shared.deliveries.rules import Outcome
from shared.kafka.errors import TopicMismatch, Undeliverable, Undelivered, Unreachable
from shared.kafka.feed_records import CLOUD_EVENT
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, ensure_topics, last_record
from shared.kafka.values import Message, Record
from shared.subscriptions.schemas import Tried

SECONDS: Final = 20.0


def trial_record(department: str, name: str, last: Record | None) -> Message:
    """A CloudEvent that tells nothing. It says of the topic what the last record says: the relay goes on as before."""
    data = {"feed": f"department:{department}", "subscription": name}
    body = cloud_event(uuid4(), "subscription.tested", name, clock.now(), data)
    copied = [(each, last.header(each)) for each in COPIED] if last is not None else []
    return Message(body, headers=(*((each, value) for each, value in copied if value), ("content-type", CLOUD_EVENT)))


async def try_topic(kafka: KafkaSettings, topic: str, department: str, name: str) -> Tried:
    """Send it now and say what the broker said, after SECONDS at most; `body` says where it lies."""
    began, where = time.monotonic(), ""
    said: Outcome
    try:
        async with asyncio.timeout(SECONDS), TopicProducer(kafka) as producer:
            await ensure_topics(kafka, [Topic(topic)])
            message = trial_record(department, name, await last_record(kafka, topic))
            (sent,) = await producer.send(topic, [message])
            said, where = "delivered", f"{topic}/{sent.partition}/{sent.offset}"
    except (Undeliverable, TopicMismatch):
        said = "refused"
    except (Unreachable, Undelivered):
        said = "unreachable"
    except TimeoutError:
        said = "timeout"
    seconds = round(time.monotonic() - began, 3)
    return Tried(delivered=said == "delivered", outcome=said, status=None, seconds=seconds, body=where)
