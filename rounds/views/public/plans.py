"""A party's own list of meetings: signed in on the workbench, or by the code it was invited with."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from core.throttling import against_guessing
from rounds.ical import party_calendar
from rounds.models import DockingRound, Party
from rounds.own_plan import own_plan


@login_required
@require_safe
def my_plans(request):
    """Every party of one's own organisation in a round that is not closed, each with its meetings."""
    scope = request.user.scope
    parties = (
        Party.objects.coming()
        .filter(docking_round__status__in=DockingRound.OPEN, organisation__in=scope.firm_ids | scope.institution_ids)
        .select_related("docking_round", "organisation")
        .order_by("docking_round__starts_at", "team", "pk")[:20]
    )
    return render(request, "rounds/workbench/my_plans.html", {"plans": [own_plan(party) for party in parties]})


@login_required
@require_safe
def my_plan(request, public_id: str):
    """One party's list: for itself, and for the staff who look after it."""
    mine = Party.objects.visible_to(request.user).select_related("docking_round", "organisation")
    party = get_object_or_404(mine, public_id=public_id)
    scope = request.user.scope
    is_own = party.organisation_id in scope.firm_ids | scope.institution_ids
    speaks = is_own and Party.objects.represented_by(request.user).filter(pk=party.pk).exists()
    return _page(
        request, party, is_own=is_own, own=_own_pages("my_wishes", "my_invitation", public_id) if speaks else {}
    )


@require_safe
@against_guessing
def party_plan(request, code: str):
    """The same for whoever has the code of the invitation. Kept out of caches and search engines."""
    return _page(request, _by_code(code), is_own=True, own=_own_pages("party_wishes", "rsvp", code))


@require_safe
@against_guessing
def party_calendar_file(request, code: str):
    response = HttpResponse(party_calendar(_by_code(code)), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="meetings.ics"'
    response["X-Robots-Tag"] = "noindex"
    add_never_cache_headers(response)
    return response


def _by_code(code: str) -> Party:
    return get_object_or_404(Party.objects.coming().select_related("docking_round", "organisation"), code=code)


def _own_pages(wishes: str, invitation: str, opened_with: str) -> dict[str, str]:
    return {
        "wishes_at": reverse(wishes, args=[opened_with]),
        "invitation_at": reverse(invitation, args=[opened_with]),
    }


def _page(request, party: Party, *, is_own: bool, own: dict[str, str]):
    """`is_own`: the address of the calendar holds the party's code, which is for the party alone. `own`: where this
    reader wishes and answers for the party (`_own_pages`); empty for others."""
    context = {"plan": own_plan(party), "party": party, "is_own": is_own} | own
    response = render(request, "rounds/public/plans/plan.html", context)
    response["X-Robots-Tag"] = "noindex"
    add_never_cache_headers(response)
    return response
