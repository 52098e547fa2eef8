"""The report of a round, the rows behind each of its figures, and its files."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.downloads import send_download
from rounds.models import DockingRound, RoundReport
from rounds.report.document import build_document
from rounds.report.figures import FIGURES, GROUPINGS, RECORD_KINDS, UNNAMED_GROUPS, counted_rows
from rounds.report.text import TITLES
from rounds.services.report import STATUSES_BEFORE_START, WRITE_PERMISSION, report_file, stale_figures
from rounds.views.staff.report.lines import HEADS, lines_of, with_relations

VIEW = "rounds.view_roundreport"
PER_PAGE = 100
TYPES = {
    "word": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "pdf": ("application/pdf", "pdf"),
}


def round_of(request, pk: int) -> DockingRound:
    """Raises PermissionDenied before looking (403 or 404 would tell which rounds there are), Http404."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    rounds = DockingRound.objects.visible_to(request.user).select_related("host")
    return get_object_or_404(rounds, pk=pk)


@require_safe
def report(request, pk: int, extra_context: dict):
    """The draft to be worked on, else the latest version; `?version=` another one."""
    docking_round = round_of(request, pk)
    versions = list(
        RoundReport.objects.visible_to(request.user)
        .filter(docking_round=docking_round)
        .select_related("released_by", "edited_by", "docking_round__host")
    )
    wanted = request.GET.get("version", "")
    shown = next((one for one in versions if str(one.number) == wanted), versions[0] if versions else None)
    if wanted and shown and str(shown.number) != wanted:
        raise Http404
    may_write = request.user.has_perm(WRITE_PERMISSION)
    is_draft = bool(shown) and shown.status == RoundReport.Status.DRAFT
    context = extra_context | {
        "title": _("活动总结：%(round)s") % {"round": docking_round.name},
        "round": docking_round,
        "versions": versions,
        "shown": shown,
        "is_draft": is_draft,
        "document": build_document(shown) if shown else None,
        "stale": stale_figures(shown) if shown else [],
        "texts": _texts(shown) if shown else [],
        "may_write": may_write,
        "may_edit": may_write and is_draft,
        "may_draft": may_write and docking_round.status not in STATUSES_BEFORE_START and not any(
            one.status == RoundReport.Status.DRAFT for one in versions
        ),
        "too_early": docking_round.status in STATUSES_BEFORE_START,
        "deed_url": reverse("admin:rounds_report_deed", args=[docking_round.pk]),
        "rows_url": reverse("admin:rounds_report_rows", args=[docking_round.pk]),
    }  # fmt: skip
    return render(request, "rounds/staff/report.html", context)


def _texts(shown: RoundReport) -> list[dict]:
    """The sections' text for the form; `written` only where it is other than what stands there."""
    return [
        {
            "key": one["key"],
            "title": TITLES[one["key"]],
            "text": one["text"],
            "written": one["written"] if one["written"] != one["text"] else "",
            "lines": max(3, len(one["text"]) // 45 + 1),
        }
        for one in shown.text
    ]


@require_safe
def rows(request, pk: int, extra_context: dict):
    """What a figure counts now: `?figure=`, and `by=` with `key=` for one group."""
    docking_round = round_of(request, pk)
    name, by, key = (request.GET.get(word, "") for word in ("figure", "by", "key"))
    is_group = not by or (name in FIGURES and by in RECORD_KINDS[FIGURES[name].kind].groups)
    if name not in FIGURES or not is_group or (key and not (key.isascii() and key.isdecimal() and len(key) < 12)):
        raise Http404
    figure = FIGURES[name]
    found = with_relations(figure.kind, counted_rows(name, docking_round, by=by, key=key))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = extra_context | {
        "title": _("%(figure)s：%(round)s") % {"figure": figure.label, "round": docking_round.name},
        "round": docking_round,
        "figure": figure,
        "group": _group_name(name, docking_round, by, key) if by else "",
        "heads": HEADS[figure.kind],
        "lines": [lines_of(figure.kind, one) for one in page],
        "page": page,
        "query": f"figure={name}&by={by}&key={key}",
    }
    return render(request, "rounds/staff/report_rows.html", context)


def _group_name(name: str, docking_round, by: str, key: str) -> str:
    if not key:
        return f"{GROUPINGS[by]}：{UNNAMED_GROUPS[by]}"
    path = RECORD_KINDS[FIGURES[name].kind].groups[by][1]
    found = counted_rows(name, docking_round, by=by, key=key).order_by().values_list(path, flat=True).first()
    return f"{GROUPINGS[by]}：{found or '—'}"


@require_safe
def word(request, public_id: str):
    return _file(request, public_id, "word")


@require_safe
def pdf(request, public_id: str):
    return _file(request, public_id, "pdf")


def _file(request, public_id: str, kind: str) -> HttpResponse:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    reports = RoundReport.objects.visible_to(request.user).select_related("docking_round__host")
    found = get_object_or_404(reports, public_id=public_id)
    content_type, ending = TYPES[kind]
    name = f"{found.docking_round.name}总结第{found.number}版{'草稿' if found.released_at is None else ''}.{ending}"
    return send_download(report_file(found, kind), name, content_type)
