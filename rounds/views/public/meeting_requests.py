"""A party's meeting requests, by the code of its invitation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from core.throttling import throttle_guessing
from rounds.models import Party
from rounds.views.party_pages import meeting_requests_page


@require_http_methods(["GET", "POST"])
@throttle_guessing
def party_meeting_requests(request: HttpRequest, code: str) -> HttpResponse:
    coming = Party.objects.coming().exclude(docking_round__status="preparing")
    party = get_object_or_404(coming.select_related("docking_round", "organisation"), code=code)
    return meeting_requests_page(request, party, by=None)
