"""The report of a finished evaluation, for the institution of the achievement and users who see everything."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_download
from mechanism.evaluation_report import evaluation_report
from mechanism.models import Evaluation
from mechanism.services.evaluations import publish_evaluation


@login_required
@require_POST
def evaluation_publish(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `public`: "yes" or "no", by the institution; back to the achievement's page."""
    rows = Evaluation.objects.visible_to(request.user).select_related("achievement")
    evaluation = get_object_or_404(rows, public_id=public_id)
    is_public = request.POST.get("public") == "yes"
    try:
        publish_evaluation(evaluation, is_public=is_public, by=request.user)
        messages.success(request, "已公开评价结果。" if is_public else "已撤下，只有本单位和市科技局看得到。")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("achievement_detail", evaluation.achievement.public_id)


@login_required
@require_safe
def report(request: UserRequest, public_id: str) -> HttpResponse:
    evaluation = get_object_or_404(Evaluation.objects.visible_to(request.user), public_id=public_id)
    if evaluation.status != Evaluation.Status.FINISHED:
        raise Http404
    content = evaluation_report(evaluation)
    return send_download(content, f"evaluation-{evaluation.public_id}.pdf", "application/pdf")
