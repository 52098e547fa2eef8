"""The report of a round: drafts and versions, the records behind each figure, files, and the steps of writing."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_download
from rounds.models import DockingRound, RoundReport
from rounds.report.document import build_document
from rounds.report.figures import FIGURES, GROUPINGS, RECORD_KINDS, UNNAMED_GROUPS, counted_rows
from rounds.report.text import TITLES
from rounds.services import report as services
from rounds.services.report import STATUSES_BEFORE_START, WRITE_PERMISSION, report_file, stale_figures
from rounds.views.staff.report_rows import HEADS, record_address, record_cells, with_relations
from rounds.views.staff.round_access import round_or_404

VIEW_REPORT = "rounds.view_roundreport"
PER_PAGE = 100
FILE_TYPES = {
    "word": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "pdf": ("application/pdf", "pdf"),
}


@require_safe
def report(request: UserRequest, pk: int) -> HttpResponse:
    """The latest version, or that of `?version=`."""
    docking_round = round_or_404(request, VIEW_REPORT, pk=pk)
    versions = list(
        RoundReport.objects.visible_to(request.user)
        .filter(docking_round=docking_round)
        .select_related("released_by", "edited_by", "docking_round__host")
    )
    number = request.GET.get("version", "")
    shown = next((row for row in versions if str(row.number) == number), versions[0] if versions else None)
    if number and shown and str(shown.number) != number:
        raise Http404
    may_write = request.user.has_perm(WRITE_PERMISSION)
    is_draft = shown is not None and shown.status == RoundReport.Status.DRAFT
    too_early = docking_round.status in STATUSES_BEFORE_START
    has_draft = any(row.status == RoundReport.Status.DRAFT for row in versions)
    context = {
        "round": docking_round,
        "versions": versions,
        "shown": shown,
        "is_draft": is_draft,
        "document": build_document(shown) if shown else None,
        "stale": stale_figures(shown) if shown else [],
        "texts": _section_texts(shown) if shown else [],
        "may_write": may_write,
        "may_edit": may_write and is_draft,
        "may_draft": may_write and not too_early and not has_draft and docking_round.status != "cancelled",
        "too_early": too_early,
        "deed_url": reverse("admin:rounds_report_change", args=[docking_round.pk]),
        "rows_url": reverse("admin:rounds_report_rows", args=[docking_round.pk]),
    }
    return render(request, "rounds/staff/report.html", context)


def _section_texts(shown: RoundReport) -> list[dict]:
    """The text of each section for the form; `written` is the generated text where staff changed it."""
    return [
        {
            "key": section["key"],
            "title": TITLES[section["key"]],
            "text": section["text"],
            "written": section["written"] if section["written"] != section["text"] else "",
            "lines": max(3, len(section["text"]) // 45 + 1),
        }
        for section in shown.text
    ]


@require_safe
def rows(request: UserRequest, pk: int) -> HttpResponse:
    """The records that `?figure=` counts now; with `by=` and `key=` those of one group."""
    docking_round = round_or_404(request, VIEW_REPORT, pk=pk)
    name, by, key = (request.GET.get(parameter, "") for parameter in ("figure", "by", "key"))
    is_group = not by or (name in FIGURES and by in RECORD_KINDS[FIGURES[name].kind].groups)
    if name not in FIGURES or not is_group or (key and not (key.isascii() and key.isdecimal() and len(key) < 12)):
        raise Http404
    figure = FIGURES[name]
    records = with_relations(figure.kind, counted_rows(name, docking_round, by=by, key=key))
    page = Paginator(records, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "round": docking_round,
        "figure": figure,
        "group": _group_name(name, docking_round, by, key) if by else "",
        "heads": HEADS[figure.kind],
        "lines": [(record_address(figure.kind, record), record_cells(figure.kind, record)) for record in page],
        "page": page,
        "query": f"figure={name}&by={by}&key={key}",
    }
    return render(request, "rounds/staff/report_rows.html", context)


def _group_name(name: str, docking_round: DockingRound, by: str, key: str) -> str:
    if not key:
        return f"{GROUPINGS[by]}：{UNNAMED_GROUPS[by]}"
    path = RECORD_KINDS[FIGURES[name].kind].groups[by][1]
    group = counted_rows(name, docking_round, by=by, key=key).order_by().values_list(path, flat=True).first()
    return f"{GROUPINGS[by]}：{group or '—'}"


@require_safe
def word(request: UserRequest, public_id: str) -> HttpResponse:
    return _file(request, public_id, "word")


@require_safe
def pdf(request: UserRequest, public_id: str) -> HttpResponse:
    return _file(request, public_id, "pdf")


def _file(request: UserRequest, public_id: str, kind: str) -> HttpResponse:
    if not request.user.has_perm(VIEW_REPORT):
        raise PermissionDenied
    reports = RoundReport.objects.visible_to(request.user).select_related("docking_round__host")
    shown = get_object_or_404(reports, public_id=public_id)
    content_type, ending = FILE_TYPES[kind]
    name = f"{shown.docking_round.name}总结第{shown.number}版{'草稿' if shown.released_at is None else ''}.{ending}"
    return send_download(report_file(shown, kind), name, content_type)


# --- The steps --------------------------------------------------------------------------------------------------------
def _draft(request: UserRequest, docking_round: DockingRound) -> str:
    services.draft_report(docking_round, by=request.user)
    return "已按现在的数字起草。"


def _edit(request: UserRequest, docking_round: DockingRound) -> str:
    texts = {key: request.POST[key] for key in TITLES if key in request.POST}
    services.edit_report(_posted_report(request, docking_round), texts, revision=_revision(request), by=request.user)
    return "已保存。"


def _recount(request: UserRequest, docking_round: DockingRound) -> str:
    draft = _posted_report(request, docking_round)
    to_check = services.recount_report(draft, revision=_revision(request), by=request.user)
    if to_check:
        return "数字已更新。这些段落您改过，请对照新数字检查：%(titles)s。" % {"titles": "、".join(to_check)}
    return "数字已更新，文字也已按新数字改写。"


def _release(request: UserRequest, docking_round: DockingRound) -> str:
    draft = _posted_report(request, docking_round)
    services.release_report(draft, revision=_revision(request), by=request.user)
    return "已发布，Word 和 PDF 已保存，不能再改。"


STEPS = {"draft": _draft, "edit": _edit, "recount": _recount, "release": _release}


@require_POST
def change_report(request: UserRequest, pk: int) -> HttpResponse:
    """`deed` is a key of STEPS; `revision` is that of the draft on the page."""
    docking_round = round_or_404(request, VIEW_REPORT, pk=pk)
    step = STEPS.get(request.POST.get("deed", ""))
    try:
        if step is None:
            raise ValidationError("没有这样的操作，请刷新页面。")
        messages.success(request, step(request, docking_round))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return HttpResponseRedirect(reverse("admin:rounds_report", args=[docking_round.pk]))


def _posted_report(request: UserRequest, docking_round: DockingRound) -> RoundReport:
    reports = RoundReport.objects.visible_to(request.user).filter(docking_round=docking_round)
    return get_object_or_404(reports, public_id=request.POST.get("report", "").replace("\x00", ""))


def _revision(request: UserRequest) -> int:
    """The posted revision; -1, which no draft has, for anything but a number."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else -1
