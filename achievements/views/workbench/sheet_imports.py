"""Pages of a negotiated import: verdict and findings, headers, single cells, learned spellings."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import SourceFile
from accounts.requests import UserRequest
from achievements.models import LearnedSpelling, SheetFinding, SheetImport, SheetImportRow
from achievements.services import sheet_decisions
from achievements.services.sheet_absent import STILL, absent_items, answer_absent
from achievements.services.sheet_writing import begin_writing
from achievements.sheet_import_view import counts_of, grid_rows, groups_of, header_rows, notices_of

ROWS_PER_PAGE = 20
SPELLINGS_PER_PAGE = 50
SIMILAR_PER_PAGE = 20
ABSENT_PER_PAGE = 50
_CELL = re.compile(r"c-(\d{1,7})-([a-z_]{1,40})")
_HEADER = re.compile(r"map-(\d{1,3})")


def sheet_import_of(source_file: SourceFile) -> SheetImport | None:
    return SheetImport.objects.filter(source_file=source_file).select_related("source_file", "started_by").first()


def _visible(request: UserRequest, public_id: str) -> SheetImport:
    """The import of a sheet that the user may see and import. 404 else."""
    scope = request.user.scope
    if not (scope.institution_ids or scope.is_city):
        raise Http404
    files = SourceFile.objects.visible_to(request.user).filter(kind=SourceFile.Kind.ACHIEVEMENTS)
    source_file = get_object_or_404(files, public_id=public_id)
    sheet_import = sheet_import_of(source_file)
    if sheet_import is None:
        raise Http404
    return sheet_import


def _page_of(sheet_import: SheetImport) -> str:
    return reverse("import_report", args=[sheet_import.source_file.public_id])


@require_GET
def sheet_import_page(
    request: UserRequest,
    sheet_import: SheetImport,
    *,
    earlier_import: SourceFile | None = None,
    similar: Mapping[int, str] | None = None,
) -> HttpResponse:
    """The verdict, the findings by group and the headers. The caller has checked who may see it.

    similar: {row number: sentence} of rows that resemble what is registered; they are shown and hold nothing back.
    """
    similar = similar or {}
    groups, group_count = groups_of(sheet_import)
    context: dict[str, Any] = {
        "sheet_import": sheet_import,
        "source_file": sheet_import.source_file,
        "counts": counts_of(sheet_import),
        "groups": groups,
        "group_count": group_count,
        "headers": header_rows(sheet_import),
        "notices": notices_of(sheet_import),
        "absent_count": absent_items(sheet_import, request.user).count(),
        "similar_count": len(similar),
        "page": Paginator(_with_titles(sheet_import, similar), SIMILAR_PER_PAGE).get_page(request.GET.get("page")),
        "earlier_import": earlier_import if not sheet_import.source_file.written_at else None,
        "next_url": _drafts_url(request),
    }
    return render(request, "achievements/workbench/sheet_import.html", context)


def _with_titles(sheet_import: SheetImport, similar: Mapping[int, str]) -> list[tuple[int, str, str]]:
    """(row number, title in the sheet, sentence) in the order of the sheet."""
    titles = dict(sheet_import.rows.filter(number__in=similar).values_list("number", "title")) if similar else {}
    return [(number, titles.get(number, ""), message) for number, message in sorted(similar.items())]


def _drafts_url(request: UserRequest) -> str:
    if request.user.scope.is_city:
        return reverse("admin:achievements_achievement_changelist") + "?status__exact=office_review"
    return reverse("my_achievements") + "?status=draft"


def write_rows_of(request: HttpRequest, sheet_import: SheetImport) -> HttpResponse:
    """Import the rows that are ready, many of them by a task."""
    try:
        result = begin_writing(sheet_import, by=request.user)
    except (ValidationError, PermissionDenied) as error:
        messages.error(request, "；".join(getattr(error, "messages", [str(error)])))
        return redirect(_page_of(sheet_import))
    if result is not None:
        if not any(result) and not sheet_import.source_file.written_at:
            messages.info(request, "还没有可以导入的行，请先商量或修改。")
        if result.updated:
            messages.info(
                request,
                f"更新了 {result.updated} 项已有的科技成果。已入库成果的价格、转化方式等已经改好；"
                "简介、阶段、指标等的改动，市里审核后生效。",
            )
        if result.skipped:
            messages.info(request, f"有 {result.skipped} 项已在审核或已通过，保持原样，没有改动。")
    return redirect(_page_of(sheet_import))


@login_required
@require_POST
def decide_findings(request: UserRequest, public_id: str) -> HttpResponse:
    """Decide a group, all proposals, or with `finding` one cell."""
    sheet_import = _visible(request, public_id)
    posted = request.POST
    option = int(posted["option"]) if posted.get("option", "").isdecimal() and len(posted["option"]) < 4 else None
    action = posted.get("action", "")
    try:
        if action == "all":
            count = sheet_decisions.accept_all_proposals(sheet_import, by=request.user)
        elif action == "fill":
            count = sheet_decisions.fill_missing(
                sheet_import, posted.get("key", ""), posted.get("text", ""), by=request.user
            )
        elif posted.get("finding", "").isdecimal():
            count = sheet_decisions.decide(
                sheet_import, [int(posted["finding"][:15])], action, by=request.user, option=option
            )
        else:
            group = posted.get("group", "")[:200]
            count = sheet_decisions.decide_group(sheet_import, group, action, by=request.user, option=option)
        messages.success(request, f"定了 {count} 处。" if count else "没有需要定的地方，可能刚刚已经定过。")
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    back = posted.get("back") == "cells"
    return redirect(reverse("sheet_import_cells", args=[public_id]) if back else _page_of(sheet_import) + "#findings")


@login_required
@require_POST
def map_columns(request: UserRequest, public_id: str) -> HttpResponse:
    """Say what headers mean, which worksheet is read, and what stands for a missing column."""
    sheet_import = _visible(request, public_id)
    mapping = {}
    for name, value in request.POST.items():
        if (match := _HEADER.fullmatch(name)) and value != "?":
            mapping[int(match[1])] = value[:40]
    constants = {
        name.removeprefix("all-"): value[:200] for name, value in request.POST.items() if name.startswith("all-")
    }
    try:
        sheet_decisions.map_headers(
            sheet_import,
            mapping,
            by=request.user,
            sheet_title=request.POST.get("sheet", "")[:100],
            constants=constants,
        )
        messages.success(request, "已按新的表头重新读取，下次同样的表头不再问。")
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    return redirect(_page_of(sheet_import))


@login_required
@require_http_methods(["GET", "POST"])
def cells(request: UserRequest, public_id: str) -> HttpResponse:
    """The open rows in a grid; POST writes the changed cells and reads them again."""
    sheet_import = _visible(request, public_id)
    if request.method == "POST":
        texts = {
            (int(match[1]), match[2]): value
            for name, value in request.POST.items()
            if (match := _CELL.fullmatch(name)) and value != request.POST.get(f"was-{match[1]}-{match[2]}")
        }
        try:
            understood = sheet_decisions.edit_cells(sheet_import, texts, by=request.user)
            rest = len(texts) - understood
            messages.success(request, f"改了 {len(texts)} 格" + (f"，其中 {rest} 格还要再改。" if rest else "。"))
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        return redirect(request.get_full_path())
    rows = sheet_import.rows.filter(state=SheetImportRow.State.OPEN)
    group = request.GET.get("group", "")[:200]
    if group:
        chosen = SheetFinding.objects.filter(sheet_import=sheet_import, group=group, is_open=True)
        rows = rows.filter(pk__in=chosen.values("row"))
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "sheet_import": sheet_import,
        "source_file": sheet_import.source_file,
        "page": page,
        "grid": grid_rows(list(page)),
        "group": group,
    }
    return render(request, "achievements/workbench/sheet_import_cells.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def absent(request: UserRequest, public_id: str) -> HttpResponse:
    """Offered items that the sheet does not name; POST answers for one, for those ticked, or "仍有" for all."""
    sheet_import = _visible(request, public_id)
    if request.method == "POST":
        _answer_absent(request, sheet_import)
        return redirect(request.get_full_path())
    rows = absent_items(sheet_import, request.user)
    total = rows.count()
    q = request.GET.get("q", "").strip()[:60]
    if q:
        rows = rows.filter(title__icontains=q)
    context = {
        "sheet_import": sheet_import,
        "source_file": sheet_import.source_file,
        "page": Paginator(rows, ABSENT_PER_PAGE).get_page(request.GET.get("page")),
        "total": total,
        "q": q,
    }
    return render(request, "achievements/workbench/sheet_import_absent.html", context)


def _answer_absent(request: UserRequest, sheet_import: SheetImport) -> None:
    posted = request.POST
    ticked = [posted["one"]] if "one" in posted else posted.getlist("item")
    items = [int(text) for text in ticked[:500] if text.isdecimal() and len(text) < 16]
    answer = STILL if "one" in posted else posted.get("answer", "")
    is_all = answer == "still-all"
    try:
        count, problems = answer_absent(
            sheet_import,
            STILL if is_all else answer,
            by=request.user,
            items=None if is_all else items,
            reason=posted.get("reason", "")[:200],
        )
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return
    if count:
        messages.success(request, f"答了 {count} 项。")
    for problem in problems[:5]:
        messages.error(request, problem)


@login_required
@require_http_methods(["GET", "POST"])
def learned_spellings(request: UserRequest) -> HttpResponse:
    """What the office's sheets taught; POST takes one back."""
    scope = request.user.scope
    if not (scope.institution_ids or scope.is_city):
        raise Http404
    visible = LearnedSpelling.objects.visible_to(request.user).select_related("organisation", "learned_by")
    if request.method == "POST":
        pk = request.POST.get("spelling", "")
        spelling = get_object_or_404(visible, pk=int(pk) if pk.isdecimal() and len(pk) < 16 else 0)
        sheet_decisions.forget(spelling, by=request.user)
        messages.success(request, f"“{spelling.written}”不再记住，下次会再问。")
        return redirect("learned_spellings")
    q = request.GET.get("q", "").strip()[:60]
    if q:
        visible = visible.filter(written__icontains=q)
    page = Paginator(visible, SPELLINGS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "achievements/workbench/learned_spellings.html", {"page": page, "q": q})
