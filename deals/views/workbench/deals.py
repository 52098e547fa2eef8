"""Deals: the list, one deal's page and the forms on it, its evidence."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import send_stored
from core.pagination import PAGE_SIZE
from deals import permissions as permissions_services
from deals.forms.contract import own_side
from deals.forms.deal import ALL, OutsideForm, forms_for
from deals.models import Contract, Deal, DealFile
from deals.permissions import carries
from deals.presentation import deals_of, folds_of, money_of, origins_of, stages_shown, style_of, tabs_of, waiting_deals
from deals.services.contracts import draft_contract
from deals.services.deal_parts import remove_evidence
from deals.services.deals import open_deal
from matching.models import FollowUp
from matching.services.follow_up_status import may_manage_follow_up
from rounds.models import Meeting

DONE = {
    "sign": "已记录签约。",
    "stage": "已改变阶段。",
    "fail": "已记为未成。",
    "payment": "已记录到账。",
    "landing": "已记录落地情况。",
    "evidence": "材料已上传。",
    "publicity": "已记录价格公示。",
}


@login_required
@require_safe
def deals(request):
    """Everything this user may see, by stage."""
    user, scope = request.user, request.user.scope
    rows = deals_of(user)
    tabs = tabs_of(rows, user)
    tab = request.GET.get("show", "")
    tab = tab if tab in {value for value, _label, _number in tabs} else ""
    shown = waiting_deals(user) if tab == "mine" else rows.filter(stage=tab) if tab else rows
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"one": one, "style": style_of(one)} for one in page],
        "tab": tab,
        "tabs": tabs,
        "total": sum(number for value, _label, number in tabs if value != "mine"),
        "narrowed": urlencode({"show": tab}),
        "is_staff": scope.sees_all or scope.is_district,
        "may_enter": _may_enter(scope),
    }
    return render(request, "deals/workbench/deals.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def deal_new(request):
    """Enter a deal that came about without the platform."""
    if not _may_enter(request.user.scope):
        raise PermissionDenied("只有院校、企业和区县、市级专员可以登记平台之外的成交。")
    form = OutsideForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "已登记这项成交。")
        return redirect("deal", form.made.public_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "deals/workbench/deal_new.html", {"form": form}, status=status)


@login_required
@require_POST
def deal_open(request, public_id):
    """Carry a follow-up on as a deal."""
    follow_up = get_object_or_404(FollowUp.objects.visible_to(request.user), public_id=public_id)
    if not may_manage_follow_up(follow_up, request.user):
        raise PermissionDenied("这项对接不由您跟进。")
    try:
        opened = open_deal(follow_up, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect("follow_up", public_id)
    messages.success(request, "已转入成交，之后的进展记在这里。")
    return redirect("deal", opened.public_id)


@login_required
@require_POST
def deal_open_meeting(request, public_id):
    """Carry a meeting on as a deal."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), public_id=public_id)
    try:
        opened = open_deal(meeting, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect("deals")
    messages.success(request, "已转入成交，之后的进展记在这里。")
    return redirect("deal", opened.public_id)


@login_required
@require_safe
def deal(request, public_id):
    return _page(request, _found(request, public_id))


@login_required
@require_POST
def deal_do(request, public_id):
    """Send one of the forms on the page."""
    found = _found(request, public_id)
    kind = request.POST.get("action", "")
    if kind == "contract":
        return _draft(request, found)
    if kind not in ALL:
        raise Http404
    if ALL[kind] not in forms_for(found, request.user):
        if not permissions_services.takes_part(found, request.user):
            raise PermissionDenied("这项成交不由您办理。")
        messages.error(request, "现在不能这样做，请看最新的阶段。")
        return redirect("deal", public_id)
    form = ALL[kind](request.POST, request.FILES, deal=found, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, DONE.get(kind, "已保存。"))
        return redirect("deal", public_id)
    return _page(request, found, faulty=form, status=422)


@login_required
@require_safe
def deal_file(request, public_id):
    """A file of a deal, to those who see the deal; always a download of the type it was checked to be."""
    evidence = get_object_or_404(
        DealFile, public_id=public_id, removed_at=None, deal__in=Deal.objects.visible_to(request.user)
    )
    return send_stored(evidence.file, evidence.name, evidence.content_type)


@login_required
@require_POST
def deal_file_remove(request, public_id):
    evidence = get_object_or_404(
        DealFile.objects.select_related("deal"),
        public_id=public_id,
        removed_at=None,
        deal__in=Deal.objects.visible_to(request.user),
    )
    try:
        remove_evidence(evidence, by=request.user)
        messages.success(request, f"已移除“{evidence.name}”。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("deal", evidence.deal.public_id)


def _found(request, public_id) -> Deal:
    return get_object_or_404(deals_of(request.user), public_id=public_id)


def _may_enter(scope) -> bool:
    return bool(scope.is_city or scope.is_district or scope.firm_ids or scope.institution_ids)


def _draft(request, found: Deal):
    try:
        contract = draft_contract(found, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect("deal", found.public_id)
    messages.success(request, "已按成交项目填好登记表，请补全标出的栏目。")
    return redirect("contract", contract.public_id)


def _page(request, found: Deal, *, faulty=None, status: int = 200):
    user = request.user
    today = {name: timezone.localdate() for name in ("on", "received_on", "landed_on", "raised_on", "settled_on")}
    forms = [
        faulty if faulty and faulty.action == made.action else made(deal=found, by=user, initial=dict(today))
        for made in forms_for(found, user)
    ]
    contracts = list(Contract.objects.visible_to(user).filter(deal=found).select_related("broker").order_by("pk"))
    for contract in contracts:
        side = own_side(contract, user)
        contract.waits = bool(side) and getattr(contract, f"{side}_confirmed_at") is None
    takes_part = permissions_services.takes_part(found, user)
    context = {
        "one": found,
        "style": style_of(found),
        "stages": stages_shown(found),
        "origins": origins_of(found, user),
        "money": money_of(found),
        "main_forms": [form for form in forms if form.is_main],
        "folds": folds_of([form for form in forms if not form.is_main]),
        "faulty": faulty,
        "steps": _steps(found),
        "files": [one for one in found.files.filter(removed_at=None) if one.step_id is None],
        "payments": found.payments.all(),
        "landings": found.landings.select_related("region"),
        "publicities": found.publicities.prefetch_related("objections"),
        "contracts": contracts,
        "may_draft": takes_part and found.stage not in (Deal.Stage.INTENT, Deal.Stage.FAILED),
        "carries": carries(found, user),
    }
    return render(request, "deals/workbench/deal.html", context, status=status)


def _steps(found: Deal) -> list:
    steps = list(found.steps.select_related("by").prefetch_related("files"))
    for step in steps:
        step.shown_files = [one for one in step.files.all() if one.removed_at is None]
    return steps
