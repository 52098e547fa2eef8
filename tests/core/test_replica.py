"""Who is answered from the read replica. `benchmarks.growth` drills it with two servers."""

import threading

import environ
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.urls import resolve

from core import replica
from core.replica import ReplicaMiddleware, ReplicaRouter, ReplicaWatch
from dalian_techtransfer.replica_settings import replica_settings, role_options
from demands.models import Demand

ROUTER = ReplicaRouter()


@pytest.fixture
def fresh(monkeypatch):
    """A replica that is there, and never asked: the router only says whom it would ask."""
    monkeypatch.setattr(replica.WATCH, "is_fresh", lambda: True)
    monkeypatch.setattr(replica, "connections", {"default": replica.connections["default"], "replica": _Closable()})


class _Closable:
    def close(self):
        pass


def reader(rf, path, *, method="get", cookies=(), view=None):
    """(the aliases that the views of one request read from, the answer)"""
    request = getattr(rf, method)(path)
    request.COOKIES.update(dict.fromkeys(cookies, "x"))
    request.user = AnonymousUser()
    aliases = []

    def get_response(request):
        match = resolve(request.path_info)
        middleware.process_view(request, match.func, match.args, match.kwargs)
        aliases.append(ROUTER.db_for_read(Demand))
        try:
            return view() if view else HttpResponse()
        except Exception as error:
            assert middleware.process_exception(request, error) is None
            return HttpResponse(status=503)

    middleware = ReplicaMiddleware(get_response)
    return aliases, middleware(request)


@pytest.mark.parametrize("path", ["/", "/achievements/", "/demands/", "/api/v1/achievements/", "/institutions/"])
def test_anonymous_readers_of_public_pages(rf, fresh, path):
    assert reader(rf, path)[0] == ["replica"]
    assert not replica.is_reading_replica()  # after the request


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/", {"cookies": ["sessionid"]}),
        ("/", {"cookies": ["written"]}),
        ("/ask/", {"method": "post"}),
        ("/accounts/login/", {}),
        ("/accounts/reset/", {}),
        ("/confirm/some-token/", {}),
        ("/invitations/some-secret/", {}),
        ("/workbench/", {}),
        ("/admin/", {}),
        ("/healthz", {}),
        ("/policies/", {}),  # totals of the figures are kept for all readers
    ],
)
def test_everybody_else_reads_the_primary(rf, fresh, path, how):
    assert reader(rf, path, **how)[0] == ["default"]


def test_who_has_written_reads_the_primary_for_a_while(rf, fresh, settings):
    _aliases, answer = reader(rf, "/ask/", method="post")
    cookie = answer.cookies["written"]
    assert cookie["max-age"] > settings.REPLICA_MAX_LAG and cookie["httponly"]
    assert "written" not in reader(rf, "/")[1].cookies


@pytest.mark.django_db(transaction=True)
def test_a_transaction_reads_what_it_has_written(rf, fresh):
    aliases = []

    def view():
        with transaction.atomic():
            aliases.append(ROUTER.db_for_read(Demand))
        aliases.append(ROUTER.db_for_read(Demand))
        return HttpResponse()

    reader(rf, "/", view=view)
    assert aliases == ["default", "replica"]
    assert ROUTER.db_for_write(Demand) == "default"


def test_a_replica_that_fails_is_replaced_by_the_primary(rf, fresh):
    def view():
        if replica.is_reading_replica():
            raise OperationalError("canceling statement due to conflict with recovery")
        return HttpResponse("from the primary")

    aliases, answer = reader(rf, "/", view=view)
    assert (aliases, answer.content) == (["replica", "default"], b"from the primary")


@pytest.fixture
def watch(monkeypatch):
    """A watch over two servers that only exist as numbers, and a clock that stands still."""
    state = {"default": 100, "replica": 100, "now": 1000.0}

    def position(alias, _function):
        if state[alias] == "away":
            raise OperationalError
        return state[alias]

    monkeypatch.setattr(replica, "_position", position)
    monkeypatch.setattr(replica.time, "monotonic", lambda: state["now"])
    watch = ReplicaWatch()
    watch._pid = replica.os.getpid()  # the thread does not run: the test looks by itself
    watch.state = state
    return watch


def test_lag_is_the_age_of_what_the_replica_has_replayed(watch, settings):
    settings.REPLICA_MAX_LAG = 5
    assert not watch.is_fresh()  # nobody has looked
    assert watch.measure() == 0
    assert watch.is_fresh()
    for second in range(1, 9):
        watch.state |= {"now": 1000.0 + second, "default": 100 + second}
        assert watch.measure() == second
        assert watch.is_fresh() is (second <= 6)  # it was looked at a second ago
    watch.state["replica"] = 108
    watch.measure()
    assert watch.lag() == 0


@pytest.mark.parametrize("server", ["default", "replica"])
def test_nobody_reads_a_replica_that_cannot_be_compared(watch, settings, server):
    settings.REPLICA_MAX_LAG = 5
    watch.measure()
    watch.state |= {server: "away", "now": 1010.0}
    assert watch.measure() is None
    assert not watch.is_fresh()
    watch.state |= {server: 100}
    watch.measure()
    assert watch.is_fresh()


def test_a_replica_that_was_promoted_is_not_read(watch):
    watch.measure()
    watch.state["replica"] = None
    watch.measure()
    assert not watch.is_fresh()


def test_only_one_thread_watches_in_a_process(monkeypatch):
    started = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: started.append(thread))
    watch = ReplicaWatch()
    for _each in range(3):
        watch.is_fresh()
    assert len(started) == 1


def test_settings_of_replica_and_pooler():
    env = environ.Env()
    url = "postgresql://app:secret@{host}:1/name"
    env.ENVIRON = {
        "REPLICA_URL": url.format(host="replica"),
        "DATABASE_DIRECT_URL": url.format(host="primary"),
    }
    options = {"connect_timeout": 3, "options": "-c jit=off -c statement_timeout=30s"}
    databases = {"default": env.db_url_config(url.format(host="pooler")) | {"OPTIONS": options}}
    middleware = ["portal.middleware.UnavailableMiddleware", "others"]
    made, routers, _most = replica_settings(env, databases, middleware)
    hosts = {alias: database["HOST"] for alias, database in made.items()}
    assert hosts == {"default": "pooler", "replica": "replica", "session": "primary"}
    assert databases["default"]["DISABLE_SERVER_SIDE_CURSORS"]
    assert databases["default"]["OPTIONS"] == {"connect_timeout": 3}
    assert role_options(databases["session"]) == {"jit": "off", "statement_timeout": "30s"}
    assert middleware == ["portal.middleware.UnavailableMiddleware", "core.replica.ReplicaMiddleware", "others"]
    assert routers == ["core.replica.ReplicaRouter"]


def test_without_their_addresses_nothing_changes():
    env = environ.Env()
    env.ENVIRON = {}
    databases, middleware = {"default": {"OPTIONS": {"options": "-c jit=off"}}}, ["others"]
    assert replica_settings(env, databases, middleware) == (databases, [], 5)
    assert (databases, middleware) == ({"default": {"OPTIONS": {"options": "-c jit=off"}}}, ["others"])
