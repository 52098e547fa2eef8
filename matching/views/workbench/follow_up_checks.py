"""The survey after a meeting, recorded by the owner of the follow-up from a telephone call."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from matching.forms import FollowUpCheckForm
from matching.models import FollowUpCheck
from matching.services.follow_up_status import may_manage_follow_up


@login_required
@require_http_methods(["GET", "POST"])
def check_by_phone(request: UserRequest, public_id: str) -> HttpResponse:
    surveys = FollowUpCheck.objects.visible_to(request.user).select_related(
        "follow_up__owner", "follow_up__match__achievement__institution", "follow_up__match__demand__firm"
    )
    survey = get_object_or_404(surveys, public_id=public_id)
    follow_up = survey.follow_up
    if not may_manage_follow_up(follow_up, request.user) or not survey.is_open or not follow_up.is_agreed:
        raise Http404
    form = FollowUpCheckForm(request.POST or None, check=survey, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "已记录回访。")
        return redirect("follow_up", follow_up.public_id)
    context = {"check": survey, "match": follow_up.match, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/workbench/follow_up_check_by_phone.html", context, status=status)
