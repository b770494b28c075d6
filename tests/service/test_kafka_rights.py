"""One principal a department: what it may do on a real broker, and everything else that the broker refuses it."""

import asyncio
import re
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import ClusterAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError, for_code
from typer.testing import CliRunner

from deploy.kafka.provision import UnknownUser, rotate
from deploy.tenfold.cli import app
from shared.kafka import access
from shared.kafka.deleting import delete_records
from shared.kafka.errors import Undelivered, Unreachable
from shared.kafka.producer import TopicProducer
from shared.kafka.rights import Right
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, delete_topic, ensure_topics, last_record
from shared.kafka.values import Message
from tests.secured_world import DEPARTMENTS, Secured

pytest_plugins = ["tests.kafka_secured"]

PAGE = Path(__file__).parents[2] / "docs" / "kafka.md"
INTAKE, FEED = "tenfold.intake.health", "tenfold.feed.health"
OTHER_INTAKE, OTHER_FEED = "tenfold.intake.education", "tenfold.feed.education"


def client(settings: KafkaSettings) -> dict[str, Any]:
    """What any aiokafka client of a department is told."""
    return settings.connection() | {"metadata_max_age_ms": 300_000}


@asynccontextmanager
async def consuming(settings: KafkaSettings, topic: str, group: str | None) -> AsyncIterator[AIOKafkaConsumer]:
    """Kafka's own way to read, which a department may prefer."""
    consumer = AIOKafkaConsumer(topic, group_id=group, auto_offset_reset="earliest", **client(settings))
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def write(settings: KafkaSettings, topic: str) -> None:
    producer = AIOKafkaProducer(enable_idempotence=True, **client(settings))
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"{}", partition=0)
    finally:
        await producer.stop()


async def read(settings: KafkaSettings, topic: str, group: str | None = None) -> bytes | None:
    async with consuming(settings, topic, group) as consumer:
        value: bytes | None = (await consumer.getone()).value
        return value


async def create(settings: KafkaSettings, topic: str) -> None:
    admin = AIOKafkaAdminClient(**client(settings))
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(topic, 1, 1)])
        [(_, code, *_)] = answer.topic_errors
        if code:
            raise for_code(code)
    finally:
        await admin.close()


async def grant(settings: KafkaSettings) -> None:
    await access.allow(settings, [Right("User:health", "topic", "*", "all")])


async def test_a_department_reports_with_an_idempotent_producer_and_follows_in_a_group_of_its_own(
    secured: Secured,
) -> None:
    await write(secured.user("health"), INTAKE)
    async with TopicProducer(secured.user("exchange")) as exchange:
        await exchange.send(FEED, [Message(b"told")])
    assert await read(secured.user("health"), FEED, "health.reader") == b"told"
    assert await last_record(secured.user("exchange"), INTAKE) is not None


async def test_the_settings_that_the_page_for_departments_names_log_in(secured: Secured) -> None:
    [block] = [each for each in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if "user=" in each]
    told = secured.settings("health")
    for written, here in (
        ("kafka.example.gov.cn:9094", told.kafka_bootstrap),
        ("/etc/tenfold/authority.pem", told.kafka_ca_file),
        ("/etc/tenfold/health.password", told.kafka_password_file),
    ):
        assert written in block
        block = block.replace(written, str(here))
    names: dict[str, Any] = {}
    exec(block, names)
    assert names["kafka"].authenticated
    await write(names["kafka"], INTAKE)


Attempt = Callable[[KafkaSettings], Awaitable[object]]
REFUSED: dict[str, Attempt] = {
    "writes to another's intake": lambda mine: write(mine, OTHER_INTAKE),
    "writes to its own feed": lambda mine: write(mine, FEED),
    "reads another's feed": lambda mine: read(mine, OTHER_FEED),
    "reads another's intake": lambda mine: read(mine, OTHER_INTAKE),
    "reads its own intake": lambda mine: read(mine, INTAKE),
    "reads another's subscription": lambda mine: read(mine, f"{OTHER_FEED}.merges"),
    "uses another's group": lambda mine: read(mine, FEED, "education.reader"),
    "uses a group without its name": lambda mine: read(mine, FEED, "healthy"),
    "reads what services tell each other": lambda mine: read(mine, "tenfold.internal.vital-events"),
    "creates a topic": lambda mine: create(mine, "tenfold.intake.health.more"),
    "deletes its feed": lambda mine: delete_topic(mine, FEED),
    "gives itself a right": grant,
    "looks at the rights": access.rights,
    "sets another's password": lambda mine: access.set_passwords(mine, {"education": "mine"}),
}


@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED)
async def test_the_broker_refuses_a_department_that(secured: Secured, attempt: Attempt) -> None:
    with pytest.raises((KafkaError, Unreachable)) as refused:
        await attempt(secured.user("health"))
    assert "Authorization" in type(refused.value).__name__ + str(refused.value)


async def test_a_department_is_not_even_told_which_other_topics_there_are(secured: Secured) -> None:
    admin = AIOKafkaAdminClient(**client(secured.user("health")))
    await admin.start()
    try:
        assert set(await admin.list_topics()) == {INTAKE, FEED}
    finally:
        await admin.close()


async def test_a_department_reads_the_topics_of_its_subscriptions_which_the_exchange_makes(secured: Secured) -> None:
    exchange, topic = secured.user("exchange"), f"{FEED}.merges"
    await ensure_topics(exchange, [Topic(topic)])
    try:
        async with TopicProducer(exchange) as producer:
            await producer.send(topic, [Message(b"{}")])
        assert await read(secured.user("health"), topic, "health.reader") == b"{}"
        with pytest.raises(TopicAuthorizationFailedError):
            await write(secured.user("health"), topic)
        await delete_records(exchange, topic)
        assert await last_record(exchange, topic) is None
    finally:
        await delete_topic(exchange, topic)


