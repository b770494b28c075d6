"""Checking access tokens (RFC 9068) against the issuer's public keys. Every refusal is the same 401."""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared import clock
from shared.auth.caller import Caller
from shared.errors import Unauthenticated, Unavailable

log = structlog.get_logger(__name__)

LONGEST_TOKEN = 8_192
SKEW_SECONDS = 30
RELOAD_SECONDS = 3.0
REMEMBERED = 4_096
_NEVER_READ = (0, 0, 0)


class BrokenKeySet(Exception):
    """The JWKS file holds no usable ES256 key."""


class _Header(BaseModel):
    # joserfc checks neither typ nor kid. Anything that changes how the token is read (crit, b64) is refused.
    model_config = ConfigDict(strict=True)
    alg: str = Field(pattern=r"^ES256$")
    typ: str = Field(pattern=r"^(?i:(application/)?at\+jwt)$")
    kid: str = Field(min_length=1, max_length=256)
    crit: None = None
    b64: None = None


class _Claims(BaseModel):
    # Other claims are ignored: a production issuer adds its own.
    model_config = ConfigDict(strict=True)
    iss: str
    aud: str | list[str]
    sub: str
    iat: float = Field(allow_inf_nan=False)
    exp: float = Field(allow_inf_nan=False)
    nbf: float = Field(default=0, allow_inf_nan=False)
    department: str | None = None
    service: str | None = None
    roles: list[str] = []
    purpose: str | None = None
    areas: list[str] = []
    facility: str | None = None


class Verifier:
    """Turns a bearer token into a Caller.

    Keys are read from `jwks_path`, and again when that file changed. It is looked at every three seconds (a key taken
    away stops counting) and when a token names an unknown key, that too at most once in three seconds.
    A checked token is remembered by its SHA-256 until it ends or the keys change: one ES256 check costs 100 µs, which
    single posts would pay each time.
    """

    def __init__(
        self,
        jwks_path: Path,
        issuer: str,
        audience: str,
        *,
        now: Callable[[], datetime] = clock.now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = jwks_path
        self._issuer = issuer
        self._audience = audience
        self._now = now
        self._ticks = ticks
        self._remembered: dict[bytes, tuple[Caller, float]] = {}
        self._keys: dict[str, ECKey] = {}
        self._stamp = _NEVER_READ
        self._looked = self._sought = float("-inf")

    def verify(self, token: str) -> Caller:
        """The caller of this token. Raises Unauthenticated, without telling why; Unavailable before keys exist."""
        if self._ticks() - self._looked >= RELOAD_SECONDS:
            self._look_for_new_keys()
        if not self._keys:
            raise Unavailable
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise Unauthenticated
        digest = hashlib.sha256(token.encode()).digest()
        moment = self._now().timestamp()
        known = self._remembered.get(digest)
        if known is None:
            known = self._check(token, moment)
            if len(self._remembered) >= REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[digest] = known
        caller, ends = known
        if moment >= ends:
            self._remembered.pop(digest, None)
            raise Unauthenticated
        return caller

    def _check(self, token: str, moment: float) -> tuple[Caller, float]:
        try:
            header = _Header.model_validate(_header_of(token))
            claims = _Claims.model_validate(jwt.decode(token, self._key_of(header.kid), algorithms=["ES256"]).claims)
            audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
            timely = max(claims.iat, claims.nbf) <= moment + SKEW_SECONDS and moment < claims.exp
            if claims.iss != self._issuer or self._audience not in audiences or not timely:
                raise Unauthenticated
            caller = Caller(
                claims.sub,
                claims.department,
                claims.service,
                frozenset(claims.roles),
                claims.purpose,
                frozenset(claims.areas),
                claims.facility,
                # Its issuer's clock may be ahead: it may be that much older than it says.
                datetime.fromtimestamp(max(0.0, claims.iat - SKEW_SECONDS), UTC),
            )
        except (JoseError, ValidationError, ValueError, RecursionError):
            raise Unauthenticated from None
        return caller, claims.exp

    def _key_of(self, kid: str) -> ECKey:
        if kid not in self._keys and self._ticks() - self._sought >= RELOAD_SECONDS:
            self._sought = self._ticks()
            self._look_for_new_keys()
        if kid not in self._keys:
            raise Unauthenticated
        return self._keys[kid]

    def _look_for_new_keys(self) -> None:
        self._looked = self._ticks()
        try:
            if _stamp(self._path) == self._stamp:
                return
            self._keys, self._stamp = _read_keys(self._path)
        except (OSError, BrokenKeySet):
            # Keep serving with the keys we have: an issuer writing its file must not shut everyone out.
            log.warning("token_keys_unreadable")
            return
        self._remembered.clear()


def _header_of(token: str) -> object:
    segment = token.partition(".")[0]
    return json.loads(base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True))


def _stamp(path: Path) -> tuple[int, int, int]:
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_ino, facts.st_size


def _read_keys(path: Path) -> tuple[dict[str, ECKey], tuple[int, int, int]]:
    """Signature keys by kid; other key types and other uses in the set are skipped. Raises OSError, BrokenKeySet."""
    stamp = _stamp(path)
    keys: dict[str, ECKey] = {}
    try:
        for entry in json.loads(path.read_bytes())["keys"]:
            if (entry.get("kty"), entry.get("crv")) != ("EC", "P-256") or entry.get("use", "sig") != "sig":
                continue
            if isinstance(kid := entry.get("kid"), str) and entry.get("alg", "ES256") == "ES256":
                keys[kid] = ECKey.import_key({part: entry[part] for part in ("kty", "crv", "x", "y")})
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise BrokenKeySet("not a JWKS") from None
    if not keys:
        raise BrokenKeySet("no ES256 key with a kid")
    return keys, stamp
