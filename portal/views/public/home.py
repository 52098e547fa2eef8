"""The home page and the pages of fixed text."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Region
from achievements.models import Achievement
from brokers.models import Agency
from core.facets import count_rows
from demands.models import Demand
from portal.next_round import next_round
from portal.problem_examples import plain_voices, problem_examples
from portal.public_pictures import count_needs, count_offers, district_map, industry_skyline, top_industries
from portal.technical_cards import cards_to_look_at
from portal.transfer_story import transfer_story
from rounds.models import DockingRound
from taxonomy.models import Industry

CARDS_SHOWN, NEWEST_SHOWN, VOICES_SHOWN, DEMANDS_SHOWN, ROUNDS_SHOWN = 3, 6, 2, 3, 3
READ_DEMANDS = 20
"""Newest demands among which those with words to quote are looked for."""
READ_ACHIEVEMENTS = 12
"""Newest achievements among which those with a picture or a drawing are looked for."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    achievements = Achievement.objects.visible_to(request.user).published()
    demands = Demand.objects.visible_to(request.user).published()
    tops, top_of = top_industries(Industry.objects.all())
    offers, needs = count_offers(achievements, top_of), count_needs(demands, top_of)
    upcoming = DockingRound.objects.visible_to(request.user).upcoming()
    rounds = list(upcoming.select_related("host").order_by("starts_at")[:ROUNDS_SHOWN])
    examples = problem_examples(demands)
    read = list(demands.select_related("firm").order_by("-published_at__date", "public_id")[:READ_DEMANDS])
    voices = plain_voices(read, without={example.title for example in examples})[:VOICES_SHOWN]
    quoted = {demand.pk for demand, _words in voices}
    newest = list(
        achievements.filter(status__in=Achievement.OFFERED)
        .select_related("institution", "industry")
        .order_by("-published_at", "-pk")[:READ_ACHIEVEMENTS]
    )
    cards = cards_to_look_at(newest)[:CARDS_SHOWN]
    context = {
        "achievement_count": offers.total,
        "offered_count": count_rows(Achievement.objects.visible_to(request.user).available()),
        "institution_count": len(offers.by_institution),
        "demand_count": needs.total,
        "agency_count": count_rows(Agency.objects.visible_to(request.user).listed()),
        "skyline": industry_skyline(tops, offers, needs),
        "districts": district_map(Region.objects.reporting(), needs),
        "cards": cards,
        "achievements": [row for row in newest if row not in cards][:NEWEST_SHOWN],
        "voices": voices,
        "demands": [demand for demand in read if demand.pk not in quoted][:DEMANDS_SHOWN],
        "examples": examples,
        "story": transfer_story(),
        "next_round": next_round(rounds),
        "later_rounds": rounds[1:],
    }
    return render(request, "portal/public/home.html", context)


@require_safe
def static_page(request: HttpRequest, name: str) -> HttpResponse:
    """Help, accessibility statement, privacy notice."""
    return render(request, f"portal/public/{name}.html")
