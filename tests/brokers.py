"""Whether a test with a broker can run here."""

import os

import pytest

from deploy.kafka.broker import available


def broker_or_skip() -> None:
    """Skip where nothing can run a broker; fail in CI, which must."""
    reason = available()
    if reason is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must run the tests with a broker: {reason}")
        pytest.skip(reason)
