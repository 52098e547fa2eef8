"""What the gateway reports of a push: signed, about the last attempt, once."""

import base64
import json

import pytest
from django.urls import reverse

from notices.channels import signed_headers
from notices.models import Delivery, NoticeKind
from notices.services import notify, send_again
from notices.services.notifications import NoticeDraft
from tests import factories as make

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@pytest.fixture
def push(settings):
    settings.NOTICE_WEBHOOK_URL, settings.NOTICE_WEBHOOK_SECRET = "http://127.0.0.1:9/hook", SECRET
    notify([NoticeDraft(make.user().pk, NoticeKind.ACCEPTED, "“某成果”已采纳。", "/workbench/", "a", "a 1")])
    return Delivery.objects.get()


def report(client, push, status="delivered", *, reason="", secret=SECRET, message_id=""):
    data = {"id": message_id or f"msg_{push.message_id}", "status": status, "reason": reason}
    body = json.dumps({"type": "notice.receipt", "data": data})
    headers = signed_headers("receipt_1", body, secret)
    return client.post(reverse("notice_receipts"), body, content_type="application/json", headers=headers).status_code


def sent(push):
    Delivery.objects.filter(pk=push.pk).update(status="sent", sent_at=push.made_at)


def test_a_receipt_needs_the_signature_and_a_known_message_that_was_sent(client, push, settings):
    forged = "whsec_" + base64.b64encode(b"f" * 32).decode()
    assert report(client, push, secret=forged) == 401
    assert report(client, push, message_id="msg_unknown") == 404
    assert report(client, push) == 409  # it is still being sent: reported again later
    sent(push)
    assert report(client, push, status="read") == 400
    assert report(client, push) == 204
    push.refresh_from_db()
    assert push.delivered_at and push.state_text == "已送达"
    assert report(client, push, "failed") == 204  # what has arrived cannot fail
    push.refresh_from_db()
    assert push.status == "sent" and push.delivered_at
    settings.NOTICE_WEBHOOK_URL = ""
    assert report(client, push) == 404


def test_a_failure_is_kept_without_numbers_and_an_old_receipt_changes_nothing(client, push):
    sent(push)
    assert report(client, push, "failed", reason="空号 13812345678") == 204
    push.refresh_from_db()
    assert (push.status, push.error, push.sent_at) == ("failed", "空号 …", None)
    first = f"msg_{push.message_id}"
    send_again(push, by=make.sysadmin())
    sent(push)
    push.refresh_from_db()
    assert f"msg_{push.message_id}" != first  # a gateway ignores an id that it has seen
    assert report(client, push, "failed", message_id=first) == 204
    push.refresh_from_db()
    assert push.status == "sent" and push.resends == 1
    assert report(client, push) == 204
    push.refresh_from_db()
    assert push.delivered_at
