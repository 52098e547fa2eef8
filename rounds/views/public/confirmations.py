"""The question whether a word is one's own, opened by the link that the side received. Opening it changes nothing."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core import throttling
from matching.models import ConfirmationRequest
from matching.services.confirmation_requests import question_sentence, request_of_token
from rounds.forms.confirmations import ConfirmationForm


@require_http_methods(["GET", "HEAD", "POST"])
def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """Of the other side the page names no more than what is published."""
    if throttling.is_throttled(request):
        return throttling.throttled_response(request)
    question = request_of_token(token)
    if question is None:
        throttling.record_failed_attempt(request)
        response = render(request, "rounds/public/confirmation_unknown.html", status=404)
    else:
        response = _page(request, question, token)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _page(request: HttpRequest, question: ConfirmationRequest, token: str) -> HttpResponse:
    user = request.user if request.user.is_authenticated else None
    is_own = user is not None and ConfirmationRequest.objects.represented_by(user).filter(pk=question.pk).exists()
    is_outsider = user is not None and not is_own
    form, status = None, 200
    if question.is_valid_at(timezone.now()) and not is_outsider:
        form = ConfirmationForm(request.POST or None, request=question, by=user)
    if request.method == "POST":
        if is_outsider:
            raise PermissionDenied("您登录的账号不是这个单位的，不能代替它确认。")
        if form and form.is_valid() and form.save():
            messages.success(request, "已收到您单位的答复，谢谢。")
            return redirect("side_confirmation", token)
        question.refresh_from_db()
        status = 422
    context = {
        "question": question,
        "sentence": question_sentence(question),
        "match": question.follow_up.match,
        "is_firm": question.side == "firm",
        "is_outsider": is_outsider,
        "form": form if question.is_valid_at(timezone.now()) else None,
        "action": request.path,
    }
    return render(request, "rounds/public/confirmation.html", context, status=status)
