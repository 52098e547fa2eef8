"""Sign-up of a firm, the status page of its application, and the page on which a contact of the firm objects."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import SignUp
from core.client_address import client_address
from core.throttling import exceeds, throttle_guessing, throttle_posts, throttled_response
from members.forms import ObjectionForm, ProofForm, SignUpForm
from members.services.sign_ups import submit_sign_up

HOUR, DAY = 3600, 86400
MAX_POSTS = 30
"""Posts of the form from one address in an hour, most of them with mistakes."""


@sensitive_post_parameters("password", "password_again")
@throttle_posts("sign-up", limit=MAX_POSTS, seconds=HOUR)
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        if _is_one_too_many(request, form.cleaned_data["credit_code"]):
            return throttled_response(request, HOUR)
        try:
            application = submit_sign_up(**form.service_arguments)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("sign_up_state", application.public_id)
    return render(request, "members/public/sign_up.html", {"form": form}, status=422 if form.errors else 200)


def _is_one_too_many(request: HttpRequest, credit_code: str) -> bool:
    """Count a valid application, for its address and for its firm."""
    address = client_address(request) or ""
    by_address = exceeds("sign-up-valid", address, settings.SIGN_UPS_PER_ADDRESS, HOUR)
    return by_address or exceeds("sign-up-firm", credit_code, settings.SIGN_UPS_PER_FIRM, DAY)


@throttle_posts("sign-up-proof", limit=20, seconds=HOUR)
@throttle_guessing
@require_http_methods(["GET", "POST"])
def sign_up_status(request: HttpRequest, public_id: str) -> HttpResponse:
    """The status of an application. Anyone with the link may read it, so it shows no personal data.

    POST adds a proof. What the page says does not depend on whether the firm is in the registry.
    """
    application = get_object_or_404(SignUp.objects.select_related("stat_region", "user"), public_id=public_id)
    form = None
    if application.status == SignUp.Status.SUBMITTED:
        form = ProofForm(application, request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and form.save():
            messages.success(request, "已收到证明材料。")
            return redirect("sign_up_state", application.public_id)
    elif request.method == "POST":
        messages.error(request, "这份申请已有结果，不能再补交材料。")
        return redirect("sign_up_state", application.public_id)
    is_faulty = request.method == "POST"
    context = {"sign_up": application, "form": form}
    response = render(request, "members/public/sign_up_status.html", context, status=422 if is_faulty else 200)
    return _private(response)


@throttle_guessing
@require_http_methods(["GET", "POST"])
def sign_up_objection(request: HttpRequest, code: str) -> HttpResponse:
    """Where a recorded contact of a firm objects to an application in its name, by the link of the mail."""
    application = SignUp.objects.select_related("organisation").filter(objection_code=code).first()
    if application is None:
        raise Http404
    is_open = application.status == SignUp.Status.SUBMITTED and not application.objected_at
    form = ObjectionForm(application, request.POST or None) if is_open else None
    if form is not None and form.is_valid() and form.save():
        return redirect("sign_up_objection", code)
    context = {"sign_up": application, "form": form}
    is_faulty = form is not None and bool(form.errors)
    return _private(render(request, "members/public/objection.html", context, status=422 if is_faulty else 200))


def _private(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
