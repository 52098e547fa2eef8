"""Public list and detail page of demands."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from challenges.demand_links import call_link
from core.search_results import SearchResults
from demands.masking import detail_indicators, detail_text, public_text
from demands.models import Demand, DemandFile, DemandReading
from demands.public_facts import NEWEST_DAYS
from demands.services.reading_records import record_reading
from enquiries.answer_links import answer_links
from matching.models import Match
from matching.services.similar_items import SHOWN
from matching.suggestions import suggest_agencies, suggest_brokers, suggest_institutions
from mechanism.policy_hints import facts_of_demand, policy_hints
from portal import search_options
from portal.drawings.technical_card import MOST_LIMITS, draw_limits, first_sentence, limits_of
from portal.product_page import LONGEST_VOICE
from portal.search.results import find
from portal.views.public.result_page import limit_searches, render_results
from rounds.papers.pictures import ANY_MASK, qr_code


@require_safe
@limit_searches
def demand_list(request: HttpRequest) -> HttpResponse:
    demands = Demand.objects.visible_to(request.user).published()
    results = SearchResults(
        demands.select_related("firm__stat_region", "industry__parent").defer("goal", "conditions"),
        facets=search_options.demand_facets(),
        orders=search_options.demand_orders(),
        params=request.GET,
        answer=partial(find, "demands"),
        newest=NEWEST_DAYS,
    )
    return render_results(request, "demand", results)


@require_safe
def demand_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    demands = (
        Demand.objects.visible_to(request.user)
        .select_related("firm__stat_region", "industry__parent")
        .prefetch_related("indicators")
    )
    demand = get_object_or_404(demands, public_id=public_id)
    shows_details = Demand.objects.detailed_for(request.user).filter(pk=demand.pk).exists()
    step = DemandReading.Step.DETAILS if shows_details else DemandReading.Step.TEASER
    record_reading(demand, step, by=request.user)
    published = Demand.objects.visible_to(request.user).published()
    # None for anonymous demands, in either direction. To leave out only those of the same firm would tell which are:
    # whoever compares the texts sees which similar demand is missing.
    similar = published.filter(similar_to__item=demand, is_anonymous=False).order_by("similar_to__place")
    if demand.is_anonymous:
        similar = similar.none()
    indicators = detail_indicators(demand) if shows_details else []
    limits = limits_of(indicators)[:MOST_LIMITS]
    context = {
        "demand": demand,
        "shows_details": shows_details,
        "voice": first_sentence(detail_text(demand, "problem" if shows_details else "teaser"), LONGEST_VOICE),
        "drawing": draw_limits(limits) if limits else "",
        "qr": qr_code(request.build_absolute_uri(request.path), mask=ANY_MASK),
        "one_page": reverse("demand_one_page", args=[demand.public_id]),
        "indicators": indicators,
        "files": DemandFile.objects.readable_by(request.user).filter(demand=demand),
        "closed_files": demand.files.kept().exclude(pk__in=DemandFile.objects.readable_by(request.user)).count(),
        "may_sign": bool(request.user.is_authenticated and _acts_outside(request.user)),
        "title": public_text(demand, "title"),
        "knows_firm": demand.is_anonymous and Demand.objects.unmasked_for(request.user).filter(pk=demand.pk).exists(),
        "similar": similar.select_related("firm__stat_region")[:SHOWN],
        "agencies": suggest_agencies(demand, user=request.user),
        "brokers": suggest_brokers(demand, user=request.user, limit=3),
        "hints": policy_hints(facts_of_demand(demand, for_public=True)),
        "is_public": Demand.objects.published().filter(pk=demand.pk).exists(),
        "answering": answer_links(demand, request.user),
        "call": call_link(demand, request.user),
    }
    if Demand.objects.managed_by(request.user).filter(pk=demand.pk).exists() and not _has_match(demand):
        context["institutions"] = suggest_institutions(demand, user=request.user)
    return render(request, "portal/public/demand_detail.html", context)


def _acts_outside(user: User) -> bool:
    """Whether the user acts for an institution or an agency, which may sign the undertaking."""
    return bool(user.scope.institution_ids | user.scope.agency_ids)


def _has_match(demand: Demand) -> bool:
    """Whether the demand has a match that was neither rejected nor passed over."""
    return demand.matches.exclude(status__in=[Match.Status.REJECTED, Match.Status.PASSED]).exists()
