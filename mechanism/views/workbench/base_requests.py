"""Requests to pilot bases: those of the user's organisations, and those that wait for the user's answer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.pagination import PAGE_SIZE
from mechanism.models import BaseRequest
from mechanism.services.base_requests import answer_base_request, withdraw_base_request


@login_required
@require_safe
def base_requests(request: UserRequest) -> HttpResponse:
    user = request.user
    rows = BaseRequest.objects.select_related("base", "organisation", "achievement", "answered_by", "result")
    to_answer = rows.answerable_by(user).waiting().order_by("asked_at", "pk")
    context = {
        "to_answer": to_answer[:PAGE_SIZE],
        "page": Paginator(rows.visible_to(user), PAGE_SIZE).get_page(request.GET.get("page")),
        "own": set(BaseRequest.objects.of(user).waiting().values_list("pk", flat=True)),
    }
    return render(request, "mechanism/workbench/base_requests.html", context)


@login_required
@require_POST
def base_request_answer(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `answer`: "accept" or "decline" by the operator, "withdraw" by the applicant."""
    rows = BaseRequest.objects.visible_to(request.user).select_related("base", "organisation")
    base_request = get_object_or_404(rows, public_id=public_id)
    answer, words = request.POST.get("answer"), request.POST.get("words", "")
    try:
        if answer == "withdraw":
            withdraw_base_request(base_request, by=request.user)
            messages.success(request, "已撤回申请。")
        elif answer in {"accept", "decline"}:
            answer_base_request(base_request, accept=answer == "accept", answer=words, by=request.user)
            messages.success(request, "已答复，申请人会收到消息。")
        else:
            messages.error(request, "请选择接受或不接受。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("base_requests")
