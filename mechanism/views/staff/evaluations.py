"""The page of an evaluation: invited experts, results once finished, and the forms for the next steps."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from core.downloads import send_download
from mechanism.evaluation_report import evaluation_report
from mechanism.forms.evaluations import ConclusionForm, InviteExpertForm
from mechanism.models import VALUES, Evaluation
from mechanism.services.evaluations import cancel_evaluation, evaluation_result, finish_evaluation, invite_expert

DONE_MESSAGES = {"another": "已增加专家。", "finish": "评价已完成。", "cancel": "评价已取消。"}


@require_safe
def evaluation(request: UserRequest, public_id: str) -> HttpResponse:
    return _render_evaluation(request, _evaluation_or_404(request, public_id))


@require_POST
def evaluation_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: "another" expert, "finish" or "cancel"."""
    if not request.user.has_perm("mechanism.run_evaluation"):
        raise PermissionDenied
    row, name = _evaluation_or_404(request, public_id), request.POST.get("step")
    if name not in DONE_MESSAGES:
        raise Http404
    form = InviteExpertForm(request.POST) if name == "another" else ConclusionForm(request.POST)
    if form.is_valid():
        try:
            _run_step(row, name, form.cleaned_data, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, DONE_MESSAGES[name])
            return redirect("admin:mechanism_evaluation_page", public_id)
    return _render_evaluation(request, row, faulty=form, status=422)


def _run_step(row: Evaluation, name: str, values: dict, by: User) -> None:
    if name == "another":
        invite_expert(row, expert=values["expert"], by=by)
    elif name == "finish":
        finish_evaluation(row, conclusion=values["words"], by=by)
    else:
        cancel_evaluation(row, reason=values["words"], by=by)


@require_safe
def report(request: UserRequest, public_id: str) -> HttpResponse:
    """The report of a finished evaluation as PDF."""
    row = _evaluation_or_404(request, public_id)
    if row.status != Evaluation.Status.FINISHED:
        raise Http404
    return send_download(evaluation_report(row), f"evaluation-{row.public_id}.pdf", "application/pdf")


def _evaluation_or_404(request: UserRequest, public_id: str) -> Evaluation:
    if not request.user.has_perm("mechanism.view_evaluation"):
        raise PermissionDenied
    rows = Evaluation.objects.managed_by(request.user).select_related("achievement__institution")
    return get_object_or_404(rows, public_id=public_id)


def _render_evaluation(
    request: UserRequest, row: Evaluation, faulty: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    result = evaluation_result(row)
    opinions = [
        {
            "opinion": opinion,
            "address": request.build_absolute_uri(reverse("evaluate", args=[opinion.code])),
            "marks": [opinion.marks[value] for value in VALUES] if result and opinion.status == "marked" else [],
        }
        for opinion in row.opinions.select_related("expert").order_by("pk")
    ]
    context = {
        "evaluation": row,
        "opinions": opinions,
        "result": result,
        "values": [(VALUES[value], result.values[value]) for value in VALUES] if result else [],
        "labels": list(VALUES.values()),
        "may_run": row.status == "asking" and request.user.has_perm("mechanism.run_evaluation"),
        "invite_form": InviteExpertForm(),
        "faulty": faulty,
    }
    return render(request, "mechanism/staff/evaluation.html", context, status=status)
