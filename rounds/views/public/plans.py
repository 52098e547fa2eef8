"""A party's list of meetings, and its calendar feed, by the code of its invitation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from calendars.ical import CONTENT_TYPE, write_calendar
from core.throttling import throttle_guessing
from rounds.calendar_events import party_events
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
    party = _coming_party(code)
    content = write_calendar(party_events(party), address="", name=f"{party.docking_round} 洽谈")
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'inline; filename="meetings.ics"'
    response["X-Robots-Tag"] = "noindex"
    add_never_cache_headers(response)
    return response


def _coming_party(code: str) -> Party:
    return get_object_or_404(Party.objects.coming().select_related("docking_round", "organisation"), code=code)
