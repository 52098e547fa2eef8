"""The invitations of one's own organisations."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import UserRequest
from rounds.models import Party
from rounds.services.invitation_answers import may_still_answer
from rounds.views.party_pages import invitation_page

MAX_SHOWN = 100


@login_required
@require_safe
def my_invitations(request: UserRequest) -> HttpResponse:
    """The latest rounds to which the user's organisations were invited."""
    parties = Party.objects.represented_by(request.user).select_related("organisation", "docking_round")
    parties = parties.exclude(docking_round__status="preparing").order_by("-docking_round__starts_at", "pk")
    parties = list(parties[:MAX_SHOWN])
    rows = [{"party": party, "round": party.docking_round, "is_open": may_still_answer(party)} for party in parties]
    return render(request, "rounds/workbench/invitations.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def my_invitation(request: UserRequest, public_id: str) -> HttpResponse:
    parties = Party.objects.represented_by(request.user).select_related("organisation", "docking_round__host")
    party = get_object_or_404(parties, public_id=public_id)
    if party.docking_round.status == "preparing":
        raise Http404
    return invitation_page(request, party, by=request.user)
