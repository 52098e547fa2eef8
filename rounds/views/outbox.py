"""Steps that a page sends from its outbox, also after the network was away.

The page sends JSON and gets JSON: 200 when the step is done (now or before), 403 when the user may not take it, 409
when another device was first, 422 when it is not possible. `message` is a sentence for the person at the device.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from uuid import UUID, uuid4

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from core.json_body import JsonBody, read_json_body
from rounds.forms.outcomes import OutcomeForm
from rounds.models import DockingRound, Meeting
from rounds.services.check_in import AlreadyCheckedIn
from rounds.services.outcomes import record_outcome

MAX_AGE_SECONDS = 7 * 24 * 3600


def taken_at(data: JsonBody) -> datetime | None:
    """When the step was taken. The device sends seconds (`ago`), so its clock may be wrong. None without `ago`."""
    ago = data.number("ago")
    return None if ago is None else timezone.now() - timedelta(seconds=min(ago, MAX_AGE_SECONDS))


def step_key(data: JsonBody) -> UUID:
    """The key under which a step counts once. A form sent without JavaScript has none and gets a new one."""
    text = data.text("key")
    try:
        return UUID(text) if text else uuid4()
    except ValueError as error:
        raise BadRequest from error


def json_answer(step: Callable[[], dict]) -> JsonResponse:
    """What `step()` returns as JSON, or the reason for which it was refused."""
    try:
        return JsonResponse(step())
    except AlreadyCheckedIn as error:
        return JsonResponse({"message": "".join(error.messages)}, status=409)
    except PermissionDenied as error:
        return JsonResponse({"message": str(error)}, status=403)
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {}
        return JsonResponse({"message": "".join(error.messages), "fields": fields}, status=422)


def outbox_view(view: Callable[[HttpRequest, DockingRound, JsonBody], dict]) -> Callable[..., JsonResponse]:
    """Answers with JSON. Refuses (409) a step that was taken while another user was signed in."""

    @wraps(view)
    def wrapper(request: HttpRequest, docking_round: DockingRound) -> JsonResponse:
        data = read_json_body(request)
        if data.number("by") not in (None, request.user.pk):
            message = "这一步是用另一个账号做的，请用那个账号登录后再发送。"
            return JsonResponse({"message": message}, status=409)
        return json_answer(lambda: view(request, docking_round, data))

    return wrapper


def record_posted_outcome(meeting: Meeting, data: JsonBody, **recorder) -> dict:
    """Record what `OutcomeForm` was filled in with. `recorder` as in `record_outcome`. Raises ValidationError."""
    form = OutcomeForm(data)
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    record_outcome(meeting, form.outcome, key=step_key(data), at=taken_at(data), **recorder)
    return {"message": "已记录，谢谢。"}
