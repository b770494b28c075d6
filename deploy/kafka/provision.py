"""Topics, users and ACLs of an installation, brought to what provisioning says; again and again to the same end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deploy.kafka.passwords import Passwords
from services.exchange.kafka import edge_topics
from shared.auth.caller import DEPARTMENTS
from shared.kafka import access, rights
from shared.kafka.settings import KafkaSettings
from shared.kafka.topics import ensure_topics, intake_topic, raise_partitions

PRINCIPALS: Final = (*sorted(DEPARTMENTS), *rights.SERVICES)


class UnknownUser(ValueError):
    """Provisioning names no such user."""


@dataclass(frozen=True)
class Installation:
    """What is to stand: topics that begin with `prefix`, for these departments, and for the services among each other
    where `internal`. Intake topics have at least `partitions`."""

    passwords: Passwords
    departments: Sequence[str]
    prefix: str = "tenfold"
    internal: bool = False
    partitions: int = 3

    @property
    def users(self) -> list[str]:
        """Who logs in: these departments, and the services that use Kafka."""
        return [*self.departments, *(rights.SERVICES if self.internal else ["exchange"])]

    def rights(self) -> set[rights.Right]:
        """The ACLs."""
        return rights.all_rights(self.departments, self.prefix, internal=self.internal)


@dataclass(frozen=True)
class Change:
    """One thing that was done, or (`warning`) that a person has to look at."""

    what: str
    warning: bool = False


async def provision(kafka: KafkaSettings, installation: Installation) -> list[Change]:
    """Create what is missing and remove what provisioning no longer names; says what changed.

    A department that is out loses its rights first: they end at once, also on connections that are open. Every
    password at the broker is set to the one in its file. Raises Unreachable; then the same again is right.
    """
    found = await access.rights(kafka)
    plan = rights.plan(installation.rights(), found, PRINCIPALS)
    await access.forbid(kafka, plan.unwanted)
    changes = [Change(f"removed: {right}") for right in sorted(plan.unwanted)]
    known = await access.users(kafka)
    changes += await _remove_users(kafka, installation, known)

    await ensure_topics(kafka, edge_topics(installation.departments, installation.prefix))
    for department in installation.departments:
        topic = intake_topic(department, installation.prefix)
        if await raise_partitions(kafka, topic, installation.partitions):
            changes.append(Change(f"topic {topic}: {installation.partitions} partitions"))
    await access.set_passwords(kafka, {user: installation.passwords.of(user) for user in installation.users})
    changes += [
        Change(f"user {user}: password in {installation.passwords.file(user)}")
        for user in installation.users
        if user not in known
    ]
    await access.allow(kafka, plan.missing)
    changes += [Change(f"allowed: {right}") for right in sorted(plan.missing)]
    return changes + [Change(f"not ours, left alone: {right}", warning=True) for right in sorted(plan.foreign)]


async def _remove_users(kafka: KafkaSettings, installation: Installation, known: set[str]) -> list[Change]:
    """Of ours, those that are provisioned no more; their files too, so that nobody gets an old password back."""
    gone = [user for user in PRINCIPALS if user not in installation.users]
    await access.delete_users(kafka, known.intersection(gone))
    forgotten = {user for user in gone if installation.passwords.forget(user)}
    return [Change(f"user {user}: removed") for user in gone if user in known | forgotten]


async def rotate(kafka: KafkaSettings, installation: Installation, user: str) -> None:
    """Give a user a new password. Connections that are open go on; each new one needs it.

    The file first: if the broker cannot be told, the next `provision` tells it. Raises UnknownUser, Unreachable.
    """
    if user not in installation.users:
        raise UnknownUser(user)
    await access.set_passwords(kafka, {user: installation.passwords.renew(user)})
