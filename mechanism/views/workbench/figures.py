"""The tables of the board, the page of a figure, the records behind it, its changes, and the exports."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.requests import UserRequest
from core.downloads import send_download
from mechanism.closing.signed_values import SignedValues
from mechanism.kpi import exports
from mechanism.kpi.counting import count_figure, split_figure
from mechanism.kpi.dashboards import build_dashboard
from mechanism.kpi.definitions import DIMENSIONS, TIMES, FigureDefinition, FigurePart
from mechanism.kpi.figure_changes import find_figure_changes
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.records import describe_records, ordered_records
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.targets import target_progress
from mechanism.kpi.unconfirmed import count_excluded, count_unconfirmed, may_look_into, unconfirmed_figure
from mechanism.models import Target
from mechanism.views.workbench.figure_scopes import scope_choices, scope_context, title_of, with_scope

RECORDS_PER_PAGE = 50


def _figure_or_404(key: str) -> FigureDefinition:
    if key not in FIGURES:
        raise Http404
    return FIGURES[key]


def _visible_figure_or_404(scope: FigureScope, key: str) -> FigureDefinition:
    definition = _figure_or_404(key)
    if not scope.may_see(definition):
        raise Http404
    return definition


@with_scope
def dashboard(request: UserRequest, scope: FigureScope) -> HttpResponse:
    this_year = timezone.localdate().year
    signed_values = SignedValues(scope)
    content = build_dashboard(scope, signed_values)
    context = content | {
        "signed_values": signed_values,
        "closed_version": signed_values.of_year.version,
        "rejected_versions": signed_values.of_year.rejected,
        "excluded": count_excluded(FIGURES["turnover"], scope),
        "may_look_into": may_look_into(scope),
        "periods": [str(year) for year in range(this_year, this_year - 5, -1)]
        + [part.name for part in scope.period.quarters()],
        "title": title_of(scope),
    }
    context |= scope_context(scope) | scope_choices(request.user)
    return render(request, "mechanism/workbench/dashboard.html", context)


@with_scope
def figure(request: UserRequest, scope: FigureScope, key: str) -> HttpResponse:
    """One figure with formula, target and splits. `wanted` shows the progress towards a hypothetical target."""
    definition = _figure_or_404(key)
    sees_rows = scope.may_see(definition)
    counted_scope = scope if sees_rows else scope.whole_city()
    counted = count_figure(definition, counted_scope)
    wanted, error = _parse_wanted(request.GET.get("wanted", ""))
    target = Target.objects.for_year(scope.period.year).get(key) if counted_scope.is_whole_city else None
    signed_values = SignedValues(scope)
    by = request.GET.get("by", "")
    dimensions = [name for name in (*definition.dimensions, *TIMES) if sees_rows and name not in dict(scope.filters)]
    if by and by not in dimensions:
        raise Http404
    by = by or next(iter(dimensions), "")
    labels = {name: dimension.label for name, dimension in DIMENSIONS.items()} | TIMES
    signed = signed_values.beside(counted)
    context = scope_context(scope) | {
        "figure": definition,
        "counted": counted,
        "shown": signed or counted,
        "signed_values": signed_values,
        "rejected_versions": signed_values.rejected,
        "sees_rows": sees_rows,
        "unconfirmed": count_unconfirmed(definition, scope) if sees_rows else [],
        "may_look_into": may_look_into(scope),
        "progress": target_progress(counted, target),
        "what_if": target_progress(counted, None, goal=wanted) if wanted else None,
        "wanted": request.GET.get("wanted", ""),
        "error": error,
        "by": by,
        "dimensions": [(name, labels[name]) for name in dimensions],
        "dimension_label": labels.get(by, ""),
        "lines": split_figure(definition, scope, by, signed_values) if by else [],
        "is_by_time": by in TIMES,
    }
    return render(request, "mechanism/workbench/figure.html", context)


def _parse_wanted(text: str) -> tuple[Decimal | None, str]:
    """(hypothetical target, error message)."""
    if not text.strip():
        return None, ""
    try:
        wanted = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None, "设想的目标要填数字，例如 520。"
    if not wanted.is_finite() or not 0 < wanted < 10**9:
        return None, "设想的目标要大于 0，不超过 10 亿。"
    return wanted, ""


@with_scope
def figure_records(request: UserRequest, scope: FigureScope, key: str) -> HttpResponse:
    """The records behind a figure, paginated, each with links back to a match."""
    definition, state = _figure_in_state(request, scope, _visible_figure_or_404(scope, key))
    counted = count_figure(definition, scope)
    part = _part_or_404(request, definition)
    chosen = scope.rows_of_part(definition, part) if part else scope.rows(definition)
    page = Paginator(ordered_records(definition, chosen), RECORDS_PER_PAGE).get_page(request.GET.get("page"))
    context = scope_context(scope) | {
        "figure": definition,
        "counted": counted,
        "page": page,
        "part": part,
        "state": state,
        "narrowed": "".join(
            f"&{name}={value}" for name, value in (("part", part.key if part else ""), ("state", state)) if value
        ),
        "records": describe_records(definition, page.object_list, request.user),
    }
    return render(request, "mechanism/workbench/figure_records.html", context)


def _part_or_404(request: UserRequest, definition: FigureDefinition) -> FigurePart | None:
    """The part named by `?part=`; a name that the figure does not have must not show all rows as if it had."""
    name = request.GET.get("part", "")
    if name and name not in definition.parts_by_key:
        raise Http404
    return definition.parts_by_key.get(name)


def _figure_in_state(
    request: UserRequest, scope: FigureScope, definition: FigureDefinition
) -> tuple[FigureDefinition, str]:
    """With `?state=` of STATES: the rows that do not count because of the parties, and the state."""
    state = request.GET.get("state", "")
    if not state:
        return definition, ""
    if state not in definition.unconfirmed or not may_look_into(scope):
        raise Http404
    return unconfirmed_figure(definition, state), state


@with_scope
def figure_changes(request: UserRequest, scope: FigureScope, key: str) -> HttpResponse:
    """The edits that changed a figure since a day: record, time and user."""
    definition = _visible_figure_or_404(scope, key)
    since, error = _parse_since(request.GET.get("since", ""))
    context = scope_context(scope) | {
        "figure": definition,
        "since": since,
        "error": error,
        "changes": find_figure_changes(definition, scope, since),
        "counted": count_figure(definition, scope),
    }
    return render(request, "mechanism/workbench/figure_changes.html", context)


def _parse_since(text: str) -> tuple[datetime, str]:
    """(end of that day, error message); thirty days ago for an empty or invalid text."""
    day, error = timezone.localdate() - timedelta(days=30), ""
    if text:
        try:
            day = datetime.strptime(text, "%Y-%m-%d").date()
        except ValueError:
            error = "日期请写成 2026-01-31 的样子。"
    end = min(max(day, day.replace(year=2000)), timezone.localdate()) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(end, datetime.min.time())), error


@with_scope
def export_dashboard(request: UserRequest, scope: FigureScope) -> HttpResponse:
    from mechanism.kpi.figure_workbook import figure_workbook  # loads openpyxl, which few processes need

    site = request.build_absolute_uri("/").rstrip("/")
    content = figure_workbook(scope, by=request.user, site=site, signed=SignedValues(scope))
    return send_download(content, f"成效数据（{scope.period.name}）.xlsx")


@with_scope
def export_figure(request: UserRequest, scope: FigureScope, key: str) -> HttpResponse:
    """The records behind a figure, or with `by` its split."""
    definition, state = _figure_in_state(request, scope, _visible_figure_or_404(scope, key))
    by = request.GET.get("by", "")
    part = _part_or_404(request, definition)
    signed = None if state else SignedValues(scope)
    if by and by not in definition.dimensions and by not in TIMES:
        raise Http404
    if by:
        content = exports.export_split(definition, scope, by, by=request.user, signed=signed)
    else:
        content = exports.export_records(definition, scope, by=request.user, part=part, signed=signed)
    name = f"{definition.label}，其中{part.label}" if part and not by else definition.label
    return send_download(content, f"{name}.xlsx")
