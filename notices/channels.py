"""The channels that send a `Delivery`: mail, and a gateway for 短信 and 企业微信.

A channel returns when the other side accepted the delivery. It raises `DeliveryRefused` when a retry is useless and
any other exception when a retry may help.
"""

import json
import smtplib
import urllib.error
import urllib.request
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook

from notices.models import Delivery
from notices.unsubscribe_tokens import make_unsubscribe_token

GATEWAY_TIMEOUT = 10  # seconds


class DeliveryRefused(Exception):
    """A permanent refusal: the address does not exist or the request is not accepted."""


class Channel(Protocol):
    def deliver(self, delivery: Delivery) -> None: ...


class MailChannel:
    """Sends through Django's mail backend (EMAIL_URL)."""

    def deliver(self, delivery: Delivery) -> None:
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
        headers = {}
        address = delivery.unsubscribe_url  # a single mail has no user who could unsubscribe
        if delivery.recipient:
            address = settings.SITE_ADDRESS + reverse("unsubscribe", args=[make_unsubscribe_token(delivery.recipient)])
        if address:
            headers = {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        message = EmailMessage(
            subject=delivery.subject,
            body=delivery.body,
            to=[delivery.address],
            headers={
                "Message-ID": f"<delivery-{delivery.message_id}@{domain}>",
                "Auto-Submitted": "auto-generated",
                **headers,
            },
        )
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            if 500 <= code < 600:
                raise DeliveryRefused(f"邮件服务器拒收这个地址（{code}）") from error
            raise


class GatewayChannel:
    """Posts signed JSON to the operator's gateway, which forwards it to the recipient.

    Signed as https://www.standardwebhooks.com specifies. The payload is described in docs/operations.md.
    """

    def deliver(self, delivery: Delivery) -> None:
        if not settings.NOTICE_WEBHOOK_URL:
            raise DeliveryRefused("没有配置网关地址")
        body = json.dumps(_payload(delivery), ensure_ascii=False)
        headers = signed_headers(f"msg_{delivery.message_id}", body, settings.NOTICE_WEBHOOK_SECRET)
        request = urllib.request.Request(settings.NOTICE_WEBHOOK_URL, data=body.encode(), headers=headers)  # noqa: S310 the operator's own address
        try:
            with _opener.open(request, timeout=GATEWAY_TIMEOUT) as response:
                response.read(1000)
        except urllib.error.HTTPError as error:
            if 400 <= error.code < 500 and error.code not in {408, 425, 429}:
                raise DeliveryRefused(f"网关答复 {error.code}") from error
            raise


def _payload(delivery: Delivery) -> dict[str, Any]:
    person, notice = delivery.recipient, delivery.notice
    if person is None or notice is None:
        raise DeliveryRefused("网关只送达给平台用户的消息")
    recipient = {"username": person.username}
    if settings.NOTICE_WEBHOOK_PHONE:
        recipient["phone"] = person.phone
    return {
        "type": f"notice.{notice.kind}",
        "timestamp": delivery.made_at.isoformat(),
        "data": {
            "recipient": recipient,
            "title": delivery.subject,
            "text": delivery.body,
            "url": settings.SITE_ADDRESS + notice.path,
        },
    }


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        """Do not follow redirects: a signed message must not reach another address."""


_opener = urllib.request.build_opener(_NoRedirect)


def signed_headers(message_id: str, body: str, secret: str) -> dict[str, str]:
    """The HTTP headers of a message. `secret`: "whsec_" and base64; ValueError or `EmptyWebhookSecretError` if bad."""
    now = timezone.now()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, body),
    }


_mail = MailChannel()
CHANNELS: dict[str, Channel] = {
    Delivery.Channel.MAIL: _mail,
    Delivery.Channel.SINGLE_MAIL: _mail,
    Delivery.Channel.GATEWAY: GatewayChannel(),
}


def deliver(delivery: Delivery) -> None:
    CHANNELS[delivery.channel].deliver(delivery)
