"""A broker as in production, provisioned for three departments and the services."""

from dataclasses import dataclass, field, replace

from deploy.kafka.provision import Change, Installation, provision
from deploy.kafka.secured import SecuredBroker
from shared.kafka.connecting import kafka_settings
from shared.kafka.settings import KafkaSettings
from shared.settings import BrokerSettings

DEPARTMENTS = ("health", "education", "public-security")


@dataclass
class Secured:
    """The broker with what is provisioned on it."""

    broker: SecuredBroker
    installation: Installation
    first: list[Change] = field(default_factory=list)
    """What the first provisioning did."""

    @property
    def operator(self) -> KafkaSettings:
        """How the operator connects."""
        return connection(self.broker.operator())

    def settings(self, user: str) -> BrokerSettings:
        """What a user is told."""
        return self.broker.user(user, self.installation.passwords.file(user))

    def user(self, name: str) -> KafkaSettings:
        """How a user connects."""
        return connection(self.settings(name))

    async def provision(self, *departments: str) -> list[str]:
        """Provision these departments; what was done, in words."""
        installation = replace(self.installation, departments=departments or self.installation.departments)
        return [change.what for change in await provision(self.operator, installation)]


def connection(settings: BrokerSettings) -> KafkaSettings:
    """A connection as a service makes it."""
    kafka = kafka_settings(settings)
    assert kafka is not None
    assert kafka.authenticated
    return kafka
