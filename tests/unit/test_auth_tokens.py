"""A token is accepted only as its issuer meant it."""

import base64
import hashlib
import hmac
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from shared.auth.caller import Caller
from shared.auth.issuer import Issuer, default_folder
from shared.auth.tokens import REMEMBERED, Verifier
from shared.crypto.keyfile import UnsafeKeyFile
from shared.errors import Unauthenticated, Unavailable

ES256 = JWSRegistry(algorithms=["ES256"]).get_alg("ES256")


class Hands:
    """A clock moved by hand: `at` for claims, `ticks` for the look at the key file."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)
        self.ticks = 1000.0

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer.open(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def verifier(issuer: Issuer, hands: Hands) -> Verifier:
    return watching(issuer.public_jwks_path, hands)


def watching(path: Path, hands: Hands, audience: str = "tenfold") -> Verifier:
    return Verifier(path, Issuer.name, audience, now=lambda: hands.at, ticks=lambda: hands.ticks)


def private_key(issuer: Issuer) -> ECKey:
    return ECKey.import_key(json.loads((issuer.public_jwks_path.parent / "issuer.json").read_bytes()))


def sign(issuer: Issuer, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token signed by the right key, with some of its header and claims replaced (None: left out)."""
    key = private_key(issuer)
    now = int(datetime.now(UTC).timestamp())
    usual = {"iss": Issuer.name, "aud": "tenfold", "sub": "dr-lin", "iat": now, "exp": now + 600, "roles": ["reporter"]}
    head = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid, **(header or {})}
    members = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(
        {name: value for name, value in head.items() if value is not None}, members, key, default_type=None
    )


