"""Where the gateway reports what became of a push. The signature is the permission."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from standardwebhooks import Webhook, WebhookVerificationError

from notices.services.receipts import Taken, apply_receipt

LARGEST = 10_000  # bytes
STATUSES = {"delivered": True, "failed": False}
ANSWERS = {Taken.APPLIED: 204, Taken.UNKNOWN: 404, Taken.TOO_EARLY: 409}


@csrf_exempt  # no browser posts here; each message is signed with the secret of the gateway
@require_POST
def receipts(request: HttpRequest) -> HttpResponse:
    """One signed receipt, as docs/operations.md describes. 409 asks the gateway to report again."""
    if not (settings.NOTICE_WEBHOOK_URL and settings.NOTICE_WEBHOOK_SECRET):
        raise Http404
    length = request.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdecimal() and int(length) <= LARGEST):
        return HttpResponse(status=413)
    try:
        body = request.body.decode()
        message = Webhook(settings.NOTICE_WEBHOOK_SECRET).verify(body, dict(request.headers.items()))
        data = message["data"]
        message_id, status, reason = str(data["id"]), STATUSES[data["status"]], str(data.get("reason") or "")
    except WebhookVerificationError:
        return HttpResponse(status=401)
    except (ValueError, OverflowError, LookupError, TypeError, AttributeError):  # no JSON, or another form
        return HttpResponse(status=400)
    if not message_id.isprintable():
        return HttpResponse(status=400)
    return HttpResponse(status=ANSWERS[apply_receipt(message_id[:60], is_delivered=status, reason=reason)])
