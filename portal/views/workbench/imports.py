"""Import of a sheet: upload, check report, the same workbook with marked errors, and writing to the database."""

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import caches
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organisation, SourceFile, User
from accounts.requests import UserRequest
from accounts.services.source_files import store_source_file
from achievements.models import SheetImport
from achievements.services import sheet_imports
from achievements.sheet_import_view import new_rows
from achievements.sheet_marks import marked_rest
from achievements.views.workbench.sheet_imports import sheet_import_of, sheet_import_page, write_rows_of
from core.downloads import send_download
from matching.duplicates import duplicate_warnings
from portal.import_kinds import KINDS, ImportKind
from portal.sheet_checks import MOST_STORED, SHORT_BYTES, error_text, marked_sheet, start_check, start_write
from portal.sheet_progress import cancel, resume
from sheets.archive import Limits, UnreadableSheet, detect_file_type, open_archive, too_large_error
from sheets.checking import SheetReport

PROBLEMS_PER_PAGE = 50
MOST_ROWS_COMPARED = 1000
"""Rows of a negotiated sheet that are compared with the registry when its page is shown: the first new ones."""
SIMILAR_KEPT_SECONDS = 600


@login_required
@require_http_methods(["GET", "POST"])
def import_start(request: UserRequest, kind: str) -> HttpResponse:
    """Upload a file. A file that is no sheet, or that the user may not import, is refused and not stored."""
    import_kind = _allowed_kind(request, kind)
    context: dict[str, Any] = {"import_kind": import_kind}
    if request.method == "GET":
        return render(request, "portal/workbench/import_start.html", context)
    only_own = bool(request.POST.get("own"))
    try:
        upload = request.FILES.get("file")
        if upload is None:
            raise UnreadableSheet("还没有选择文件，请先选择一个 .xlsx 或 .csv 文件。")
        if upload.size > Limits().file_bytes:
            raise too_large_error(upload.size, Limits())
        content = upload.read()
        report = _admitted(import_kind, content, upload.name, request.user, only_own)
    except (UnreadableSheet, ValidationError, PermissionDenied) as error:
        context |= {"error": error_text(error), "only_own": only_own}
        return render(request, "portal/workbench/import_start.html", context, status=422)
    source_file = store_source_file(
        kind, content=content, name=upload.name, by=request.user, organisation=_only_organisation(request.user)
    )
    if import_kind.start:
        import_kind.start(source_file, by=request.user, only_own=only_own)
    else:
        start_check(source_file, by=request.user, only_own=only_own, report=report)
    return redirect(_report_url(source_file, only_own))


@login_required
@require_GET
def import_report(request: UserRequest, public_id: str) -> HttpResponse:
    """The check report of a stored sheet, or after the import its result."""
    source_file, import_kind = _source_file(request, public_id)
    if sheet_import := sheet_import_of(source_file):
        return sheet_import_page(
            request,
            sheet_import,
            earlier_import=_earlier_import(source_file, request.user),
            similar=_similar_to_registered(sheet_import, import_kind, request.user),
        )
    only_own = request.GET.get("own") == "1"
    context = {"source_file": source_file, "import_kind": import_kind, "only_own": only_own}
    if source_file.written_at:
        context["next_label"], context["next_url"] = import_kind.next_step(request.user.scope)
        context["check"] = source_file.checks.filter(only_own=only_own).first()
        return render(request, "portal/workbench/import_done.html", context)
    check = source_file.checks.filter(only_own=only_own).first()
    context |= {"check": check, "may_restrict": not request.user.scope.is_city}
    if check:
        problems = Paginator(check.problems.filter(is_warning=not check.error_count), PROBLEMS_PER_PAGE)
        problems.count = min(check.error_count or check.warning_count, MOST_STORED)
        context |= {"most_listed": MOST_STORED, "written": import_kind.written_text(check)}
        context["page"] = problems.get_page(request.GET.get("page"))
        context["earlier_import"] = _earlier_import(source_file, request.user)
    return render(request, "portal/workbench/import_report.html", context)


@login_required
@require_POST
def import_check(request: UserRequest, public_id: str) -> HttpResponse:
    """Check a stored sheet again, or only the rows of the user's own organisations."""
    source_file, import_kind = _source_file(request, public_id)
    only_own = bool(request.POST.get("own"))
    if source_file.written_at is None and not import_kind.start:
        start_check(source_file, by=request.user, only_own=only_own)
    return redirect(_report_url(source_file, only_own))


