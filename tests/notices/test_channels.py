"""The gateway: off by default, signed as the standard says, once, and told apart what is worth trying again."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from notices.models import Delivery, Kind
from notices.services import notify, save_preference, send_delivery, withdraw_notices
from notices.services.telling import Line
from tests import factories as make

pytestmark = pytest.mark.django_db
KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def gateway(settings):
    """A gateway that answers `.answer` and keeps what it was sent."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.got.append((dict(self.headers), body))
            self.send_response(server.answer)
            if server.answer == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_words):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.got, server.answer = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.NOTICE_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/hook"
    settings.NOTICE_WEBHOOK_SECRET = "whsec_" + base64.b64encode(KEY).decode()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def user(db):
    return make.user(phone="13804110001")


def tell(user, key="1"):
    notify([Line(user.pk, Kind.ACCEPTED, "“某成果”已采纳。", "/workbench/", "a", key)])


def test_off_by_default(user):
    tell(user)
    assert not Delivery.objects.exists()


def test_signed_json_once(gateway, user):
    tell(user)
    tell(user)
    row = Delivery.objects.get()
    assert (send_delivery(row.pk), send_delivery(row.pk)) == (True, False)
    ((headers, body),) = gateway.got
    headers = {name.lower(): value for name, value in headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    said = json.loads(body)
    assert said["type"] == "notice.accepted" and said["data"]["text"] == "“某成果”已采纳。"
    assert said["data"]["recipient"] == {"username": user.username}
    assert said["data"]["url"].endswith("/workbench/")


def test_the_telephone_goes_along_only_if_wanted(gateway, user, settings):
    settings.NOTICE_WEBHOOK_PHONE = True
    tell(user)
    send_delivery(Delivery.objects.get().pk)
    assert json.loads(gateway.got[0][1])["data"]["recipient"]["phone"] == "13804110001"


@pytest.mark.parametrize(
    ("answer", "status"), [(503, "queued"), (429, "queued"), (400, "failed"), (410, "failed"), (302, "queued")]
)
def test_what_it_answers(gateway, user, answer, status):
    gateway.answer = answer
    tell(user)
    row = Delivery.objects.get()
    assert send_delivery(row.pk) is False
    row.refresh_from_db()
    assert (row.status, len(gateway.got)) == (status, 1)  # never on to where it points


def test_muted_or_withdrawn_it_is_not_sent(gateway, user):
    save_preference(user, no_mail=False, muted=["accepted"])
    tell(user)
    assert not Delivery.objects.exists()
    other = make.user()
    tell(other)
    withdraw_notices("a")
    assert send_delivery(Delivery.objects.get().pk) is False
    assert gateway.got == []
