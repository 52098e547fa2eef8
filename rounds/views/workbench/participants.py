"""Who comes to a round to which one's own organisation comes."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from rounds.models import Party
from rounds.views.party_pages import participants_page


@login_required
@require_safe
def my_participants(request: UserRequest, public_id: str) -> HttpResponse:
    parties = Party.objects.represented_by(request.user).coming().exclude(docking_round__status="preparing")
    party = get_object_or_404(parties.select_related("docking_round", "organisation"), public_id=public_id)
    return participants_page(request, party, by=request.user)
