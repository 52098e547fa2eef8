"""A party's list of meetings, and its calendar feed, by the code of its invitation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from core.throttling import throttle_guessing
from rounds.ical import party_calendar
from rounds.models import Party
from rounds.views.party_pages import plan_links, plan_page


@require_safe
@throttle_guessing
def party_plan(request: HttpRequest, code: str) -> HttpResponse:
    links = plan_links("party_meeting_requests", "rsvp", code)
    return plan_page(request, _coming_party(code), is_own=True, links=links)


@require_safe
@throttle_guessing
def party_calendar_file(request: HttpRequest, code: str) -> HttpResponse:
    response = HttpResponse(party_calendar(_coming_party(code)), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="meetings.ics"'
    response["X-Robots-Tag"] = "noindex"
    add_never_cache_headers(response)
    return response


def _coming_party(code: str) -> Party:
    return get_object_or_404(Party.objects.coming().select_related("docking_round", "organisation"), code=code)
