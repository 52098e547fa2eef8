"""The meetings of one's own organisations on the day of a round."""

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import UserRequest
from rounds.models import DockingRound, Party
from rounds.views.party_pages import event_day_page, record_party_outcome


@login_required
@require_safe
def my_days(request: UserRequest) -> HttpResponse:
    """The rounds that one's organisations take part in. Redirects to the only one."""
    parties = list(_own_parties(request.user).order_by("-docking_round__starts_at", "pk"))
    if len(parties) == 1:
        return redirect("my_day", parties[0].public_id)
    return render(request, "rounds/workbench/my_days.html", {"parties": parties})


@login_required
@require_safe
def my_day(request: UserRequest, public_id: str) -> HttpResponse:
    return event_day_page(
        request,
        get_object_or_404(_own_parties(request.user), public_id=public_id),
        action=reverse("my_outcome", args=[public_id]),
        outbox=f"day.own.{request.user.pk}.{public_id}.",
        back=reverse("my_invitation", args=[public_id]),
    )


@login_required
@require_POST
def my_outcome(request: UserRequest, public_id: str) -> HttpResponse:
    party = get_object_or_404(_own_parties(request.user), public_id=public_id)
    return record_party_outcome(request, party, reverse("my_day", args=[public_id]), by=request.user)


def _own_parties(user: User) -> QuerySet[Party]:
    """Parties of the user's organisations, without those that staff may only look at."""
    own = user.scope.firm_ids | user.scope.institution_ids
    parties = Party.objects.select_related("docking_round", "organisation").exclude(answer=Party.Answer.LISTED)
    return parties.filter(organisation__in=own, docking_round__in=DockingRound.objects.visible_to(user))
