"""Public list and detail page of achievements."""

from functools import partial

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from achievements.models import Achievement, IntellectualProperty
from achievements.public_orders import OFFER_FIRST, transferred_last
from core.search_results import SearchResults
from matching.services.similar_items import SHOWN
from mechanism.policy_hints import facts_of_achievement, policy_hints
from mechanism.public_results import evaluations_of, public_trials
from portal import search_options
from portal.product_page import page_context
from portal.search.results import find
from portal.technical_cards import attach_comparisons
from portal.views.public.result_page import limit_searches, render_results
from portfolio.services.view_counts import count_anonymous_view, count_view
from rounds.models import DockingRound
from rounds.papers.pictures import qr_code

ROW_FIELDS = (
    *("public_id", "title", "summary", "keywords", "status", "transfer_ways", "industry__name"),
    *("institution__name", "institution__public_id", "institution__kind", "institution__is_active"),
    *("stage", "maturity_level", "maturity_scale", "maturity_bucket"),
)
"""The columns that a list row shows; the long texts are not loaded."""


@require_safe
@limit_searches
def achievement_list(request: HttpRequest) -> HttpResponse:
    achievements = Achievement.objects.visible_to(request.user).published()
    results = SearchResults(
        achievements.select_related("institution", "industry")
        .prefetch_related(
            Prefetch("intellectual_property", IntellectualProperty.objects.only("achievement_id", "kind"))
        )
        .only(*ROW_FIELDS),
        facets=search_options.achievement_facets(),
        orders=search_options.achievement_orders(),
        params=request.GET,
        answer=partial(find, "achievements"),
        newest=OFFER_FIRST,
    )
    attach_comparisons(results.page)
    return render_results(request, "achievement", results)


@require_safe
def achievement_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    achievements = (
        Achievement.objects.visible_to(request.user)
        .select_related("institution", "industry__parent")
        .prefetch_related("indicators", "intellectual_property", "completers")
    )
    achievement = get_object_or_404(achievements, public_id=public_id)
    published = Achievement.objects.visible_to(request.user).published()
    similar = published.filter(similar_to__item=achievement).order_by(transferred_last(), "similar_to__place")
    is_public = Achievement.objects.published().filter(pk=achievement.pk).exists()
    if is_public and request.method == "GET":
        count_view(request, achievement)
    context = {
        "achievement": achievement,
        "attachments": achievement.attachments.filter(is_public=True, removed_at=None),
        "rounds": DockingRound.objects.visible_to(request.user).published().filter(featured=achievement),
        "similar": similar.select_related("institution")[:SHOWN],
        "hints": policy_hints(facts_of_achievement(achievement)),
        "evaluations": evaluations_of(achievement, request.user),
        "trials": public_trials(achievement=achievement),
        "is_public": is_public,
        "qr": qr_code(request.build_absolute_uri(request.path)),
        "one_page": reverse("achievement_one_page", args=[achievement.public_id]),
        **page_context(achievement, request.user),
    }
    response = render(request, "portal/public/achievement_detail.html", context)
    if is_public:  # readers of a copy are counted too
        response.on_visit = partial(count_anonymous_view, pk=achievement.pk)
    return response
