"""A party's list of meetings, and its calendar feed, by the code of its invitation."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from calendars.ical import CONTENT_TYPE, write_calendar
from core.throttling import throttle_guessing
from rounds.calendar_events import party_events
from rounds.models import Party
from rounds.views.party_pages import plan_links, plan_page

REFRESH = "PT1H"
"""How often a calendar program reads the address again."""


@require_safe
@throttle_guessing
def party_plan(request: HttpRequest, code: str) -> HttpResponse:
    links = plan_links("party_meeting_requests", "rsvp", code)
    return plan_page(request, _coming_party(code), is_own=True, links=links)


@require_safe
@throttle_guessing
def party_calendar_file(request: HttpRequest, code: str) -> HttpResponse:
    """The party's talks for a calendar program that reads the address again and again. It goes on after the party has
    said no: its talks are then cancelled in the calendar."""
    parties = Party.objects.invited().exclude(docking_round__status="preparing")
    party = get_object_or_404(parties.select_related("docking_round", "organisation"), code=code)
    content = write_calendar(party_events(party), address="", name=f"{party.docking_round} 洽谈", refresh=REFRESH)
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type=CONTENT_TYPE)
        response["Content-Disposition"] = 'inline; filename="meetings.ics"'
    response["ETag"] = etag
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
    return response


def _coming_party(code: str) -> Party:
    return get_object_or_404(Party.objects.coming().select_related("docking_round", "organisation"), code=code)
