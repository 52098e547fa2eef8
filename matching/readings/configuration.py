"""The model service that an installation has configured, if any."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.core.checks import Error, register

from matching.reader.client import ChatClient

log = logging.getLogger(__name__)
MAX_TIMEOUT = 240
MAX_CONCURRENCY = 64


@dataclass(frozen=True, slots=True)
class ReaderConfiguration:
    client: ChatClient
    concurrency: int
    max_requests: int
    max_minutes: int

    @property
    def model(self) -> str:
        return self.client.model


def configured_reader() -> ReaderConfiguration | None:
    """Return the configured reader; None without address and model, or if they cannot be used."""
    try:
        return _from_settings()
    except ValueError as problem:
        log.error("the second reader is not used: %s", problem)
        return None


def _from_settings() -> ReaderConfiguration | None:
    url, model = settings.READER_URL.strip(), settings.READER_MODEL.strip()
    if not url or not model:
        return None
    if len(model) > 100:
        raise ValueError("READER_MODEL is longer than 100 characters")
    client = ChatClient(
        url,
        model,
        settings.READER_KEY.strip(),
        timeout=float(min(max(settings.READER_TIMEOUT, 1), MAX_TIMEOUT)),
        max_tokens=max(settings.READER_MAX_TOKENS, 256),
    )
    return ReaderConfiguration(
        client=client,
        concurrency=min(max(settings.READER_CONCURRENCY, 1), MAX_CONCURRENCY),
        max_requests=max(settings.READER_REQUESTS_PER_RUN, 0),
        max_minutes=max(settings.READER_MINUTES_PER_RUN, 0),
    )


@register()
def check_reader(app_configs, **kwargs) -> list[Error]:
    """`manage.py check` says what is wrong with the address, the model or the key, without repeating them."""
    try:
        _from_settings()
    except ValueError as problem:
        return [Error(f"READER_URL, READER_MODEL or READER_KEY: {problem}", id="matching.E001")]
    if bool(settings.READER_URL.strip()) != bool(settings.READER_MODEL.strip()):
        return [Error("READER_URL and READER_MODEL are needed together", id="matching.E002")]
    return []
