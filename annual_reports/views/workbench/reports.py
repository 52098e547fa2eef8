"""Annual reports of the own institution; those handed in also for city staff, who only read."""

import io
import zipfile
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from annual_reports.contents import changes_since_review, content_of, filled_version, last_answers
from annual_reports.layouts import report_questions
from annual_reports.models import AnnualReport, ReportFile
from annual_reports.presentation import row_of
from annual_reports.services import reports as services
from audit.services import record
from audit.wording import trail_of
from core.downloads import send_download, send_stored
from core.pagination import PAGE_SIZE
from mechanism.kpi.institution_report import REPORT_FIGURES, rows_behind

ZIP = "application/zip"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_list(request: UserRequest) -> HttpResponse:
    """POST begins a report: `institution`, `year`."""
    user = request.user
    institutions = Organisation.objects.filter(pk__in=user.scope.institution_ids).order_by("name")
    if request.method == "POST":
        institution = get_object_or_404(institutions, public_id=request.POST.get("institution", "")[:10])
        year = request.POST.get("year", "").strip()
        try:
            if not year.isdecimal() or len(year) != 4:
                raise ValidationError("年度请写四位数，例如 2026。")
            report = services.start_report(institution, int(year), by=user)
            return redirect("annual_report", report.public_id)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("annual_reports")
    rows = AnnualReport.objects.visible_to(user).select_related("institution", "filled_by")
    context = {
        "page": Paginator(rows.prefetch_related("versions"), PAGE_SIZE).get_page(request.GET.get("page")),
        "institutions": institutions,
        "likely_year": services.likely_year(),
        "may_read_all": user.scope.sees_all,
    }
    return render(request, "annual_reports/workbench/reports.html", context)


