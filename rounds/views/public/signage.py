"""The signage screen of a hall: the present and next meeting of each table."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from core.kept_pages import allow_keeping_by_all
from core.throttling import throttle_guessing
from rounds.day.kept_pages import keep_until, keeping_settings, worker_script
from rounds.day.signage import signage_pages, signage_rows
from rounds.models import Announcement, SignageScreen

MAX_ANNOUNCEMENTS = 1
"""The latest one: more would leave no room for the tables."""


@require_safe
@throttle_guessing
def signage(request: HttpRequest, code: str) -> HttpResponse:
    """With `?part=1` only the rows, for htmx."""
    screens = SignageScreen.objects.open().select_related("docking_round", "hall")
    screen = get_object_or_404(screens, public_id=code)
    until = keep_until(screen.docking_round)
    rows = signage_rows(screen.docking_round, screen.hall, timezone.now())
    announcements = list(Announcement.objects.shown().filter(docking_round=screen.docking_round)[:MAX_ANNOUNCEMENTS])
    context = {
        "title": f"{screen.docking_round.name} {screen.hall.name}" if screen.hall else screen.docking_round.name,
        "pages": signage_pages(rows, announcements),
        "announcements": announcements,
        "show_hall": len({row.hall for row in rows}) > 1,
        "now": timezone.now(),
        "settings": keeping_settings(until, reverse("signage_worker", args=[code])),
    }
    name = "_signage.html" if request.GET.get("part") else "signage.html"
    response = render(request, f"rounds/public/{name}", context)
    add_never_cache_headers(response)
    allow_keeping_by_all(response, until)
    return response


@require_safe
@throttle_guessing
def worker(request: HttpRequest, code: str) -> HttpResponse:
    """The service worker of one screen."""
    get_object_or_404(SignageScreen.objects.open(), public_id=code)
    response = worker_script()
    add_never_cache_headers(response)
    return response
