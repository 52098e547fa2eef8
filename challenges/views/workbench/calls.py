"""The firm's own calls: write, agree, answer, open with an officer, choose, sign. Staff write the draft with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest
from challenges.forms.steps import STEPS, StepForm, available_steps, has_none_to_choose
from challenges.forms.terms import CallForms
from challenges.models import Challenge
from challenges.permissions import owns_challenge, require_writer
from challenges.presentation import page_parts
from challenges.services.drafting import missing_parts, start_challenge
from challenges.services.opening import opened_bids
from core.forms import typed_texts
from core.pagination import PAGE_SIZE
from deals.models import Payment
from demands.models import Demand


@login_required
@require_safe
def own_challenges(request: UserRequest) -> HttpResponse:
    rows = Challenge.objects.managed_by(request.user).with_firm()
    if not request.user.scope.firm_ids and not (request.user.scope.sees_all or request.user.scope.is_district):
        raise PermissionDenied
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    startable = (*Demand.OPEN, Demand.Status.CHALLENGE)
    unmatched = Demand.objects.filter(firm__in=request.user.scope.firm_ids, status__in=startable)
    unmatched = unmatched.exclude(challenges__status__in=Challenge.LIVE).filter(is_private=False)
    context = {"page": page, "demands": unmatched.order_by("-updated_at")[:20]}
    return render(request, "challenges/workbench/own_challenges.html", context)


@login_required
@require_POST
def challenge_start(request: UserRequest, public_id: str) -> HttpResponse:
    """POST for a demand that the user manages: a prefilled draft."""
    demand = get_object_or_404(Demand.objects.managed_by(request.user), public_id=public_id)
    try:
        challenge = start_challenge(demand, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("own_challenges")
    messages.success(request, "已按需求起草了榜单，请补上验收办法、里程碑和揭榜条件。")
    return redirect("challenge_edit", challenge.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def challenge_edit(request: UserRequest, public_id: str) -> HttpResponse:
    challenge = _challenge_or_404(request, public_id)
    require_writer(request.user, challenge)
    if challenge.status != Challenge.Status.DRAFT and request.method == "POST":
        messages.error(request, f"这一榜现在是“{challenge.state_label}”，不能再改。")
        typed = CallForms(request.POST, challenge=challenge, by=request.user).typed_texts()
        return _render(request, challenge, unsaved=typed, status=422)
    if challenge.status != Challenge.Status.DRAFT:
        return redirect("own_challenge", public_id)
    form = CallForms(request.POST if request.method == "POST" else None, challenge=challenge, by=request.user)
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "已保存。")
        return redirect("own_challenge", public_id)
    errors = form.messages() if request.method == "POST" else []
    context = {"challenge": challenge, "form": form, "errors": errors}
    return render(request, "challenges/workbench/challenge_edit.html", context, status=422 if errors else 200)


@login_required
@require_safe
def own_challenge(request: UserRequest, public_id: str) -> HttpResponse:
    """Staff go on to their own page of the call, with its record and the review."""
    challenge, user = _challenge_or_404(request, public_id), request.user
    if user.has_perm("challenges.view_challenge") and not owns_challenge(user, challenge):
        return redirect("admin:challenges_page", public_id)
    return _render(request, challenge)


@login_required
@require_POST
def challenge_step(request: UserRequest, public_id: str) -> HttpResponse:
    """POST `step`: the name of a form of STEPS."""
    challenge, name = _challenge_or_404(request, public_id), request.POST.get("step", "")
    if request.user.scope.is_auditor and not request.user.scope.is_city:
        raise PermissionDenied
    if name not in STEPS:
        raise Http404
    form = STEPS[name](request.POST, challenge=challenge, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, form.done)
        return redirect("own_challenge", form.challenge.public_id)
    return _render(request, _challenge_or_404(request, public_id), faulty=form, status=422)


def _challenge_or_404(request: UserRequest, public_id: str) -> Challenge:
    rows = Challenge.objects.managed_by(request.user).with_firm()
    return get_object_or_404(
        rows.select_related("winner__lead", "deal__open_challenge", "previous"), public_id=public_id
    )


def _render(
    request: UserRequest,
    challenge: Challenge,
    faulty: StepForm | None = None,
    unsaved: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`unsaved`: (label, text) of what was typed for something that cannot be done any more."""
    user = request.user
    forms = {name: STEPS[name](challenge=challenge, by=user) for name in available_steps(challenge, user)}
    if faulty is not None and faulty.step in forms:
        forms[faulty.step] = faulty
    is_draft = challenge.status == Challenge.Status.DRAFT
    context = page_parts(challenge, user) | {
        "forms": list(forms.values()),
        "faulty": faulty,
        "unsaved": typed_texts(faulty) if faulty is not None and faulty.step not in forms else unsaved or [],
        "waits_for_second": challenge.waits_for_second(user.pk),
        "nothing_to_choose": has_none_to_choose(challenge),
        "missing": missing_parts(challenge) if challenge.status in Challenge.BEFORE_PUBLICATION else [],
        "is_draft": is_draft,
        "bids": opened_bids(challenge, user),
        "waiting": challenge.questions.waiting(),
        "payments": _payments(challenge),
    }
    return render(request, "challenges/workbench/own_challenge.html", context, status=status)


def _payments(challenge: Challenge) -> list[tuple[Payment, bool]]:
    """(payment of the deal, whether both sides and the registration office stand behind it)."""
    if challenge.deal is None:
        return []
    rows = challenge.deal.payments.counted()
    received = set(rows.received().values_list("pk", flat=True))
    return [(row, row.pk in received) for row in rows]
