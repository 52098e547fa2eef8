"""Choices for the dialogs of the review desk: colleagues who could decide a match, brokers who could follow it."""

from django.db.models import Count, Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.models import Role, User
from accounts.requests import UserRequest
from brokers.models import Broker
from matching.models import Match
from matching.suggestions import suggest_brokers
from matching.views.staff.review.access import for_readers

MAX_COLLEAGUES, MAX_SUGGESTED, MAX_OTHERS = 100, 10, 300


@require_safe
@for_readers
def colleagues(request: UserRequest) -> HttpResponse:
    """The other officers of the district of `?match=`, then those of the city."""
    match = _match(request)
    region = match.demand.firm.stat_region_id
    people = (
        User.objects.filter(is_active=True)
        .filter(
            Q(memberships__role=Role.CITY)
            | Q(memberships__role=Role.DISTRICT, memberships__organisation__stat_region=region)
        )
        .exclude(pk=request.user.pk)
        .annotate(own=Count("pk", filter=Q(memberships__role=Role.DISTRICT)))
        .order_by("-own", "name")
        .distinct()[:MAX_COLLEAGUES]
    )
    city = "市科技局"
    choices = [
        {"value": person.pk, "label": person.name if person.own else f"{person.name}（{city}）"} for person in people
    ]
    return JsonResponse({"choices": choices})


@require_safe
@for_readers
def brokers(request: UserRequest) -> HttpResponse:
    """Certified brokers: first those suggested for the demand, with the reasons, then all others."""
    demand = _match(request).demand
    suggested = suggest_brokers(demand, user=request.user, limit=MAX_SUGGESTED)
    known = {advice.who.pk for advice in suggested}
    visible = Broker.objects.visible_to(request.user).certified()
    others = visible.exclude(pk__in=known).order_by("name")[:MAX_OTHERS]
    choices = [
        {"value": advice.who.pk, "label": f"{advice.who.name}（{'，'.join(advice.reasons)}）", "group": "建议"}
        for advice in suggested
    ] + [{"value": broker.pk, "label": broker.name, "group": "其他"} for broker in others]
    return JsonResponse({"choices": choices})


def _match(request: UserRequest) -> Match:
    managed = Match.objects.managed_by(request.user).select_related("demand__firm", "achievement")
    return get_object_or_404(managed, public_id=request.GET.get("match", ""))