async def test_a_service_keeps_its_own_topics_and_reads_what_it_follows_only(secured: Secured) -> None:
    registry, exchange = secured.user("registry"), secured.user("exchange")
    for refused in ("tenfold.internal.care", FEED):
        with pytest.raises(TopicAuthorizationFailedError):
            await read(exchange if refused.endswith("care") else registry, refused)
    await create(registry, "tenfold.internal.care")
    with pytest.raises(TopicAuthorizationFailedError):
        await create(registry, "tenfold.internal.vital-events")
    with pytest.raises(ClusterAuthorizationFailedError):  # it may write to no topic at all
        await write(secured.user("alerts"), "tenfold.internal.care")


async def test_a_wrong_password_and_a_user_that_does_not_exist_are_refused(secured: Secured) -> None:
    mine = secured.user("health")
    wrong = replace(mine, password=secured.installation.passwords.of("education"))
    for refused in (wrong, replace(mine, user="nobody"), replace(mine, user="CN=operator")):
        with pytest.raises(Unreachable):
            await last_record(refused, FEED)
    for unproven in (replace(mine, user=None, password=None), replace(mine, tls=None)):
        with pytest.raises(Unreachable):
            await last_record(unproven, FEED)


async def test_passwords_lie_in_files_that_only_their_owner_reads_and_differ(secured: Secured) -> None:
    passwords = secured.installation.passwords
    assert stat.S_IMODE(passwords.folder.stat().st_mode) == 0o700
    files = sorted(passwords.folder.iterdir())
    assert [file.name for file in files] == sorted(f"{user}.password" for user in secured.installation.users)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert len({file.read_bytes() for file in files}) == len(files)


async def test_provisioning_again_changes_nothing(secured: Secured) -> None:
    assert len(secured.first) > len(DEPARTMENTS) * 5
    assert await secured.provision() == []
    await write(secured.user("health"), INTAKE)


async def test_what_was_given_by_hand_is_taken_back_and_a_strangers_right_is_named(secured: Secured) -> None:
    given = Right("User:health", "topic", "*", "all")
    elsewhere = Right("User:health", "topic", OTHER_FEED, "read", host="10.1.2.3")
    stranger, unrelated = (
        Right("User:monitor", "topic", "tenfold.", "read", "prefixed"),
        Right("User:monitor", "topic", "water-levels", "read"),
    )
    await access.allow(secured.operator, [given, elsewhere, stranger, unrelated])
    try:
        told = await secured.provision()
        assert sorted(told) == sorted(
            [f"removed: {given}", f"removed: {elsewhere}", f"not ours, left alone: {stranger}"]
        )
        assert {stranger, unrelated} <= await access.rights(secured.operator)
    finally:
        await access.forbid(secured.operator, [given, elsewhere, stranger, unrelated])


async def test_a_rotated_password_is_the_only_one_and_open_connections_go_on(secured: Secured) -> None:
    before = secured.user("health")
    async with TopicProducer(before) as producer:
        await producer.send(INTAKE, [Message(b"{}")])
        await rotate(secured.operator, secured.installation, "health")
        await producer.send(INTAKE, [Message(b"{}")])
    with pytest.raises(Unreachable):
        await last_record(before, FEED)
    await write(secured.user("health"), INTAKE)
    with pytest.raises(UnknownUser):
        await rotate(secured.operator, secured.installation, "finance")


async def test_a_department_that_is_out_loses_everything_at_once_even_on_an_open_connection(secured: Secured) -> None:
    before = secured.user("public-security")
    topic = "tenfold.intake.public-security"
    try:
        async with TopicProducer(before, deadline=1) as producer:
            await producer.send(topic, [Message(b"{}")])
            told = await secured.provision("health", "education")
            with pytest.raises(Undelivered):
                await producer.send(topic, [Message(b"{}")])
        assert "user public-security: removed" in told
        assert not [right for right in await access.rights(secured.operator) if "public-security" in str(right)]
        assert not secured.installation.passwords.file("public-security").exists()
        assert await last_record(secured.operator, topic) is not None, "what it had reported stays"
    finally:
        await secured.provision()
    again = secured.user("public-security")
    assert again.password != before.password
    await write(again, topic)


def test_the_command_says_what_it_did(secured: Secured, tmp_path: Path) -> None:
    told = secured.broker.operator().model_dump(exclude_unset=True)
    environment = {f"TENFOLD_{name.upper()}": str(value) for name, value in told.items()}
    environment |= {"TENFOLD_KAFKA_PASSWORDS": str(tmp_path), "TENFOLD_KAFKA_TOPICS": "command"}
    environment["TENFOLD_ENVIRONMENT"] = "production"
    try:
        provisioned = CliRunner().invoke(app, ["kafka", "provision", "--partitions", "2"], env=environment)
        assert provisioned.exit_code == 0, provisioned.output
        assert "topic command.intake.health: 2 partitions" in provisioned.output
        assert "allowed: User:health write topic command.intake.health" in provisioned.output
        password = (tmp_path / "health.password").read_text().strip()
        assert password not in provisioned.output
        rotated = CliRunner().invoke(app, ["kafka", "rotate", "health"], env=environment)
        assert rotated.exit_code == 0, rotated.output
        assert (tmp_path / "health.password").read_text().strip() != password
        assert CliRunner().invoke(app, ["kafka", "rotate", "nobody"], env=environment).exit_code == 2
    finally:
        asyncio.run(secured.provision())
    del environment["TENFOLD_KAFKA_CERTIFICATE_FILE"]
    refused = CliRunner().invoke(app, ["kafka", "provision"], env=environment)
    assert refused.exit_code == 1
    assert "in production Kafka is used over TLS" in refused.output
