"""Measures that a bureau leads or joins: list, page, report with evidence. Officers with the admin see them there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_stored
from core.pagination import PAGE_SIZE
from mechanism.forms.bureau_reports import BureauReportForm
from mechanism.models import Evidence, Measure
from mechanism.models.measure import MeasureQuerySet
from mechanism.presentation import STATE_BADGES
from mechanism.services.bureau_reports import reporting_bureau
from mechanism.views.staff.measures import MAX_REMARKS


def _measures(request: UserRequest) -> MeasureQuerySet:
    """Only those of the user's bureaus: the workbench has no page for those whom the admin serves."""
    rows = Measure.objects.visible_to(request.user)
    return rows if request.user.scope.bureau_ids else rows.none()


@login_required
@require_safe
def bureau_measures(request: UserRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    rows = _measures(request).overdue_first().select_related("task", "organisation")
    if state in Measure.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, STATE_BADGES[row.state]) for row in page],
        "states": Measure.State.choices,
        "state": state,
        "today": timezone.localdate(),
    }
    return render(request, "mechanism/workbench/bureau_measures.html", context)


@login_required
@require_safe
def bureau_measure(request: UserRequest, public_id: str) -> HttpResponse:
    return _render_measure(request, _measure_or_404(request, public_id))


@login_required
@require_POST
def bureau_report(request: UserRequest, public_id: str) -> HttpResponse:
    row = _measure_or_404(request, public_id)
    form = BureauReportForm(request.POST, request.FILES, measure=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "已报告，市里审核后会告诉您。")
        return redirect("bureau_measure", public_id)
    return _render_measure(request, row, faulty=form, status=422)


@login_required
@require_safe
def bureau_evidence(request: UserRequest, public_id: str) -> FileResponse:
    files = Evidence.objects.kept().exclude(file="").filter(measure__in=_measures(request))
    evidence = get_object_or_404(files, public_id=public_id)
    return send_stored(evidence.file, evidence.name, evidence.content_type)


def _measure_or_404(request: UserRequest, public_id: str) -> Measure:
    rows = _measures(request).with_state().select_related("task", "organisation", "owner")
    return get_object_or_404(rows, public_id=public_id)


def _render_measure(
    request: UserRequest, row: Measure, *, faulty: BureauReportForm | None = None, status: int = 200
) -> HttpResponse:
    bureau = reporting_bureau(row, request.user)
    pending = row.remarks.pending().filter(organisation=bureau).exists()
    context = {
        "measure": row,
        "badge": STATE_BADGES[row.state],
        "joint": row.joint.order_by("name"),
        "milestones": row.milestones.all(),
        "evidence": row.evidence.kept().select_related("added_by", "remark"),
        "remarks": row.remarks.select_related("by", "organisation", "reviewed_by")[:MAX_REMARKS],
        "form": faulty or (BureauReportForm(measure=row, by=request.user) if row.is_open and not pending else None),
        "faulty": faulty,
        "is_pending": pending,
        "is_report_late": bool(row.is_open and row.report_due_on and row.report_due_on < timezone.localdate()),
    }
    return render(request, "mechanism/workbench/bureau_measure.html", context, status=status)
