"""Reports of errors, as a server with Sentry's protocol receives them: what went wrong, and nothing about anybody."""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings

from dalian_techtransfer.error_reports import scrubbed

PLANTED = ("张守拙", "13998765432", "shouzhuo@example.cn", "Tok3n-of-the-link", "secret-session", "密语甲")
FAILING = """
import django
django.setup()
import logging
import sentry_sdk
from django.conf import settings
settings.STORAGES |= {{"staticfiles": {{"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}}}
from celery import current_app, shared_task
from django.http import HttpResponse
from django.test import Client
from rounds.views.public import confirmations
from django.urls import path
from dalian_techtransfer import urls

name, phone, mail, token, session, words = {planted!r}

def failing(request, **parameters):
    local_name, body = name, request.body
    raise ValueError(f"cannot read {{mail}} and {{phone}} at {{request.get_full_path()}}")

urls.urlpatterns.insert(0, path("confirm/<str:token>/", failing))

@shared_task
def failing_task(person):
    raise KeyError(7)

client = Client(raise_request_exception=False, headers={{"x-forwarded-for": "198.51.100.7", "user-agent": words}})
client.cookies["sessionid"] = session
answer = client.post(f"/confirm/{{token}}/?phone={{phone}}", {{"name": name}}, headers={{"authorization": token}})
print(answer.status_code, answer["X-Request-ID"])
failing_task.apply([name], task_id="task-of-the-test")
logging.getLogger("some").error("mail to %s failed", mail, extra={{"person": name}})
sentry_sdk.flush(20)
"""


@pytest.fixture
def receiver():
    """An HTTP server that keeps what is posted."""
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", bodies
        server.shutdown()


def run(script: str, **environment: str) -> str:
    child = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=settings.BASE_DIR,
        env=os.environ | {"LOG_LEVEL": "ERROR", "ALLOWED_HOSTS": "testserver"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    return child.stdout


@pytest.mark.long
def test_a_report_says_what_went_wrong_and_nothing_of_anybody(receiver):
    dsn, bodies = receiver
    status, request_id = run(FAILING.format(planted=PLANTED), SENTRY_DSN=dsn, SENTRY_ENVIRONMENT="trial").split()
    assert status == "500"
    posted = b"\n".join(bodies).decode()
    assert [word for word in (*PLANTED, "198.51.100.7") if word in posted or json.dumps(word)[1:-1] in posted] == []
    events = [json.loads(body.splitlines()[2]) for body in bodies]
    of_page = [event for event in events if event.get("tags", {}).get("request_id") == request_id]
    assert [value["type"] for event in of_page for value in event["exception"]["values"]] == ["ValueError"]
    (page,) = of_page
    assert page["transaction"] == "/confirm/{token}/" or "[…]" in page["transaction"]
    assert "cannot read […] and […] at /confirm/[…]" in page["exception"]["values"][0]["value"]
    assert any(frame["function"] == "failing" for frame in page["exception"]["values"][0]["stacktrace"]["frames"])
    assert (page["release"], page["environment"]) == ("dalian_techtransfer@0.1.0", "trial")
    assert [id for event in events if (id := event.get("tags", {}).get("task_id"))] == ["task-of-the-test"]
    assert {"message": "mail to […] failed"} in [event.get("logentry") for event in events]


def test_an_event_is_made_anew_of_what_is_known():
    event = {"event_id": "1", "user": {"id": 1}, "extra": {"a": 1}, "contexts": {"b": 1}, "breadcrumbs": [], "new": 1}
    assert scrubbed(event, {}) == {"event_id": "1", "tags": {}}