def forge(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None) -> str:
    """A token put together by hand: HMAC under `secret`, or no signature at all."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signed = b".".join(parts)
    signature = b"" if secret is None else hmac.digest(secret, signed, hashlib.sha256)
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def refused(verifier: Verifier, token: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verifier.verify(token)
    assert refusal.value.status == 401
    assert refusal.value.headers == {"WWW-Authenticate": "Bearer"}
    assert refusal.value.body() == Unauthenticated().body()


def test_an_issued_token_names_its_caller(issuer: Issuer, verifier: Verifier) -> None:
    token = issuer.issue(
        subject="nurse-7",
        department="health",
        roles=["care-worker", "reporter"],
        purpose="care",
        areas=["330182", "330182001"],
        facility="FC-0001",
    )
    assert verifier.verify(token) == Caller(
        subject="nurse-7",
        department="health",
        roles=frozenset({"care-worker", "reporter"}),
        purpose="care",
        areas=frozenset({"330182", "330182001"}),
        facility="FC-0001",
    )


def test_a_service_gets_the_role_service(issuer: Issuer, verifier: Verifier) -> None:
    who = verifier.verify(issuer.issue(subject="registry", service="registry"))
    assert who == Caller("registry", service="registry", roles=frozenset({"service"}))


def test_a_hand_made_token_with_the_right_key_is_accepted(issuer: Issuer, verifier: Verifier) -> None:
    assert verifier.verify(sign(issuer)).subject == "dr-lin"
    assert verifier.verify(sign(issuer, {"typ": "application/AT+JWT"}, aud=["other", "tenfold"])).subject == "dr-lin"


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"typ": "at+jwtx"},
        {"typ": "not-at+jwt"},
        {"typ": "at+jwt\n"},
        {"kid": None},
        {"kid": ""},
        {"kid": "someone-else"},
    ],
    ids=str,
)
def test_a_header_that_is_not_an_access_tokens_is_refused(
    issuer: Issuer, verifier: Verifier, header: dict[str, Any]
) -> None:
    refused(verifier, sign(issuer, header))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "someone-else"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": []},
        {"aud": None},
        {"exp": None},
        {"exp": 1},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": float("inf")},
        {"iat": None},
        {"iat": 9_999_999_999, "exp": 99_999_999_999},
        {"nbf": 9_999_999_999},
        {"sub": None},
        {"sub": ""},
        {"sub": "a\nb"},
        {"roles": ["emperor"]},
        {"roles": "reporter"},
        {"roles": ["service"]},
        {"department": "secret-police"},
        {"department": ["health"]},
        {"service": "registry"},
        {"service": "gateway", "roles": ["service"]},
        {"service": "registry", "roles": ["service"], "department": "health"},
        {"purpose": "curiosity"},
        {"areas": ["33"], "facility": "../etc"},
        {"areas": ["３３０１８２"]},
        {"areas": ["330182\n"]},
    ],
    ids=str,
)
def test_claims_outside_the_closed_lists_or_their_time_are_refused(
    issuer: Issuer, verifier: Verifier, claims: dict[str, Any]
) -> None:
    refused(verifier, sign(issuer, **claims))


def test_no_signature_and_an_hmac_under_the_public_key_are_refused(issuer: Issuer, verifier: Verifier) -> None:
    key = private_key(issuer)
    claims = {"iss": Issuer.name, "aud": "tenfold", "sub": "eve", "iat": 0, "exp": 9_999_999_999}
    public = [key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode(), b""]
    for algorithm, secrets in (("HS256", public), ("none", [None]), ("ES256", [None, *public]), ("NONE", [None])):
        for secret in secrets:
            refused(verifier, forge({"alg": algorithm, "typ": "at+jwt", "kid": key.kid}, claims, secret))


def test_a_key_brought_along_in_the_header_counts_for_nothing(issuer: Issuer, verifier: Verifier) -> None:
    own = ECKey.generate_key("P-256")
    claims = {"iss": Issuer.name, "aud": "tenfold", "sub": "eve", "iat": 0, "exp": 9_999_999_999}
    header = {"alg": "ES256", "typ": "at+jwt", "kid": private_key(issuer).kid, "jwk": own.as_dict(private=False)}
    refused(verifier, jwt.encode(header, claims, own, ["ES256"]))


@pytest.mark.parametrize("header", [{"crit": ["b64"], "b64": True}, {"b64": True}, {"crit": ["x"], "x": 1}], ids=str)
def test_a_header_that_changes_how_a_token_is_read_is_refused(
    issuer: Issuer, verifier: Verifier, header: dict[str, Any]
) -> None:
    head = {"alg": "ES256", "typ": "at+jwt", "kid": private_key(issuer).kid, **header}
    head_part = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=")
    signed = head_part + b"." + sign(issuer).split(".")[1].encode()
    signature = ES256.sign(signed, private_key(issuer))
    refused(verifier, (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode())


def test_changed_claims_under_an_old_signature_are_refused(issuer: Issuer, verifier: Verifier) -> None:
    header, _, signature = issuer.issue(subject="a", department="health").split(".")
    _, payload, _ = issuer.issue(subject="a", department="finance").split(".")
    refused(verifier, f"{header}.{payload}.{signature}")


def test_a_token_for_one_audience_does_not_work_at_another(issuer: Issuer, verifier: Verifier, hands: Hands) -> None:
    elsewhere = watching(issuer.public_jwks_path, hands, audience="other-city")
    ours, theirs = issuer.issue(subject="a"), issuer.issue(subject="a", audience="other-city")
    assert verifier.verify(ours).subject == elsewhere.verify(theirs).subject == "a"
    refused(elsewhere, ours)
    refused(verifier, theirs)


def test_a_token_ends_at_its_expiry_even_when_remembered(issuer: Issuer, verifier: Verifier, hands: Hands) -> None:
    token = issuer.issue(subject="a", ttl=timedelta(seconds=60))
    hands.forward(55)
    assert verifier.verify(token) is verifier.verify(token)
    hands.forward(10)
    refused(verifier, token)
    refused(verifier, token)


def test_a_token_of_a_clock_slightly_ahead_is_accepted(issuer: Issuer, verifier: Verifier, hands: Hands) -> None:
    token = issuer.issue(subject="a")
    hands.at -= timedelta(seconds=25)
    assert verifier.verify(token).subject == "a"


def test_a_new_key_counts_at_once_and_a_removed_one_no_longer(tmp_path: Path, hands: Hands) -> None:
    first = Issuer.open(tmp_path)
    verifier = watching(first.public_jwks_path, hands)
    old = first.issue(subject="old")
    assert verifier.verify(old).subject == "old"
    (tmp_path / "issuer.json").unlink()
    second = Issuer.open(tmp_path)
    assert verifier.verify(second.issue(subject="new")).subject == "new"
    refused(verifier, old)


def test_a_removed_key_stops_counting_within_seconds_without_any_new_token(tmp_path: Path, hands: Hands) -> None:
    token = Issuer.open(tmp_path).issue(subject="old")
    verifier = watching(tmp_path / "jwks.json", hands)
    assert verifier.verify(token).subject == "old"
    (tmp_path / "issuer.json").unlink()
    Issuer.open(tmp_path)
    hands.forward(3)
    refused(verifier, token)


def test_keys_of_other_kinds_and_uses_in_the_set_are_passed_over(tmp_path: Path, hands: Hands) -> None:
    issuer = Issuer.open(tmp_path)
    (ours,) = json.loads(issuer.public_jwks_path.read_bytes())["keys"]
    others = [{"kty": "oct", "k": "AA", "kid": "o"}, {**ours, "use": "enc", "kid": "e"}, {**ours, "kid": None}]
    issuer.public_jwks_path.write_text(json.dumps({"keys": [*others, {**ours, "alg": "ES512", "kid": "a"}, ours]}))
    verifier = watching(issuer.public_jwks_path, hands)
    assert verifier.verify(issuer.issue(subject="a")).subject == "a"
    for kid in ("o", "e", "a"):
        refused(verifier, sign(issuer, {"kid": kid}))


def test_unknown_keys_make_the_file_read_once_in_three_seconds(tmp_path: Path, hands: Hands) -> None:
    issuer = Issuer.open(tmp_path)
    verifier = watching(issuer.public_jwks_path, hands)
    refused(verifier, sign(issuer, {"kid": "guess"}))
    (tmp_path / "issuer.json").unlink()
    token = Issuer.open(tmp_path).issue(subject="a")
    refused(verifier, token)
    hands.forward(3)
    assert verifier.verify(token).subject == "a"


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', '{"keys": [1]}', '{"keys": [{"kty": "oct", "k": "x"}]}'])
def test_a_spoilt_key_file_keeps_the_known_keys(tmp_path: Path, hands: Hands, content: str) -> None:
    issuer = Issuer.open(tmp_path)
    verifier = watching(issuer.public_jwks_path, hands)
    token = issuer.issue(subject="a")
    verifier.verify(token)
    issuer.public_jwks_path.write_text(content)
    hands.forward(5)
    assert verifier.verify(token).subject == "a"


def test_before_there_are_keys_the_answer_is_unavailable(tmp_path: Path, hands: Hands) -> None:
    verifier = watching(tmp_path / "jwks.json", hands)
    with pytest.raises(Unavailable):
        verifier.verify("a.b.c")
    token = Issuer.open(tmp_path).issue(subject="a")
    hands.forward(3)
    assert verifier.verify(token).subject == "a"


def test_memory_of_tokens_is_bounded(issuer: Issuer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.auth.tokens.REMEMBERED", 3)
    for number in range(6):
        verifier.verify(issuer.issue(subject=f"s{number}"))
    assert len(verifier._remembered) == 3
    assert REMEMBERED > 3


@given(text=st.text(max_size=80))
def test_rubbish_is_refused_and_nothing_else(issuer: Issuer, text: str) -> None:
    verifier = watching(issuer.public_jwks_path, Hands())
    for rubbish in (text, f"{text}.{text}.{text}", text * 200):
        refused(verifier, rubbish)


def test_a_deeply_nested_or_overlong_token_is_refused(verifier: Verifier) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 6000).decode().rstrip("=")
    refused(verifier, f"{deep}.e30.AA")
    refused(verifier, "a" * 100_000)


def test_the_issuers_key_is_private_kept_and_refused_when_others_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    issuer = Issuer.open(folder)
    private = folder / "issuer.json"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "d" not in json.loads(issuer.public_jwks_path.read_bytes())["keys"][0]
    before = private.read_bytes()
    assert Issuer.open(folder).public_jwks_path == folder / "jwks.json"
    assert private.read_bytes() == before
    private.chmod(0o644)
    with pytest.raises(UnsafeKeyFile):
        Issuer.open(folder)


@pytest.mark.parametrize(
    "wrong", [{"department": "x"}, {"roles": ["service"]}, {"purpose": "x"}, {"areas": ["x"]}], ids=str
)
def test_the_issuer_refuses_what_no_verifier_accepts(issuer: Issuer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="unacceptable"):
        issuer.issue(subject="a", **wrong)


def test_the_default_folder_follows_the_xdg_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    assert default_folder() == tmp_path / "elsewhere" / "tenfold"
    for unset in ("", "relative/state"):
        monkeypatch.setenv("XDG_STATE_HOME", unset)
        assert default_folder() == tmp_path / ".local" / "state" / "tenfold"
