"""Tokens that must not count are refused by every route of every service, in the same words."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey

from shared.auth.issuer import Issuer
from shared.crypto.keyring import KeyRing
from shared.settings import Settings
from tests.conftest import Database
from tests.routes import RIGHTS, SERVICES, application, asks_for_a_caller, endpoints, names


def encoded(part: object) -> str:
    """A segment of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def hostile_tokens(issuer: Issuer) -> dict[str, str]:
    """Tokens whose claims would open everything, each with one thing wrong."""
    key = ECKey.import_key(json.loads((issuer.public_jwks_path.parent / "issuer.json").read_bytes()))
    assert key.kid is not None
    now = int(datetime.now(UTC).timestamp())
    good: dict[str, Any] = {"iss": Issuer.name, "aud": "tenfold", "sub": "x", "iat": now, "exp": now + 600}
    good |= {"roles": ["administrator", "reporter", "follower", "clerk"], "department": "health", "purpose": "care"}
    head: dict[str, Any] = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    other = ECKey.generate_key("P-256", {"kid": key.kid})

    def signed(with_key: ECKey = key, header: dict[str, Any] | None = None, **claims: Any) -> str:
        members = {name: value for name, value in {**good, **claims}.items() if value is not None}
        return jwt.encode({**head, **(header or {})}, members, with_key, ["ES256"])

    def forged(alg: str, secret: bytes | None) -> str:
        body = f"{encoded({**head, 'alg': alg})}.{encoded(good)}"
        mac = hmac.digest(secret, body.encode(), hashlib.sha256) if secret else b""
        return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    return {
        "expired": signed(iat=now - 700, exp=now - 100),
        "not yet valid": signed(nbf=now + 600, exp=now + 1200),
        "issued in the future": signed(iat=now + 600, exp=now + 1200),
        "another audience": signed(aud="elsewhere"),
        "another issuer": signed(iss="elsewhere"),
        "another type": signed(header={"typ": "JWT"}),
        "an unknown key": signed(header={"kid": "unknown"}),
        "a removed key under a known name": signed(other),
        "no algorithm": forged("none", None),
        "HS256 under the public key": forged("HS256", issuer.public_jwks_path.read_bytes()),
        "no subject": signed(sub=None),
        "no end": signed(exp=None),
        "no audience": signed(aud=None),
        "a role outside the list": signed(roles=["root"]),
        "a department outside the list": signed(department="tax"),
        "a service and a department": signed(service="registry", roles=["service"]),
        "no signature": signed().rpartition(".")[0] + ".",
    }


def of_each_module(app: FastAPI) -> set[str]:
    """One route of each module of routes, as `tests/routes.py` names it: for all tokens; the others get one."""
    found = {(route.endpoint.__module__, type(route)): name for route in endpoints(app.routes) for name in names(route)
             if asks_for_a_caller(route.dependant)}  # fmt: skip
    return set(found.values())


@pytest.mark.parametrize("service", SERVICES)
async def test_no_route_takes_a_token_that_must_not_count(
    service: str, database: Database, issuer: Issuer, tmp_path: Path
) -> None:
    keys: Any = import_module(f"services.{service}.keys")
    KeyRing.create(tmp_path / "keys", [*keys.OWN_KEYS, *keys.SHARED_KEYS])
    url = await database(service)
    app = application(
        service, Settings(database_url=url, keys_file=tmp_path / "keys", jwks_file=issuer.public_jwks_path)
    )
    tokens = hostile_tokens(issuer)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        chosen = of_each_module(app)
        assert len(chosen) > 1
        for name, right in RIGHTS[service].items():
            method, _, path = name.partition(" ")
            path = path.replace("{", "").replace("}", "")
            for why, token in tokens.items() if name in chosen else [("expired", tokens["expired"])]:
                answer = await http.request(method, path, headers={"authorization": f"Bearer {token}"})
                if right.page:
                    assert (answer.status_code, answer.headers["location"]) == (303, right.login), (name, why)
                else:
                    assert (answer.status_code, answer.json()["type"]) == (401, "/errors#unauthenticated"), (name, why)
