"""The gateway: off by default; each notice is sent once and signed; only temporary errors are tried again."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from notices.models import Delivery, NoticeKind
from notices.services import notify, save_preference, send_delivery, withdraw_notices
from notices.services.notifications import NoticeDraft
from tests import factories as make

pytestmark = pytest.mark.django_db
KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def gateway(settings):
    """A gateway that responds with the status `.answer` and records requests in `.requests`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.requests.append((dict(self.headers), body))
            self.send_response(server.answer)
            if server.answer == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_args):
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.answer = [], 200
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.NOTICE_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/hook"
    settings.NOTICE_WEBHOOK_SECRET = "whsec_" + base64.b64encode(KEY).decode()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def user(db):
    return make.user(phone="13804110001")


def notify_user(user, key="1"):
    notify([NoticeDraft(user.pk, NoticeKind.ACCEPTED, "“某成果”已采纳。", "/workbench/", "a", key)])


def test_no_delivery_without_a_gateway_address(user):
    notify_user(user)
    assert not Delivery.objects.exists()


def test_a_notice_is_sent_once_as_signed_json(gateway, user):
    notify_user(user)
    notify_user(user)
    row = Delivery.objects.get()
    assert (send_delivery(row.pk), send_delivery(row.pk)) == (True, False)
    ((headers, body),) = gateway.requests
    headers = {name.lower(): value for name, value in headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    payload = json.loads(body)
    assert payload["type"] == "notice.accepted" and payload["data"]["text"] == "“某成果”已采纳。"
    assert payload["data"]["recipient"] == {"username": user.username}
    assert payload["data"]["url"].endswith("/workbench/")


def test_the_phone_number_is_sent_only_if_configured(gateway, user, settings):
    settings.NOTICE_WEBHOOK_PHONE = True
    notify_user(user)
    send_delivery(Delivery.objects.get().pk)
    assert json.loads(gateway.requests[0][1])["data"]["recipient"]["phone"] == "13804110001"


@pytest.mark.parametrize(
    ("answer", "status"), [(503, "queued"), (429, "queued"), (400, "failed"), (410, "failed"), (302, "queued")]
)
def test_permanent_refusals_fail_and_temporary_ones_stay_queued(gateway, user, answer, status):
    gateway.answer = answer
    notify_user(user)
    row = Delivery.objects.get()
    assert send_delivery(row.pk) is False
    row.refresh_from_db()
    assert (row.status, len(gateway.requests)) == (status, 1)  # a redirect is not followed


def test_a_missing_secret_is_an_error_that_staff_see(gateway, user, settings):
    settings.NOTICE_WEBHOOK_SECRET = ""
    notify_user(user)
    row = Delivery.objects.get()
    assert send_delivery(row.pk) is False
    row.refresh_from_db()
    assert row.status == "queued" and "secret" in row.error and gateway.requests == []


def test_muted_and_withdrawn_notices_are_not_sent(gateway, user):
    save_preference(user, no_mail=False, muted=["accepted"])
    notify_user(user)
    assert not Delivery.objects.exists()
    other = make.user()
    notify_user(other)
    withdraw_notices("a")
    assert send_delivery(Delivery.objects.get().pk) is False
    assert gateway.requests == []
