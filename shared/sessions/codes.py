"""Codes a person can type: no letters that look alike. Pure but for the system's randomness."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10  # 30^10 = 5.9e14: with ten tries per address and five minutes to live, guessing is hopeless


def fresh() -> str:
    """A new code, written in two groups: `7K4MX-9QWPT`."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{text[:5]}-{text[5:]}"


def normalise(typed: str) -> str:
    """What was meant: upper case, without spaces and hyphens."""
    return "".join(c for c in typed.upper() if c.isascii() and c.isalnum())
