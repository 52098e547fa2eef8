"""The page of a measure: requirements, milestones, reports, evidence, and the forms for the next steps."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_stored
from mechanism.forms.measures import STEPS, MeasureStepForm, available_steps
from mechanism.models import Evidence, Measure, Remark
from mechanism.presentation import STATE_BADGES
from mechanism.services.bureau_reports import accept_report, return_report
from mechanism.services.evidence import remove_evidence
from mechanism.services.measures import may_finish, may_report, reach_milestone
from mechanism.views.staff import city_or_district_required

MAX_REMARKS = 100


@require_safe
@city_or_district_required
def measure(request: UserRequest, public_id: str) -> HttpResponse:
    return _render_measure(request, _measure_or_404(request, public_id))


@require_POST
@city_or_district_required
def measure_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: the name of a form, or "reach", "remove", "accept_report" or "return_report" for the row `which`."""
    row = _measure_or_404(request, public_id)
    if not may_report(row, request.user):
        raise PermissionDenied
    name = request.POST.get("step", "")
    if name == "reach":
        return _reach_milestone(request, row)
    if name == "remove":
        return _remove_evidence(request, row)
    if name in {"accept_report", "return_report"}:
        return _review_report(request, row, accepted=name == "accept_report")
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST, request.FILES, measure=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("admin:mechanism_measure_page", public_id)
    return _render_measure(request, row, faulty=form, status=422)


@require_safe
@city_or_district_required
def download_evidence(request: UserRequest, public_id: str) -> FileResponse:
    """A file of a visible measure, sent as a download with the content type that was checked on upload."""
    files = Evidence.objects.kept().exclude(file="").filter(measure__in=Measure.objects.visible_to(request.user))
    evidence = get_object_or_404(files, public_id=public_id)
    return send_stored(evidence.file, evidence.name, evidence.content_type)


def _measure_or_404(request: UserRequest, public_id: str) -> Measure:
    rows = Measure.objects.visible_to(request.user).with_state()
    return get_object_or_404(
        rows.select_related("task", "organisation", "owner", "minutes", "done_by"), public_id=public_id
    )


def _reach_milestone(request: UserRequest, row: Measure) -> HttpResponse:
    pk = request.POST.get("which", "")
    milestones = row.milestones.filter(pk=int(pk) if pk.isascii() and pk.isdecimal() else 0)
    milestone = get_object_or_404(milestones.select_related("measure"))
    try:
        reach_milestone(milestone, by=request.user)
        messages.success(request, "已记为达到。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("admin:mechanism_measure_page", row.public_id)


def _review_report(request: UserRequest, row: Measure, *, accepted: bool) -> HttpResponse:
    """POST `which` report of a bureau, and `note`, the reason of a return."""
    pk = request.POST.get("which", "")
    reports = row.remarks.exclude(review=Remark.Review.NONE)
    remark = get_object_or_404(reports, pk=int(pk) if pk.isascii() and pk.isdecimal() and len(pk) < 18 else 0)
    note = request.POST.get("note", "")
    try:
        if accepted:
            accept_report(remark, note=note, by=request.user)
            messages.success(request, "已采纳，报告人会收到消息。")
        else:
            return_report(remark, reason=note, by=request.user)
            messages.success(request, "已退回，报告人会收到消息。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("admin:mechanism_measure_page", row.public_id)


def _remove_evidence(request: UserRequest, row: Measure) -> HttpResponse:
    public_id = request.POST.get("which", "")
    evidence = get_object_or_404(row.evidence.kept().select_related("measure"), public_id=public_id)
    try:
        remove_evidence(evidence, by=request.user)
        messages.success(request, "已移除。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("admin:mechanism_measure_page", row.public_id)


def _render_measure(
    request: UserRequest, row: Measure, *, faulty: MeasureStepForm | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    forms = {name: STEPS[name](measure=row, by=user) for name in available_steps(row, user)}
    if faulty and faulty.step in forms:
        forms[faulty.step] = faulty
    context = {
        "measure": row,
        "badge": STATE_BADGES[row.state],
        "milestones": row.milestones.select_related("reached_by"),
        "evidence": row.evidence.kept().select_related("added_by", "remark"),
        "joint": row.joint.order_by("name"),
        "remarks": row.remarks.select_related("by", "organisation", "reviewed_by")[:MAX_REMARKS],
        "forms": forms,
        "faulty": faulty,
        "may_report": may_report(row, user),
        "may_reach": may_finish(row, user),
        "may_review": user.scope.is_city,
        "may_change": user.has_perm("mechanism.change_measure"),
        "sees_all": user.scope.sees_all,
    }
    return render(request, "mechanism/staff/measure.html", context, status=status)
