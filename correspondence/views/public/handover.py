"""The page behind a link of a question handed over: a completer answers without an account. Opening changes nothing."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core.scope import is_outsider
from core.throttling import exceeds, throttle_guessing, throttle_posts, throttled_response
from correspondence.forms import CompleterForm
from correspondence.handover_links import handover_of_token
from correspondence.models import Handover
from correspondence.services.handovers import recipient_of
from correspondence.targets import asked_text, is_waiting

POSTS, SECONDS = 200, 3600
POSTS_OF_ONE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@throttle_guessing
@throttle_posts("handover", POSTS, SECONDS)
def handover(request: HttpRequest, token: str) -> HttpResponse:
    """POST `kind`: text, times or unfit, with the fields of `CompleterForm`."""
    row = handover_of_token(token)
    if row is None:
        raise Http404
    outsider = is_outsider(request.user, row.institution_id)
    form: CompleterForm | None = None
    if request.method == "POST":
        if outsider:
            raise PermissionDenied("您登录的账号不是这个单位的，不能代替完成人答复。请退出登录后再打开链接。")
        if exceeds("handover-link", row.public_id, POSTS_OF_ONE, SECONDS):
            return throttled_response(request, SECONDS)
        form = CompleterForm(request.POST, handover=row)
        if form.is_valid() and form.save():
            text = "已发给对方，谢谢。" if form.was_sent else "已交给单位的成果管理部门，核对后发给对方。谢谢。"
            messages.success(request, text)
            response: HttpResponse = redirect("handover", token)
            add_never_cache_headers(response)
            return response
    response = _page(request, row, form, is_outsider=outsider)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _page(request: HttpRequest, row: Handover, form: CompleterForm | None, *, is_outsider: bool) -> HttpResponse:
    waits = is_waiting(row.target)
    context = {
        "handover": row,
        "recipient": recipient_of(row),
        "asked": asked_text(row),
        "waits": waits,
        "may_answer": waits and row.is_open and not is_outsider,
        "is_outsider": is_outsider,
        "is_meeting": row.follow_up_id is not None,
        "form": form or CompleterForm(handover=row, initial=_initial(row)),
        "posted": form.data.get("kind", "") if form else "",
    }
    return render(request, "correspondence/public/handover.html", context, status=422 if form else 200)


def _initial(row: Handover) -> dict[str, object]:
    """What was answered before, to be changed."""
    times = {f"time_{number}": moment for number, moment in enumerate(row.starts, start=1)}
    return {"text": row.text, "reason": row.reason, "place": row.place, "minutes": row.minutes, **times}
