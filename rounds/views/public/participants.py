"""Who comes to a round, by the code of an invitation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from core.throttling import throttle_guessing
from rounds.models import Party
from rounds.views.party_pages import participants_page


@require_safe
@throttle_guessing
def party_participants(request: HttpRequest, code: str) -> HttpResponse:
    coming = Party.objects.coming().exclude(docking_round__status="preparing")
    party = get_object_or_404(coming.select_related("docking_round", "organisation"), code=code)
    return participants_page(request, party, by=None)
