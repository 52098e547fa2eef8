"""商机进程: a broker's cases by stage, the next step of each, and the list as a workbook."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from audit.exports import recorded_workbook
from brokerage.forms import StepForm
from brokerage.models import NextStep
from brokerage.pipeline import STAGES, Case, by_stage, cases_of
from brokerage.services.next_steps import finish_step, plan_step
from core.downloads import send_download
from core.forms import form_messages

HEADERS = ("阶段", "事项", "委托方", "对方", "自", "等谁", "下一步", "下一步日期")


def _cases(request: UserRequest) -> list[Case]:
    if not request.user.scope.is_broker:
        raise PermissionDenied("商机进程由技术经纪人查看。")
    return cases_of(request.user)


@login_required
@require_safe
def pipeline(request: UserRequest) -> HttpResponse:
    cases = _cases(request)
    show = request.GET.get("show", "")
    show = show if show in STAGES else ""
    groups = by_stage(cases)
    shown = [group for group in groups if group[2] and (group[0] == show if show else group[0] != "over")]
    context = {
        "groups": shown,
        "tabs": [("", "进行中", sum(len(rows) for stage, _label, rows in groups if stage != "over"))]
        + [(stage, label, len(rows)) for stage, label, rows in groups if rows],
        "show": show,
        "total": len(cases),
        "late": sum(case.is_late for case in cases if case.stage != "over"),
        "today": timezone.localdate(),
    }
    return render(request, "brokerage/workbench/pipeline.html", context)


@login_required
@require_safe
def pipeline_export(request: UserRequest) -> HttpResponse:
    rows = [
        (
            case.stage_label,
            case.title,
            case.client,
            case.other,
            case.since.isoformat(),
            case.waits_for,
            case.step.text if case.step else "",
            case.step.due_on.isoformat() if case.step else "",
        )
        for case in _cases(request)
    ]
    content = recorded_workbook("导出商机进程", "商机进程", HEADERS, rows, by=request.user)
    return send_download(content, "商机进程.xlsx")


@login_required
@require_POST
def pipeline_step(request: UserRequest, key: str) -> HttpResponse:
    """Plan the next step of one of the user's cases, or with `done` tick it off."""
    case = next((case for case in _cases(request) if case.key == key), None)
    if case is None:
        raise Http404
    page = f"{reverse('pipeline')}?show={case.stage}#{case.key}"
    if "done" in request.POST:
        step = NextStep.objects.visible_to(request.user).open().filter(pk=case.step.pk if case.step else 0).first()
        if step is not None:
            finish_step(step, by=request.user)
            messages.success(request, "已完成。")
        return redirect(page)
    form = StepForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_messages(form)[0])
        return redirect(page)
    try:
        plan_step(subject_type=case.kind, subject_id=case.pk, by=request.user, **form.cleaned_data)
        messages.success(request, "已记下，只有本机构的人能看到。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(page)
