"""Public pages of 揭榜挂帅: the calls, one call with its questions and answers, objections to its result."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, F, IntegerField, Min, Q, Value, When
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from accounts.requests import UserRequest
from challenges.forms.bids import AskForm, ChallengeObjectionForm
from challenges.models import Bid, BidMember, Challenge
from challenges.models.bid import own_organisations
from challenges.permissions import owns_challenge
from challenges.presentation import page_parts
from core.facets import end_with
from core.pagination import PAGE_SIZE
from core.throttling import throttle_posts

Status = Challenge.Status
SHOWS = {"open": "揭榜中", "soon": "快截止", "ended": "已截止和已结束"}
SOON_DAYS = 10


@require_safe
def challenge_list(request: HttpRequest) -> HttpResponse:
    """Open calls first, the one that closes next on top; `?show=` narrows."""
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    is_open = Q(status=Status.PUBLISHED, closes_at__gt=Now())
    soon = timezone.now() + timedelta(days=SOON_DAYS)
    wanted = {"open": is_open, "soon": is_open & Q(closes_at__lte=soon), "ended": ~is_open}.get(show, Q())
    first = Case(When(is_open, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Challenge.objects.public().filter(wanted).with_firm().annotate(group=first)
    closing_next = Case(When(is_open, then=F("closes_at")))
    rows = rows.order_by("group", closing_next.asc(nulls_last=True), "-published_at")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    end_with(Challenge.objects.taking_bids().aggregate(closes_at=Min("closes_at"))["closes_at"])
    return render(request, "challenges/public/challenge_list.html", {"page": page, "shows": SHOWS, "show": show})


@require_safe
def challenge_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    challenge = _challenge_or_404(public_id)
    end_with(challenge.closes_at)
    return _render(request, challenge)


@login_required
@require_POST
@throttle_posts("challenge-questions", 20, 3600)
def challenge_ask(request: UserRequest, public_id: str) -> HttpResponse:
    challenge = _challenge_or_404(public_id)
    form = AskForm(request.POST, challenge=challenge, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "已提问，企业答复后公开在本页。")
        return redirect("challenge_detail", public_id)
    return _render(request, challenge, ask_form=form, status=422)


@login_required
@require_POST
@throttle_posts("challenge-objections", 20, 3600)
def challenge_object(request: UserRequest, public_id: str) -> HttpResponse:
    challenge = _challenge_or_404(public_id)
    form = ChallengeObjectionForm(request.POST, challenge=challenge, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "异议已提交，只有市里的经办人能看到，处理结果会写在本页。")
        return redirect("challenge_detail", public_id)
    return _render(request, challenge, objection_form=form, status=422)


def _challenge_or_404(public_id: str) -> Challenge:
    rows = Challenge.objects.public().with_firm().select_related("winner__lead", "deal__open_challenge", "previous")
    return get_object_or_404(rows, public_id=public_id)


def _render(
    request: HttpRequest,
    challenge: Challenge,
    *,
    ask_form: AskForm | None = None,
    objection_form: ChallengeObjectionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    is_publicity = (
        challenge.status == Status.PUBLICISED
        and challenge.public_until is not None
        and timezone.localdate() <= challenge.public_until
    )
    context = page_parts(challenge) | {
        "is_publicity": is_publicity,
        "winner_units": _units(challenge.winner) if challenge.winner else [],
        "is_chosen": challenge.status in Challenge.CHOSEN,
    }
    if user.is_authenticated:
        is_owner = owns_challenge(user, challenge)
        members = BidMember.objects.active().filter(bid__challenge=challenge)
        bidders = Organisation.objects.filter(pk__in=own_organisations(user), is_active=True)
        context |= {
            "is_owner": is_owner,
            "own_bids": Bid.objects.of(user).filter(challenge=challenge),
            "leads": bidders.exclude(pk__in=members.values("organisation"))[:50] if challenge.takes_bids else [],
            "objections": challenge.objections.of(user),
            "manages": Challenge.objects.managed_by(user).filter(pk=challenge.pk).exists(),
        }
        if challenge.takes_bids and not is_owner:
            ask_form = ask_form or AskForm(challenge=challenge, by=user)
        if is_publicity:
            objection_form = objection_form or ChallengeObjectionForm(challenge=challenge, by=user)
    context |= {"ask_form": ask_form, "objection_form": objection_form}
    return render(request, "challenges/public/challenge_detail.html", context, status=status)


def _units(bid: Bid) -> list[str]:
    """The names of those who bid together, the lead first. Public with the result."""
    return [str(member.organisation) for member in bid.members.active().select_related("organisation")]
