"""The page of wishes, doing: forms without scripts, each step calling one service and leading back with its answer."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rounds.models import DockingRound, Meeting, MeetingOrder, MeetingRequest
from rounds.services.meeting_orders import lift_order, set_order
from rounds.services.meeting_requests import refuse_request
from rounds.services.meetings import add_meeting, drop_meeting, set_priorities
from rounds.views.staff.timetable.forms import AddForm
from rounds.views.staff.timetable.meeting_requests import shown
from rounds.views.staff.timetable.pages import WRITE, for_planners

MOST_TOLD = 5


@require_POST
@for_planners
def do(request, docking_round: DockingRound):
    """One step. `back`: the query of the page it was taken on."""
    if not request.user.has_perm(WRITE):
        raise PermissionDenied
    if request.POST.get("kind") == "add":
        return _add(request, docking_round)
    step = STEPS.get(request.POST.get("kind", ""))
    if step is None:
        raise BadRequest
    try:
        step(request, docking_round)
    except ValidationError as refusal:
        messages.error(request, "".join(refusal.messages))
    return _back(request, docking_round)


def _add(request, docking_round: DockingRound):
    form = AddForm(docking_round, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            meeting = add_meeting(
                docking_round,
                said["firm"],
                said["team"],
                by=request.user,
                topic=said["topic"],
                why=said["why"],
                priority=said["priority"],
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("已添加：%(meeting)s，下次排期时安排。") % {"meeting": meeting})
            return _back(request, docking_round)
    return shown(request, docking_round, QueryDict(request.POST.get("back", "")), form=form, status=422)


def _priority(request, docking_round: DockingRound) -> None:
    """Of one or of many: `value` is 3, 2, 1, or must / free."""
    value, found = request.POST.get("value", ""), _chosen(request, docking_round)
    change = {"is_must": value == "must"} if value in ("must", "free") else {"priority": _number(value)}
    seen = {one.pk: _seen(request, one) for one in found if f"seen-{one.public_id}" in request.POST}
    done = set_priorities(found, by=request.user, seen=seen, **change)
    if done.changed:
        messages.success(request, _("已调整 %(count)d 场，重新排期时生效。") % {"count": done.changed})
    elif not done.refused:
        messages.info(request, _("勾选的洽谈已经是这个优先级。"))
    _told(request, done.refused)


def _drop(request, docking_round: DockingRound) -> None:
    done, refused = 0, []
    for meeting in _chosen(request, docking_round):
        try:
            drop_meeting(meeting, reason=request.POST.get("reason", ""), by=request.user)
            done += 1
        except ValidationError as refusal:
            refused.append(f"{meeting}：{''.join(refusal.messages)}")
    if done:
        messages.success(request, _("已取消 %(count)d 场。") % {"count": done})
    _told(request, refused)


def _order(request, docking_round: DockingRound) -> None:
    names = [request.POST.get(name, "") for name in ("before", "after")]
    found = {one.public_id: one for one in _meetings(request, docking_round).filter(public_id__in=names)}
    if not all(name in found for name in names):
        raise ValidationError(_("请选择在前和在后的洽谈；已取消或不在这次活动里的不能选。"))
    order = set_order(found[names[0]], found[names[1]], by=request.user)
    messages.success(request, _("已定先后：%(order)s，重新排期时生效。") % {"order": order})


def _lift(request, docking_round: DockingRound) -> None:
    orders = MeetingOrder.objects.of_round(docking_round).managed_by(request.user)
    order = get_object_or_404(
        orders.select_related("before__firm_party__organisation", "before__office_party__organisation"),
        public_id=request.POST.get("order", ""),
    )
    lift_order(order, by=request.user)
    messages.success(request, _("已取消先后要求：%(order)s。") % {"order": order})


def _refuse(request, docking_round: DockingRound) -> None:
    wishes = MeetingRequest.objects.managed_by(request.user).filter(meeting__docking_round=docking_round)
    said = get_object_or_404(
        wishes.select_related("meeting", "party__docking_round", "party__organisation", "achievement", "demand__firm"),
        public_id=request.POST.get("wish", ""),
    )
    refuse_request(said, reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, _("已退回：%(wish)s，原因已告诉提出的单位。") % {"wish": said})


STEPS = {"priority": _priority, "drop": _drop, "order": _order, "lift": _lift, "refuse": _refuse}


def _meetings(request, docking_round: DockingRound):
    rows = Meeting.objects.managed_by(request.user).filter(docking_round=docking_round)
    return rows.select_related("docking_round", "firm_party__organisation", "office_party__organisation").order_by("pk")


def _chosen(request, docking_round: DockingRound) -> list[Meeting]:
    found = list(_meetings(request, docking_round).filter(public_id__in=request.POST.getlist("chosen")[:500]))
    if not found:
        raise ValidationError(_("请先勾选洽谈。"))
    return found


def _seen(request, meeting: Meeting) -> tuple[int, bool]:
    """What the sender's screen said of it: "2" or "2 must"."""
    priority, _space, must = request.POST[f"seen-{meeting.public_id}"].partition(" ")
    return _number(priority) or 0, must == "must"


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 4 else None


def _told(request, refused: list[str]) -> None:
    for sentence in refused[:MOST_TOLD]:
        messages.error(request, f"{sentence}。" if not sentence.endswith("。") else sentence)
    if len(refused) > MOST_TOLD:
        messages.error(request, _("另有 %(count)d 场没有改动。") % {"count": len(refused) - MOST_TOLD})


def _back(request, docking_round: DockingRound):
    query = QueryDict(request.POST.get("back", "")).urlencode()
    path = reverse("admin:rounds_timetable_wishes", args=[docking_round.pk])
    return redirect(f"{path}?{query}" if query else path)