@login_required
@require_safe
def report_page(request: UserRequest, public_id: str) -> HttpResponse:
    """The working copy for the office; for city staff the last version handed in."""
    report = _report_or_404(request, public_id)
    is_office = report.institution_id in request.user.scope.institution_ids
    versions = list(report.versions.select_related("handed_in_by", "reviewed_by").prefetch_related("files"))
    context: dict[str, Any] = {"report": report, "is_office": is_office, "versions": versions}
    if is_office:
        content = content_of(report)
        context |= {
            "content": content,
            "filled": content.layouts,
            "changes": changes_since_review(report, content.figures),
            "shown": services.numbers_hash(content.figures),
            "is_own": report.filled_by_id == request.user.pk,
            "is_alone": services.is_alone(report, request.user),
            "trail": trail_of([report], request.user),
        }
    else:
        context |= {"filled": filled_version(versions[0])}
    return render(request, "annual_reports/workbench/report.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_answers(request: UserRequest, public_id: str) -> HttpResponse:
    """The questions of a draft. POST `revision` and `q-<key>`; with `step` = zeros, empty numbers are 0; `step` = last
    takes over last year's numbers.
    """
    report = _own_or_404(request, public_id)
    if request.method != "POST":
        return _answers_page(request, report)
    if request.POST.get("step") == "last":
        try:
            number = services.take_last_answers(report, by=request.user)
            text = (
                f"已沿用去年填的 {number} 个数，请逐个核对。"
                if number
                else "没有可以沿用的：去年没有填，或者都已经填了。"
            )
            messages.success(request, text)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("annual_report_answers", public_id)
    questions = report_questions()
    values = {key: request.POST.get(f"q-{key}", "") for key in questions if f"q-{key}" in request.POST}
    if request.POST.get("step") == "zeros":
        values |= {key: "0" for key, text in values.items() if questions[key].kind != "text" and not text.strip()}
    revision = request.POST.get("revision", "")
    try:
        shown_revision = int(revision) if revision.isdecimal() and len(revision) < 9 else 0
        services.save_answers(report, values, revision=shown_revision, by=request.user)
    except ValidationError as error:
        errors = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return _answers_page(request, report, typed=values, errors=errors, status=422)
    messages.success(request, "已保存。")
    return redirect("annual_report", public_id)


def _answers_page(
    request: UserRequest,
    report: AnnualReport,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    last, errors = last_answers(report), errors or {}
    values = report.answers | (typed or {})
    questions = [
        {
            "question": row,
            "value": values.get(row.key, ""),
            "last": last.get(row.key, ""),
            "error": "；".join(errors.get(row.key, [])),
        }
        for row in report_questions().values()
    ]
    context = {
        "report": report,
        "numbers": [row for row in questions if row["question"].kind != "text"],
        "texts": [row for row in questions if row["question"].kind == "text"],
        "errors": [row for row in questions if row["error"]],
        "other_errors": errors.get("", []),
        "has_last": bool(last),
        "revision": request.POST.get("revision", report.revision) if typed is not None else report.revision,
    }
    return render(request, "annual_reports/workbench/answers.html", context, status=status)


@login_required
@require_POST
def report_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: submit, review (with `shown`), return (with `reason`), hand_in."""
    report = _own_or_404(request, public_id)
    step, user = request.POST.get("step", ""), request.user
    try:
        if step == "submit":
            services.submit_report(report, by=user)
            messages.success(request, "已提交，请本单位的另一位专员审核。")
        elif step == "review":
            services.review_report(report, shown=request.POST.get("shown", ""), by=user)
            messages.success(request, "已审核，可以报送了。")
        elif step == "return":
            services.return_report(report, reason=request.POST.get("reason", ""), by=user)
            messages.success(request, "已退回填报。")
        elif step == "hand_in":
            version = services.hand_in(report, by=user)
            messages.success(request, f"已留存第 {version.number} 版，文件在下面下载。")
        else:
            raise Http404
    except ValidationError as error:
        for text in error.messages:
            messages.error(request, text)
    return redirect("annual_report", public_id)


@login_required
@require_safe
def report_draft(request: UserRequest, public_id: str) -> HttpResponse:
    """The forms as they are now, marked as draft: Word and Excel in one zip."""
    from annual_reports.files import render_files  # loads openpyxl, which few processes need

    report = _own_or_404(request, public_id)
    files = render_files(report, content_of(report).layouts, by=request.user, version=None)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.writestr(file.name, file.content)
    record("导出年度报告草稿", report, by=request.user, changes={"rows": [None, len(files)]})
    return send_download(archive.getvalue(), f"{report.year}年度报告_草稿.zip", ZIP)


@login_required
@require_safe
def report_file(request: UserRequest, public_id: str) -> FileResponse:
    row = get_object_or_404(ReportFile.objects.visible_to(request.user), public_id=public_id)
    record("下载年度报告", row.version.report, by=request.user, changes={"file": [None, row.name]})
    return send_stored(row.file, row.name, row.content_type)


@login_required
@require_safe
def report_rows(request: UserRequest, public_id: str) -> HttpResponse:
    """The rows behind a number, as they are now: `figure`, by default all contracts. Of rewards the cases, without the
    amounts of persons."""
    report = _own_or_404(request, public_id)
    key = request.GET.get("figure", "all_contracts")
    figure = REPORT_FIGURES.get(key)
    if figure is None:
        raise Http404
    rows = rows_behind(key, report.institution, report.year)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    cell = next(
        (
            cell
            for layout in content_of(report).layouts
            for table in layout.tables
            for line in table.lines
            for cell in line.cells
            if cell.figure == key
        ),
        None,
    )
    context = {
        "report": report,
        "figure": figure,
        "pager_query": urlencode({"figure": key}),
        "value": cell.shown if cell else "",
        "page": page,
        "lines": [row_of(row, request.user) for row in page],
        "is_contracts": page.object_list and page.object_list[0]._meta.model_name == "contract",
    }
    return render(request, "annual_reports/workbench/rows.html", context)


def _report_or_404(request: UserRequest, public_id: str) -> AnnualReport:
    rows = AnnualReport.objects.visible_to(request.user).select_related("institution", "filled_by", "reviewed_by")
    return get_object_or_404(rows, public_id=public_id)


def _own_or_404(request: UserRequest, public_id: str) -> AnnualReport:
    rows = AnnualReport.objects.managed_by(request.user).select_related("institution", "filled_by", "reviewed_by")
    return get_object_or_404(rows, public_id=public_id)
