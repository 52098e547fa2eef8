"""The lists of meetings of one's own parties; staff open those of the parties they look after."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import UserRequest
from rounds.models import DockingRound, Party
from rounds.own_plan import own_plan
from rounds.views.party_pages import plan_links, plan_page

MAX_SHOWN = 20


@login_required
@require_safe
def my_plans(request: UserRequest) -> HttpResponse:
    """The plans of the user's parties in rounds that are not closed."""
    scope = request.user.scope
    parties = (
        Party.objects.coming()
        .filter(docking_round__status__in=DockingRound.OPEN, organisation__in=scope.firm_ids | scope.institution_ids)
        .select_related("docking_round", "organisation")
        .order_by("docking_round__starts_at", "team", "pk")[:MAX_SHOWN]
    )
    return render(request, "rounds/workbench/my_plans.html", {"plans": [own_plan(party) for party in parties]})


@login_required
@require_safe
def my_plan(request: UserRequest, public_id: str) -> HttpResponse:
    parties = Party.objects.visible_to(request.user).select_related("docking_round", "organisation")
    party = get_object_or_404(parties, public_id=public_id)
    scope = request.user.scope
    is_own = party.organisation_id in scope.firm_ids | scope.institution_ids
    may_act = is_own and Party.objects.represented_by(request.user).filter(pk=party.pk).exists()
    links = plan_links("my_meeting_requests", "my_invitation", public_id) if may_act else {}
    return plan_page(request, party, is_own=is_own, links=links)
