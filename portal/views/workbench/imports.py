"""Importing a sheet: upload, what is wrong with it, the same sheet back with its faults marked, and the writing."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organisation, SourceFile
from accounts.services.source_files import store_source_file
from core.downloads import send_download
from matching.duplicates import warn_of_duplicates
from portal.import_kinds import KINDS, ImportKind
from sheets.archive import Limits, UnreadableSheet
from sheets.marking import mark_workbook

PER_PAGE = 50


@login_required
@require_http_methods(["GET", "POST"])
def start(request, kind):
    """Choose a file. What is no sheet, or may not be kept, is refused here and nothing of it stays."""
    subject = _allowed(request, kind)
    context = {"subject": subject}
    if request.method == "GET":
        return render(request, "portal/workbench/import_start.html", context)
    own = bool(request.POST.get("own"))
    try:
        upload = request.FILES.get("file")
        if upload is None:
            raise UnreadableSheet("还没有选择文件，请先选择一个 .xlsx 或 .csv 文件。")
        if upload.size > Limits().file_bytes:
            raise UnreadableSheet("文件超过 20 MB，请删去图片或多余的工作表，或分成几个文件上传。")
        content = upload.read()
        subject.check(content, upload.name, by=request.user, only_own=own)
    except (UnreadableSheet, ValidationError, PermissionDenied) as error:
        context |= {"error": _sentence(error), "own": own}
        return render(request, "portal/workbench/import_start.html", context, status=422)
    stored = store_source_file(
        kind, content=content, name=upload.name, by=request.user, organisation=_organisation(request.user)
    )
    return redirect(_report_url(stored, own))


@login_required
@require_GET
def report(request, public_id):
    """What is in the sheet and what is wrong with it; once imported, what became of it."""
    source_file, subject = _own_file(request, public_id)
    own = request.GET.get("own") == "1"
    context = {"source_file": source_file, "subject": subject, "own": own}
    if source_file.written_at:
        context["next_words"], context["next_url"] = subject.next_step(request.user.scope)
        return render(request, "portal/workbench/import_done.html", context)
    found = _checked(source_file, subject, request.user, own)
    page = Paginator(found.errors or found.warnings, PER_PAGE).get_page(request.GET.get("page"))
    context |= {"report": found, "page": page, "ready": len(found.rows), "other": not request.user.scope.is_city}
    context["before"] = _imported_before(source_file, request.user)
    return render(request, "portal/workbench/import_report.html", context)


@login_required
@require_GET
def marked(request, public_id):
    """The same workbook with faulty cells coloured and commented."""
    source_file, subject = _own_file(request, public_id)
    found = _checked(source_file, subject, request.user, request.GET.get("own") == "1")
    stem = source_file.name.rpartition(".")[0] or source_file.name
    return send_download(mark_workbook(_content(source_file), found), f"{stem}_标注.xlsx")


@login_required
@require_POST
def write(request, public_id):
    """Import the whole sheet or nothing. A second click finds it done."""
    source_file, subject = _own_file(request, public_id)
    own = bool(request.POST.get("own"))
    if source_file.written_at is None:
        try:
            result = subject.write(source_file, by=request.user, only_own=own)
            if result.updated:
                messages.info(request, f"更新了 {result.updated} {subject.measure}已有的{subject.name}。")
            if result.skipped:
                messages.info(request, f"有 {result.skipped} {subject.measure}已在审核或已通过，保持原样，没有改动。")
        except (ValidationError, UnreadableSheet) as error:
            messages.error(request, _sentence(error))
    return redirect(_report_url(source_file, own))


@login_required
@require_GET
def template(request, kind):
    subject = _allowed(request, kind)
    return send_download(subject.template(), f"{subject.name}导入模板.xlsx")


def _allowed(request, kind) -> ImportKind:
    subject = KINDS.get(kind)
    if subject is None or not subject.may(request.user.scope):
        raise Http404
    return subject


def _own_file(request, public_id) -> tuple[SourceFile, ImportKind]:
    source_file = get_object_or_404(SourceFile.objects.visible_to(request.user), public_id=public_id)
    return source_file, _allowed(request, source_file.kind)


def _organisation(user) -> Organisation | None:
    """Whose colleagues may open the report, too; for somebody of several organisations there is no telling."""
    ids = user.scope.organisation_ids
    return Organisation.objects.get(pk__in=ids) if len(ids) == 1 else None


def _imported_before(source_file: SourceFile, user) -> SourceFile | None:
    """The latest earlier upload of the same bytes that was written."""
    same = SourceFile.objects.visible_to(user).filter(kind=source_file.kind, sha256=source_file.sha256)
    return same.filter(written_at__isnull=False).order_by("-written_at").first()


def _checked(source_file: SourceFile, subject: ImportKind, user, own: bool):
    found = subject.check(_content(source_file), source_file.name, by=user, only_own=own)
    return warn_of_duplicates(subject.doubles, found, by=user) if subject.doubles else found


def _content(source_file: SourceFile) -> bytes:
    with source_file.file.open("rb") as file:
        return file.read()


def _report_url(source_file: SourceFile, own: bool) -> str:
    return reverse("import_report", args=[source_file.public_id]) + ("?own=1" if own else "")


def _sentence(error: Exception) -> str:
    return "；".join(error.messages) if isinstance(error, ValidationError) else str(error) or "您不能导入这份表格。"
