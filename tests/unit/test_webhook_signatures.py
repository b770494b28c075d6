"""Standard Webhooks signatures: ours and the reference implementation's agree, and nothing that was touched passes."""

import base64
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from shared.webhooks import BrokenSecret, Unverified, Verified, new_secret, signed_headers, verify

# The example of the specification and its reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_example_of_the_specification() -> None:
    headers = signed_headers([SECRET], MESSAGE, SENT, BODY)
    assert headers == {"webhook-id": MESSAGE, "webhook-timestamp": "1614265330", "webhook-signature": SIGNATURE}
    assert verify([SECRET], headers, BODY, now=SENT) == Verified(MESSAGE, SENT)


@given(st.binary(max_size=200).filter(lambda body: _is_text(body)), st.uuids())
def test_the_reference_implementation_reads_what_we_sign_and_we_what_it_signs(body: bytes, message_id: object) -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = signed_headers([secret], str(message_id), now, body)
    assert Webhook(secret).sign(str(message_id), now, body.decode()) == headers["webhook-signature"]
    assert verify([secret], headers, body).id == str(message_id)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_while_secrets_are_exchanged_either_one_verifies() -> None:
    old, new = new_secret(), new_secret()
    now = datetime.now(UTC)
    headers = signed_headers([new, old], "id", now, BODY)
    for known in ([old], [new], [new_secret(), new]):
        assert verify(known, headers, BODY).id == "id"
    Webhook(old).verify(b"1", signed_headers([new, old], "id", now, b"1"))


def test_header_names_are_read_in_any_case() -> None:
    headers = {name.title(): value for name, value in signed_headers([SECRET], MESSAGE, SENT, BODY).items()}
    assert verify([SECRET], headers, BODY, now=SENT).id == MESSAGE


@pytest.mark.parametrize("part", ["webhook-id", "webhook-timestamp", "webhook-signature", "body", "secret"])
def test_whatever_is_touched_or_left_out_is_not_believed(part: str) -> None:
    headers = signed_headers([SECRET], MESSAGE, SENT, BODY)
    secret, body = SECRET, BODY
    if part == "body":
        body += b" "
    elif part == "secret":
        secret = new_secret()
    else:
        with pytest.raises(Unverified):
            verify([SECRET], {name: value for name, value in headers.items() if name != part}, BODY, now=SENT)
        changed = "1614265331" if part == "webhook-timestamp" else headers[part].replace("g0", "g1") + "x"
        headers |= {part: changed}
    with pytest.raises(Unverified):
        verify([secret], headers, body, now=SENT)


@pytest.mark.parametrize("seconds", [301, -301, 86_400])
def test_an_old_or_early_message_is_refused(seconds: int) -> None:
    headers = signed_headers([SECRET], MESSAGE, SENT, BODY)
    with pytest.raises(Unverified):
        verify([SECRET], headers, BODY, now=SENT + timedelta(seconds=seconds))
    assert verify([SECRET], headers, BODY, now=SENT + timedelta(seconds=299)).sent_at == SENT
    assert verify([SECRET], headers, BODY, now=SENT + timedelta(seconds=seconds), tolerance=90_000)


@pytest.mark.parametrize(
    "timestamp", ["", "now", "-1614265330", "1614265330.0", "１６１４２６５３３０", "9" * 400, " 1614265330"]
)
def test_a_timestamp_that_is_no_number_is_refused_without_a_crash(timestamp: str) -> None:
    headers = signed_headers([SECRET], MESSAGE, SENT, BODY) | {"webhook-timestamp": timestamp}
    with pytest.raises(Unverified):
        verify([SECRET], headers, BODY, now=SENT)


@pytest.mark.parametrize(
    "signature", ["v1", "v1,", "v1a,xxxx", SIGNATURE.replace("v1", "v2"), SIGNATURE[3:], "é " * 40]
)
def test_other_versions_and_nonsense_are_no_signatures(signature: str) -> None:
    headers = signed_headers([SECRET], MESSAGE, SENT, BODY) | {"webhook-signature": signature}
    with pytest.raises(Unverified):
        verify([SECRET], headers, BODY, now=SENT)
    fitting = headers | {"webhook-signature": f"v1a,zzz {SIGNATURE}"}
    assert verify([SECRET], fitting, BODY, now=SENT)


def test_a_flood_of_signatures_costs_little() -> None:
    headers = signed_headers([SECRET], MESSAGE, SENT, BODY) | {"webhook-signature": "v1,x " * 200_000 + SIGNATURE}
    began = time.monotonic()
    with pytest.raises(Unverified):
        verify([SECRET], headers, BODY, now=SENT)
    assert time.monotonic() - began < 1


def test_secrets_are_long_enough_and_of_one_form() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    for broken in ("whsec_", "whsec_%%%", "whsec_" + base64.b64encode(b"x" * 23).decode(), "é"):
        with pytest.raises(BrokenSecret) as refused:
            signed_headers([broken], "id", SENT, BODY)
        assert broken[6:] == "" or broken[6:] not in str(refused.value)


def test_the_reference_refuses_what_we_refuse() -> None:
    headers = signed_headers([SECRET], MESSAGE, datetime.now(UTC) - timedelta(seconds=400), BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers)
