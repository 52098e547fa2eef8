"""One deal's page with its forms, opening a deal, its files. The list is in `lists`."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from audit.wording import trail_of
from core.downloads import send_stored
from deals.confirmation_presentation import history_of
from deals.forms.base import DealForm
from deals.forms.deal_page import DEAL_FORMS, available_forms
from deals.forms.outside_deal import OutsideDealForm
from deals.landed_companies import lines_of
from deals.models import Confirmation, Contract, Deal, DealFile, DealStep, Landing, Payment
from deals.page_parts import parts_of
from deals.payment_presentation import set_states
from deals.permissions import may_contribute_to_deal, may_enter_outside_deal, may_manage_deal, represents_party
from deals.presentation import (
    deal_amounts,
    deal_sources,
    form_groups,
    stage_badge,
    stage_progress,
    visible_deals,
)
from deals.services.contracts import draft_contract
from deals.services.deal_parts import remove_evidence
from deals.services.deals import open_deal
from deals.services.evidence_checks import landing_warnings, payment_warnings
from matching.models import FollowUp
from matching.services.follow_up_status import may_manage_follow_up
from rounds.models import Meeting

SAVED_MESSAGES = {
    "sign": "已记录签约。",
    "stage": "已改变阶段。",
    "fail": "已记为未成。",
    "payment": "已记录到账，双方确认、登记部门核实凭证以后计入统计。",
    "voucher": "已上传凭证，等登记部门核实。",
    "landing": "已记录落地情况。",
    "company": "已保存公司信息，双方会收到重新确认的提醒。",
    "check_payment": "已记录核实结果。",
    "check_landing": "已记录核实结果。",
    "evidence": "材料已上传。",
    "publicity": "已记录价格公示。",
    "prolong": "已延长公示。",
    "correct": "已更正，双方会收到重新确认的提醒。",
    "accept_challenge": "已记录验收，有关单位会收到消息。",
}
DATE_FIELDS = ("on", "received_on", "landed_on", "raised_on", "settled_on")
"""Fields that start with today's date."""


@login_required
@require_http_methods(["GET", "POST"])
def deal_new(request: UserRequest) -> HttpResponse:
    """Enter a deal from outside the platform."""
    if not may_enter_outside_deal(request.user.scope):
        raise PermissionDenied("只有院校、企业和区县、市级专员可以登记平台之外的成交。")
    form = OutsideDealForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "已登记。写明的单位确认以后，这项成交才计入统计。")
        return redirect("deal", form.deal.public_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "deals/workbench/deal_new.html", {"form": form}, status=status)


@login_required
@require_POST
def deal_open(request: UserRequest, public_id: str) -> HttpResponse:
    """Continue a follow-up as a deal."""
    follow_up = get_object_or_404(FollowUp.objects.visible_to(request.user), public_id=public_id)
    if not may_manage_follow_up(follow_up, request.user):
        raise PermissionDenied("这项对接不由您跟进。")
    return _open_deal(request, follow_up, redirect("follow_up", public_id))


