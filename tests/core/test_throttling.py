"""Many wrong codes are throttled; valid codes are not counted."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import Http404, HttpResponse

from core.throttling import MAX_FAILED_ATTEMPTS, throttle_guessing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def rf(rf):
    """Requests of an anonymous user."""

    class Requests:
        def get(self, path, **extra):
            request = rf.get(path, **extra)
            request.user, request.htmx = AnonymousUser(), False
            return request

    return Requests()


@throttle_guessing
def page(request, code):
    if code != "right":
        raise Http404
    return HttpResponse("open")


def test_many_wrong_codes_are_throttled(rf):
    for number in range(MAX_FAILED_ATTEMPTS):
        with pytest.raises(Http404):
            page(rf.get("/"), f"wrong{number}")
    answer = page(rf.get("/"), "right")
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "600"
    assert page(rf.get("/", REMOTE_ADDR="10.0.0.2"), "right").status_code == 200


def test_valid_codes_are_not_counted(rf):
    for _time in range(MAX_FAILED_ATTEMPTS + 5):
        assert page(rf.get("/"), "right").status_code == 200
