"""The lists of deals and contracts: searched, filtered, sorted, summed, saved as a view, exported."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.downloads import send_download
from core.pagination import PAGE_SIZE
from deals.lists.exports import export_contracts, export_deals
from deals.lists.filters import ContractFilter, DealFilter, ListFilter, region_choices
from deals.lists.sums import contract_sums, deal_money, deal_sums
from deals.models import Contract, Deal
from deals.permissions import may_enter_outside_deal
from deals.presentation import deals_awaiting_confirmation, stage_badge, stage_tabs, visible_deals
from subscriptions.models import SavedView
from subscriptions.services.saved_views import remove_view, save_view

FILTERS: dict[str, type[ListFilter]] = {"deals": DealFilter, "contracts": ContractFilter}
"""URL name of a list → its filters."""
RANGES = ("amount_from", "amount_to", "day_from", "day_to")
CONTRACT_BADGES = {"preparing": "b-wait", "submitted": "b-go", "registered": "b-ok"}


@login_required
@require_safe
def deals(request: UserRequest) -> HttpResponse:
    """The deals that the user may see; `?show=` a stage, or `mine` for those that wait for the user."""
    user, scope = request.user, request.user.scope
    chosen = DealFilter(request.GET)
    rows = chosen.narrow(visible_deals(user))
    tabs = stage_tabs(rows, user)
    shown, tab = _deals_of_tab(user, chosen, rows)
    page = Paginator(shown.order_by(*chosen.ordering), PAGE_SIZE).get_page(request.GET.get("page"))
    money = deal_money(list(page))
    context = _list_context(request, "deals", chosen) | {
        "page": page,
        "rows": [{"deal": deal, "badge": stage_badge(deal), "money": money[deal.pk]} for deal in page],
        "tab": tab,
        "tabs": tabs,
        "total": sum(number for value, _label, number in tabs if value != "mine"),
        "sums": deal_sums(shown),
        "is_staff": scope.sees_all or scope.is_district,
        "may_enter": may_enter_outside_deal(scope),
    }
    return render(request, "deals/workbench/deals.html", context)


@login_required
@require_safe
def contracts(request: UserRequest) -> HttpResponse:
    """The contracts that the user may see; `?status=` one status."""
    user, chosen = request.user, ContractFilter(request.GET)
    rows = chosen.narrow(Contract.objects.visible_to(user))
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    status = chosen.values.get("status", "")
    shown = rows.filter(status=status) if status else rows
    paginator = Paginator(shown.order_by(*chosen.ordering), PAGE_SIZE)
    paginator.count = counts.get(status, 0) if status else sum(counts.values())  # saves a query
    page = paginator.get_page(request.GET.get("page"))
    counted = set(Contract.objects.turnover().filter(pk__in=[row.pk for row in page]).values_list("pk", flat=True))
    context = _list_context(request, "contracts", chosen) | {
        "page": page,
        "rows": [
            {"contract": row, "badge": CONTRACT_BADGES.get(row.status, "b-no"), "is_counted": row.pk in counted}
            for row in page
        ],
        "tab": status,
        "tabs": [(value, label, counts[value]) for value, label in Contract.Status.choices if counts.get(value)],
        "total": sum(counts.values()),
        "sums": contract_sums(shown),
    }
    return render(request, "deals/workbench/contracts.html", context)


@login_required
@require_POST
def deals_export(request: UserRequest) -> HttpResponse:
    chosen = DealFilter(request.POST)
    rows, _tab = _deals_of_tab(request.user, chosen, chosen.narrow(visible_deals(request.user)))
    return _send_export(request, "deals", chosen, export_deals, rows)


@login_required
@require_POST
def contracts_export(request: UserRequest) -> HttpResponse:
    chosen = ContractFilter(request.POST)
    rows = chosen.narrow(Contract.objects.visible_to(request.user))
    if status := chosen.values.get("status"):
        rows = rows.filter(status=status)
    return _send_export(request, "contracts", chosen, export_contracts, rows)


@login_required
@require_POST
def view_save(request: UserRequest, page: str) -> HttpResponse:
    """Save the filters of the list `page` (a key of FILTERS) under `name`."""
    chosen = FILTERS[page](request.POST)
    try:
        view = save_view(page, name=request.POST.get("name", ""), query=chosen.query, by=request.user)
        messages.success(request, f"已保存视图“{view.name}”，只有您自己看得到。")
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return redirect(f"{reverse(page)}?{chosen.query}")


@login_required
@require_POST
def view_remove(request: UserRequest, public_id: str) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.of_user(request.user), public_id=public_id, page__in=FILTERS)
    remove_view(view, by=request.user)
    messages.success(request, f"已删除视图“{view.name}”。")
    return redirect(view.page)


def _deals_of_tab(user: User, chosen: ListFilter, rows: QuerySet[Deal]) -> tuple[QuerySet[Deal], str]:
    """The rows of the tab `show`, and the tab; all rows for a tab that there is not."""
    tab = chosen.values.get("show", "")
    if tab == "mine":
        return rows.filter(pk__in=deals_awaiting_confirmation(user).order_by().values("pk")), tab
    return (rows.filter(stage=tab), tab) if tab in Deal.Stage.values else (rows, "")


def _list_context(request: UserRequest, page: str, chosen: ListFilter) -> dict[str, Any]:
    """What both lists show around their rows."""
    views = SavedView.objects.of_user(request.user).filter(page=page)
    tab_field = "show" if page == "deals" else "status"
    return {
        "list_url": reverse(page),
        "save_url": reverse(f"{page}_view_save"),
        "export_url": reverse(f"{page}_export"),
        "chosen": chosen,
        "tab_field": tab_field,
        "tab_query": chosen.query_without(tab_field),
        "hidden": [(name, str(chosen[name].value())) for name in chosen.fields if name in chosen.values],
        "views": [{"view": view, "is_open": view.query == chosen.query} for view in views],
        "regions": region_choices(request.user.scope),
        "selects": [_select(chosen, name) for name in ("origin", "kind", "counted", "sort") if name in chosen.fields],
        "ranges": [_range(chosen, name) for name in RANGES],
        "has_range": any(chosen[name].value() for name in RANGES),
    }


def _select(chosen: ListFilter, name: str) -> dict[str, Any]:
    choices = chosen.sort_choices() if name == "sort" else list(chosen.choice_labels[name].items())
    value = chosen.values.get(name, "")
    return {"name": name, "label": chosen[name].label, "choices": choices, "value": value, "all": name != "sort"}


def _range(chosen: ListFilter, name: str) -> dict[str, Any]:
    is_day = name.startswith("day")
    return {
        "name": name,
        "label": chosen.label_of(name),
        "value": chosen[name].value(),
        "mode": "numeric" if is_day else "decimal",
        "example": "2026-01-31" if is_day else "120",
        "is_faulty": name in chosen.errors,
    }


def _send_export(request: UserRequest, page: str, chosen: ListFilter, export: Any, rows: QuerySet) -> HttpResponse:
    try:
        content = export(rows, chosen, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect(f"{reverse(page)}?{chosen.query}")
    return send_download(content, "成交项目.xlsx" if page == "deals" else "技术合同.xlsx")
