"""Who may do what at the broker, derived from provisioning: default deny, one principal per department. Pure.

A department is known by its principal: the broker lets nobody else write to its intake topic (contracts: Kafka).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from shared.kafka.topics import feed_topic, intake_topic, internal_topic, subscription_topic

Kind = Literal["topic", "group", "cluster", "transactional-id", "delegation-token", "user"]
Pattern = Literal["literal", "prefixed"]
Operation = Literal[
    "all",
    "read",
    "write",
    "create",
    "delete",
    "alter",
    "describe",
    "cluster-action",
    "describe-configs",
    "alter-configs",
    "idempotent-write",
    "create-tokens",
    "describe-tokens",
    "two-phase-commit",
]

# Feeds between services, where they go by Kafka as well: who publishes, who follows.
INTERNAL_FEEDS: Final = {
    "vital-events": ("exchange", "registry"),
    "sharing": ("exchange", "registry"),
    "changes": ("registry", "exchange"),
    "care": ("registry", "alerts"),
}
SERVICES: Final = ("exchange", "registry", "alerts")
# What a service needs of a topic that it keeps standing. Its records are deleted when an agreement ends.
KEEPS: Final[tuple[Operation, ...]] = ("read", "write", "describe", "create", "delete", "describe-configs")
FOLLOWS: Final[tuple[Operation, ...]] = ("read", "describe")
REPORTS: Final[tuple[Operation, ...]] = ("write", "describe")


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One ACL that allows: `principal` (as Kafka writes it, User:name) may do `operation` from `host` (*: any)."""

    principal: str
    kind: Kind
    name: str
    operation: Operation
    pattern: Pattern = "literal"
    host: str = "*"

    def __str__(self) -> str:
        return f"{self.principal} {self.operation} {self.kind} {self.name}{'…' if self.pattern == 'prefixed' else ''}"

    def covers(self, topic: str) -> bool:
        """Whether it is about this topic."""
        if self.kind != "topic":
            return False
        return topic.startswith(self.name) if self.pattern == "prefixed" else self.name in (topic, "*")


def principal_of(user: str) -> str:
    """Kafka's name of a SCRAM user. A certificate's is `User:CN=…`: no user name can equal one."""
    return f"User:{user}"


def rights_of_department(department: str, prefix: str) -> set[Right]:
    """Report to its own intake, read its own feed, whole or by subscription, in consumer groups of its own; no more."""
    who = principal_of(department)
    return {
        *(Right(who, "topic", intake_topic(department, prefix), operation) for operation in REPORTS),
        *(Right(who, "topic", feed_topic(department, prefix), operation) for operation in FOLLOWS),
        *(Right(who, "topic", subscription_topic(department, "", prefix), each, "prefixed") for each in FOLLOWS),
        Right(who, "group", f"{department}.", "read", "prefixed"),
    }


def rights_of_exchange(prefix: str) -> set[Right]:
    """The exchange keeps the departments' topics."""
    return {
        Right(principal_of("exchange"), "topic", beginning, operation, "prefixed")
        for beginning in (intake_topic("", prefix), feed_topic("", prefix))
        for operation in KEEPS
    }


def rights_of_internal_feeds(prefix: str) -> set[Right]:
    """The topic of an internal feed is kept by the service that publishes it, and read by the one that follows it."""
    rights: set[Right] = set()
    for feed, (publisher, follower) in INTERNAL_FEEDS.items():
        topic = internal_topic(feed, prefix)
        rights |= {Right(principal_of(publisher), "topic", topic, operation) for operation in KEEPS}
        rights |= {Right(principal_of(follower), "topic", topic, operation) for operation in FOLLOWS}
    return rights


def all_rights(departments: Iterable[str], prefix: str, *, internal: bool = False) -> set[Right]:
    """Everything that is to stand at the broker for one installation."""
    rights = rights_of_exchange(prefix).union(*(rights_of_department(each, prefix) for each in departments))
    return rights | rights_of_internal_feeds(prefix) if internal else rights


@dataclass(frozen=True, slots=True)
class RightsPlan:
    """What to change so that only `wanted` stands. `foreign`: rights of principals that are not ours, on our topics."""

    missing: frozenset[Right]
    unwanted: frozenset[Right]
    foreign: frozenset[Right]


def plan(wanted: set[Right], found: set[Right], principals: Iterable[str]) -> RightsPlan:
    """Compare. Of our principals everything else goes; of strangers nothing is touched, for others may need it.

    `principals` are all that can ever be ours: the ten departments and the services, provisioned or not.
    """
    ours = {principal_of(name) for name in principals}
    topics = {right.name for right in wanted if right.kind == "topic"}
    strangers = found - {right for right in found if right.principal in ours}
    return RightsPlan(
        missing=frozenset(wanted - found),
        unwanted=frozenset(right for right in found - wanted if right.principal in ours),
        foreign=frozenset(right for right in strangers if any(right.covers(topic) for topic in topics)),
    )
