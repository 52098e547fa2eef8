"""个人信息权利: making a request, confirming it by the mailed link, reading the answer."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from audit.services import record
from core.client_address import client_address
from core.downloads import send_download
from core.throttling import exceeds, throttle_guessing, throttle_posts, throttled_response
from privacy.copies import person_copy
from privacy.forms import DataRequestForm
from privacy.models import DataRequest
from privacy.services.requests import confirm_by_link, disown_by_link, request_by_link

HOUR, DAY = 3600, 86400
MAX_POSTS, MAX_REQUESTS, MAX_PER_PERSON = 30, 5, 3
"""Posts and valid requests from one address in an hour; requests that name one mail address in a day."""


@throttle_posts("personal-data", limit=MAX_POSTS, seconds=HOUR)
@require_http_methods(["GET", "POST"])
def personal_data(request: HttpRequest) -> HttpResponse:
    """The form, and for a signed-in user the own requests. What follows is the same for every person."""
    user = request.user if isinstance(request.user, User) else None
    form = DataRequestForm(user, request.POST or None)
    if form.is_valid():
        if _is_one_too_many(request, form.cleaned_data["email"]):
            return throttled_response(request, HOUR)
        if form.save() and form.request:
            due = f"{form.request.due_on.month} 月 {form.request.due_on.day} 日"
            messages.success(request, f"已收到您的请求，编号 {form.request.public_id}，最迟 {due}前答复。{_next(user)}")
            return redirect("personal_data")
    own = DataRequest.objects.of(user).order_by("-received_at") if user else []
    context = {"form": form, "own": own, "days": settings.DATA_REQUEST_DAYS}
    response = render(request, "privacy/public/personal_data.html", context, status=422 if form.errors else 200)
    if user:
        add_never_cache_headers(response)
    return response


@throttle_guessing
@require_http_methods(["GET", "POST"])
def data_request_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of the mailed link. Only POST confirms or disowns."""
    row = request_by_link(secret)
    if row is None:
        raise Http404
    if request.method == "POST":
        act = {"confirm": confirm_by_link, "disown": disown_by_link}.get(request.POST.get("action", ""))
        try:
            if act is None:
                raise ValidationError("请用页面上的按钮选择。")
            act(row)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("data_request_link", secret)
    response = render(request, "privacy/public/link.html", {"data_request": row, "secret": secret})
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@throttle_guessing
@require_safe
def link_copy(request: HttpRequest, secret: str) -> HttpResponse:
    """The copy for who holds the mailed link, after the request is answered."""
    row = request_by_link(secret)
    if row is None or not _has_copy(row):
        raise Http404
    return _send_copy(row, by=None)


@login_required
@require_safe
def own_copy(request: UserRequest, public_id: str) -> HttpResponse:
    """The copy for the signed-in person, after the request is answered."""
    row = get_object_or_404(DataRequest.objects.of(request.user), public_id=public_id)
    if not _has_copy(row):
        raise Http404
    return _send_copy(row, by=request.user)


def _has_copy(row: DataRequest) -> bool:
    return row.kind == DataRequest.Kind.ACCESS and row.status == DataRequest.Status.DONE


def _send_copy(row: DataRequest, *, by: User | None) -> HttpResponse:
    record("下载个人信息副本", row, by=by)
    return send_download(person_copy(row), "个人信息副本.xlsx")


def _is_one_too_many(request: HttpRequest, email: str) -> bool:
    """Count a valid request, for its address and for the mail address, which would get a mail for each."""
    address = client_address(request) or ""
    by_address = exceeds("personal-data-valid", address, MAX_REQUESTS, HOUR)
    return by_address or bool(email and exceeds("personal-data-mail", email.casefold(), MAX_PER_PERSON, DAY))


def _next(user: User | None) -> str:
    if user:
        return "您已登录，身份已经核实，进展显示在本页。"
    return "如果填写的邮箱与登记的一致，几分钟内会收到确认邮件，请按邮件确认；没有收到的，请凭编号联系平台核对身份。"
