"""The survey after a meeting, opened by the link that the firm received."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core import throttling
from core.scope import is_outsider
from matching.forms import FollowUpCheckForm
from matching.models import FollowUpCheck
from matching.services.follow_up_checks import get_check_by_code


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, code: str) -> HttpResponse:
    """The survey of this code. Of the other side it names only the institution and its achievement."""
    if throttling.is_throttled(request):
        return throttling.throttled_response(request)
    survey = get_check_by_code(code)
    if survey is None:
        throttling.record_failed_attempt(request)
        return render(request, "matching/public/follow_up_check_not_found.html", status=404)
    response = _page(request, survey)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _page(request: HttpRequest, survey: FollowUpCheck) -> HttpResponse:
    form = None
    if request.method == "POST" and is_outsider(request.user, survey.follow_up.match.demand.firm_id):
        raise PermissionDenied("您登录的账号不是这家企业的，不能代替它答复；电话回访请在对接页面记录。")
    if survey.is_open and survey.follow_up.is_agreed:
        form = FollowUpCheckForm(request.POST or None, check=survey)
        if request.method == "POST":
            if form.is_valid() and form.save():
                messages.success(request, "已收到答复，谢谢。")
                return redirect("check", survey.code)
            survey.refresh_from_db()
    context = {"check": survey, "match": survey.follow_up.match, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/public/follow_up_check.html", context, status=status)
