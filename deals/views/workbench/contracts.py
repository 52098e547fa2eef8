"""A contract: its registration form, the steps of its registration, the form as Word document and workbook."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest
from audit.wording import trail_of
from core.downloads import XLSX, send_download
from deals.confirmation_presentation import history_of
from deals.forms.base import ContractStepForm
from deals.forms.contract import (
    FOLDED_ACTIONS,
    PLAN_ACTIONS,
    STEP_FORMS,
    ContractForm,
    available_steps,
    may_fill_form,
    represented_side,
)
from deals.models import Contract, Deal
from deals.payment_presentation import payment_plan
from deals.registration.form_export import form_as_word, form_as_workbook, form_rows

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXPORTS = {"docx": (form_as_word, DOCX), "xlsx": (form_as_workbook, XLSX)}
SAVED_MESSAGES = {
    "submit": "已记为提交登记，双方会收到确认提醒。",
    "register": "已记为认定登记。",
    "cancel": "已注销登记。",
    "confirm": "已确认。",
    "number": "已更正登记编号。",
    "take": "现在由您经办。",
    "plan": "已增加一期付款计划。",
    "withdraw": "已撤销这一期。",
}


@login_required
@require_http_methods(["GET", "POST"])
def contract(request: UserRequest, public_id: str) -> HttpResponse:
    """The registration form: to fill in while the contract is open, to read afterwards."""
    contract = _contract_or_404(request, public_id)
    may_fill = may_fill_form(contract, request.user)
    if request.method == "GET":
        form = ContractForm(contract=contract, by=request.user) if may_fill else None
        return _page(request, contract, form=form)
    if not may_fill:
        raise PermissionDenied("这份合同现在不能修改。")
    form = ContractForm(request.POST, contract=contract, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "已保存登记表。")
        return redirect("contract", public_id)
    return _page(request, contract, form=form, status=422)


@login_required
@require_POST
def contract_step(request: UserRequest, public_id: str) -> HttpResponse:
    """A step of the registration, or of the payment plan; `action` is a key of STEP_FORMS."""
    contract = _contract_or_404(request, public_id)
    user, action = request.user, request.POST.get("action", "")
    if action not in STEP_FORMS:
        raise Http404
    side = represented_side(contract, user)
    if action not in {step.action for step in available_steps(contract, user)}:
        if not (side or may_fill_form(contract, user) or user.scope.is_city):
            raise PermissionDenied("这份合同不由您办理。")
        messages.error(request, "现在不能这样做，请看合同最新的状态。")
        return redirect("contract", public_id)
    arguments = {"side": side} if action == "confirm" else {}
    form = STEP_FORMS[action](request.POST, contract=contract, by=user, **arguments)
    if form.is_valid() and form.save():
        messages.success(request, SAVED_MESSAGES[action])
        return redirect("contract", public_id)
    editing = ContractForm(contract=contract, by=user) if may_fill_form(contract, user) else None
    return _page(request, contract, form=editing, faulty=form, status=422)


@login_required
@require_safe
def contract_form_file(request: UserRequest, public_id: str, kind: str) -> HttpResponse:
    """The registration form as a file; `kind` is a key of EXPORTS."""
    contract = _contract_or_404(request, public_id)
    export, content_type = EXPORTS[kind]
    name = f"技术合同登记表_{contract.public_id}.{kind}"
    return send_download(export(contract, by=request.user), name, content_type)


def _contract_or_404(request: UserRequest, public_id: str) -> Contract:
    contracts = Contract.objects.visible_to(request.user)
    related = ("seller", "buyer", "broker", "agency", "industry", "rule", "source_file", "duplicate_of")
    contract = get_object_or_404(contracts.select_related(*related), public_id=public_id)
    if contract.deal_id:
        contract.deal = Deal.objects.with_pair().select_related("follow_up__owner").get(pk=contract.deal_id)
    return contract


def _page(
    request: UserRequest,
    contract: Contract,
    *,
    form: Form | None = None,
    faulty: ContractStepForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a contract; `faulty`: a step that was refused, as it was filled in."""
    steps = [
        faulty if faulty and faulty.action == step.action else step for step in available_steps(contract, request.user)
    ]
    for step in steps:
        for name in {"on", "registered_on"} & step.fields.keys():
            step.initial.setdefault(name, timezone.localdate())
    rows = form_rows(contract)
    history = history_of([contract], request.user)
    context = {
        "history": history,
        "trail": trail_of([contract], request.user),
        "answers": [row for row in history if row.status != "expired"],
        "contract": contract,
        "form": form,
        "form_rows": rows,
        "missing": [row for row in rows if row.is_missing],
        "steps": [step for step in steps if step.action not in (*PLAN_ACTIONS, *FOLDED_ACTIONS)],
        "folded_steps": [step for step in steps if step.action in FOLDED_ACTIONS],
        "faulty": faulty or (form if form is not None and form.is_bound and form.errors else None),
        "plan": payment_plan(contract),
        "plan_steps": [step for step in steps if step.action in PLAN_ACTIONS],
    }
    return render(request, "deals/workbench/contract.html", context, status=status)
