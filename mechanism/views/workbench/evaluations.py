"""The report of a finished evaluation, for the institution of the achievement and users who see everything."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from core.downloads import send_download
from mechanism.evaluation_report import evaluation_report
from mechanism.models import Evaluation


@login_required
@require_safe
def report(request: UserRequest, public_id: str) -> HttpResponse:
    evaluation = get_object_or_404(Evaluation.objects.visible_to(request.user), public_id=public_id)
    if evaluation.status != Evaluation.Status.FINISHED:
        raise Http404
    content = evaluation_report(evaluation)
    return send_download(content, f"evaluation-{evaluation.public_id}.pdf", "application/pdf")
