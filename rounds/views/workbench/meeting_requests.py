"""The meeting requests of one's own organisation. Staff have a page of their own."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from accounts.requests import UserRequest
from rounds.models import Party
from rounds.views.party_pages import meeting_requests_page


@login_required
@require_http_methods(["GET", "POST"])
def my_meeting_requests(request: UserRequest, public_id: str) -> HttpResponse:
    parties = Party.objects.represented_by(request.user).exclude(docking_round__status="preparing")
    party = get_object_or_404(parties.select_related("docking_round", "organisation"), public_id=public_id)
    return meeting_requests_page(request, party, by=request.user)
