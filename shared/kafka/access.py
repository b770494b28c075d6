"""The broker's ACLs and SCRAM users: read, set, removed. A password itself is never sent: RFC 5802's salted one is."""

import asyncio
import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NoError, for_code
from aiokafka.protocol.admin import DescribeAclsRequest

from shared.kafka.administering import DEADLINE_SECONDS
from shared.kafka.calls import whole
from shared.kafka.errors import Unreachable
from shared.kafka.protocol import AlterCredentials, CreateAcls, DeleteAcls, DescribeUsers
from shared.kafka.rights import Kind, Operation, Pattern, Right
from shared.kafka.settings import KafkaSettings

Name = TypeVar("Name", bound=str)

SHA_512: Final = 2
ITERATIONS: Final = 4096  # Kafka's least; passwords here are 256 random bits, which no iteration strengthens
ANY: Final = 1
ALLOW: Final = 3
KINDS: Final[Mapping[Kind, int]] = {
    "topic": 2,
    "group": 3,
    "cluster": 4,
    "transactional-id": 5,
    "delegation-token": 6,
    "user": 7,
}
PATTERNS: Final[Mapping[Pattern, int]] = {"literal": 3, "prefixed": 4}
OPERATIONS: Final[Mapping[Operation, int]] = {
    "all": 2,
    "read": 3,
    "write": 4,
    "create": 5,
    "delete": 6,
    "alter": 7,
    "describe": 8,
    "cluster-action": 9,
    "describe-configs": 10,
    "alter-configs": 11,
    "idempotent-write": 12,
    "create-tokens": 13,
    "describe-tokens": 14,
    "two-phase-commit": 15,
}


async def rights(settings: KafkaSettings) -> set[Right]:
    """Every ACL that allows something. Raises Unreachable, and KeyError for a kind that Kafka has learned since."""
    answer = await _asked(settings, DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ALLOW))
    _check(answer.error_code)
    kinds, patterns, operations = _by_code(KINDS), _by_code(PATTERNS), _by_code(OPERATIONS)
    return {
        Right(principal, kinds[kind], name, operations[operation], patterns[pattern], host)
        for kind, name, pattern, found in answer.resources
        for principal, host, operation, _ in found
    }


async def allow(settings: KafkaSettings, wanted: Collection[Right]) -> None:
    """Create these ACLs; one that stands already stays. Raises Unreachable."""
    if wanted:
        answer = await _asked(settings, CreateAcls([_row(right) for right in sorted(wanted)]))
        for code, _ in answer.creation_responses:
            _check(code)


async def forbid(settings: KafkaSettings, unwanted: Collection[Right]) -> None:
    """Remove these ACLs; in force at once, for open connections too. Raises Unreachable."""
    if unwanted:
        answer = await _asked(settings, DeleteAcls([_row(right) for right in sorted(unwanted)]))
        for code, *_ in answer.filter_responses:
            _check(code)


async def users(settings: KafkaSettings) -> set[str]:
    """Who has a SCRAM-SHA-512 password. Raises Unreachable."""
    answer = await _asked(settings, DescribeUsers())
    _check(answer.error_code)
    return {name for name, _, _, found, _ in answer.results if any(mechanism == SHA_512 for mechanism, *_ in found)}


async def set_passwords(settings: KafkaSettings, passwords: Mapping[str, str]) -> None:
    """Give each user this password for SCRAM-SHA-512; open connections go on. Raises Unreachable."""
    rows: list[tuple[Any, ...]] = []
    for name, password in sorted(passwords.items()):
        salt = secrets.token_bytes(32)
        salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        rows.append((name, SHA_512, ITERATIONS, salt, salted, {}))
    if rows:
        await _alter(settings, [], rows)


async def delete_users(settings: KafkaSettings, names: Collection[str]) -> None:
    """Take the passwords of these users away, all of whom must have one. Raises Unreachable."""
    if names:
        await _alter(settings, [(name, SHA_512, {}) for name in sorted(names)], [])


async def _alter(settings: KafkaSettings, deleted: list[tuple[Any, ...]], upserted: list[tuple[Any, ...]]) -> None:
    answer = await _asked(settings, AlterCredentials(deleted, upserted))
    for _, code, *_ in answer.results:
        _check(code)


async def _asked(settings: KafkaSettings, request: Any) -> Any:
    """Ask any broker; it forwards to the controller what only that may do."""
    client = AIOKafkaClient(**settings.connection())
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await whole(client.bootstrap())
            return await whole(client.send(client.get_random_node(), request))
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unreachable(type(error).__name__) from error
    finally:
        await whole(client.close())


def _row(right: Right) -> tuple[Any, ...]:
    where = (KINDS[right.kind], right.name, PATTERNS[right.pattern])
    return (*where, right.principal, right.host, OPERATIONS[right.operation], ALLOW)


def _by_code(codes: Mapping[Name, int]) -> dict[int, Name]:
    return {code: name for name, code in codes.items()}


def _check(code: int) -> None:
    error = for_code(code)
    if error is not NoError:
        raise Unreachable(error.__name__)