@login_required
@require_GET
def marked_workbook(request: UserRequest, public_id: str) -> HttpResponse:
    """The uploaded workbook with coloured and commented error cells."""
    source_file, _import_kind = _source_file(request, public_id)
    if sheet_import := sheet_import_of(source_file):
        stem = source_file.name.rpartition(".")[0] or source_file.name
        return send_download(marked_rest(_content(source_file), sheet_import, by=request.user), f"{stem}_待补.xlsx")
    check = source_file.checks.filter(only_own=request.GET.get("own") == "1").first()
    if check is None or not check.is_checked:
        messages.info(request, "这份表格还没有检查完，检查完再下载标注的表格。")
        return redirect(_report_url(source_file, request.GET.get("own") == "1"))
    stem = source_file.name.rpartition(".")[0] or source_file.name
    return send_download(marked_sheet(check), f"{stem}_标注.xlsx")


@login_required
@require_POST
def import_write(request: UserRequest, public_id: str) -> HttpResponse:
    """Import a sheet without errors; of a negotiated one the rows that are ready. A second request adds nothing."""
    source_file, _import_kind = _source_file(request, public_id)
    if sheet_import := sheet_import_of(source_file):
        return write_rows_of(request, sheet_import)
    only_own = bool(request.POST.get("own"))
    if source_file.written_at is None:
        start_write(source_file, by=request.user, only_own=only_own)
    return redirect(_report_url(source_file, only_own))


@login_required
@require_POST
def import_run(request: UserRequest, public_id: str) -> HttpResponse:
    """Stop reading, checking or importing a long sheet, or go on."""
    source_file, _import_kind = _source_file(request, public_id)
    is_stop = request.POST.get("action") == "cancel"
    only_own = bool(request.POST.get("own"))
    if sheet_import := sheet_import_of(source_file):
        (sheet_imports.cancel if is_stop else sheet_imports.resume)(sheet_import, by=request.user)
    elif check := source_file.checks.filter(only_own=only_own).first():
        (cancel if is_stop else resume)(check, by=request.user)
    return redirect(_report_url(source_file, only_own))


@login_required
@require_GET
def import_template(request: UserRequest, kind: str) -> HttpResponse:
    import_kind = _allowed_kind(request, kind)
    return send_download(import_kind.template(), f"{import_kind.name}导入模板.xlsx")


def _allowed_kind(request: UserRequest, kind: str) -> ImportKind:
    import_kind = KINDS.get(kind)
    if import_kind is None or not import_kind.is_allowed(request.user.scope):
        raise Http404
    return import_kind


def _source_file(request: UserRequest, public_id: str) -> tuple[SourceFile, ImportKind]:
    source_file = get_object_or_404(SourceFile.objects.visible_to(request.user), public_id=public_id)
    return source_file, _allowed_kind(request, source_file.kind)


def _only_organisation(user: User) -> Organisation | None:
    """The organisation whose members may also open the report; None for a user of several organisations."""
    ids = user.scope.organisation_ids
    return Organisation.objects.get(pk__in=ids) if len(ids) == 1 else None


def _earlier_import(source_file: SourceFile, user: User) -> SourceFile | None:
    """The latest imported file with the same content."""
    same = SourceFile.objects.visible_to(user).filter(kind=source_file.kind, sha256=source_file.sha256)
    return same.filter(written_at__isnull=False).order_by("-written_at").first()


def _admitted(import_kind: ImportKind, content: bytes, name: str, user: User, only_own: bool) -> SheetReport | None:
    """Refuse a file that is no sheet or that the user may not import; return the report of a short sheet."""
    if import_kind.admit:
        import_kind.admit(content, name, by=user, only_own=only_own)
        return None
    if len(content) > SHORT_BYTES:
        if detect_file_type(content, name) == "xlsx":
            open_archive(content, Limits()).close()
        return None
    report: SheetReport = import_kind.check(content, name, by=user, only_own=only_own)
    return report


def _similar_to_registered(sheet_import: SheetImport, import_kind: ImportKind, user: User) -> dict[int, str]:
    """{row number: sentence}; none while the sheet is being read, because the page is then reloaded again and again.

    To compare 500 rows takes half a second; each decision leads back to the page, so the answer is kept for a while.
    """
    if sheet_import.is_running or not import_kind.duplicates_of:
        return {}
    rows = new_rows(sheet_import, MOST_ROWS_COMPARED)
    compared = repr([(row.number, row.values["title"], row.values["institution"]) for row in rows]).encode()
    key = f"similar-{sheet_import.source_file.public_id}-{user.pk}-{hashlib.sha256(compared).hexdigest()}"
    similar = caches["process"].get(key)
    if similar is None:
        similar = duplicate_warnings(import_kind.duplicates_of, rows, by=user)
        caches["process"].set(key, similar, SIMILAR_KEPT_SECONDS)
    return similar


def _content(source_file: SourceFile) -> bytes:
    with source_file.file.open("rb") as file:
        return file.read()


def _report_url(source_file: SourceFile, only_own: bool) -> str:
    return reverse("import_report", args=[source_file.public_id]) + ("?own=1" if only_own else "")
