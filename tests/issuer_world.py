"""An OIDC issuer of somebody else, on another host name, as a city runs one: it shows a form, and gives a code once."""

import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.responses import Response

from shared.auth.issuer import Issuer
from shared.auth.tokens import Verifier
from tests.exchange_world import Exchange, served

CLIENT, SECRET = "tenfold-exchange", "between the two: 100 %"


@dataclass
class OutsideIssuer:
    """What it knows: who is at the keyboard, and which codes are out. `claims`: what its tokens say of them."""

    issuer: Issuer
    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def described(self) -> dict[str, str]:
        """OpenID Connect Discovery, as much of it as is needed."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
        }

    def approve(self, asked: dict[str, str]) -> str:
        """Where somebody goes who has shown who they are."""
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def redeem(self, code: str, verifier: str, redirect: str) -> str | None:
        """An access token for a code that is out and was asked for with this verifier; once."""
        asked = self.codes.pop(code, None)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, redirect):
            return None
        return self.issuer.issue(**self.claims)


def application(outside: OutsideIssuer) -> FastAPI:
    """Its four addresses."""
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def described() -> dict[str, str]:
        return outside.described()

    @app.get("/authorize")
    async def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        if asked["code_challenge_method"] != "S256" or asked["client_id"] != CLIENT:
            return Response(status_code=400)
        hidden = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in asked.items())
        return HTMLResponse(f'<form method="post" action="/approve">{hidden}<button>It is me</button></form>')

    @app.post("/approve")
    async def approve(request: Request) -> Response:
        asked = {name: str(value) for name, value in (await request.form()).items()}
        return RedirectResponse(outside.approve(asked), 303)

    @app.post("/token")
    async def token(
        request: Request, code: str = Form(), code_verifier: str = Form(), redirect_uri: str = Form()
    ) -> Response:
        made = outside.redeem(code, code_verifier, redirect_uri)
        known = b64encode(f"{CLIENT}:{quote_plus(SECRET)}".encode()).decode()
        if made is None or request.headers.get("authorization") != f"Basic {known}":
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return JSONResponse({"access_token": made, "token_type": "Bearer", "expires_in": 300})

    return app


@asynccontextmanager
async def known_outside(exchange: Exchange) -> AsyncIterator[tuple[OutsideIssuer, str]]:
    """The exchange on a port, known to such an issuer on a host name of its own; with the exchange's address."""
    outside = OutsideIssuer(exchange.issuer)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # here nothing leaves this machine
        async with served(application(outside)) as place, served(exchange.app) as here:
            outside.url = place.replace("127.0.0.1", "localhost")
            patched.setattr(exchange.issuer, "name", outside.url)  # the whole run has one
            service = exchange.service
            secret_file = service.settings.keys_file.with_name("client-secret")
            secret_file.write_text(SECRET)
            told = {
                "oidc_client": CLIENT,
                "oidc_secret_file": secret_file,
                "oidc_redirect": f"{here}/login/return",
                "token_issuer": outside.url,
            }
            service.settings = service.settings.model_copy(update=told)
            exchange.app.state.verifier = Verifier(exchange.issuer.public_jwks_path, outside.url, "tenfold")
            yield outside, here
