"""Ids of requests: from the proxy, in answers, in log lines, in the tasks that a request sends."""

import json
import logging
from types import SimpleNamespace

import pytest
from celery import current_app, shared_task
from django.http import HttpResponse
from django.test import RequestFactory

from core import task_ids
from core.log_format import JsonFormatter, TextFormatter, WorkIdFilter
from core.middleware import RequestIdMiddleware
from core.request_ids import WorkIds, accepted_id, current_ids, current_request_id, working_on

IDS = []


@shared_task(name="tests.core.note_ids")
def note_ids() -> None:
    IDS.append(current_ids())


@pytest.mark.parametrize("offered", ["", None, "short", "a" * 65, "with blank in it", "line\nbreak-12345", "汉字" * 8])
def test_an_id_that_is_not_well_formed_is_replaced(offered):
    assert accepted_id(offered) != offered
    assert accepted_id(accepted_id(offered)) is not None
    assert accepted_id("0af7651916cd43dd8448eb211c80319c") == "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("behind_proxy", [True, False])
def test_only_a_proxy_may_choose_the_id(settings, behind_proxy):
    settings.BEHIND_TLS_PROXY = behind_proxy
    seen = []
    middleware = RequestIdMiddleware(lambda request: seen.append(current_request_id()) or HttpResponse())
    answer = middleware(RequestFactory().get("/", headers={"X-Request-ID": "chosen-by-others"}))
    assert seen == [answer["X-Request-ID"]]
    assert (answer["X-Request-ID"] == "chosen-by-others") is behind_proxy
    assert current_request_id() == ""  # the next request of the thread begins without


def test_a_task_has_the_id_of_the_request_that_sent_it():
    headers: dict = {}
    with working_on(WorkIds(request_id="request-12345")):
        task_ids.send_request_id(headers=headers)
    task = SimpleNamespace(name="some.task", request=SimpleNamespace(**headers))
    task_ids.take_ids(task_id="task-1", task=task)
    try:
        assert current_ids() == WorkIds("request-12345", "task-1", "some.task")
        passed_on: dict = {}
        task_ids.send_request_id(headers=passed_on)
        assert passed_on == headers
    finally:
        task_ids.drop_ids()
    assert current_ids() == WorkIds()


def test_signals_of_celery_are_connected(monkeypatch):
    """The real publisher and the real tracer of tasks; what travels between them is the message's headers."""
    from celery.app.trace import build_tracer

    sent = {}

    def publish(producer, name, message, **options):
        sent.update(message.headers)

    monkeypatch.setattr(type(current_app.amqp), "send_task_message", property(lambda amqp: _publisher(amqp, publish)))
    with working_on(WorkIds(request_id="request-12345")):
        current_app.send_task("tests.core.note_ids")
    assert sent["request_id"] == "request-12345"
    IDS.clear()
    tracer = build_tracer(note_ids.name, current_app.tasks[note_ids.name], app=current_app, propagate=True)
    tracer(sent["id"], (), {}, sent)
    assert [(ids.request_id, ids.task_id, ids.task) for ids in IDS] == [
        ("request-12345", sent["id"], "tests.core.note_ids")
    ]


def _publisher(amqp, publish):
    """Celery's own sender of messages over a producer that keeps what it gets."""
    send = amqp._create_task_sender()

    class Producer:
        def publish(self, body, **options):
            publish(self, None, SimpleNamespace(headers=options["headers"]))

    return lambda _producer, name, message, **options: send(
        Producer(), name, message, **options | {"exchange": "", "routing_key": "celery"}
    )


def record(**extra):
    made = logging.LogRecord("some.logger", logging.WARNING, "file.py", 1, "第 %s 行", (3,), None)
    vars(made).update(extra)
    WorkIdFilter().filter(made)
    return made


def test_lines_carry_the_ids_and_nothing_that_libraries_attach():
    with working_on(WorkIds("request-12345", "task-1", "some.task")):
        made = record(route="home", status=200, request="<WSGIRequest: GET '/secret'>")
    line = json.loads(JsonFormatter().format(made))  # after the work is over: the filter has kept the ids
    assert (
        line.items()
        >= {
            "level": "WARNING",
            "logger": "some.logger",
            "message": "第 3 行",
            "request_id": "request-12345",
            "task_id": "task-1",
            "task": "some.task",
            "route": "home",
            "status": 200,
        }.items()
    )
    assert "request" not in line
    text = TextFormatter().format(made)
    assert text.endswith("WARNING some.logger 第 3 行 request_id=request-12345 task_id=task-1")
