"""双方主动的: the list of ready pairs for officers, and their notes and brokers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from brokers.models import Broker
from core.pagination import PAGE_SIZE
from core.permissions import oversight_required
from enquiries.models import Approach
from enquiries.ready_pairs import KINDS, WAITS, as_pairs, narrow, ready_approaches
from enquiries.services.staff_steps import add_note, assign_broker
from enquiries.views.workbench.approaches import render_approach


@login_required
@require_safe
@oversight_required
def ready_pairs(request: UserRequest) -> HttpResponse:
    """`?kind=`, `?wait=` (firm, office, late) and `?q=` narrow the list."""
    kind, wait = request.GET.get("kind", ""), request.GET.get("wait", "")
    kind, wait = kind if kind in KINDS else "", wait if wait in WAITS else ""
    q = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    page = Paginator(narrow(ready_approaches(request.user), kind=kind, wait=wait, q=q), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "pairs": as_pairs(list(page)),
        "total": ready_approaches(request.user).count(),
        "kind": kind,
        "wait": wait,
        "q": q,
        "kinds": KINDS.items(),
        "waits": WAITS.items(),
        "is_city": request.user.scope.sees_all,
    }
    return render(request, "enquiries/staff/ready_pairs.html", context)


@login_required
@require_POST
@oversight_required
def approach_note(request: UserRequest, public_id: str) -> HttpResponse:
    approach = _managed(request, public_id)
    try:
        add_note(approach, text=request.POST.get("text", ""), by=request.user)
        messages.success(request, "已记下，双方看不到。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return render_approach(request, approach, typed_note=request.POST.get("text", ""), status=422)
    return redirect("approach", public_id)


@login_required
@require_POST
@oversight_required
def approach_broker(request: UserRequest, public_id: str) -> HttpResponse:
    approach = _managed(request, public_id)
    chosen = request.POST.get("broker", "")
    certified = Broker.objects.visible_to(request.user).certified()
    broker = certified.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 10 else None
    if broker is None:
        messages.error(request, "请选择一位证书有效的技术经纪人。")
        return redirect("approach", public_id)
    try:
        assign_broker(approach, broker=broker, by=request.user, note=request.POST.get("note", ""))
        messages.success(request, f"已委托 {broker.name}，等他答复。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("approach", public_id)


def _managed(request: UserRequest, public_id: str) -> Approach:
    return get_object_or_404(Approach.objects.managed_by(request.user).with_pair(), public_id=public_id)
