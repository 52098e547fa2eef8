"""Sign-up of a firm and the status page of its application."""

from accounts.services.sign_ups import submit_sign_up
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.forms import SignUpForm
from accounts.models import SignUp


@sensitive_post_parameters("password", "password_again")
def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        try:
            application = submit_sign_up(**form.service_arguments)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("sign_up_state", application.public_id)
    return render(request, "accounts/public/sign_up.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def sign_up_status(request: HttpRequest, public_id: str) -> HttpResponse:
    """The status of an application. Anyone with the link may read it, so it shows no personal data."""
    application = get_object_or_404(SignUp.objects.select_related("stat_region"), public_id=public_id)
    return render(request, "accounts/public/sign_up_status.html", {"sign_up": application})