@login_required
@require_POST
def deal_open_meeting(request: UserRequest, public_id: str) -> HttpResponse:
    """Continue a meeting as a deal."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), public_id=public_id)
    return _open_deal(request, meeting, redirect("deals"))


def _open_deal(request: UserRequest, source: FollowUp | Meeting, back: HttpResponse) -> HttpResponse:
    try:
        deal = open_deal(source, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return back
    messages.success(request, "已转入成交，之后的进展记在这里。")
    return redirect("deal", deal.public_id)


@login_required
@require_safe
def deal(request: UserRequest, public_id: str) -> HttpResponse:
    return _page(request, _deal_or_404(request, public_id))


@login_required
@require_POST
def deal_step(request: UserRequest, public_id: str) -> HttpResponse:
    """Save a form of the page; `action` is a key of DEAL_FORMS, or `contract` to draft a contract."""
    deal = _deal_or_404(request, public_id)
    action = request.POST.get("action", "")
    if action == "contract":
        return _draft_contract(request, deal)
    if action not in DEAL_FORMS:
        raise Http404
    if DEAL_FORMS[action] not in available_forms(deal, request.user):
        if not may_contribute_to_deal(deal, request.user):
            raise PermissionDenied("这项成交不由您办理。")
        messages.error(request, "现在不能这样做，请看最新的阶段。")
        return redirect("deal", public_id)
    form = DEAL_FORMS[action](request.POST, request.FILES, deal=deal, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, SAVED_MESSAGES.get(action, "已保存。"))
        return redirect("deal", public_id)
    return _page(request, deal, faulty=form, status=422)


@login_required
@require_safe
def deal_file(request: UserRequest, public_id: str) -> FileResponse:
    """A file of a visible deal, always as a download of its checked type."""
    evidence = get_object_or_404(
        DealFile.objects.kept(), public_id=public_id, deal__in=Deal.objects.visible_to(request.user)
    )
    return send_stored(evidence.file, evidence.name, evidence.content_type)


@login_required
@require_POST
def deal_file_remove(request: UserRequest, public_id: str) -> HttpResponse:
    evidence = get_object_or_404(
        DealFile.objects.kept().select_related("deal"),
        public_id=public_id,
        deal__in=Deal.objects.visible_to(request.user),
    )
    try:
        remove_evidence(evidence, by=request.user)
        messages.success(request, f"已移除“{evidence.name}”。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("deal", evidence.deal.public_id)


def _deal_or_404(request: UserRequest, public_id: str) -> Deal:
    return get_object_or_404(visible_deals(request.user), public_id=public_id)


def _draft_contract(request: UserRequest, deal: Deal) -> HttpResponse:
    try:
        contract = draft_contract(deal, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect("deal", deal.public_id)
    messages.success(request, "已按成交项目填好登记表，请补全标出的栏目。")
    return redirect("contract", contract.public_id)


def _page(request: UserRequest, deal: Deal, *, faulty: DealForm | None = None, status: int = 200) -> HttpResponse:
    """The page of a deal; `faulty`: a form that was refused, as it was filled in."""
    user = request.user
    today = dict.fromkeys(DATE_FIELDS, timezone.localdate())
    forms = [
        faulty if faulty and faulty.action == form.action else form(deal=deal, by=user, initial=dict(today))
        for form in available_forms(deal, user)
    ]
    contracts = list(Contract.objects.visible_to(user).filter(deal=deal).select_related("broker").order_by("pk"))
    payments = list(deal.payments.select_related("voucher", "contract", "checked_by"))
    landings = list(deal.landings.select_related("region", "checked_by"))
    history = history_of([deal, *contracts, *payments, *landings], user)
    _add_states(history, [deal, *contracts, *payments, *landings], user)
    set_states([*payments, *landings])
    if user.scope.sees_all:
        _add_warnings(payments, landings)
    lines = lines_of(landings)
    for landing in landings:
        landing.lines = lines.get(landing.pk, [])
    may_draft = may_contribute_to_deal(deal, user) and deal.stage not in (Deal.Stage.INTENT, Deal.Stage.FAILED)
    context = {
        "deal": deal,
        "badge": stage_badge(deal),
        "stages": stage_progress(deal),
        "sources": deal_sources(deal, user),
        "amounts": deal_amounts(deal),
        "main_forms": [form for form in forms if form.is_main],
        "form_groups": form_groups([form for form in forms if not form.is_main]),
        "faulty": faulty,
        "steps": _steps(deal),
        "files": [file for file in deal.files.kept().filter(payments=None) if file.step_id is None],
        "payments": payments,
        "landings": landings,
        "history": history,
        "trail": trail_of([deal, *contracts, *payments, *landings], user),
        "publicities": deal.publicities.prefetch_related("objections"),
        "contracts": contracts,
        "may_draft": may_draft,
        "may_manage": may_manage_deal(deal, user),
        "page_parts": parts_of(deal, user),
    }
    return render(request, "deals/workbench/deal.html", context, status=status)


def _add_states(history: list[Confirmation], records: list[Model], user: User) -> None:
    """Set on each record `answers`, the current ones, and `own_answer`, which the user has to give."""
    for row in records:
        key = (row._meta.label_lower, row.pk)
        answers = [item for item in history if (item.subject, item.subject_id) == key and item.status != "expired"]
        row.answers = sorted(answers, key=lambda item: item.pk)
        row.own_answer = next((item for item in answers if item.is_pending and represents_party(user, item)), None)


def _add_warnings(payments: list[Payment], landings: list[Landing]) -> None:
    """Set on each row `warnings`, what the registration office should look at."""
    for rows, warnings in ((payments, payment_warnings(payments)), (landings, landing_warnings(landings))):
        for row in rows:
            row.warnings = warnings.get(row.pk, [])


def _steps(deal: Deal) -> list[DealStep]:
    """The steps of a deal, each with `shown_files`."""
    steps = list(deal.steps.select_related("by").prefetch_related("files"))
    for step in steps:
        step.shown_files = [file for file in step.files.all() if file.removed_at is None]
    return steps
