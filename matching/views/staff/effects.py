"""审核影响: decisions that change future proposals, what each does and until when; an officer can lift the effect."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from matching.learning.decision_effects import effects_by_decision
from matching.learning.side_effects import effect_sentences, until
from matching.models import Decision, Match, SideFeedback
from matching.services.learning import lift_effect
from matching.services.side_feedback import lift_feedback

VIEW, LIFT = "matching.view_match", "matching.review_match"
PAGE_SIZE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def effects(request: UserRequest, extra_context: dict) -> HttpResponse:
    """Effects of decisions on the matches this user manages; a POST with `decision` and `reason` lifts one."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    matches = Match.objects.managed_by(request.user)
    if request.method == "POST":
        return _lift(request, matches)
    page = Paginator(effects_by_decision(matches), PAGE_SIZE).get_page(request.GET.get("p"))
    in_force = SideFeedback.objects.managed_by(request.user).in_force()
    in_force = in_force.select_related("achievement__institution", "demand__firm", "by")
    feedback = Paginator(in_force, PAGE_SIZE).get_page(request.GET.get("f"))
    context = extra_context | {
        "title": "审核影响",
        "page": page,
        "feedback": feedback,
        "feedback_rows": [(row, effect_sentences(row), until(row)) for row in feedback],
        "may_lift": request.user.has_perm(LIFT),
    }
    return render(request, "matching/staff/effects.html", context)


def _lift(request: UserRequest, matches: QuerySet[Match]) -> HttpResponse:
    if not request.user.has_perm(LIFT):
        raise PermissionDenied
    if public_id := request.POST.get("feedback"):
        return _lift_feedback(request, public_id)
    wanted = request.POST.get("decision", "")
    key = int(wanted) if wanted.isdecimal() and len(wanted) < 18 else 0
    decision = get_object_or_404(
        Decision.objects.select_related("match__demand__firm"), pk=key, match__in=matches.values("pk")
    )
    try:
        lift_effect(decision, by=request.user, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已解除，从下一批次起不再影响推荐。审核决定不变。")
    return HttpResponseRedirect(reverse("admin:matching_effects"))


def _lift_feedback(request: UserRequest, public_id: str) -> HttpResponse:
    rows = SideFeedback.objects.managed_by(request.user).select_related("demand__firm")
    feedback = get_object_or_404(rows, public_id=public_id[:10])
    try:
        lift_feedback(feedback, by=request.user, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已解除，从下一次匹配起不再影响推荐。反馈本身保留。")
    return HttpResponseRedirect(reverse("admin:matching_effects"))
