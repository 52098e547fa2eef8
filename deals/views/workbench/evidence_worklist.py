"""What the registration office has to check before it counts: vouchers of payments, landed companies.

An auditor reads the list. The check itself is on the page of the deal.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from deals.models import Landing, Payment
from deals.services.evidence_checks import landing_warnings, payment_warnings

TABS = {
    "payments": "到账凭证待核实",
    "landings": "落地公司待核实",
    "vouchers": "到账缺凭证",
    "companies": "落地公司缺登记信息",
}


@login_required
@require_safe
def evidence_worklist(request: UserRequest) -> HttpResponse:
    """`?show=` a key of TABS."""
    if not request.user.scope.sees_all:
        raise PermissionDenied("到账凭证和落地公司由市级专员核实。")
    payments = Payment.objects.select_related("deal__seller", "deal__buyer", "voucher").order_by("made_at", "pk")
    landings = Landing.objects.select_related("deal__seller", "deal__buyer", "region").order_by("made_at", "pk")
    lists = {
        "payments": payments.awaiting_check(),
        "landings": landings.awaiting_check(),
        "vouchers": payments.without_voucher(),
        "companies": landings.incomplete(),
    }
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else "payments"
    page: Any = Paginator(lists[tab], PAGE_SIZE).get_page(request.GET.get("page"))
    is_money = tab in ("payments", "vouchers")
    warnings = payment_warnings(page) if is_money else landing_warnings(page)
    context = {
        "page": page,
        "rows": [{"row": row, "warnings": warnings.get(row.pk, [])} for row in page],
        "tab": tab,
        "tabs": [(key, label, lists[key].order_by().count()) for key, label in TABS.items()],
        "is_money": is_money,
    }
    return render(request, "deals/workbench/evidence_worklist.html", context)
