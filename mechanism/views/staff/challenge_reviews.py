"""The review of the bids of a challenge for the office: experts, their answers, the end of the review."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from challenges.criteria import CRITERIA
from challenges.models import Challenge
from mechanism.forms.challenge_reviews import REVIEW_STEPS, ReviewStepForm, available_review_steps
from mechanism.services.challenge_reviews import mean_scores, shows_scores


@require_safe
def review(request: UserRequest, public_id: str) -> HttpResponse:
    return _render(request, _challenge_or_404(request, public_id))


@require_POST
def review_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: the name of a form of REVIEW_STEPS."""
    if not request.user.has_perm("challenges.publish_challenge"):
        raise PermissionDenied
    challenge, name = _challenge_or_404(request, public_id), request.POST.get("step", "")
    if name not in REVIEW_STEPS:
        raise Http404
    form = REVIEW_STEPS[name](request.POST, challenge=challenge, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("admin:mechanism_challenge_review", public_id)
    return _render(request, _challenge_or_404(request, public_id), faulty=form, status=422)


def _challenge_or_404(request: UserRequest, public_id: str) -> Challenge:
    """Only opened ones: before, nobody is invited."""
    if not request.user.has_perm("mechanism.view_challengereview"):
        raise PermissionDenied
    rows = Challenge.objects.managed_by(request.user).filter(opened_at__isnull=False).with_firm()
    return get_object_or_404(rows, public_id=public_id)


def _render(
    request: UserRequest, challenge: Challenge, faulty: ReviewStepForm | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    names = available_review_steps(challenge) if user.has_perm("challenges.publish_challenge") else []
    forms = {name: REVIEW_STEPS[name](challenge=challenge, by=user) for name in names}
    if faulty is not None and faulty.step in forms:
        forms[faulty.step] = faulty
    is_open = challenge.status == Challenge.Status.REVIEW
    shows = shows_scores(challenge)
    reviews = [
        (
            row,
            request.build_absolute_uri(reverse("challenge_review", args=[row.code])) if is_open else "",
            row.scores.select_related("bid__lead") if shows else [],
        )
        for row in challenge.reviews.select_related("expert")
    ]
    bids = challenge.bids.in_race().select_related("lead")
    means = mean_scores(challenge) if shows else {}
    context = {
        "challenge": challenge,
        "reviews": reviews,
        "shows_scores": shows,
        "ranking": sorted(((means[bid.pk], bid) for bid in bids if bid.pk in means), key=lambda pair: -pair[0]),
        "forms": list(forms.values()),
        "faulty": faulty,
        "weights": [(CRITERIA[name], weight) for name, weight in challenge.weights.items()],
    }
    return render(request, "mechanism/staff/challenge_review.html", context, status=status)
