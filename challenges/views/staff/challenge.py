"""The page of a call for the district and the city: check, publish, open, result, objections."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from challenges.forms.steps import STEPS, StepForm, available_steps
from challenges.models import Bid, Challenge
from challenges.presentation import page_parts
from challenges.review_page import review_page_of
from challenges.services.drafting import missing_parts
from challenges.services.opening import opened_bids
from core.forms import typed_texts


@require_safe
def challenge(request: UserRequest, public_id: str) -> HttpResponse:
    return _render(request, _challenge_or_404(request, public_id))


@require_POST
def challenge_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: the name of a form of STEPS."""
    if not request.user.has_perm("challenges.check_challenge"):
        raise PermissionDenied
    row, name = _challenge_or_404(request, public_id), request.POST.get("step", "")
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST, challenge=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("admin:challenges_page", form.challenge.public_id)
    return _render(request, _challenge_or_404(request, public_id), faulty=form, status=422)


def _challenge_or_404(request: UserRequest, public_id: str) -> Challenge:
    if not request.user.has_perm("challenges.view_challenge"):
        raise PermissionDenied
    rows = Challenge.objects.managed_by(request.user).with_firm()
    related = (
        "winner__lead",
        "deal__open_challenge",
        "previous",
        "checked_by",
        "published_by",
        "opening_asked_by",
        "opened_with",
    )
    return get_object_or_404(rows.select_related(*related, "agreed_by"), public_id=public_id)


def _render(request: UserRequest, row: Challenge, faulty: StepForm | None = None, status: int = 200) -> HttpResponse:
    user = request.user
    has_bids = row.opened_at is not None and Bid.objects.to_review(row).exists()
    forms = {name: STEPS[name](challenge=row, by=user) for name in available_steps(row, user)}
    if faulty is not None and faulty.step in forms:
        forms[faulty.step] = faulty
    context = page_parts(row, request.user) | {
        "forms": list(forms.values()),
        "faulty": faulty,
        "unsaved": typed_texts(faulty) if faulty is not None and faulty.step not in forms else [],
        "missing": missing_parts(row) if row.status in Challenge.BEFORE_PUBLICATION else [],
        "bids": opened_bids(row, user),
        "objections": row.objections.select_related("made_by", "answered_by") if user.scope.sees_all else [],
        "waiting": row.questions.waiting(),
        "review_page": review_page_of(row) if user.scope.sees_all and has_bids else "",
        "nothing_to_review": row.status == Challenge.Status.REVIEW and not has_bids,
        "waits_for_colleague": row.status == Challenge.Status.CHECKED and row.checked_by_id == user.pk,
        "waits_for_second": row.waits_for_second(user.pk),
    }
    return render(request, "challenges/staff/challenge.html", context, status=status)
