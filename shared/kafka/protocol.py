# mypy: disallow-subclassing-any=False
"""Requests of Kafka's protocol that aiokafka has not, or has for one row at a time only.

Source: Kafka protocol guide, CreateAcls and DeleteAcls (version 1), DescribeUserScramCredentials and
AlterUserScramCredentials (version 0).
"""

from typing import Any, ClassVar

from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)


class CreateAcls(Request[CreateAclsRequest_v1]):
    """Create ACLs: (resource, name, pattern, principal, host, operation, permission) each."""

    API_KEY = 30

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows = rows

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(self.rows)


class DeleteAcls(Request[DeleteAclsRequest_v1]):
    """Delete the ACLs that equal one of these rows."""

    API_KEY = 31

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows = rows

    def build(self, request_struct_class: type[DeleteAclsRequest_v1]) -> DeleteAclsRequest_v1:
        return request_struct_class(self.rows)


class UsersTold(Response):
    API_KEY = 50
    API_VERSION = 0
    SCHEMA: ClassVar = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", CompactString("utf-8")),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("credentials", CompactArray(("mechanism", Int8), ("iterations", Int32), ("tags", TaggedFields))),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class AskUsers(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 50
    API_VERSION = 0
    RESPONSE_TYPE = UsersTold
    SCHEMA: ClassVar = Schema(
        ("users", CompactArray(("name", CompactString("utf-8")), ("tags", TaggedFields))), ("tags", TaggedFields)
    )


class DescribeUsers(Request[AskUsers]):
    """Every SCRAM user."""

    API_KEY = 50

    def build(self, request_struct_class: type[AskUsers]) -> AskUsers:
        return request_struct_class(None, {})


class UsersAltered(Response):
    API_KEY = 51
    API_VERSION = 0
    SCHEMA: ClassVar = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class AlterUsers(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 51
    API_VERSION = 0
    RESPONSE_TYPE = UsersAltered
    SCHEMA: ClassVar = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class AlterCredentials(Request[AlterUsers]):
    """Delete (name, mechanism) and upsert (name, mechanism, iterations, salt, salted password)."""

    API_KEY = 51

    def __init__(self, deleted: list[tuple[Any, ...]], upserted: list[tuple[Any, ...]]) -> None:
        self.deleted, self.upserted = deleted, upserted

    def build(self, request_struct_class: type[AlterUsers]) -> AlterUsers:
        return request_struct_class(self.deleted, self.upserted, {})
