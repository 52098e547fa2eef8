"""试配: matches for a demand text that is not stored."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from core.throttling import exceeds
from matching.trial_match import MOST_CHARS, run_trial_match
from portal.record_kinds import DEMAND

TRIALS_A_DAY, DAY_SECONDS = 30, 24 * 3600
"""Of one user of a firm or an agency: enough to work with, too few to copy the registry."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial_match(request: UserRequest) -> HttpResponse:
    """For staff, institutions, firms and brokers; the latter two within a limit a day. The text is not stored."""
    scope = request.user.scope
    is_staff = scope.sees_all or scope.is_district
    if not (is_staff or scope.institution_ids or scope.firm_ids or scope.is_broker):
        raise PermissionDenied("试配供科技部门、院校、企业和技术经纪人使用。")
    text = request.POST.get("text", "")[:MOST_CHARS].strip()
    is_empty = request.method == "POST" and not text
    is_limited = not (is_staff or scope.institution_ids)
    is_spent = bool(text) and is_limited and exceeds("trial-match", str(request.user.pk), TRIALS_A_DAY, DAY_SECONDS)
    trial = run_trial_match(text, user=request.user) if text and not is_spent else None
    context = {
        "text": text,
        "trial": trial,
        "is_empty": is_empty,
        "is_spent": is_spent,
        "trials_a_day": TRIALS_A_DAY,
        "is_limited": is_limited,
        "may_post": DEMAND.may_create(request.user) and not is_staff,
        "may_ask_for_help": bool(scope.firm_ids),
        "max_length": MOST_CHARS,
    }
    template = "portal/workbench/_trial_match.html" if request.htmx else "portal/workbench/trial_match.html"
    status = 200 if request.htmx else 429 if is_spent else 422 if is_empty else 200
    return render(request, template, context, status=status)
