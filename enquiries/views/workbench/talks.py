"""Choose or cancel the time of a talk, and its calendar file."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from calendars.ical import CONTENT_TYPE, write_calendar
from core.downloads import DOWNLOAD_HEADERS
from enquiries.calendar_events import talk_event
from enquiries.models import Approach, TalkTime
from enquiries.services.talks import cancel_talk, choose_time

STEPS = {"choose": (choose_time, "时间已定，双方都收到了通知。"), "cancel": (cancel_talk, "已取消，对方收到了通知。")}


@login_required
@require_POST
def talk_step(request: UserRequest, public_id: str, step: str) -> HttpResponse:
    talk = _visible(request, public_id)
    service, done = STEPS[step]
    try:
        service(talk, by=request.user)
        messages.success(request, done)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("approach", talk.approach.public_id)


@login_required
@require_safe
def talk_calendar(request: UserRequest, public_id: str) -> HttpResponse:
    """An .ics file for the sides, with the entry of their subscribed calendars."""
    talk = _visible(request, public_id)
    if talk.status not in (TalkTime.Status.CHOSEN, TalkTime.Status.CANCELLED):
        raise Http404
    site = f"{request.scheme}://{request.get_host()}"
    content = write_calendar([talk_event(talk, request.user)], address=site)
    headers = DOWNLOAD_HEADERS | {"Content-Disposition": f'attachment; filename="talk-{talk.public_id}.ics"'}
    return HttpResponse(content, content_type=CONTENT_TYPE, headers=headers)


def _visible(request: UserRequest, public_id: str) -> TalkTime:
    rows = TalkTime.objects.filter(approach__in=Approach.objects.visible_to(request.user))
    rows = rows.select_related(
        "approach__firm", "approach__institution", "approach__achievement", "approach__demand__firm"
    )
    return get_object_or_404(rows, public_id=public_id)
