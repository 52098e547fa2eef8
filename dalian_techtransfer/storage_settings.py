"""Where uploads and exchanged indexes are: a folder, or a bucket with S3's interface (docs/operations/scaling.md)."""

from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

MEMORY_OF_A_FILE = 5 * 1024 * 1024
"""A file that is read beyond this goes through a temporary file."""


def file_storages(env: environ.Env) -> dict[str, dict[str, Any]]:
    """The entries of STORAGES for what is not static. Views send uploads themselves, so nobody else reads a bucket."""
    folder = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    uploads, indexes = env.str("MEDIA_STORAGE", default=""), env.str("INDEX_STORAGE", default="")
    return {"default": _bucket(env, "MEDIA_STORAGE", uploads) if uploads else folder} | (
        {"indexes": _bucket(env, "INDEX_STORAGE", indexes)} if indexes else {}
    )


def _bucket(env: environ.Env, name: str, address: str) -> dict[str, Any]:
    """The bucket at an address; `name` is the variable that holds it."""
    parts = urlsplit(address)
    if parts.scheme != "s3" or not parts.hostname:
        raise ImproperlyConfigured(f"{name} is {address!r}; it must look like s3://bucket or s3://bucket/folder")
    try:
        from botocore.config import Config
    except ImportError:
        raise ImproperlyConfigured(f"{name} needs: pip install --require-hashes -r requirements-s3.txt") from None
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": env.str("MEDIA_S3_ADDRESSING", default="path")},
        connect_timeout=3,
        read_timeout=20,
        retries={"max_attempts": 3, "mode": "standard"},
        # Not every server knows the checksums that newer clients add to each request.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    options = {
        "bucket_name": parts.netloc,
        "location": parts.path.strip("/"),
        "endpoint_url": env.str("MEDIA_S3_ENDPOINT", default="") or None,
        "region_name": env.str("MEDIA_S3_REGION", default="us-east-1"),
        "access_key": env.str("MEDIA_S3_KEY", default=""),
        "secret_key": env.str("MEDIA_S3_SECRET", default=""),
        "client_config": config,
        "default_acl": None,  # the bucket's own, which is private
        "file_overwrite": False,
        "max_memory_size": MEMORY_OF_A_FILE,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
