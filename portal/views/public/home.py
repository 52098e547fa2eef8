"""The home page and the pages of fixed text."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from achievements.models import Achievement
from brokers.models import Agency
from core.facets import FacetedQuery, count_rows
from demands.models import Demand
from portal import search_options
from portal.problem_examples import problem_examples
from rounds.models import DockingRound


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    achievements = Achievement.objects.visible_to(request.user).published()
    demands = Demand.objects.visible_to(request.user).published()
    facets = [search_options.industry_facet(), search_options.institution_facet()]
    counted = FacetedQuery(achievements, facets, QueryDict())
    industries, institutions = counted.views
    upcoming = DockingRound.objects.visible_to(request.user).published().filter(ends_at__gte=timezone.now())
    context = {
        "achievement_count": counted.total,
        "offered_count": count_rows(Achievement.objects.visible_to(request.user).available()),
        "institution_count": sum(option.count > 0 for option in institutions.options),
        "demand_count": count_rows(demands),
        "agency_count": Agency.objects.visible_to(request.user).listed().count(),
        "industries": industries.options,
        "achievements": achievements.select_related("institution", "industry").order_by("-published_at", "-pk")[:5],
        "demands": demands.select_related("firm", "industry").order_by("-published_at__date", "public_id")[:5],
        "examples": problem_examples(demands),
        "rounds": upcoming.select_related("host").order_by("starts_at")[:3],
    }
    return render(request, "portal/public/home.html", context)


@require_safe
def static_page(request: HttpRequest, name: str) -> HttpResponse:
    """Help, accessibility statement, privacy notice."""
    return render(request, f"portal/public/{name}.html")
