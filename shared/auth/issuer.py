"""The machine's own token issuer, for the embedded mode. Its key belongs to the machine, not to one data folder."""

import json
import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Self
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from shared import clock
from shared.auth.caller import Caller
from shared.crypto.keyfile import locked, read_private, write_whole

LOCAL_ISSUER = "tenfold"
AUDIENCE = "tenfold"
HOUR = timedelta(hours=1)


def default_folder() -> Path:
    """`$XDG_STATE_HOME/tenfold`, or `~/.local/state/tenfold` when that is unset or relative (XDG base directories)."""
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (state if state.is_absolute() else Path.home() / ".local" / "state") / "tenfold"


class Issuer:
    """Signs access tokens (RFC 9068, ES256) with the key kept in `issuer.json` (0600); publishes `jwks.json`."""

    name = LOCAL_ISSUER

    def __init__(self, key: ECKey, public_jwks_path: Path) -> None:
        self._key = key
        self.public_jwks_path = public_jwks_path

    @classmethod
    def open(cls, folder: Path | None = None) -> Self:
        """Load this machine's issuer, making its key at first use. Raises UnsafeKeyFile if others may read the key."""
        folder = default_folder() if folder is None else folder
        private, public = folder / "issuer.json", folder / "jwks.json"
        with locked(private):
            if not private.exists():
                made = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
                write_whole(private, json.dumps(made.as_dict(private=True)).encode())
            key = ECKey.import_key(json.loads(read_private(private)))
            published = json.dumps({"keys": [key.as_dict(private=False)]}).encode()
            if not public.exists() or public.read_bytes() != published:
                write_whole(public, published, mode=0o644)
        return cls(key, public)

    def issue(
        self,
        *,
        audience: str = AUDIENCE,
        subject: str,
        department: str | None = None,
        service: str | None = None,
        roles: Iterable[str] = (),
        purpose: str | None = None,
        areas: Iterable[str] = (),
        facility: str | None = None,
        ttl: timedelta = HOUR,
    ) -> str:
        """A token for this caller, valid from now for `ttl`. Raises ValueError for what no verifier would accept."""
        if service is not None:
            roles = {*roles, "service"}
        caller = Caller(subject, department, service, frozenset(roles), purpose, frozenset(areas), facility)
        issued = int(clock.now().timestamp())
        claims: dict[str, object] = {
            "iss": self.name,
            "aud": audience,
            "sub": caller.subject,
            "client_id": caller.service or caller.department or caller.subject,
            "iat": issued,
            "exp": issued + int(ttl.total_seconds()),
            "jti": str(uuid4()),
            "roles": sorted(caller.roles),
            "areas": sorted(caller.areas),
        }
        for claim in ("department", "service", "purpose", "facility"):
            if (value := getattr(caller, claim)) is not None:
                claims[claim] = value
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self._key.kid}, claims, self._key, ["ES256"])
