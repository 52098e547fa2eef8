"""Who may use the review desk: decorators of its views."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.requests import UserRequest
from core.json_body import JsonBody, read_json_body
from matching.views.staff.review.json_responses import refuse

VIEW, REVIEW = "matching.view_match", "matching.review_match"


def for_readers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Raise PermissionDenied for users who may not view matches."""

    @wraps(view)
    def guarded(request: UserRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def for_officers(view: Callable[[UserRequest, JsonBody], HttpResponse]) -> Callable[[UserRequest], HttpResponse]:
    """Accept a POST with a JSON body only from users who may review.

    A page sends its steps later if the network is down. `by` in the body is the user who took the step; if another user
    is signed in by then, the answer is 409.
    """

    @require_POST
    @wraps(view)
    def guarded(request: UserRequest) -> HttpResponse:
        if not request.user.has_perm(REVIEW):
            return refuse(403, "您的账号只能查看，不能审核匹配。")
        body = read_json_body(request)
        if body.number("by") not in (None, request.user.pk):
            return refuse(409, "这一步是用另一个账号做的，请用那个账号登录后再发送。")
        try:
            return view(request, body)
        except PermissionDenied as error:
            return refuse(403, str(error))

    return guarded
