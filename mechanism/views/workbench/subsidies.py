"""专项资金 for applicants: calls, own applications, one application, its files; the totals for city staff."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from core.downloads import send_stored
from core.forms import ServiceForm
from core.pagination import PAGE_SIZE
from mechanism.forms.subsidies import ApplicationForm, FileForm, ReportForm, StartForm, WithdrawForm
from mechanism.kpi.counting import count_visible_figures
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import SUBSIDIES
from mechanism.kpi.subsidy_totals import totals_of
from mechanism.models import SubsidyApplication, SubsidyBudget, SubsidyCall, SubsidyFile
from mechanism.services.subsidy_applications import remove_subsidy_file, submit_application
from mechanism.subsidy_steps import steps_of
from mechanism.subsidy_terms import missing_parts, most_of, sheet_of

FORMS: dict[str, tuple[Callable[..., ServiceForm], str]] = {
    "save": (ApplicationForm, "已保存。"),
    "file": (FileForm, "已上传。"),
    "report": (ReportForm, "已申请验收，市里核对后您会收到消息。"),
    "withdraw": (WithdrawForm, "已撤回。"),
}
"""{value of the submit button: (form, message)}."""


def own_organisations(request: UserRequest) -> list[Organisation]:
    scope = request.user.scope
    rows = Organisation.objects.filter(pk__in=scope.institution_ids | scope.firm_ids).order_by("name")
    return list(rows.select_related("stat_region"))


@login_required
@require_safe
def subsidies(request: UserRequest) -> HttpResponse:
    """Calls that are open to the user's organisations, and their applications."""
    own = own_organisations(request)
    calls = SubsidyCall.objects.open().for_kinds({str(organisation.kind) for organisation in own})
    rows = SubsidyApplication.objects.of(request.user).select_related("call__budget__policy", "organisation")
    words = request.GET.get("q", "").strip()[:60]
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(call__title__icontains=words))
    context = {
        "calls": calls.select_related("budget__policy")[:PAGE_SIZE] if own else [],
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "words": words,
        "may_apply": bool(own),
    }
    return render(request, "mechanism/workbench/subsidies.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def subsidy_call(request: UserRequest, public_id: str) -> HttpResponse:
    """The terms of a call, and the form that begins an application for an organisation of the user (`unit`)."""
    calls = SubsidyCall.objects.visible_to(request.user).select_related("budget__policy")
    call = get_object_or_404(calls, public_id=public_id)
    own = own_organisations(request)
    unit = request.POST.get("unit") or request.GET.get("unit", "")
    organisation = next((row for row in own if row.public_id == unit), own[0] if own and not unit else None)
    if unit and organisation is None:
        raise Http404
    form = None
    if organisation is not None and call.is_open and call.takes(organisation):
        data = request.POST if request.method == "POST" else None
        form = StartForm(data, call=call, organisation=organisation, by=request.user)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied("现在不能为这个单位申报。")
        if form.is_valid() and form.save():
            messages.success(request, "已开始申报，并填入平台上已有的内容。请核对、补全后提交。")
            return redirect("subsidy", form.application.public_id)
    context = {"call": call, "own": own, "organisation": organisation, "form": form}
    return render(
        request, "mechanism/workbench/subsidy_call.html", context, status=422 if form and form.errors else 200
    )


@login_required
@require_safe
def subsidy(request: UserRequest, public_id: str) -> HttpResponse:
    return _render_application(request, _own_or_404(request, public_id))


@login_required
@require_POST
def subsidy_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: "save", "file", "remove" (with `which`), "submit", "withdraw" or "report"."""
    row, step = _own_or_404(request, public_id), request.POST.get("step", "")
    if step in FORMS:
        form_class, done = FORMS[step]
        form = form_class(request.POST, request.FILES, application=row, by=request.user)
        if form.is_valid() and form.save():
            messages.success(request, done)
            return redirect("subsidy", public_id)
        row.refresh_from_db()
        return _render_application(request, _own_or_404(request, public_id), faulty=(step, form), status=422)
    try:
        if step == "remove":
            file = get_object_or_404(row.files.kept(), public_id=request.POST.get("which", ""))
            remove_subsidy_file(file, by=request.user)
            messages.success(request, "已移除。")
        elif step == "submit":
            submit_application(row, by=request.user, agrees=request.POST.get("agrees") == "yes")
            messages.success(request, "已提交。市里 5 个工作日内检查材料是否齐全，办到哪一步都会通知您。")
        else:
            raise Http404
    except ValidationError as error:
        return _render_application(request, _own_or_404(request, public_id), problems=error.messages, status=422)
    return redirect("subsidy", public_id)


@login_required
@require_safe
def subsidy_file(request: UserRequest, public_id: str) -> FileResponse:
    """A file of an application that the user may see: the applicant, city staff, the auditor."""
    visible = SubsidyApplication.objects.visible_to(request.user)
    file = get_object_or_404(SubsidyFile.objects.kept().filter(application__in=visible), public_id=public_id)
    return send_stored(file.file, file.name, file.content_type)


@login_required
@require_safe
def subsidy_board(request: UserRequest) -> HttpResponse:
    """For city staff and auditor: each budget with what was applied for, granted and paid."""
    if not request.user.scope.sees_all:
        raise PermissionDenied
    budgets = SubsidyBudget.objects.visible_to(request.user).select_related("policy")
    page = Paginator(budgets, PAGE_SIZE).get_page(request.GET.get("page"))
    scope = FigureScope(year_period(timezone.localdate().year), request.user)
    counted = count_visible_figures(scope, SUBSIDIES)
    context = {"page": page, "totals": totals_of(page), "figures": counted.items(), "scope": scope}
    return render(request, "mechanism/workbench/subsidy_board.html", context)


def _own_or_404(request: UserRequest, public_id: str) -> SubsidyApplication:
    rows = SubsidyApplication.objects.of(request.user).with_paid()
    rows = rows.select_related(
        "call__budget__policy", "organisation__stat_region", "achievement__institution", "contract__deal"
    )
    return get_object_or_404(rows, public_id=public_id)


def _render_application(
    request: UserRequest,
    row: SubsidyApplication,
    *,
    faulty: tuple[str, ServiceForm] | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    step, form = faulty or ("", None)
    files: dict[str, list[SubsidyFile]] = {material: [] for material in row.call.material_lines}
    for file in row.files.kept():
        files.setdefault(file.material, []).append(file)
    context = {
        "application": row,
        "steps": steps_of(row, list(row.payouts.valid().prefetch_related("recoveries"))),
        "sheet": row.sheet if not row.is_editable else sheet_of(row),
        "files": list(files.items()),
        "problems": problems or [],
        "faulty": form,
        "faulty_step": step,
    }
    if row.is_editable:
        context |= {
            "missing": missing_parts(row),
            "most": most_of(row),
            "form": form if step == "save" else ApplicationForm(application=row, by=request.user),
        }
    if row.status == SubsidyApplication.Status.GRANTED:
        context["report_form"] = form if step == "report" else ReportForm(application=row, by=request.user)
    if row.status in ("draft", "submitted", "returned", "review"):
        context["withdraw_form"] = form if step == "withdraw" else WithdrawForm(application=row, by=request.user)
    return render(request, "mechanism/workbench/subsidy.html", context, status=status)
