"""商机进程: a broker's cases by stage, the next step of each, and the list as a workbook."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
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
from brokerage.services.next_steps import finish_step
from core.downloads import send_download

HEADERS = ("阶段", "事项", "委托方", "对方", "自", "等谁", "下一步", "下一步日期")


def _cases(request: UserRequest) -> list[Case]:
    if not request.user.scope.is_broker:
        raise PermissionDenied("商机进程由技术经纪人查看。")
    return cases_of(request.user)


@login_required
@require_safe
def pipeline(request: UserRequest) -> HttpResponse:
    show = request.GET.get("show", "")
    return _render(request, _cases(request), show if show in STAGES else "")


def _render(
    request: UserRequest, cases: list[Case], show: str, *, faulty: StepForm | None = None, key: str = ""
) -> HttpResponse:
    """`faulty`: the refused next step of the case `key`, which shows again what was typed."""
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
        "faulty": faulty,
        "faulty_key": key,
    }
    return render(request, "brokerage/workbench/pipeline.html", context, status=422 if faulty else 200)


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
    cases = _cases(request)
    case = next((case for case in cases if case.key == key), None)
    if case is None:
        raise Http404
    page = f"{reverse('pipeline')}?show={case.stage}#{case.key}"
    if "done" in request.POST:
        step = NextStep.objects.visible_to(request.user).open().filter(pk=case.step.pk if case.step else 0).first()
        if step is not None:
            finish_step(step, by=request.user)
            messages.success(request, "已完成。")
        return redirect(page)
    form = StepForm(request.POST, case=case, by=request.user)
    if not (form.is_valid() and form.save()):
        return _render(request, cases, case.stage, faulty=form, key=case.key)
    messages.success(request, "已记下，只有本机构的人能看到。")
    return redirect(page)
