"""Contracts: the registration form, its steps, the form as Word and Excel, and the worklist of the office's list."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import XLSX, send_download
from deals.forms.contract import CHECKS, OF_DOUBT, STEPS, ContractForm, may_fill, own_side, steps_for
from deals.models import Contract
from deals.registration.papers import as_sheet, as_word, form_rows
from deals.services.contracts import number_warning
from deals.services.unlinked_contracts import candidates_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PER_PAGE = 20
DONE = {
    "submit": "已记为提交登记，双方会收到确认提醒。",
    "register": "已记为认定登记。",
    "cancel": "已注销登记。",
    "confirm": "已确认。",
    "link": "已对应到成交项目。",
    "double": "已标为重复，不再计入成交额。",
    "outside": "已核对，保留在统计里。",
    "party": "已确认单位。",
}


@login_required
@require_http_methods(["GET", "POST"])
def contract(request, public_id):
    """The registration form: filled in while it is open, read afterwards."""
    found = _found(request, public_id)
    editable = may_fill(found, request.user)
    if request.method == "GET":
        return _page(request, found, form=ContractForm(contract=found, by=request.user) if editable else None)
    if not editable:
        raise PermissionDenied("这份合同现在不能修改。")
    form = ContractForm(request.POST, contract=found, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "已保存登记表。")
        return redirect("contract", public_id)
    return _page(request, found, form=form, status=422)


@login_required
@require_POST
def contract_do(request, public_id):
    """Hand in, register, confirm, cancel."""
    found = _found(request, public_id)
    kind = request.POST.get("action", "")
    if kind not in STEPS:
        raise Http404
    if kind not in {step.action for step in steps_for(found, request.user)}:
        side = own_side(found, request.user)
        if not (side or may_fill(found, request.user) or request.user.scope.is_city):
            raise PermissionDenied("这份合同不由您办理。")
        messages.error(request, "现在不能这样做，请看合同最新的状态。")
        return redirect("contract", public_id)
    more = {"side": own_side(found, request.user)} if kind == "confirm" else {}
    form = STEPS[kind](request.POST, contract=found, by=request.user, **more)
    if form.is_valid() and form.save():
        messages.success(request, DONE[kind])
        if kind == "register" and (words := number_warning(found.number, found.registered_on)):
            messages.warning(request, words)
        return redirect("contract", public_id)
    editing = ContractForm(contract=found, by=request.user) if may_fill(found, request.user) else None
    return _page(request, found, form=editing, faulty=form, status=422)


@login_required
@require_safe
def contract_paper(request, public_id, kind):
    """The registration form as Word or Excel."""
    found = _found(request, public_id)
    write, content_type = {"docx": (as_word, DOCX), "xlsx": (as_sheet, XLSX)}[kind]
    name = f"技术合同登记表_{found.public_id}.{kind}"
    return send_download(write(found, by=request.user), name, content_type)


@login_required
@require_safe
def worklist(request):
    """Rows of the office's list that a person has to look at; one of them opened with what it may belong to."""
    if not request.user.scope.sees_all:
        raise PermissionDenied("登记名单由市级专员核对。")
    return _worklist(request)


@login_required
@require_POST
def contract_check(request, public_id):
    """Settle one row of the worklist."""
    if not request.user.scope.is_city:
        raise PermissionDenied("登记名单由市级专员核对。")
    found = get_object_or_404(Contract, public_id=public_id)
    kind = request.POST.get("action", "")
    if kind not in CHECKS:
        raise Http404
    form = CHECKS[kind](request.POST, contract=found, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, DONE[kind])
        return redirect("contract_worklist")
    return _worklist(request, faulty=form, status=422)


def _found(request, public_id) -> Contract:
    rows = Contract.objects.visible_to(request.user)
    rows = rows.select_related("seller", "buyer", "broker", "agency", "industry", "rule", "source_file", "double_of")
    found = get_object_or_404(rows, public_id=public_id)
    if found.deal_id:
        found.deal = type(found.deal).objects.with_pair().select_related("follow_up__owner").get(pk=found.deal_id)
    return found


def _page(request, found: Contract, *, form=None, faulty=None, status: int = 200):
    user = request.user
    steps = [faulty if faulty and faulty.action == step.action else step for step in steps_for(found, user)]
    for step in steps:
        for name in {"on", "registered_on"} & step.fields.keys():
            step.initial.setdefault(name, timezone.localdate())
    rows = form_rows(found)
    context = {
        "one": found,
        "form": form,
        "form_rows": rows,
        "missing": [row for row in rows if row.is_missing],
        "steps": steps,
        "faulty": faulty or (form if form is not None and form.is_bound and form.errors else None),
        "number_words": number_warning(found.number, found.registered_on),
    }
    return render(request, "deals/workbench/contract.html", context, status=status)


def _worklist(request, *, faulty=None, status: int = 200):
    rows = Contract.objects.to_check().registered().order_by("doubt", "-registered_on", "pk")
    page = Paginator(rows.select_related("source_file"), PER_PAGE).get_page(request.GET.get("page"))
    wanted = faulty.contract.public_id if faulty else request.GET.get("open", "")
    opened = next((one for one in page if one.public_id == wanted), None) or next(iter(page), None)
    forms = []
    if opened and request.user.scope.is_city:
        forms = [
            faulty if faulty and faulty.action == made.action else made(contract=opened, by=request.user)
            for made in OF_DOUBT[opened.doubt]
        ]
    context = {
        "page": page,
        "opened": opened,
        "found": candidates_of(opened) if opened else None,
        "forms": forms,
        "faulty": faulty,
    }
    return render(request, "deals/workbench/worklist.html", context, status=status)
