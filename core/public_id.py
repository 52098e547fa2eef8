"""Opaque identifiers for public URLs, so that nobody can count rows or guess another identifier."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without 0/o and 1/l/i, because people read identifiers aloud
PATTERN = f"[{ALPHABET}]{{10}}"
"""A regular expression that matches identifiers of `new_public_id`."""


def new_public_id() -> str:
    """Ten random characters of ALPHABET (about 49 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def is_public_id(text: str) -> bool:
    """Whether the text has the form of an identifier of `new_public_id`."""
    return len(text) == 10 and set(text) <= set(ALPHABET)
