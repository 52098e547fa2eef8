"""Encryption of bids in the database and in the store of files (Fernet: AES-128-CBC with HMAC-SHA256), and receipts.

The keys are in the environment, so that neither a copy of the database nor of the files tells what a bid says.
"""

import base64
import hashlib
import json
import secrets
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"bids until the opening"


class SealBroken(ValueError):
    """No key opens it, or it does not give the digest of its receipt."""


def seal_bytes(content: bytes) -> bytes:
    return _fernet().encrypt(content)


def open_bytes(token: bytes) -> bytes:
    """Raises SealBroken if the content was changed, or no key of BID_ENCRYPTION_KEYS or SECRET_KEY fits."""
    try:
        return _fernet().decrypt(token)
    except InvalidToken:
        raise SealBroken("no key of BID_ENCRYPTION_KEYS or SECRET_KEY opens this bid") from None


def seal_text(text: str) -> str:
    return seal_bytes(text.encode()).decode()


def open_text(token: str) -> str:
    return open_bytes(token.encode()).decode()


def seal_content(content: dict[str, Any]) -> str:
    return seal_text(canonical(content))


def open_content(token: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(open_text(token))
    return content


def seal_with_receipt(content: dict[str, Any]) -> tuple[str, str]:
    """(token, digest). The salt keeps anybody from finding a short bid by trying digests."""
    salted = content | {"salt": secrets.token_hex(16)}
    return seal_content(salted), digest_of(salted)


def open_and_verify(token: str, digest: str) -> dict[str, Any]:
    """The content of a submission. Raises SealBroken if it is not what the receipt says."""
    content = open_content(token)
    if not secrets.compare_digest(digest_of(content), digest):
        raise SealBroken("the content is not what the receipt says")
    return content


def digest_of(content: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _fernet() -> MultiFernet:
    return _fernet_of(tuple(settings.BID_ENCRYPTION_KEYS or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]))


@lru_cache(maxsize=4)
def _fernet_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(key)
