"""Projects of funds: for managers their funds and the achievements that seek money, for city staff counts by step."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from achievements.models import Achievement
from core.pagination import PAGE_SIZE
from matching.models import Match
from mechanism.forms.fund_projects import OF_STAGE, STEPS, ProjectForm
from mechanism.models import Fund, FundProject, Venture
from mechanism.services.fund_projects import achievements_seeking_funds, find_venture, mark_seen, pairs_for_funds

Stage = FundProject.Stage
SUBJECTS = (
    *("achievement__institution", "venture__achievement__institution", "venture__region"),
    *("match__achievement__institution", "match__demand__firm", "match__follow_up"),
)


@login_required
@require_safe
def fund_projects(request: UserRequest) -> HttpResponse:
    """`stage` and `fund` narrow the list of projects."""
    own = list(Fund.objects.worked_on_by(request.user))
    if not own and not request.user.scope.sees_all:
        raise PermissionDenied("基金管理机构的用户可以办理基金的项目。")
    rows = FundProject.objects.visible_to(request.user)
    by_stage = {stage: Count("projects", filter=Q(projects__stage=stage)) for stage in Stage.values}
    funds = Fund.objects.filter(projects__in=rows).annotate(**by_stage).order_by("name")
    stage, fund = request.GET.get("stage", ""), request.GET.get("fund", "")
    rows = rows.filter(stage=stage) if stage in Stage.values else rows
    rows = rows.filter(fund__public_id=fund) if fund else rows
    rows = rows.select_related("fund", *SUBJECTS)
    context = {
        "own": own,
        "stages": Stage.choices,
        "stage": stage,
        "funds": [(row, [(value, getattr(row, value)) for value in Stage.values]) for row in funds],
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "mechanism/workbench/fund_projects.html", context)


@login_required
@require_safe
def fund_achievements(request: UserRequest) -> HttpResponse:
    """Achievements that seek money, for the managers of a fund."""
    own = list(Fund.objects.worked_on_by(request.user).active())
    if not own:
        raise PermissionDenied("基金管理机构的用户可以查看寻求资金的成果。")
    words = request.GET.get("q", "").strip()[:60]
    rows = achievements_seeking_funds().select_related("institution", "industry").order_by("-published_at", "-pk")
    rows = rows.filter(Q(title__icontains=words) | Q(industry__name__icontains=words)) if words else rows
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    running = FundProject.objects.worked_on_by(request.user).running().filter(achievement__in=list(page))
    followed: dict[int, list[FundProject]] = {}
    for project in running.select_related("fund"):
        followed.setdefault(project.achievement_id, []).append(project)
    lines = [(achievement, followed.get(achievement.pk, [])) for achievement in page]
    context = {
        "own": own,
        "page": page,
        "lines": lines,
        "words": words,
        "pairs": pairs_for_funds(request.user).order_by("-follow_up__agreed_at")[:PAGE_SIZE],
    }
    return render(request, "mechanism/workbench/fund_achievements.html", context)


@login_required
@require_POST
def fund_mark(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `achievement`, `pair` (a follow-up) or `company` (name or credit code): the fund begins to look at it."""
    fund = get_object_or_404(Fund.objects.worked_on_by(request.user), public_id=public_id)
    subject: Achievement | Venture | Match
    try:
        if "company" in request.POST:
            subject = find_venture(request.POST["company"].replace("\0", "").strip()[:100])
        elif pair := request.POST.get("pair", ""):
            subject = get_object_or_404(pairs_for_funds(request.user), follow_up__public_id=pair)
        else:
            rows = achievements_seeking_funds()
            subject = get_object_or_404(rows, public_id=request.POST.get("achievement", ""))
        project = mark_seen(fund, subject, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("fund_achievements")
    messages.success(request, "已记为看过。")
    return redirect("fund_project", project.public_id)


@login_required
@require_safe
def fund_project(request: UserRequest, public_id: str) -> HttpResponse:
    return _render_project(request, _project_or_404(request, public_id))


@login_required
@require_POST
def fund_project_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: "advance", "invest" or "drop"."""
    row, name = _project_or_404(request, public_id), request.POST.get("step", "")
    if not _works_on(request, row):
        raise PermissionDenied
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST, project=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("fund_project", public_id)
    return _render_project(request, _project_or_404(request, public_id), faulty=form, status=422)


def _project_or_404(request: UserRequest, public_id: str) -> FundProject:
    rows = FundProject.objects.visible_to(request.user)
    rows = rows.select_related("fund", "investment", *SUBJECTS)
    return get_object_or_404(rows, public_id=public_id)


def _works_on(request: UserRequest, row: FundProject) -> bool:
    return Fund.objects.worked_on_by(request.user).filter(pk=row.fund_id).exists()


def _render_project(
    request: UserRequest, row: FundProject, *, faulty: ProjectForm | None = None, status: int = 200
) -> HttpResponse:
    names = OF_STAGE.get(Stage(row.stage), ()) if _works_on(request, row) else ()
    forms = {name: STEPS[name](project=row, by=request.user) for name in names}
    if faulty is not None:
        forms[faulty.step] = faulty
    context = {
        "project": row,
        "steps": row.steps.select_related("by"),
        "forms": list(forms.values()),
        "faulty": faulty,
    }
    return render(request, "mechanism/workbench/fund_project.html", context, status=status)
