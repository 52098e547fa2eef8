"""The inbox of approaches, the page of one approach, and the steps taken on it."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.names import name_for
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.downloads import send_stored
from core.forms import typed_texts
from core.pagination import PAGE_SIZE
from demands.models import Demand
from enquiries.forms import FORMS, ApproachForm
from enquiries.models import Approach, ApproachBlock, ApproachFile
from enquiries.models.approach import Side
from enquiries.permissions import mandated_sides, may_remind, only_side, speaking_side
from enquiries.presentation import (
    BOXES,
    TABS,
    block_of,
    boxes_of,
    has_unread,
    in_box,
    in_tab,
    is_begun_by_agent,
    search_box,
    stations,
    tab_counts,
    talks_of,
    thread_of,
)
from enquiries.services.clock import remind_recipient
from enquiries.services.closing import lift_block
from enquiries.services.docking import name_firm, take_back_agreement
from enquiries.services.thread import mark_read
from matching.models import FollowUp

AGENT_STEPS = ("message", "times")
"""What the agent of a side does; everything else the side does itself."""
DONE = {
    "message": "已发送。",
    "times": "已提出时间，等对方选定。",
    "dock": "已提出转入对接，等对方同意。",
    "end": "已结束。",
    "block": "今后不再接收这个单位的询问。",
}


@login_required
@require_safe
def approach_list(request: UserRequest) -> HttpResponse:
    user = request.user
    boxes = boxes_of(user)
    if not boxes:
        raise PermissionDenied("询问和应答由企业、院所和主管部门的账号查看。")
    box = request.GET.get("box", "")
    box = box if box in boxes else boxes[0]
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else ""
    q = request.GET.get("q", "").strip()[:60]
    rows = in_box(user, box)
    if q:
        rows = search_box(rows, user, q)
    counts = tab_counts(rows)
    paginator = Paginator(in_tab(rows, tab).with_pair().annotate(has_news=has_unread(user)), PAGE_SIZE)
    paginator.count = counts[tab]
    page = paginator.get_page(request.GET.get("page"))
    blocks = ApproachBlock.objects.visible_to(user).in_force() if user.scope.sees_all else ApproachBlock.objects.none()
    context = {
        "page": page,
        "rows": [{"approach": row, **_names(row, user)} for row in page],
        "box": box,
        "boxes": [(value, BOXES[value]) for value in boxes],
        "tab": tab,
        "tabs": [(value, label, counts[value]) for value, label in TABS.items() if counts[value] or value in ("", tab)],
        "q": q,
        "query": urlencode({"box": box, **({"q": q} if q else {})}),
        "blocks": blocks.select_related("approach__firm", "by_organisation", "approach__institution", "blocked")[:50],
    }
    return render(request, "enquiries/workbench/approaches.html", context)


@login_required
@require_safe
def approach_detail(request: UserRequest, public_id: str) -> HttpResponse:
    return render_approach(request, _visible(request, public_id))


@login_required
@require_POST
def approach_step(request: UserRequest, public_id: str, step: str) -> HttpResponse:
    """Take one step; a form that is not accepted comes back with what was written."""
    approach = _visible(request, public_id)
    if step in SIMPLE_STEPS:
        return _simple_step(request, approach, step)
    if not approach.side_of(request.user.scope) and step not in AGENT_STEPS:
        raise PermissionDenied("同意对接、结束和不再接收，由双方单位的专员自己办理。")
    side = speaking_side(approach, request.user)
    form = FORMS[step](request.POST, request.FILES, approach=approach, by=request.user, side=side)
    if form.is_valid() and form.save():
        approach.refresh_from_db()
        is_docked = step == "dock" and approach.status == Approach.Status.DOCKING
        messages.success(request, "双方同意，已转入对接。" if is_docked else DONE[step])
        return redirect("approach", public_id)
    return render_approach(request, _visible(request, public_id), invalid_form=form, status=422)


@login_required
@require_safe
def approach_file(request: UserRequest, public_id: str) -> FileResponse:
    stored = get_object_or_404(ApproachFile.objects.visible_to(request.user), public_id=public_id)
    return send_stored(stored.file, stored.name, stored.content_type)


def _read(approach: Approach, user: User) -> str:
    mark_read(approach, by=user)
    return ""


def _take_back(approach: Approach, user: User) -> str:
    take_back_agreement(approach, by=user)
    return "已收回。"


def _name(approach: Approach, user: User) -> str:
    name_firm(approach, by=user)
    return "对方现在能看到企业名称。"


def _remind(approach: Approach, user: User) -> str:
    remind_recipient(approach, by=user)
    return "已提醒对方答复。"


def _unblock(approach: Approach, user: User) -> str:
    block = block_of(approach)
    if block is None:
        raise ValidationError("已经恢复接收了。")
    lift_block(block, by=user)
    return "已恢复接收这个单位的询问。"


SIMPLE_STEPS: dict[str, Callable[[Approach, User], str]] = {
    "read": _read,
    "retract": _take_back,
    "name": _name,
    "remind": _remind,
    "unblock": _unblock,
}
"""Steps without fields. Each returns the message for the user, or nothing to say."""


def _simple_step(request: UserRequest, approach: Approach, step: str) -> HttpResponse:
    try:
        message = SIMPLE_STEPS[step](approach, request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        if step == "read" and request.headers.get("HX-Request"):
            return HttpResponse("")  # takes the place of the button
        if message:
            messages.success(request, message)
    return redirect("approach", approach.public_id)


def _visible(request: UserRequest, public_id: str) -> Approach:
    rows = Approach.objects.visible_to(request.user).with_pair().prefetch_related("talk_times")
    return get_object_or_404(rows, public_id=public_id)


def _names(approach: Approach, user: User) -> dict[str, str]:
    return {
        "firm_name": name_for(approach.firm, user, approach),
        "institution_name": name_for(approach.institution, user, approach),
    }


def render_approach(
    request: UserRequest,
    approach: Approach,
    *,
    invalid_form: ApproachForm | None = None,
    typed_note: str = "",
    status: int = 200,
) -> HttpResponse:
    """`invalid_form`: the posted form with its errors; `typed_note`: a refused note of staff."""
    user = request.user
    own_side = approach.side_of(user.scope)
    mandated = [] if own_side else mandated_sides(approach, user)
    side = own_side or only_side(mandated)
    is_recipient = side == approach.recipient_side
    has_news = bool(own_side) and approach.messages.filter(read_at=None, is_event=False).exclude(side=side).exists()
    steps = _possible_forms(approach, side, own_side)
    forms = {step: FORMS[step](approach=approach, by=user, side=side) for step in steps}
    if invalid_form is not None and invalid_form.step in forms:
        forms[invalid_form.step] = invalid_form
    context = {
        "approach": approach,
        **_names(approach, user),
        "side": side,
        "is_recipient": is_recipient,
        "is_firm": own_side == Side.FIRM,
        "is_agent": bool(side) and not own_side,
        "is_agent_of_both": len(mandated) == 2,
        "stations": stations(approach),
        "entries": thread_of(approach, user, side),
        "is_begun_by_agent": is_begun_by_agent(approach),
        "talks": talks_of(approach, side),
        "forms": forms,
        "invalid_form": invalid_form,
        "unsaved": typed_texts(invalid_form) if invalid_form is not None and invalid_form.step not in forms else [],
        "typed_note": typed_note,
        "own_agreed_at": _agreed_at(approach, own_side),
        "other_agreed_at": approach.institution_agreed_at if side == Side.FIRM else approach.firm_agreed_at,
        "is_unread": has_news or (own_side == approach.recipient_side and approach.status == Approach.Status.SENT),
        "shows_follow_up": approach.match is not None
        and FollowUp.objects.visible_to(user).filter(match=approach.match_id).exists(),
        "may_remind": approach.awaits_answer and may_remind(approach, user),
        "blocked": block_of(approach) if own_side == approach.recipient_side or user.scope.sees_all else None,
        "shows_demand": _shows_demand(approach, side, user),
        "shows_achievement": Achievement.objects.visible_to(user).filter(pk=approach.achievement_id or 0).exists(),
        # The firm declines an answer with a reason of the review, on a page of its own.
        "declines": own_side == Side.FIRM and not approach.is_enquiry,
        "boxes": boxes_of(user),
    }
    return render(request, "enquiries/workbench/approach.html", context, status=status)


def _shows_demand(approach: Approach, side: str, user: User) -> bool:
    """The demand that a firm chose for its enquiry is told to the institution when both have agreed: before, it would
    join the enquiry with a demand in which the firm may have another name."""
    is_hidden = approach.is_enquiry and side == Side.INSTITUTION and approach.status != Approach.Status.DOCKING
    if approach.demand_id is None or is_hidden:
        return False
    return Demand.objects.visible_to(user).filter(pk=approach.demand_id).exists()


def _agreed_at(approach: Approach, own_side: str) -> datetime | None:
    """When the user's own side agreed; an agent takes nothing back."""
    if not own_side:
        return None
    return approach.firm_agreed_at if own_side == Side.FIRM else approach.institution_agreed_at


def _possible_forms(approach: Approach, side: str, own_side: str) -> list[str]:
    """The steps that the user's side may take now; its agent writes and proposes times only."""
    if not side or approach.status == Approach.Status.ENDED:
        return []
    if approach.status == Approach.Status.DOCKING or not own_side:
        return list(AGENT_STEPS)
    own_agreed = approach.firm_agreed_at if side == Side.FIRM else approach.institution_agreed_at
    steps = ["message", "times", *([] if own_agreed else ["dock"]), "end"]
    return [*steps, "block"] if side == approach.recipient_side else steps
