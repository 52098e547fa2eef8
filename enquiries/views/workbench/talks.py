"""Choose or cancel the time of a talk, and its calendar file."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.names import name_for
from accounts.requests import UserRequest
from core.downloads import DOWNLOAD_HEADERS
from enquiries.calendar import talk_entry
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
    """An .ics file for the sides; it names the other side as this reader knows it."""
    talk = _visible(request, public_id)
    if talk.status not in (TalkTime.Status.CHOSEN, TalkTime.Status.CANCELLED):
        raise Http404
    approach = talk.approach
    names = (name_for(row, request.user, approach) for row in (approach.firm, approach.institution))
    address = request.build_absolute_uri(reverse("approach", args=[approach.public_id]))
    content = talk_entry(talk, summary=f"约谈：{approach}", sides="、".join(names), address=address)
    headers = DOWNLOAD_HEADERS | {"Content-Disposition": f'attachment; filename="talk-{talk.public_id}.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def _visible(request: UserRequest, public_id: str) -> TalkTime:
    rows = TalkTime.objects.filter(approach__in=Approach.objects.visible_to(request.user))
    rows = rows.select_related(
        "approach__firm", "approach__institution", "approach__achievement", "approach__demand__firm"
    )
    return get_object_or_404(rows, public_id=public_id)
