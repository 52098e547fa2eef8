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
from mechanism.policy_hints import current_policies, facts_of_achievement, policy_hints
from mechanism.public_results import evaluations_of, public_trials
from portal import search_options
from portal.product_page import industry_rows, industry_rows_key, page_context
from portal.public_copies.parts import PARTS
from portal.related_rows import kinds_of_rows
from portal.search.results import find
from portal.technical_cards import attach_comparisons
from portal.views.public.result_page import limit_searches, render_results
from portfolio.services.view_counts import count_view
from rounds.models import DockingRound
from rounds.papers.pictures import ANY_MASK, qr_code

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
    # What a reader without rights sees is public.
    is_public = request.user.is_anonymous or Achievement.objects.published().filter(pk=achievement.pk).exists()
    if is_public and request.method == "GET":
        count_view(request, achievement)
    kinds = kinds_of_rows(achievement)
    policies, rows = PARTS.values(
        request,
        ("policies", current_policies),
        (("industry rows", industry_rows_key(achievement)), lambda: industry_rows(achievement, request.user)),
    )
    attachments = achievement.attachments.kept().filter(is_public=True)
    rounds = DockingRound.objects.visible_to(request.user).published().filter(featured=achievement)
    context = {
        "achievement": achievement,
        "attachments": attachments if "attachments" in kinds else (),
        "videos": achievement.videos.kept() if "videos" in kinds else (),
        "rounds": rounds if "rounds" in kinds else (),
        "similar": similar.select_related("institution").only("public_id", "title", "institution__name")[:SHOWN],
        "hints": policy_hints(facts_of_achievement(achievement), policies),
        "evaluations": evaluations_of(achievement, request.user) if "evaluations" in kinds else (),
        "trials": public_trials(achievement=achievement) if "trials" in kinds else (),
        "is_public": is_public,
        "qr": qr_code(request.build_absolute_uri(request.path), mask=ANY_MASK),
        "one_page": reverse("achievement_one_page", args=[achievement.public_id]),
        **page_context(achievement, rows, has_pictures="pictures" in kinds),
    }
    response = render(request, "portal/public/achievement_detail.html", context)
    if is_public:  # readers of a copy are counted too
        response.visited_achievement = achievement.pk
    return response
