"""The result of a trial at a base: the page of both sides, with its steps and files."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import UserRequest
from core.downloads import send_stored
from mechanism.forms.trials import STEPS, TrialStepForm, available_steps
from mechanism.models import BaseRequest, TrialFile, TrialResult
from mechanism.services.trials import maturity_hindrance, sides_of

BADGES: dict[str, str] = {"proposed": "b-wait", "disputed": "b-no", "confirmed": "b-ok"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial_result(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: the name of a form. Only of accepted requests."""
    rows = BaseRequest.objects.visible_to(request.user).filter(status=BaseRequest.Status.ACCEPTED)
    row = get_object_or_404(
        rows.select_related("base__organisation", "organisation", "achievement__institution"), public_id=public_id
    )
    if request.method != "POST":
        return _render_result(request, row)
    if not sides_of(row, request.user):
        raise PermissionDenied("中试结果由基地和申请单位填写、确认。")
    name = request.POST.get("step", "")
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST, request.FILES, request=row, result=_result_of(row), by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("trial_result", public_id)
    return _render_result(request, row, faulty=form, status=422)


@login_required
@require_safe
def trial_file(request: UserRequest, public_id: str) -> FileResponse:
    files = TrialFile.objects.filter(result__in=TrialResult.objects.visible_to(request.user))
    file = get_object_or_404(files, public_id=public_id)
    return send_stored(file.file, file.name, file.content_type)


def _result_of(row: BaseRequest) -> TrialResult | None:
    related = ("recorded_by", "base_by", "user_by", "revision", "request__base", "request__achievement")
    return TrialResult.objects.filter(request=row).select_related(*related).first()


def _render_result(
    request: UserRequest, row: BaseRequest, *, faulty: TrialStepForm | None = None, status: int = 200
) -> HttpResponse:
    user, result = request.user, _result_of(row)
    steps = available_steps(row, result, user)
    if faulty and faulty.step not in steps:
        messages.error(request, str(next(iter(faulty.non_field_errors()), "请刷新页面，查看最新状态。")))
        faulty = None
    forms = [
        faulty if faulty and faulty.step == name else STEPS[name](request=row, result=result, by=user) for name in steps
    ]
    context = {
        "base_request": row,
        "result": result,
        "badge": BADGES[result.status] if result else "",
        "files": result.files.select_related("added_by") if result else [],
        "forms": forms,
        "faulty": faulty,
        "hindrance": maturity_hindrance(result) if result and row.achievement else "",
    }
    return render(request, "mechanism/workbench/trial_result.html", context, status=status)
