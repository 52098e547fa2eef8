"""审核进展: the overview for heads of district and the city, the rows of a figure, and both as workbooks."""

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Region, User
from accounts.requests import UserRequest
from core.downloads import send_download
from core.permissions import oversight_required
from matching.models import MatchRun
from matching.overview.exports import export_figure, export_overview
from matching.overview.figures import (
    DEMAND_FIGURES,
    FIGURES,
    FOLLOW_UP_FIGURES,
    REVIEW_FIGURES,
    OverviewFigure,
    count_figures,
)
from matching.overview.scope import IMMEDIATE_TITLE, OverviewScope
from matching.overview.tables import by_district, by_level, by_officer, by_run, review_times
from matching.review_queue import SAMPLE_SIZE, new_seed

PAGE_SIZE = 50
MAX_RUN_CHOICES = 30
RELATED = {
    "matches": ("achievement__institution", "demand__firm__stat_region", "first_run", "reviewed_by", "assigned_to"),
    "follow_ups": ("match__achievement__institution", "match__demand__firm__stat_region", "owner"),
    "demands": ("firm__stat_region", "industry"),
    "firms": ("stat_region",),
    "decisions": ("match__achievement__institution", "match__demand__firm__stat_region", "by"),
}


def overview_urls(admin_site: AdminSite) -> list[URLPattern]:
    guard = admin_site.admin_view
    return [
        path("desk/", guard(overview), name="matching_desk"),
        path("desk/export/", guard(overview_workbook), name="matching_desk_export"),
        path("desk/<slug:name>/", guard(figure_rows), name="matching_desk_rows"),
        path("desk/<slug:name>/export/", guard(figure_workbook), name="matching_desk_rows_export"),
    ]


@require_safe
@oversight_required
def overview(request: UserRequest) -> HttpResponse:
    scope = replace(_scope_of(request), officer=None)
    times = review_times(scope)
    names = (*REVIEW_FIGURES[1:], *FOLLOW_UP_FIGURES, *DEMAND_FIGURES)
    counts = {"waiting": times["waiting"]} | count_figures(scope, names)
    groups = (("审核", REVIEW_FIGURES), ("采纳以后", FOLLOW_UP_FIGURES), ("尚未匹配到成果", DEMAND_FIGURES))
    sees_all = request.user.scope.sees_all
    context = {
        "scope": scope,
        "query": urlencode(scope.query),
        "groups": [(title, [(name, FIGURES[name], counts[name]) for name in names]) for title, names in groups],
        "median": times["median"],
        "sample_url": reverse("admin:matching_triage_triage") + f"?view=passed&sample={new_seed()}",
        "sample_size": SAMPLE_SIZE,
        "oldest": times["oldest"],
        "days_waiting": (timezone.now() - times["oldest"]).days if times["oldest"] else None,
        "levels": by_level(scope),
        "officers": by_officer(scope),
        "run_rows": by_run(scope),
        "districts": by_district(scope) if sees_all and not scope.region else [],
        "regions": Region.objects.reporting() if sees_all else [],
        "runs": _run_choices(),
        "area": _area(scope),
    }
    return render(request, "matching/staff/overview/overview.html", context)


@require_safe
@oversight_required
def figure_rows(request: UserRequest, name: str) -> HttpResponse:
    """The rows that a figure counts."""
    figure = _figure(name)
    scope = _scope_of(request)
    rows = figure.rows(scope).select_related(*RELATED[figure.kind])
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "scope": scope,
        "query": urlencode(scope.query),
        "name": name,
        "figure": figure,
        "description": _description(figure, scope),
        "page": page,
    }
    return render(request, "matching/staff/overview/rows.html", context)


@require_safe
@oversight_required
def overview_workbook(request: UserRequest) -> HttpResponse:
    _require_may_export(request)
    return send_download(export_overview(_scope_of(request), by=request.user), "审核进展.xlsx")


@require_safe
@oversight_required
def figure_workbook(request: UserRequest, name: str) -> HttpResponse:
    _require_may_export(request)
    figure = _figure(name)
    content = export_figure(figure, _scope_of(request), by=request.user)
    return send_download(content, f"{figure.label}.xlsx")


def _scope_of(request: UserRequest) -> OverviewScope:
    """The scope of the parameters `region`, `run` and `officer`; invalid values are ignored."""
    user = request.user
    region = None
    if user.scope.sees_all and (code := request.GET.get("region")):
        region = Region.objects.reporting().filter(code=code).first()
    run = request.GET.get("run")
    is_immediate = run == OverviewScope.IMMEDIATE
    scope = OverviewScope(user, region, _by_number(MatchRun, run), is_immediate=is_immediate)
    officer = _by_number(User, request.GET.get("officer"))
    # Only an officer with decisions in scope: otherwise a number would reveal the name of any user.
    if officer and scope.decisions().filter(by=officer).exists():
        return replace(scope, officer=officer)
    return scope


def _run_choices() -> list[tuple[str, str]]:
    """The latest batches and manual runs, and one choice for all immediate runs."""
    runs = MatchRun.objects.exclude(kind=MatchRun.Kind.IMMEDIATE).order_by("-queued_at").only("title")
    choices = [(str(run.pk), run.title) for run in runs[:MAX_RUN_CHOICES]]
    return [(OverviewScope.IMMEDIATE, IMMEDIATE_TITLE), *choices] if MatchRun.objects.immediate().exists() else choices


def _by_number[M: Model](model: type[M], number: str | None) -> M | None:
    """The row with this primary key; None for anything that is no number or has no row."""
    if number and number.isascii() and number.isdecimal() and len(number) < 10:
        return model.objects.filter(pk=int(number)).first()
    return None


def _area(scope: OverviewScope) -> str:
    """Names of the regions in scope."""
    if scope.region:
        return scope.region.name
    if scope.user.scope.sees_all:
        return "全市"
    return "、".join(region.name for region in Region.objects.filter(pk__in=scope.user.scope.region_ids))


def _description(figure: OverviewFigure, scope: OverviewScope) -> str:
    """What the figure counts, and in which scope."""
    run = f"“{scope.run_title}”" if scope.run_key else ""
    parts = (figure.means, scope.region.name if scope.region else "", run, scope.officer or "")
    return "；".join(str(part) for part in parts if part)


def _figure(name: str) -> OverviewFigure:
    if name not in FIGURES:
        raise Http404
    return FIGURES[name]


def _require_may_export(request: UserRequest) -> None:
    if not request.user.has_perm("matching.export_match"):
        raise PermissionDenied
