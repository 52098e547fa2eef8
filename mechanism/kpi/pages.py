"""The boards, a figure and what is behind it, and the public page. No rule lives here."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Organisation, Region
from core.downloads import send_download
from mechanism.kpi import boards, exports, public
from mechanism.kpi.changes import changes_of
from mechanism.kpi.counting import count, split
from mechanism.kpi.figure import DIMENSIONS, TIMES, Figure
from mechanism.kpi.lines import lines, ordered
from mechanism.kpi.reading import is_whole
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.targets import progress
from mechanism.kpi.where import Where, where_of
from mechanism.models import Target

PAGE_SIZE = 50


def _for_boards(view):
    """Signed in and with a board; a question that cannot be read is no page."""

    @login_required
    @require_safe
    def guarded(request, **named):
        if not boards.has_board(request.user):
            raise PermissionDenied
        try:
            where = where_of(request.GET, request.user)
        except ValidationError as error:
            raise Http404("".join(error.messages)) from error
        return view(request, where, **named)

    return guarded


def _figure(key: str) -> Figure:
    if key not in FIGURES:
        raise Http404
    return FIGURES[key]


def _asked(where: Where, **also) -> str:
    return urlencode(where.query | also)


def _context(where: Where) -> dict:
    return {"where": where, "asked": _asked(where), "is_whole": is_whole(where)}


@_for_boards
def board(request, where: Where):
    shown = boards.board(where)
    years = range(timezone.localdate().year, timezone.localdate().year - 5, -1)
    sees_all = request.user.scope.sees_all
    context = shown | {
        "charts": boards.charts(shown),
        "periods": [str(year) for year in years] + [part.name for part in where.period.quarters()],
        "regions_to_choose": Region.objects.reporting() if sees_all else [],
        "institutions_to_choose": Organisation.objects.institutions().filter(is_active=True) if sees_all else [],
        "title": _title(where),
    }
    return render(request, "mechanism/board.html", context | _context(where))


def _title(where: Where) -> str:
    """Whose board it is, in words."""
    scope = where.user.scope
    if where.narrowed:
        return "、".join(str(value or DIMENSIONS[name].unknown) for name, value in where.narrowed)
    if scope.sees_all:
        return "全市"
    own = [one.name for one in Region.objects.filter(pk__in=scope.region_ids)]
    own += [one.name for one in Organisation.objects.filter(pk__in=scope.institution_ids)]
    return "、".join(own)


@_for_boards
def figure(request, where: Where, key: str):
    """One figure: its formula, how far it is, its splits; `wanted` asks what if the target were this."""
    found = _figure(key)
    sees_rows = where.may_see(found)
    asked = where if sees_rows else where.city()
    counted = count(found, asked)
    wanted, fault = _wanted(request.GET.get("wanted", ""))
    target = Target.objects.for_year(where.period.year).get(key) if is_whole(asked) else None
    by = request.GET.get("by", "")
    ways = [name for name in (*found.ways, *TIMES) if sees_rows and name not in dict(where.narrowed)]
    if by and by not in ways:
        raise Http404
    by = by or next(iter(ways), "")
    labels = {name: one.label for name, one in DIMENSIONS.items()} | TIMES
    context = _context(where) | {
        "figure": found,
        "counted": counted,
        "sees_rows": sees_rows,
        "step": progress(counted, target),
        "what_if": progress(counted, None, wanted=wanted) if wanted else None,
        "wanted": request.GET.get("wanted", ""),
        "fault": fault,
        "by": by,
        "ways": [(name, labels[name]) for name in ways],
        "way_label": labels.get(by, ""),
        "lines": split(found, where, by) if by else [],
        "is_by_time": by in TIMES,
    }
    return render(request, "mechanism/figure.html", context)


def _wanted(text: str) -> tuple[Decimal | None, str]:
    """What the target is supposed to be, and what is wrong with it."""
    if not text.strip():
        return None, ""
    try:
        wanted = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        return None, "设想的目标要填数字，例如 520。"
    if not wanted.is_finite() or not 0 < wanted < 10**9:
        return None, "设想的目标要大于 0，不超过 10 亿。"
    return wanted, ""


@_for_boards
def rows(request, where: Where, key: str):
    """The rows behind a figure, page by page, each with its way back to a match."""
    found = _visible_figure(where, key)
    all_rows = where.rows(found)
    only_matched = found.matched is not None and request.GET.get("matched") == "1"
    chosen = all_rows.filter(found.matched) if only_matched else all_rows
    page = Paginator(ordered(found, chosen), PAGE_SIZE).get_page(request.GET.get("page"))
    context = _context(where) | {
        "figure": found,
        "counted": count(found, where),
        "page": page,
        "only_matched": only_matched,
        "matched": all_rows.filter(found.matched).count() if found.matched is not None else None,
        "lines": lines(found, page.object_list, request.user),
    }
    return render(request, "mechanism/rows.html", context)


@_for_boards
def changes(request, where: Where, key: str):
    """What altered a figure since a day: which record, when, by whom."""
    found = _visible_figure(where, key)
    since, fault = _since(request.GET.get("since", ""))
    context = _context(where) | {
        "figure": found,
        "since": since,
        "fault": fault,
        "changed": changes_of(found, where, since),
        "counted": count(found, where),
    }
    return render(request, "mechanism/changes.html", context)


def _since(text: str) -> tuple[datetime, str]:
    """The end of that day, thirty days ago for none."""
    ago, fault = timezone.localdate() - timedelta(days=30), ""
    if text:
        try:
            ago = datetime.strptime(text, "%Y-%m-%d").date()
        except ValueError:
            fault = "日期请写成 2026-01-31 的样子。"
    end = min(max(ago, ago.replace(year=2000)), timezone.localdate()) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(end, datetime.min.time())), fault


def _visible_figure(where: Where, key: str) -> Figure:
    found = _figure(key)
    if not where.may_see(found):
        raise Http404
    return found


@_for_boards
def export_board(request, where: Where):
    return send_download(exports.export_board(where, by=request.user), "成效数据.xlsx")


@_for_boards
def export_rows(request, where: Where, key: str):
    found = _visible_figure(where, key)
    by = request.GET.get("by", "")
    if by and by not in found.ways and by not in TIMES:
        raise Http404
    content = (
        exports.export_split(found, where, by, by=request.user)
        if by
        else exports.export_rows(found, where, by=request.user)
    )
    return send_download(content, f"{found.label}.xlsx")


@require_safe
def public_figures(request):
    """成效数据 for everybody: only a year can be chosen."""
    try:
        report = public.kept_report(request.GET.get("year", ""))
    except ValidationError as error:
        raise Http404("".join(error.messages)) from error
    chart = {name: [[cell.label, float(cell.yi)] for cell in cells if cell.yi] for name, _label, cells in report.tables}
    return render(request, "mechanism/public_figures.html", {"report": report, "charts": {"bars": chart}})
