"""The table of an institution's achievements: searched, filtered, sorted, with chosen columns, saved views, export."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.downloads import send_download
from matching.demand_progress import achievement_progress
from portal.record_kinds import ACHIEVEMENT, status_counts
from portal.record_steps import offered_steps
from portfolio.columns import COLUMNS
from portfolio.counts import WEEKS, ItemCounts, item_counts
from portfolio.exports import export_table
from portfolio.filters import LABELS, ROW_NUMBERS, TableFilter, filter_options
from portfolio.gaps import completeness_of
from portfolio.models import BulkEdit, ItemProposal, RenewalAnswer
from portfolio.services.bulk_edits import BULK_FIELDS
from portfolio.services.cells import may_edit_cell
from subscriptions.models import SavedView
from subscriptions.services.saved_views import remove_view, save_view

PAGE = "my_achievements"
SPARK_WIDTH, SPARK_HEIGHT = 60, 20
STALE_DAYS, OLD_DAYS = 60, 180
BADGES = {
    "draft": "b-plain",
    "office_review": "b-wait",
    "city_review": "b-wait",
    "paused": "b-hold",
    "withdrawn": "b-no",
}


@login_required
@require_safe
def achievement_table(request: UserRequest) -> HttpResponse:
    """The achievements of the user's own institutions."""
    user, kind = request.user, ACHIEVEMENT
    chosen = TableFilter(request.GET, user)
    own = kind.owned_by(user)
    counts = status_counts(chosen.narrow(own))
    total = own.count() if chosen.narrows else sum(counts.values())
    status = chosen.values.get("status", "")
    shown = (
        chosen.apply(own)
        .select_related("industry")
        .prefetch_related("indicators", "intellectual_property", "completers")
    )
    paginator = Paginator(shown, chosen.rows)
    paginator.count = counts.get(status, 0) if status else sum(counts.values())  # saves a query
    page = paginator.get_page(request.GET.get("page"))
    labels = kind.status_labels()
    owners = Organisation.objects.filter(pk__in=user.scope.institution_ids)
    context = {
        "kind": kind,
        "chosen": chosen,
        "status": status,
        "total": total,
        "matching": sum(counts.values()),
        "tabs": [(value, label, counts[value]) for value, label in labels.items() if counts.get(value)],
        "bulk": [
            (value, labels[value], counts[value])
            for value in kind.bulk_statuses
            if counts.get(value) and status in {"", value} and not chosen.narrows
        ],
        "page": page,
        "rows": _rows(page, own, request),
        "columns": _columns(chosen),
        "column_choices": [(name, column.label, name in chosen.columns) for name, column in COLUMNS.items()],
        "row_numbers": ROW_NUMBERS,
        "filters": _filters(chosen, own, owners),
        "steps": offered_steps(kind, {row.status for row in page}),
        "bulk_fields": [(name, label) for name, (label, _fields) in BULK_FIELDS.items()],
        "views": _views(request, chosen),
        "may_create": kind.may_create(user),
        "last_edit": BulkEdit.objects.visible_to(user)
        .filter(undone_at=None, made_at__date=timezone.localdate())
        .first(),
        "answers_waiting": RenewalAnswer.objects.visible_to(user).to_decide().count(),
        "proposals_waiting": ItemProposal.objects.visible_to(user).pending().count(),
    }
    return render(request, "portal/workbench/achievement_table.html", context)


@login_required
@require_safe
def table_export(request: UserRequest) -> HttpResponse:
    """The rows and columns that the page shows; `full=1`: every field of the achievements."""
    chosen = TableFilter(request.GET, request.user)
    rows = chosen.apply(ACHIEVEMENT.owned_by(request.user))
    try:
        if "full" in request.GET:
            content = ACHIEVEMENT.export(rows, by=request.user)
        else:
            content = export_table(rows, chosen, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(f"{ACHIEVEMENT.list_url}?{chosen.query}")
    return send_download(content, "我的成果.xlsx")


@login_required
@require_POST
def table_view_save(request: UserRequest) -> HttpResponse:
    chosen = TableFilter(request.POST, request.user)
    try:
        view = save_view(PAGE, name=request.POST.get("name", ""), query=chosen.query, by=request.user)
        messages.success(request, f"已保存视图“{view.name}”，只有您自己看得到。")
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return redirect(f"{ACHIEVEMENT.list_url}?{chosen.query}")


@login_required
@require_POST
def table_view_remove(request: UserRequest, public_id: str) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.of_user(request.user), public_id=public_id, page=PAGE)
    remove_view(view, by=request.user)
    messages.success(request, f"已删除视图“{view.name}”。")
    return redirect(ACHIEVEMENT.list_url)


# --- Parts -------------------------------------------------------------------------------------------------------
def _rows(page: Page, own: QuerySet[Achievement], request: UserRequest) -> list[dict[str, Any]]:
    counts, progress = item_counts(page, request.user), achievement_progress(page)
    returned = set(own.returned().filter(pk__in=[row.pk for row in page]).values_list("pk", flat=True))
    today = timezone.localdate()
    return [
        {
            "record": row,
            "counts": counts[row.pk],
            "progress": progress[row.pk],
            "bars": _bars(counts[row.pk]),
            "is_returned": row.pk in returned,
            "badge": "b-no" if row.pk in returned else BADGES.get(row.status, "b-ok"),
            "age": (today - timezone.localdate(row.updated_at)).days,
            "is_expired": row.expires_on is not None and row.expires_on < today,
            "may_edit": may_edit_cell(row, request.user),
            "edit_url": ACHIEVEMENT.edit_url(row),
            "completeness": completeness_of(row),
            "is_submittable": ACHIEVEMENT.is_submittable(row, request.user),
            "submit_url": ACHIEVEMENT.submit_url(row),
        }
        for row in page
    ]


def _bars(counts: ItemCounts) -> list[tuple[int, int, int, bool]]:
    """(x, y, height, whether it is one of the last four) of each week's bar in an SVG of SPARK_WIDTH × SPARK_HEIGHT."""
    most = max(counts.weeks)
    heights = [max(1, round(18 * number / most)) if most else 1 for number in counts.weeks]
    return [
        (week * SPARK_WIDTH // WEEKS, SPARK_HEIGHT - height, height, week >= WEEKS - 4)
        for week, height in enumerate(heights)
    ]


def _columns(chosen: TableFilter) -> list[dict[str, Any]]:
    """The headings, with the link that sorts by each and the present order."""
    columns = []
    base = chosen.query_without("sort")
    for name in chosen.columns:
        column = COLUMNS[name]
        is_by = bool(column.sort) and chosen.sort.removeprefix("-") == column.sort
        is_descending = is_by and chosen.sort.startswith("-")
        wants_descending = not is_descending if is_by else column.starts_descending
        order = f"-{column.sort}" if wants_descending else column.sort
        columns.append(
            {
                "name": name,
                "column": column,
                "order": ("descending" if is_descending else "ascending") if is_by else "",
                "query": f"{base}&sort={order}".removeprefix("&") if column.sort else "",
            }
        )
    return columns


def _filters(chosen: TableFilter, own: QuerySet, owners: QuerySet[Organisation]) -> list[dict[str, Any]]:
    return [
        {"name": name, "label": LABELS[name], "choices": choices, "value": chosen.values.get(name, "")}
        for name, choices in filter_options(own, owners).items()
        if choices
    ]


def _views(request: UserRequest, chosen: TableFilter) -> list[dict[str, Any]]:
    views = SavedView.objects.of_user(request.user).filter(page=PAGE)
    return [{"view": view, "is_open": view.query == chosen.query} for view in views]
