"""不适合的反馈: a firm or an institution says why a pair does not fit, reads what it has said, and takes it back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from achievements.models import Achievement
from core.pagination import PAGE_SIZE
from demands.models import Demand
from matching.learning.side_effects import effect_sentences, until
from matching.models import Match, SideFeedback
from matching.services.side_feedback import side_of, withdraw_feedback
from matching.side_feedback_form import SideFeedbackForm


@login_required
@require_safe
def side_feedback(request: UserRequest) -> HttpResponse:
    """What the user's organisations have said, the latest first."""
    rows = SideFeedback.objects.said_by(request.user).select_related("achievement__institution", "demand__firm", "by")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"feedback": row, "effects": effect_sentences(row), "until": until(row)} for row in page],
    }
    return render(request, "matching/workbench/side_feedback.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_side_feedback(request: UserRequest) -> HttpResponse:
    """The form for `achievement` and `demand` (public ids in the address); a firm may choose one of its demands."""
    achievement, demand = _pair(request)
    demands = _open_demands(request.user)
    if demand is None and not demands:
        raise PermissionDenied("要反馈不适合，须先有一项已发布的需求。")
    form = SideFeedbackForm(
        request.POST if request.method == "POST" else None,
        achievement=achievement,
        demand=demand,
        demands=demands,
        by=request.user,
    )
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "已记下。以后的推荐会参考，您可以随时撤回。")
        return redirect("side_feedback")
    context = {"form": form, "achievement": achievement, "demand": demand, "is_firm": form.is_firm}
    status = 422 if form.errors else 200
    return render(request, "matching/workbench/side_feedback_form.html", context, status=status)


@login_required
@require_POST
def side_feedback_withdraw(request: UserRequest, public_id: str) -> HttpResponse:
    feedback = get_object_or_404(SideFeedback.objects.said_by(request.user), public_id=public_id)
    try:
        withdraw_feedback(feedback, by=request.user)
        messages.success(request, "已撤回，从下一次匹配起不再影响推荐。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("side_feedback")


def _pair(request: UserRequest) -> tuple[Achievement, Demand | None]:
    """The pair of the address, if the user sees both and speaks for one of them."""
    user = request.user
    pairs = Match.objects.accepted().visible_to(user)
    wanted, of_demand = request.GET.get("achievement", "")[:10], request.GET.get("demand", "")[:10]
    achievements = Achievement.objects.select_related("institution")
    seen = achievements.visible_to(user) | achievements.filter(pk__in=pairs.values("achievement"))
    achievement = get_object_or_404(seen.distinct(), public_id=wanted)
    if not of_demand:
        return achievement, None
    demands = Demand.objects.select_related("firm")
    visible = demands.visible_to(user) | demands.filter(pk__in=pairs.values("demand"))
    demand = get_object_or_404(visible.distinct(), public_id=of_demand)
    if side_of(achievement, demand, user) is None:
        raise Http404
    return achievement, demand


def _open_demands(user: User) -> list[Demand]:
    return list(Demand.objects.open().filter(firm__in=user.scope.firm_ids).select_related("firm").order_by("title"))
