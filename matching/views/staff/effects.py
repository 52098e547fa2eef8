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
from matching.models import Decision, Match
from matching.services.learning import lift_effect

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
    context = extra_context | {
        "title": "审核影响",
        "page": page,
        "may_lift": request.user.has_perm(LIFT),
    }
    return render(request, "matching/staff/effects.html", context)


def _lift(request: UserRequest, matches: QuerySet[Match]) -> HttpResponse:
    if not request.user.has_perm(LIFT):
        raise PermissionDenied
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
