"""Public pages of the districts: all of them on a map and in a table, and one of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Region
from achievements.models import Achievement
from brokers.models import Agency, Broker
from demands.models import Demand
from demands.public_facts import NEWEST_DAYS
from portal.districts import (
    agencies_of_district,
    brokers_of_district,
    demands_of_district,
    district_rows,
    offices_of_district,
    wanted_achievements,
    wanted_industries,
)
from portal.next_round import next_round
from portal.problem_examples import plain_voices
from portal.public_pictures import count_needs, count_offers, count_wanted, district_map, top_industries
from rounds.models import DockingRound
from taxonomy.models import Industry

READ_DEMANDS, VOICES_SHOWN, DEMANDS_SHOWN = 20, 1, 6
AGENCIES_SHOWN, BROKERS_SHOWN = 6, 6


@require_safe
def district_list(request: HttpRequest) -> HttpResponse:
    demands = Demand.objects.visible_to(request.user).published()
    tops, top_of = top_industries(Industry.objects.all())
    needs = count_needs(demands, top_of)
    regions = list(Region.objects.reporting())
    context = {
        "districts": district_map(regions, needs),
        "table": district_rows(regions, tops, needs, count_wanted(demands, top_of)),
        "placed_count": sum(kinds.total() for kinds in needs.by_region.values()),
        "demand_count": needs.total,
    }
    return render(request, "portal/public/district_list.html", context)


@require_safe
def district_detail(request: HttpRequest, code: str) -> HttpResponse:
    region = get_object_or_404(Region.objects.reporting(), code=code)
    demands = demands_of_district(Demand.objects.visible_to(request.user).published(), region)
    available = Achievement.objects.visible_to(request.user).available()
    tops, top_of = top_industries(Industry.objects.all())
    needs = count_needs(demands, top_of)
    wanted = wanted_industries(region, tops, needs, count_offers(available, top_of))
    read = list(demands.select_related("firm").order_by(*NEWEST_DAYS)[:READ_DEMANDS])
    voices = plain_voices(read)[:VOICES_SHOWN]
    quoted = {demand.pk for demand, _words in voices}
    agencies = agencies_of_district(Agency.objects.visible_to(request.user).listed(), region)
    brokers = brokers_of_district(Broker.objects.visible_to(request.user).certified(), region)
    rounds = DockingRound.objects.visible_to(request.user).upcoming()
    upcoming = rounds.select_related("host").order_by("starts_at")
    own_rounds = list(upcoming.filter(host__stat_region=region)[:1])
    context = {
        "region": region,
        "demand_count": needs.total,
        "wanted": wanted,
        "voices": voices,
        "demands": [demand for demand in read if demand.pk not in quoted][:DEMANDS_SHOWN],
        "achievements": wanted_achievements(available, wanted.rows, top_of),
        "agencies": agencies.select_related("organisation").order_by("organisation__name")[:AGENCIES_SHOWN],
        "agency_count": agencies.count(),
        "brokers": brokers.select_related("agency__organisation").order_by("name", "pk")[:BROKERS_SHOWN],
        "broker_count": brokers.count(),
        "offices": offices_of_district(region),
        "next_round": next_round(own_rounds or list(upcoming[:1])),
    }
    return render(request, "portal/public/district_detail.html", context)
