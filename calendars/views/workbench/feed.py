"""The user's page of the calendar link: make it, replace it, end it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import UserRequest
from calendars.models import CalendarFeed
from calendars.services.feeds import end_feed, make_feed
from core.throttling import exceeds

MOST_LINKS, LINKS_SECONDS = 10, 3600


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: UserRequest) -> HttpResponse:
    """A POST makes a new link and shows it: it is the only page that ever does."""
    link = ""
    if request.method == "POST":
        if exceeds("calendar-link", str(request.user.pk), MOST_LINKS, LINKS_SECONDS):
            messages.error(request, "一小时内生成了太多链接，请稍后再试。现在的链接仍然有效。")
            return redirect("calendar")
        path = reverse("calendar_feed", args=[make_feed(by=request.user)])
        link = request.build_absolute_uri(path)
    context = {
        "link": link,
        "webcal": link.replace("https://", "webcal://").replace("http://", "webcal://"),
        "feed": CalendarFeed.objects.filter(user=request.user).first(),
    }
    response = render(request, "calendars/workbench/calendar.html", context)
    add_never_cache_headers(response)
    return response


@login_required
@require_POST
def calendar_end(request: UserRequest) -> HttpResponse:
    if end_feed(by=request.user):
        messages.success(request, "链接已停用。手机和电脑里的日历不再更新，请在日历程序里删除这个订阅。")
    else:
        messages.info(request, "没有正在使用的链接。")
    return redirect("calendar")
