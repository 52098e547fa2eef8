"""Secrets of links that open a page without signing in. Only the digest is stored: a copy of the row opens nothing."""

import hashlib
import secrets


def new_secret(size: int = 24) -> str:
    """A random text of `size` bytes for a URL."""
    return secrets.token_urlsafe(size)


def digest_of(secret: str) -> str:
    """SHA-256 in hexadecimal digits, 64 characters."""
    return hashlib.sha256(secret.encode()).hexdigest()
