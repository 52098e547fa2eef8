"""The page of an application for 专项资金 for the office: data, check, reviews, decision, objections, payouts."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import UserRequest
from mechanism.forms.subsidy_steps import STEPS, StepForm, available_subsidy_steps
from mechanism.kpi.subsidy_totals import totals_of
from mechanism.models import SubsidyApplication, SubsidyReview
from mechanism.services.subsidy_reviews import shown_reviews
from mechanism.subsidy_steps import steps_of
from mechanism.subsidy_terms import points_to_note


@require_safe
def subsidy(request: UserRequest, public_id: str) -> HttpResponse:
    return _render(request, _application_or_404(request, public_id))


@require_POST
def subsidy_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: the name of a form of STEPS."""
    if not request.user.has_perm("mechanism.decide_subsidy"):
        raise PermissionDenied
    row, name = _application_or_404(request, public_id), request.POST.get("step", "")
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST, application=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("admin:mechanism_subsidy_page", public_id)
    return _render(request, _application_or_404(request, public_id), faulty=form, status=422)


def _application_or_404(request: UserRequest, public_id: str) -> SubsidyApplication:
    if not request.user.has_perm("mechanism.view_subsidyapplication"):
        raise PermissionDenied
    rows = SubsidyApplication.objects.managed_by(request.user).with_paid()
    rows = rows.select_related(
        *("call__budget__policy", "organisation__stat_region", "achievement__institution", "contract"),
        *("accepted_by", "decided_by", "checked_by"),
    )
    return get_object_or_404(rows, public_id=public_id)


def _render(
    request: UserRequest, row: SubsidyApplication, faulty: StepForm | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    forms = {name: STEPS[name](application=row, by=user) for name in available_subsidy_steps(row, user)}
    if faulty is not None:
        forms[faulty.step] = faulty
    reviews = [
        (review, request.build_absolute_uri(reverse("subsidy_review", args=[review.code])))
        for review in row.reviews.select_related("expert")
    ]
    [totals] = totals_of([row.call.budget])
    context = {
        "application": row,
        "totals": totals,
        "points": points_to_note(row),
        "waits_for_colleague": row.status == SubsidyApplication.Status.REVIEW and row.accepted_by_id == user.pk,
        "steps": steps_of(row, list(row.payouts.valid().prefetch_related("recoveries"))),
        "files": row.files.kept(),
        "reviews": reviews,
        "shows_advice": shown_reviews(row),
        "may_decide": user.has_perm("mechanism.decide_subsidy"),
        "shows_addresses": row.status == SubsidyApplication.Status.REVIEW,
        "objections": row.objections.select_related("made_by", "answered_by"),
        "payouts": row.payouts.select_related("recorded_by").prefetch_related("recoveries__recorded_by"),
        "forms": list(forms.values()),
        "faulty": faulty,
        "asked": SubsidyReview.Status.ASKED,
    }
    return render(request, "mechanism/staff/subsidy.html", context, status=status)
