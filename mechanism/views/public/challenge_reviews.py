"""The page of an expert who reviews the bids of a challenge, by secret address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from challenges.bid_view import bid_view
from challenges.models import Bid, BidMember
from challenges.presentation import page_parts
from challenges.sealing import SealBroken
from challenges.services.opening import file_content, handed_in_files
from core.downloads import send_download
from core.forms import ServiceForm
from core.throttling import throttle_guessing
from mechanism.forms.challenge_reviews import DeclareForm, RecuseForm, ScoresForm
from mechanism.models import ChallengeReview
from mechanism.services.challenge_reviews import readable_bids

Status = ChallengeReview.Status


def _review_or_404(code: str) -> ChallengeReview:
    rows = ChallengeReview.objects.exclude(status=Status.RELEASED)
    related = ("challenge__demand__firm__stat_region", "challenge__demand__industry__parent", "expert")
    return get_object_or_404(rows.select_related(*related), code=code)


@throttle_guessing
@require_http_methods(["GET", "HEAD", "POST"])
def challenge_review(request: HttpRequest, code: str) -> HttpResponse:
    """Whoever has the code first reads who bids, and declares or recuses; then reads the bids and scores them once."""
    review = _review_or_404(code)
    is_open = review.status == Status.ASKED and review.challenge.status == review.challenge.Status.REVIEW
    faulty: ServiceForm | None = None
    step = request.POST.get("step", "")
    if request.method == "POST":
        form = _form(step, review, request)
        if form.is_valid() and form.save():
            return redirect("challenge_review", code)
        faulty = form
        review = _review_or_404(code)
    opened = readable_bids(review)
    scores = faulty if step == "score" and faulty else ScoresForm(review=review, bids=opened)
    context = {
        "review": review,
        "is_open": is_open,
        "units": _units(review) if is_open else [],
        "declare_form": DeclareForm(review=review),
        "recuse_form": faulty if step == "recuse" and faulty else RecuseForm(review=review),
        "faulty": faulty,
        "bids": [(bid, bid_view(bid), scores.fields_of(bid)) for bid in opened],
        "step": step,
    }
    if opened:
        context |= page_parts(review.challenge)
    response = render(request, "mechanism/public/challenge_review.html", context, status=422 if faulty else 200)
    add_never_cache_headers(response)
    return response


def _form(step: str, review: ChallengeReview, request: HttpRequest) -> ServiceForm:
    if step == "declare":
        return DeclareForm(request.POST, review=review)
    if step == "recuse":
        return RecuseForm(request.POST, review=review)
    if step == "score":
        return ScoresForm(request.POST, review=review, bids=readable_bids(review))
    raise Http404


def _units(review: ChallengeReview) -> list[str]:
    """The firm and those who bid, which an expert must know to see a relation."""
    members = BidMember.objects.active().filter(bid__in=Bid.objects.to_review(review.challenge))
    names = members.values_list("organisation__name", flat=True)
    return [review.challenge.public_firm_name, *sorted(set(names))]


@throttle_guessing
@require_safe
def challenge_review_file(request: HttpRequest, code: str) -> HttpResponse:
    """A file (`?id=`) of a bid, for its expert while the review is open."""
    review = _review_or_404(code)
    asked = request.GET.get("id", "")
    for opened in readable_bids(review):
        for file, name in handed_in_files(opened):
            if file.public_id == asked:
                try:
                    return send_download(file_content(file), name, file.content_type)
                except (FileNotFoundError, SealBroken):
                    raise Http404 from None
    raise Http404
