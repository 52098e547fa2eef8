"""专项资金 without an account: the publicity with its objections, and the page of an expert by secret address."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import UserRequest
from core.downloads import send_stored
from core.pagination import PAGE_SIZE
from core.throttling import throttle_guessing
from mechanism.forms.subsidies import AdviceForm, RecuseForm, SubsidyObjectionForm
from mechanism.models import SubsidyApplication, SubsidyReview


def _grants() -> QuerySet[SubsidyApplication]:
    return SubsidyApplication.objects.public().select_related("organisation", "call__budget__policy")


@require_safe
def subsidy_publicity(request: HttpRequest) -> HttpResponse:
    """Publicised grants, the running ones first; names, titles and amounts, as the applicants agreed."""
    page = Paginator(_grants().order_by("-public_until", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "mechanism/public/subsidy_list.html", {"page": page, "today": timezone.localdate()})


@require_safe
def subsidy_grant(request: HttpRequest, public_id: str) -> HttpResponse:
    return _render_grant(request, get_object_or_404(_grants(), public_id=public_id))


@login_required
@require_POST
def subsidy_object(request: UserRequest, public_id: str) -> HttpResponse:
    row = get_object_or_404(_grants(), public_id=public_id)
    form = SubsidyObjectionForm(request.POST, application=row, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "异议已提交，只有市里的经办人能看到，处理结果会写在本页。")
        return redirect("subsidy_grant", public_id)
    return _render_grant(request, row, form=form, status=422)


def _render_grant(
    request: HttpRequest, row: SubsidyApplication, form: SubsidyObjectionForm | None = None, status: int = 200
) -> HttpResponse:
    is_open = (
        row.status == SubsidyApplication.Status.PUBLICISED
        and row.public_until is not None
        and timezone.localdate() <= row.public_until
    )
    user = request.user
    if form is None and is_open and user.is_authenticated:
        form = SubsidyObjectionForm(application=row, by=user)
    own = row.objections.filter(made_by=user.pk) if user.is_authenticated else row.objections.none()
    context = {"application": row, "is_open": is_open, "form": form, "objections": own}
    return render(request, "mechanism/public/subsidy_detail.html", context, status=status)


# --- The expert's page -----------------------------------------------------------------------------------------------
def _review_or_404(code: str) -> SubsidyReview:
    rows = SubsidyReview.objects.exclude(status=SubsidyReview.Status.RELEASED)
    return get_object_or_404(rows.select_related("application__call", "application__organisation", "expert"), code=code)


def _is_open(review: SubsidyReview) -> bool:
    in_review = review.application.status == SubsidyApplication.Status.REVIEW
    return in_review and review.status == SubsidyReview.Status.ASKED


@throttle_guessing
@require_http_methods(["GET", "HEAD", "POST"])
def subsidy_review(request: HttpRequest, code: str) -> HttpResponse:
    """Whoever has the code reads the application and advises once, or recuses. Closed afterwards."""
    review = _review_or_404(code)
    forms: dict[str, AdviceForm | RecuseForm] = {
        "advise": AdviceForm(review=review),
        "recuse": RecuseForm(review=review),
    }
    faulty = None
    if request.method == "POST":
        step = "recuse" if request.POST.get("step") == "recuse" else "advise"
        faulty = forms[step] = type(forms[step])(request.POST, review=review)
        if faulty.is_valid() and faulty.save():
            return redirect("subsidy_review", code)
        review = _review_or_404(code)
    is_open = _is_open(review)
    context = {
        "review": review,
        "application": review.application,
        "is_open": is_open,
        "files": review.application.files.kept() if is_open else [],
        "advice_form": forms["advise"],
        "recuse_form": forms["recuse"],
        "faulty": faulty,
    }
    response = render(request, "mechanism/public/subsidy_review.html", context, status=422 if faulty else 200)
    add_never_cache_headers(response)
    return response


@throttle_guessing
@require_safe
def subsidy_review_file(request: HttpRequest, code: str) -> FileResponse:
    """A file (`?id=`) of the application, for its expert while the review is open."""
    review = _review_or_404(code)
    files = review.application.files.kept() if _is_open(review) else review.application.files.none()
    file = get_object_or_404(files, public_id=request.GET.get("id", ""))
    return send_stored(file.file, file.name, file.content_type)
