"""The dashboard of the workbench, the accepted matches, and the answers given on the dashboard."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from matching.models import BrokerRequest, Question
from matching.services.broker_requests import answer_broker_request
from matching.services.questions import answer_question
from members.services.delegations import held_by
from open_work.sources import summaries_of
from portal.dashboard import (
    accepted_matches,
    dashboards_for,
    has_base_requests,
    is_fund_manager,
    member_counts,
    most_urgent_step,
)
from portal.record_kinds import ACHIEVEMENT, DEMAND


@login_required
@require_safe
def workbench(request: UserRequest) -> HttpResponse:
    work = summaries_of(request.user)
    dashboards = dashboards_for(request.user, work)
    is_staff = request.user.scope.sees_all or request.user.scope.is_district
    memberships = request.user.memberships.select_related("organisation").order_by("pk")
    context = {
        "dashboards": dashboards,
        "next_step": most_urgent_step(dashboards),
        "positions": [f"{membership.organisation.name}{membership.get_role_display()}" for membership in memberships],
        "has_base_requests": has_base_requests(request.user),
        "is_fund_manager": is_fund_manager(request.user),
        "delegations": held_by(request.user),
        "member_counts": member_counts(request.user),
        # The dashboard of the staff shows its open work itself.
        "open_work": [] if is_staff else work,
    }
    return render(request, "portal/workbench/dashboard.html", context)


@login_required
@require_safe
def my_matches(request: UserRequest) -> HttpResponse:
    """All accepted matches of the user's own records."""
    matches = accepted_matches(request.user, ACHIEVEMENT, DEMAND)
    page = Paginator(matches, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "portal/workbench/my_matches.html", {"page": page})


@login_required
@require_POST
def request_answer(request: UserRequest, public_id: str) -> HttpResponse:
    """The broker accepts or declines a request to follow up a match."""
    broker_requests = BrokerRequest.objects.visible_to(request.user).select_related("broker")
    broker_request = get_object_or_404(broker_requests, public_id=public_id)
    answer = request.POST.get("answer")
    if answer not in {"accept", "decline"}:
        messages.error(request, "请选择接受或谢绝。")
        return redirect("workbench")
    note = request.POST.get("note", "")
    try:
        answer_broker_request(broker_request, accept=answer == "accept", by=request.user, note=note)
        messages.success(request, "已接受这项委托。" if answer == "accept" else "已谢绝这项委托。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("workbench")


@login_required
@require_POST
def question_answer(request: UserRequest, public_id: str) -> HttpResponse:
    """A firm or an institution answers a reviewer's question about its own record."""
    question = get_object_or_404(Question.objects.addressed_to(request.user), public_id=public_id)
    try:
        answer_question(question, text=request.POST.get("answer", ""), by=request.user)
        messages.success(request, "已提交答复，审核人员会接着处理。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("workbench")
