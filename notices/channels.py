"""The ways out of the house. A channel takes one `Delivery` and returns, or raises: `Refused` when trying again is
useless, anything else when it is not.

短信 and 企业微信 go through a gateway of the operator's: it gets signed JSON at one configured address and knows itself
how to reach a person. Signed as https://www.standardwebhooks.com describes, so that its libraries can check it.
"""

import base64
import hashlib
import hmac
import json
import smtplib
import urllib.error
import urllib.request
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from notices.models import Delivery
from notices.unsubscribing import token_of

TIMEOUT = 10
"""Seconds a gateway may take."""


class Refused(Exception):
    """The other side said no for good: the address does not exist, the request is not wanted."""


class Channel(Protocol):
    def deliver(self, delivery: Delivery) -> None: ...


class Mail:
    """Through Django's own backend: SMTP, or the console and files of a demonstration."""

    def deliver(self, delivery: Delivery) -> None:
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
        headers = {}
        if delivery.recipient:  # a letter goes to nobody's account: there is nothing to unsubscribe from
            address = settings.SITE_ADDRESS + reverse("unsubscribe", args=[token_of(delivery.recipient)])
            headers = {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        message = EmailMessage(
            subject=delivery.subject,
            body=delivery.body,
            to=[delivery.address],
            headers={
                "Message-ID": f"<delivery-{delivery.public_id}@{domain}>",
                "Auto-Submitted": "auto-generated",
                **headers,
            },
        )
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            if 500 <= code < 600:
                raise Refused(f"邮件服务器拒收这个地址（{code}）") from error
            raise


class Gateway:
    """POST of JSON with `webhook-id`, `webhook-timestamp` and `webhook-signature` (v1, HMAC-SHA256)."""

    def deliver(self, delivery: Delivery) -> None:
        if not settings.NOTICE_WEBHOOK_URL:
            raise Refused("没有配置网关地址")
        recipient = {"username": delivery.recipient.username}
        if settings.NOTICE_WEBHOOK_PHONE:
            recipient["phone"] = delivery.recipient.phone
        body = json.dumps(
            {
                "type": f"notice.{delivery.notice.kind}",
                "timestamp": delivery.made_at.isoformat(),
                "data": {
                    "recipient": recipient,
                    "title": delivery.subject,
                    "text": delivery.body,
                    "url": settings.SITE_ADDRESS + delivery.notice.path,
                },
            },
            ensure_ascii=False,
        ).encode()
        headers = signed(f"msg_{delivery.public_id}", body, settings.NOTICE_WEBHOOK_SECRET)
        request = urllib.request.Request(settings.NOTICE_WEBHOOK_URL, data=body, headers=headers)  # noqa: S310 the operator's own address
        try:
            with _opener.open(request, timeout=TIMEOUT) as answer:
                answer.read(1000)
        except urllib.error.HTTPError as error:
            if 400 <= error.code < 500 and error.code not in {408, 425, 429}:
                raise Refused(f"网关答复 {error.code}") from error
            raise


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None  # a signed message goes where it was addressed, and nowhere else


_opener = urllib.request.build_opener(_NoRedirect)


def signed(message_id: str, body: bytes, secret: str) -> dict[str, str]:
    """The headers of a message. `secret` as the standard writes it: whsec_ and base64."""
    seconds = str(int(timezone.now().timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, b".".join((message_id.encode(), seconds.encode(), body)), hashlib.sha256)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode(),
    }


_mail = Mail()
CHANNELS: dict[str, Channel] = {
    Delivery.Channel.MAIL: _mail,
    Delivery.Channel.LETTER: _mail,
    Delivery.Channel.GATEWAY: Gateway(),
}


def deliver(delivery: Delivery) -> None:
    CHANNELS[delivery.channel].deliver(delivery)
