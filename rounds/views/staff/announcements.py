"""Who leads the day: announcements to everybody there, and the rule for late talks."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.requests import UserRequest
from core.json_body import JsonBody
from rounds.models import Announcement, DockingRound
from rounds.services.event_day import announce, set_late_rule, withdraw_announcement
from rounds.views.staff.round_access import event_day_view


@require_POST
@event_day_view
def announcements(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    """Announce a sentence, or withdraw one (`withdraw`)."""
    data = JsonBody(request.POST.dict())
    try:
        if data.text("withdraw"):
            rows = Announcement.objects.visible_to(request.user).filter(docking_round=docking_round)
            row = get_object_or_404(rows.select_related("docking_round__host"), public_id=data.text("withdraw"))
            withdraw_announcement(row, by=request.user)
            messages.success(request, "现场通知已撤下。")
        else:
            announce(
                docking_round,
                text=data.text("text"),
                minutes=_number(data, "minutes"),
                is_sent=bool(data.text("is_sent")),
                by=request.user,
            )
            messages.success(request, "现场通知已发布：参会单位的现场页和大屏会显示。")
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    return redirect("admin:rounds_day_day", docking_round.public_id)


@require_POST
@event_day_view
def late_rule(request: UserRequest, docking_round: DockingRound) -> HttpResponse:
    data = JsonBody(request.POST.dict())
    try:
        set_late_rule(docking_round, kind=data.text("kind"), min_minutes=_number(data, "min_minutes"), by=request.user)
        messages.success(request, "晚开始的规则已保存，洽谈桌、参会单位的页面和大屏按它显示。")
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    return redirect("admin:rounds_day_day", docking_round.public_id)


def _number(data: JsonBody, name: str) -> int:
    """0, which no rule allows, for anything but a number."""
    text = data.text(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
