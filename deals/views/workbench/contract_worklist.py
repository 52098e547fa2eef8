"""The worklist of imported contracts with a doubt. An auditor reads it; the city settles the doubts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from deals.forms.base import ContractStepForm
from deals.forms.contract_checks import CHECK_FORMS, FORMS_BY_DOUBT
from deals.models import Contract
from deals.services.contract_checks import candidates_of

PER_PAGE = 20
SAVED_MESSAGES = {
    "link": "已对应到成交项目。",
    "double": "已标为重复，不再计入成交额。",
    "outside": "已核对，保留在统计里。",
    "party": "已确认单位。",
    "keep": "已核对，保留在统计里。",
    "place": "已确认所在地。",
    "number": "已更正登记编号。",
}


@login_required
@require_safe
def contract_worklist(request: UserRequest) -> HttpResponse:
    """The contracts to check; one of them is opened (`?open=`) with its candidates."""
    if not request.user.scope.sees_all:
        raise PermissionDenied("登记名单由市级专员核对。")
    return _page(request)


@login_required
@require_POST
def check_contract(request: UserRequest, public_id: str) -> HttpResponse:
    """Settle the doubt of a contract; `action` is a key of CHECK_FORMS."""
    if not request.user.scope.is_city:
        raise PermissionDenied("登记名单由市级专员核对。")
    contract = get_object_or_404(Contract, public_id=public_id)
    action = request.POST.get("action", "")
    if action not in CHECK_FORMS:
        raise Http404
    form = CHECK_FORMS[action](request.POST, contract=contract, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, SAVED_MESSAGES[action])
        return redirect("contract_worklist")
    return _page(request, faulty=form, status=422)


def _page(request: UserRequest, *, faulty: ContractStepForm | None = None, status: int = 200) -> HttpResponse:
    """The worklist; `faulty`: a form that was refused, as it was filled in."""
    contracts = Contract.objects.to_check().registered().order_by("doubt", "-registered_on", "pk")
    page = Paginator(contracts.select_related("source_file"), PER_PAGE).get_page(request.GET.get("page"))
    public_id = faulty.contract.public_id if faulty else request.GET.get("open", "")
    opened = next((row for row in page if row.public_id == public_id), None) or next(iter(page), None)
    forms = []
    if opened and request.user.scope.is_city:
        forms = [
            faulty if faulty and faulty.action == form.action else form(contract=opened, by=request.user)
            for form in FORMS_BY_DOUBT[opened.doubt]
        ]
    context = {
        "page": page,
        "opened": opened,
        "candidates": candidates_of(opened) if opened else None,
        "forms": forms,
        "faulty": faulty,
    }
    return render(request, "deals/workbench/contract_worklist.html", context, status=status)
