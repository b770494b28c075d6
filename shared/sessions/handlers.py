"""Use cases of logging in: mint a one-time code, exchange it for a session, begin one, ask whose it is, sign out."""

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import clock
from shared.auth.caller import Caller
from shared.crypto.blind import blind_index
from shared.crypto.keyring import KeyRing
from shared.db import Pool, transaction
from shared.errors import Problem, Text, declare
from shared.errors_text import ErrorText
from shared.sessions import codes, repository

KEY = "login"  # the ring's key that fingerprints codes, sessions and addresses
CODE_LIVES = timedelta(minutes=5)
SESSION_LIVES = timedelta(hours=8)  # one working day
MOST_TRIES, TRIES_WITHIN = 10, timedelta(minutes=5)

declare(
    "too-many-tries",
    ErrorText(
        429,
        "Too many login codes were tried from here",
        "此处尝试登录码的次数过多",
        "Wait for the time in `Retry-After`, then ask for a new code.",
        "请等待 Retry-After 所示时间后，重新获取登录码。",
    ),
)
declare(
    "wrong-code",
    ErrorText(
        403,
        "This login code lets nobody in",
        "登录码无效",
        "A code works once and for five minutes. Ask for a new one.",
        "登录码仅可使用一次，五分钟内有效。请重新获取。",
    ),
)


class WrongCode(Problem):
    """403: unknown, used and expired codes alike."""

    slug = "wrong-code"


class TooManyTries(Problem):
    """429."""

    slug = "too-many-tries"

    def __init__(self, wait: timedelta) -> None:
        self.minutes = minutes = max(1, math.ceil(wait / timedelta(minutes=1)))
        text = Text(
            f"Too many login codes were tried from here. Wait {minutes} min, then ask for a new code.",
            f"此处尝试登录码的次数过多。请等待 {minutes} 分钟后重新获取登录码。",
        )
        super().__init__(detail=text, headers={"Retry-After": str(math.ceil(wait.total_seconds()))})


@dataclass(frozen=True)
class Sessions:
    """What the use cases need. `service`: cookies ignore ports, so each service on a host has one of its own name."""

    pool: Pool
    ring: KeyRing
    service: str

    @property
    def cookie(self) -> str:
        """The name of the session cookie."""
        return f"tenfold_{self.service}"

    async def mint(self, person: Caller) -> tuple[str, datetime]:
        """A new one-time code for this person, and when it ends."""
        code, now = codes.fresh(), clock.now()
        until = now + CODE_LIVES
        async with transaction(self.pool) as connection:
            await repository.sweep(connection, now, TRIES_WITHIN)
            await repository.add_code(connection, self.fingerprint("code", codes.normalise(code)), person, until)
        return code, until

    async def log_in(self, typed: str, address: str) -> str:
        """Exchange a code for a session's secret. Raises WrongCode, TooManyTries."""
        now = clock.now()
        origin = self.fingerprint("address", address)
        async with transaction(self.pool) as connection:  # commits by itself: a try counts even if the rest fails
            tries, since = await repository.count_try(connection, origin, now, TRIES_WITHIN)
        if tries > MOST_TRIES:
            raise TooManyTries(since + TRIES_WITHIN - now)
        secret = secrets.token_urlsafe(32)
        async with transaction(self.pool) as connection:
            person = await repository.take_code(connection, self.fingerprint("code", codes.normalise(typed[:100])), now)
            if person is None:
                raise WrongCode
            await repository.add_session(connection, self.session_print(secret), person, now + SESSION_LIVES)
            await repository.forgive(connection, origin)
        return secret

    async def begin(self, person: Caller, instead_of: str) -> str:
        """A session for somebody who has shown elsewhere who they are, as old as what they showed; its secret. The one
        that the browser had before ends."""
        secret, now = secrets.token_urlsafe(32), clock.now()
        until = (person.issued_at or now) + SESSION_LIVES
        async with transaction(self.pool) as connection:
            await repository.sweep(connection, now, TRIES_WITHIN)
            await repository.end_session(connection, self.session_print(instead_of))
            await repository.add_session(connection, self.session_print(secret), person, until)
        return secret

    async def caller(self, secret: str) -> Caller | None:
        """The caller a session's secret stands for; the same as a token would give."""
        async with self.pool.acquire() as connection:
            return await repository.session(connection, self.session_print(secret), clock.now(), SESSION_LIVES)

    async def sign_out(self, secret: str) -> None:
        """End a session."""
        async with transaction(self.pool) as connection:
            await repository.end_session(connection, self.session_print(secret))

    def fingerprint(self, kind: str, value: str) -> bytes:
        """The keyed fingerprint under which a code or an address is kept."""
        return blind_index(self.ring, KEY, kind, self.service, value)

    def session_print(self, secret: str) -> bytes:
        """The keyed fingerprint of a session; hex first, because fingerprints ignore case and the secret does not."""
        return self.fingerprint("session", secret[:200].encode().hex())
