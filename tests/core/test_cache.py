"""The cache that processes share, and what it does while Redis is away."""

import threading

import pytest
import redis
from django.conf import settings
from django.core.cache import caches

from core.cache import SharedCache


@pytest.fixture
def shared():
    cache = caches["default"]
    cache.clear()
    yield cache
    cache.clear()


@pytest.fixture
def away(closed_port):
    params = {"KEY_PREFIX": "cache", "OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}}
    SharedCache.away_until = 0.0
    yield SharedCache(f"redis://127.0.0.1:{closed_port}/0", params)
    SharedCache.away_until = 0.0


def test_threads_with_connections_of_their_own_count_together(shared):
    shared.set("count", 0)

    def count() -> None:
        for _ in range(50):
            caches["default"].incr("count")
        caches["default"].close()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.get("count") == 200


@pytest.mark.parametrize("value", [0, 5, -1, 1.5, "text", "5", "中文", True, None, [1.5, 2], {"a": [1]}])
def test_values_come_back_as_they_were(shared, value):
    shared.set("key", value)
    assert shared.get("key") == value and type(shared.get("key")) is type(value)


def test_what_is_not_json_is_refused(shared):
    with pytest.raises(TypeError):
        shared.set("key", object())


def test_clearing_leaves_the_queue_of_the_broker(shared):
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    broker.set("celery-test-queue", "waiting")
    shared.set("key", 1)
    shared.clear()
    assert shared.get("key") is None and broker.get("celery-test-queue") == b"waiting"
    broker.delete("celery-test-queue")
    broker.close()


def test_without_redis_the_process_counts_for_itself(away):
    away.clear()
    assert away.add("key", 1, 60) is True and away.add("key", 1, 60) is False
    assert away.incr("key") == 2 and away.get("key") == 2
    assert away.get_many(["key", "other"]) == {"key": 2}
    assert away.has_key("key") and away.delete("key") is True
    with pytest.raises(ValueError):
        away.incr("key")
    away.clear()


def test_redis_is_not_asked_again_at_once_but_later(away, monkeypatch):
    asked = []

    def refuse(*args, **kwargs):
        asked.append(args)
        raise redis.ConnectionError

    monkeypatch.setattr("django.core.cache.backends.redis.RedisCache.get", refuse)
    assert [away.get("key") for _ in range(3)] == [None] * 3
    assert len(asked) == 1
    SharedCache.away_until = 0.0  # five seconds later
    away.get("key")
    assert len(asked) == 2
