"""Where people log in who come from outside: the city's OIDC issuer, by an authorization code with PKCE (RFC 6749,
RFC 7636).

The access token that comes of it is one for Tenfold (RFC 9068) and is checked as every bearer token is, so that a
session says what that token says. The ID token is not read: state, verifier and our client's secret bind the answer to
this browser and to us, and who it is stands in the access token.
"""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import httpx
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from shared.auth.caller import Caller
from shared.auth.tokens import Verifier
from shared.errors import Unauthenticated
from shared.settings import Settings

SECONDS = 10.0  # for each of the issuer's answers
LONGEST_ANSWER = 65_536
WELL_KNOWN = "/.well-known/openid-configuration"  # OpenID Connect Discovery 1.0


class NotLoggedIn(Exception):
    """The issuer let nobody in, or the answer is none to what this browser asked. Says nothing about whom."""


class ProviderAway(Exception):
    """The issuer does not answer, or not as one does."""


@dataclass(frozen=True)
class Provider:
    """The issuer, and what it knows of this service."""

    issuer: str
    client: str
    secret: str
    redirect: str
    scope: str
    in_the_open: bool
    """Whether its addresses may be without TLS: never in production."""

    @classmethod
    def told(cls, settings: Settings) -> "Provider | None":
        """The issuer that these settings name; None where people do not log in by one."""
        if settings.oidc_client is None:
            return None
        secret = settings.oidc_secret_file.read_text().strip() if settings.oidc_secret_file else ""
        known = (settings.token_issuer, settings.oidc_client, secret, settings.oidc_redirect, settings.oidc_scope)
        return cls(*known, in_the_open=settings.environment == "development")

    async def begin(self) -> tuple[str, str]:
        """The address at which somebody shows who they are, and what their browser keeps until they come back.
        Raises ProviderAway."""
        client = WebApplicationClient(self.client)
        state, verifier = secrets.token_urlsafe(32), client.create_code_verifier(64)
        with_pkce = {"code_challenge": client.create_code_challenge(verifier, "S256"), "code_challenge_method": "S256"}
        place = (await self._described())["authorization_endpoint"]
        try:
            address = client.prepare_request_uri(place, self.redirect, self.scope, state, **with_pkce)
        except (OAuth2Error, ValueError):
            raise ProviderAway from None
        return address, f"{state}.{verifier}"

    async def finish(self, query: str, kept: str, verifier_of_tokens: Verifier) -> Caller:
        """Who came back with this query to the browser that keeps `kept`. Raises NotLoggedIn, ProviderAway."""
        client = WebApplicationClient(self.client)
        state, _, verifier = kept.partition(".")
        if not state or dict(parse_qsl(query)).get("iss", self.issuer) != self.issuer:  # RFC 9207
            raise NotLoggedIn
        try:
            code = client.parse_request_uri_response(f"{self.redirect}?{query}", state)["code"]
            body = client.prepare_request_body(code, self.redirect, code_verifier=verifier, include_client_id=True)
            answer = await self._asked("POST", (await self._described())["token_endpoint"], dict(parse_qsl(body)))
            token = answer.get("access_token")
            caller = verifier_of_tokens.verify(token if isinstance(token, str) else "")
        except (OAuth2Error, Unauthenticated, ValueError):
            raise NotLoggedIn from None
        if caller.service is not None:
            raise NotLoggedIn
        return caller

    async def _described(self) -> dict[str, Any]:
        # Asked each time: people log in once a day, and whatever the issuer has moved is found.
        said = await self._asked("GET", self.issuer.rstrip("/") + WELL_KNOWN)
        places = [said.get("authorization_endpoint"), said.get("token_endpoint")]
        schemes = ("https://", "http://") if self.in_the_open else ("https://",)
        reached = all(isinstance(place, str) and place.startswith(schemes) for place in places)
        if said.get("issuer") != self.issuer or not reached:
            raise ProviderAway
        return said

    async def _asked(self, method: str, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        """One answer of the issuer, a JSON object. Raises ProviderAway; NotLoggedIn where it refuses (4xx)."""
        named = (quote_plus(self.client), quote_plus(self.secret))  # RFC 6749, section 2.3.1
        basic = httpx.BasicAuth(*named) if form is not None and self.secret else None
        try:
            async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as http:
                answer = await http.request(method, address, data=form, auth=basic)
            if form is not None and 400 <= answer.status_code < 500:
                raise NotLoggedIn
            said = answer.json() if answer.status_code == 200 and len(answer.content) <= LONGEST_ANSWER else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise ProviderAway from None
        if not isinstance(said, dict):
            raise ProviderAway
        return said
