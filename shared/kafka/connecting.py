"""From a process's settings to a Kafka connection, and whether the broker's address answers."""

import asyncio
import ssl
from typing import Final

from shared.kafka.settings import KafkaSettings
from shared.settings import BrokerSettings

PROBE_SECONDS: Final = 1.0


class ListenerRefused(RuntimeError):
    """The Kafka settings may not be used; the text says what is missing."""


def kafka_settings(settings: BrokerSettings) -> KafkaSettings | None:
    """How this process connects to Kafka; None where no broker is configured.

    Raises ListenerRefused in production for a listener that is not both encrypted and authenticated: a department is
    known by its topic there, so that whoever may write to the topic is the department (contracts: Kafka).
    """
    if settings.kafka_bootstrap is None:
        return None
    password = _password(settings)
    if (settings.kafka_user is None) != (password is None):
        raise ListenerRefused(
            "TENFOLD_KAFKA_USER and TENFOLD_KAFKA_PASSWORD_FILE (or TENFOLD_KAFKA_PASSWORD) are given together or not "
            "at all"
        )
    kafka = KafkaSettings(
        settings.kafka_bootstrap,
        tls=_tls(settings) if settings.kafka_tls else None,
        certificate=settings.kafka_certificate_file is not None,
        user=settings.kafka_user,
        password=password,
        replication=settings.kafka_replication,
    )
    if settings.environment == "production" and not kafka.authenticated:
        raise ListenerRefused(
            "in production Kafka is used over TLS and with a user or a client certificate: set TENFOLD_KAFKA_TLS and "
            "TENFOLD_KAFKA_USER with TENFOLD_KAFKA_PASSWORD_FILE, or TENFOLD_KAFKA_CERTIFICATE_FILE with its key"
        )
    return kafka


def _password(settings: BrokerSettings) -> str | None:
    if settings.kafka_password_file is not None:
        return settings.kafka_password_file.read_text().strip()
    return settings.kafka_password.get_secret_value() if settings.kafka_password else None


def _tls(settings: BrokerSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if settings.kafka_certificate_file is not None:
        context.load_cert_chain(settings.kafka_certificate_file, settings.kafka_key_file)
    return context


async def state_of(bootstrap: str) -> str:
    """Give "reachable" where one of the brokers takes a connection at the moment, else "unreachable"; says nothing of
    topics or rights."""
    for address in bootstrap.split(","):
        host, _, port = address.rpartition(":")
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.close()
        except (OSError, ValueError):
            continue
        return "reachable"
    return "unreachable"
