"""Production's listener on a real broker: encrypted, and each side proves who it is by a certificate."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from deploy.kafka.certificates import Authority
from deploy.kafka.probe import free_ports
from shared.kafka.connecting import kafka_settings
from shared.kafka.consumer import TopicReader
from shared.kafka.errors import Unreachable
from shared.kafka.producer import TopicProducer
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import Topic, ensure_topics
from shared.kafka.values import Message
from shared.settings import Settings
from tests.brokers import broker_or_skip
from tests.kafka_reading import read_count

# A plain listener stays for the probe that tells when the broker is ready.
LISTENER = """\
listeners=BROKER://{{host}}:{{port}},TLS://{{host}}:{tls},CONTROLLER://{{host}}:{{controller}}
advertised.listeners=BROKER://{{host}}:{{port}},TLS://{{host}}:{tls}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/authority.pem
ssl.client.auth=required
"""


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of an exchange in production, at a broker that asks for certificates."""
    broker_or_skip()
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority(folder)
    authority.certify("broker")
    mine = authority.certify("exchange")
    [port] = free_ports(1)
    broker = Broker(folder / "kafka", more=LISTENER.format(tls=port, folder=folder))
    try:
        broker.start()
        yield Settings(
            database_url="",
            keys_file=Path(),
            jwks_file=Path(),
            environment="production",
            kafka_bootstrap=f"127.0.0.1:{port}",
            kafka_tls=True,
            kafka_ca_file=folder / "authority.pem",
            kafka_certificate_file=mine,
        )
    finally:
        broker.kill()


async def test_with_a_certificate_records_go_out_and_come_in(tls: Settings) -> None:
    kafka = kafka_settings(tls)
    assert kafka is not None
    await ensure_topics(kafka, [Topic("tls")])
    async with TopicProducer(kafka) as producer, TopicReader(kafka, "tls", {}) as reader:
        await producer.send("tls", [Message(b"one"), Message(b"two")])
        assert (await read_count(reader, 2)).values == [b"one", b"two"]


async def test_without_a_certificate_or_without_tls_the_broker_refuses(tls: Settings) -> None:
    nobody = tls.model_copy(update={"kafka_certificate_file": None, "environment": "development"})
    anonymous = kafka_settings(nobody)
    assert anonymous is not None
    for refused in (anonymous, KafkaSettings(anonymous.bootstrap)):
        with pytest.raises(Unreachable):
            await ensure_topics(refused, [Topic("tls")])


async def test_a_broker_of_another_authority_is_not_spoken_to(tls: Settings, tmp_path: Path) -> None:
    Authority(tmp_path)
    kafka = kafka_settings(tls.model_copy(update={"kafka_ca_file": tmp_path / "authority.pem"}))
    assert kafka is not None
    with pytest.raises(Unreachable):
        await ensure_topics(kafka, [Topic("tls")])
