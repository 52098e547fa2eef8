"""帮我找: the list of who asks and who is asked, the form, the page of one and its steps."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.names import name_for
from accounts.requests import UserRequest
from achievements.models import Achievement
from brokerage.forms import HelpForm, MandateFromRequestForm
from brokerage.models import HelpRequest
from brokerage.models.help_request import MAX_TEXT
from brokerage.services.help_requests import (
    accept_help,
    decline_help,
    finish_help,
    is_taker,
    may_answer,
    withdraw_help,
)
from brokers.models import Broker
from core.pagination import PAGE_SIZE
from core.search_results import LONGEST_QUERY
from demands.models import Demand
from mandates.models import Mandate
from mandates.permissions import represents_client

TABS = {"": "待答复和进行中", "over": "已结束"}


@login_required
@require_safe
def help_request_list(request: UserRequest) -> HttpResponse:
    scope = request.user.scope
    asks = bool(scope.firm_ids or scope.institution_ids)
    if not (asks or scope.is_broker or scope.sees_all or scope.is_district):
        raise PermissionDenied("“帮我找”由企业、院所、技术经纪人和科技部门的账号查看。")
    visible = HelpRequest.objects.visible_to(request.user)
    counts = {"": visible.open().count(), "over": visible.exclude(status__in=HelpRequest.OPEN).count()}
    show = "over" if request.GET.get("show") == "over" else ""
    rows = visible.exclude(status__in=HelpRequest.OPEN) if show else visible.open()
    page = Paginator(rows.with_rows(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, name_for(row.asker, request.user, row)) for row in page],
        "show": show,
        "tabs": [(value, label, counts[value]) for value, label in TABS.items()],
        "asks": asks,
    }
    return render(request, "brokerage/workbench/help_requests.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def help_request_new(request: UserRequest) -> HttpResponse:
    """`?demand=`, `?achievement=`, `?agent=`, `?text=` come from the pages that offer 帮我找.

    A text that may stand in no address is posted with `draft`: the form opens with it.
    """
    if not (request.user.scope.firm_ids or request.user.scope.institution_ids):
        raise PermissionDenied("“帮我找”由企业或院所的专员提出。")
    is_sent = request.method == "POST" and "draft" not in request.POST
    form = HelpForm(request.POST if is_sent else None, by=request.user, initial=_initial(request))
    if is_sent and form.is_valid() and form.save() and form.request:
        due = form.request.answer_due_on
        messages.success(request, f"已送达，请对方在 {due.month} 月 {due.day} 日前答复；有答复会发消息给您。")
        return redirect("help_request", form.request.public_id)
    status = 422 if form.is_bound else 200
    return render(request, "brokerage/workbench/help_request_new.html", {"form": form}, status=status)


def _initial(request: UserRequest) -> dict:
    initial: dict = {"agent": request.GET.get("agent", "any")[:20]}
    demand = Demand.objects.filter(public_id=request.GET.get("demand", "")[:10], firm__in=request.user.scope.firm_ids)
    item = Achievement.objects.filter(
        public_id=request.GET.get("achievement", "")[:10], institution__in=request.user.scope.institution_ids
    )
    initial |= {"demand": demand.first(), "achievement": item.first()}
    if "draft" in request.POST:
        return initial | {"text": request.POST.get("text", "")[:MAX_TEXT]}
    words = request.GET.get("text", "")[:LONGEST_QUERY]
    return initial | ({"text": f"想找：{words}"} if words else {})


@login_required
@require_safe
def help_request_detail(request: UserRequest, public_id: str) -> HttpResponse:
    if _is_gone(request, public_id):
        return redirect("help_requests")
    return _render(request, _visible(request, public_id))


@login_required
@require_POST
def help_request_step(request: UserRequest, public_id: str, step: str) -> HttpResponse:
    if _is_gone(request, public_id):
        return redirect("help_requests")
    row = _visible(request, public_id)
    if step == "mandate":
        if not is_taker(row, request.user):
            raise PermissionDenied("由接受的技术经纪人提出委托。")
        form = MandateFromRequestForm(request.POST, request=row, by=request.user)
        if not (form.is_valid() and form.save()):
            return _render(request, _visible(request, public_id), form=form, status=422)
        messages.success(request, "已请对方确认委托，确认后就可以替对方办理。")
        return redirect("help_request", public_id)
    try:
        messages.success(request, STEPS[step](request, row))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        if request.POST.get("reason"):  # what was typed stays in its field
            return _render(request, _visible(request, public_id), status=422)
    return redirect("help_request", public_id)


def _is_gone(request: UserRequest, public_id: str) -> bool:
    """Whether a broker opens a request to any broker that another has taken meanwhile: he reads so, without a name."""
    rows = HelpRequest.objects.filter(public_id=public_id, broker=None, agency=None)
    is_asked = request.user.scope.is_broker and rows.exclude(status=HelpRequest.Status.SENT).exists()
    if not is_asked or HelpRequest.objects.visible_to(request.user).filter(public_id=public_id).exists():
        return False
    messages.info(request, "这一条已经有别的技术经纪人接受，或者对方已撤回。")
    return True


def _accept(request: UserRequest, row: HelpRequest) -> str:
    accept_help(row, by=request.user)
    return "已接受。下一步：请对方确认委托。"


def _decline(request: UserRequest, row: HelpRequest) -> str:
    decline_help(row, by=request.user, reason=request.POST.get("reason", ""))
    return "已谢绝，对方会看到原因。"


def _withdraw(request: UserRequest, row: HelpRequest) -> str:
    withdraw_help(row, by=request.user)
    return "已撤回。"


def _finish(request: UserRequest, row: HelpRequest) -> str:
    finish_help(row, by=request.user, reason=request.POST.get("reason", ""))
    return "已办结，对方会看到结果。"


STEPS: dict[str, Callable[[UserRequest, HelpRequest], str]] = {
    "accept": _accept,
    "decline": _decline,
    "withdraw": _withdraw,
    "finish": _finish,
}


def _visible(request: UserRequest, public_id: str) -> HelpRequest:
    row: HelpRequest = get_object_or_404(HelpRequest.objects.visible_to(request.user).with_rows(), public_id=public_id)
    return row


def _render(
    request: UserRequest, row: HelpRequest, *, form: MandateFromRequestForm | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    waits = row.status == HelpRequest.Status.SENT
    takes_it = is_taker(row, user)
    is_in_hand = row.status == HelpRequest.Status.TAKEN
    has_mandate = row.mandate is not None and row.mandate.status in Mandate.OPEN and not row.mandate.is_expired
    is_certified = Broker.objects.certified().filter(user=user.pk).exists()
    offers = takes_it and is_in_hand and not has_mandate
    context = {
        "row": row,
        "asker_name": name_for(row.asker, user, row),
        "is_asker": represents_client(row.asker, user),
        "may_accept": waits and may_answer(row, user) and is_certified,
        "may_decline": waits and may_answer(row, user) and not row.is_to_any,
        "may_withdraw": waits and represents_client(row.asker, user),
        "may_finish": is_in_hand and not has_mandate and (takes_it or represents_client(row.asker, user)),
        "form": form or (MandateFromRequestForm(request=row, by=user) if offers else None),
        "shows_mandate": row.mandate if takes_it or not may_answer(row, user) else None,
        "shows_demand": Demand.objects.visible_to(user).filter(pk=row.demand_id or 0).exists(),
        "shows_achievement": Achievement.objects.visible_to(user).filter(pk=row.achievement_id or 0).exists(),
    }
    return render(request, "brokerage/workbench/help_request.html", context, status=status)
