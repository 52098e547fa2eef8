import pytest

from matching.reader import asking
from matching.reader.limits import Breaker
from matching.services import reading
from tests.matching.reader.played_model import played_model


@pytest.fixture
def model():
    """A played model; `model.url` is its address."""
    with played_model() as (url, model):
        model.url = url
        yield model


@pytest.fixture
def reader(model, settings, monkeypatch):
    """The played model is configured, and nothing waits for real seconds between attempts."""
    settings.READER_URL, settings.READER_MODEL, settings.READER_KEY = model.url, "played-72b", "sk-secret"
    settings.READER_TIMEOUT, settings.READER_CONCURRENCY = 5, 4
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(reading, "new_breaker", lambda: Breaker(failures=3, cooldown=0.01, openings=2))
    return model
