"""Ids for public addresses: opaque, so that nobody can count rows or guess a neighbour."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: people read these aloud
PATTERN = f"[{ALPHABET}]{{10}}"
"""A regular expression for what `new_public_id` makes."""


def new_public_id() -> str:
    """Ten random characters of ALPHABET (about 49 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def is_public_id(text: str) -> bool:
    """Whether `new_public_id` could have made it."""
    return len(text) == 10 and set(text) <= set(ALPHABET)
