"""试配: matches for a demand text that is not stored."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from matching.trial_match import MOST_CHARS, run_trial_match


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial_match(request: UserRequest) -> HttpResponse:
    """For staff and institution officers. The typed text is not stored."""
    scope = request.user.scope
    if not (scope.sees_all or scope.is_district or scope.institution_ids):
        raise PermissionDenied("试配供各级科技部门和院校专员使用。")
    text = request.POST.get("text", "")[:MOST_CHARS].strip()
    is_empty = request.method == "POST" and not text
    trial = run_trial_match(text, user=request.user) if text else None
    context = {"text": text, "trial": trial, "is_empty": is_empty, "max_length": MOST_CHARS}
    template = "portal/workbench/_trial_match.html" if request.htmx else "portal/workbench/trial_match.html"
    return render(request, template, context, status=422 if is_empty and not request.htmx else 200)
