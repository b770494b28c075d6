"""The code on her slip. Pure but for the system's randomness."""

import secrets

from shared.sessions.codes import ALPHABET

LENGTH = 15
"""30^15 = 1.4e22: it works until it is replaced, and with ten tries in five minutes no guess ever hits one."""


def fresh() -> str:
    """A new code, written in three groups: `7K4MX-9QWPT-H3ZRA`."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(text[start : start + 5] for start in range(0, LENGTH, 5))
