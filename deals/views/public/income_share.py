"""The page behind the link of a share: a person confirms the own amount without an account. Opening changes nothing."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core.scope import is_outsider
from core.throttling import throttle_guessing, throttle_posts
from deals.income_links import share_of_token
from deals.views.workbench.income import answer_posted

POSTS, SECONDS = 60, 3600


@require_http_methods(["GET", "HEAD", "POST"])
@throttle_guessing
@throttle_posts("income-share", POSTS, SECONDS)
def income_share_link(request: HttpRequest, token: str) -> HttpResponse:
    """POST `amount`, `answer`: confirm or object (with `objection`)."""
    share = share_of_token(token)
    if share is None:
        raise Http404
    is_open = not is_outsider(request.user, share.case.institution_id) and share.user_id is None
    if request.method == "POST" and not is_open:
        raise PermissionDenied("请退出登录后再打开链接，或用本人的账号确认。")
    if request.method == "POST" and answer_posted(request, share, by=False):
        response: HttpResponse = redirect("income_share_link", token)
    else:
        context = {"share": share, "case": share.case, "is_open": is_open}
        status = 422 if request.method == "POST" else 200  # what was typed stays in its field
        response = render(request, "deals/public/income_share.html", context, status=status)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
