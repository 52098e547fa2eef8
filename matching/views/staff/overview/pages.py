"""The page of a head of district and of the city, the rows behind a figure, and both as workbooks."""

from dataclasses import replace
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Region, User
from core.downloads import send_download
from core.permissions import oversight_required
from matching.models import MatchRun
from matching.views.staff.overview import exports
from matching.views.staff.overview.figures import (
    AFTER,
    FIGURES,
    NEEDS,
    STRIP,
    Where,
    by_district,
    by_level,
    by_officer,
    by_round,
    numbers,
    times,
)

PAGE_SIZE = 50
RELATED = {
    "matches": ("achievement__institution", "demand__firm__stat_region", "first_run", "reviewed_by", "assigned_to"),
    "follow_ups": ("match__achievement__institution", "match__demand__firm__stat_region", "owner"),
    "needs": ("firm__stat_region", "industry"),
    "firms": ("stat_region",),
    "decisions": ("match__achievement__institution", "match__demand__firm__stat_region", "by"),
}


def overview_urls(admin_site):
    guard = admin_site.admin_view
    return [
        path("desk/", guard(desk), name="matching_desk"),
        path("desk/export/", guard(export_desk), name="matching_desk_export"),
        path("desk/<slug:name>/", guard(rows), name="matching_desk_rows"),
        path("desk/<slug:name>/export/", guard(export_rows), name="matching_desk_rows_export"),
    ]


def where_of(request) -> Where:
    """What the address narrows it to; what it cannot mean is left out."""
    user = request.user
    region = None
    if user.scope.sees_all and (code := request.GET.get("region")):
        region = Region.objects.reporting().filter(code=code).first()
    where = Where(user, region, _named(MatchRun, request.GET.get("run")))
    officer = _named(User, request.GET.get("officer"))
    if officer and where.decisions().filter(by=officer).exists():  # or a number would tell the name behind it
        return replace(where, officer=officer)
    return where


def _named(model, number: str | None):
    """The row of that number, None for what is no number or no row."""
    if number and number.isascii() and number.isdecimal() and len(number) < 10:
        return model.objects.filter(pk=int(number)).first()
    return None


def narrowed(where: Where) -> str:
    return urlencode(where.query)


@require_safe
@oversight_required
def desk(request):
    where = replace(where_of(request), officer=None)
    when = times(where)
    counts = {"waiting": when["waiting"]} | numbers(where, (*STRIP[1:], *AFTER, *NEEDS))
    sees_all = request.user.scope.sees_all
    context = {
        "where": where,
        "narrowed": narrowed(where),
        "groups": [
            (title, [(name, FIGURES[name], counts[name]) for name in names])
            for title, names in (("审核", STRIP), ("采纳以后", AFTER), ("没有着落的", NEEDS))
        ],
        "median": when["median"],
        "oldest": when["oldest"],
        "waited": (timezone.now() - when["oldest"]).days if when["oldest"] else None,
        "levels": by_level(where),
        "officers": by_officer(where),
        "rounds": by_round(where),
        "districts": by_district(where) if sees_all and not where.region else [],
        "regions": Region.objects.reporting() if sees_all else [],
        "runs": MatchRun.objects.order_by("-queued_at").only("title")[:30],
        "own_regions": [] if sees_all else Region.objects.filter(pk__in=request.user.scope.region_ids),
    }
    return render(request, "matching/staff/overview/desk.html", context)


@require_safe
@oversight_required
def rows(request, name):
    """What a figure counts, page by page."""
    figure = FIGURES.get(name)
    if figure is None:
        raise Http404
    where = where_of(request)
    found = figure.rows(where).select_related(*RELATED[figure.kind])
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"where": where, "narrowed": narrowed(where), "name": name, "figure": figure, "page": page}
    return render(request, "matching/staff/overview/rows.html", context)


@require_safe
@oversight_required
def export_desk(request):
    _may_export(request)
    return send_download(exports.export_overview(where_of(request), by=request.user), "审核进展.xlsx")


@require_safe
@oversight_required
def export_rows(request, name):
    _may_export(request)
    figure = FIGURES.get(name)
    if figure is None:
        raise Http404
    content = exports.export_figure(figure, where_of(request), by=request.user)
    return send_download(content, f"{figure.label}.xlsx")


def _may_export(request) -> None:
    if not request.user.has_perm("matching.export_match"):
        raise PermissionDenied
