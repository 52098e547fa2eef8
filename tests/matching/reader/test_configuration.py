"""A reader that is not configured, or not usably, is no reader; nothing says more about the key than that."""

import pytest
from django.core.checks import run_checks

from matching.readings.configuration import configured_reader


def messages() -> list[str]:
    return [message.id for message in run_checks() if message.id.startswith("matching.E00")]


def test_off_without_address_or_model(settings):
    settings.READER_URL = settings.READER_MODEL = ""
    assert configured_reader() is None and messages() == []
    settings.READER_URL = "http://127.0.0.1:8000"
    assert configured_reader() is None and messages() == ["matching.E002"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("READER_URL", "127.0.0.1:8000"), ("READER_URL", "http://u:pw@host"), ("READER_KEY", "sk-geheim\nX: 1"),
     ("READER_MODEL", "m" * 101)],
)  # fmt: skip
def test_unusable_configuration_is_reported_and_off(settings, caplog, name, value):
    settings.READER_URL, settings.READER_MODEL, settings.READER_KEY = "http://127.0.0.1:8000/v1", "qwen", "sk-geheim"
    assert configured_reader() is not None and messages() == []
    setattr(settings, name, value)
    assert configured_reader() is None and messages() == ["matching.E001"]
    assert "geheim" not in caplog.text and "pw@" not in caplog.text


def test_limits_are_kept_within_reason(settings):
    settings.READER_URL, settings.READER_MODEL = "http://127.0.0.1:8000", "qwen"
    settings.READER_TIMEOUT, settings.READER_CONCURRENCY = 100_000, 0
    settings.READER_REQUESTS_PER_RUN, settings.READER_MAX_TOKENS = -5, 1
    configured = configured_reader()
    assert (configured.client.timeout, configured.concurrency, configured.max_requests) == (240, 1, 0)
    assert configured.client.max_tokens == 256 and "key" not in repr(configured)
