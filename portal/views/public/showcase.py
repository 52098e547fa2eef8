"""What everybody may read: home, achievements, needs, agencies, rounds. No rule lives here."""

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from achievements.models import Achievement, IntellectualProperty
from brokers.models import Agency, Broker
from core.facets import Narrowing
from core.pagination import PAGE_SIZE
from core.search_results import Finding
from deals.service_record import contract_count_of_agency, contract_counts_of_brokers
from demands.masking import public_text
from demands.models import Demand
from matching.advice import agencies_for, brokers_for, institutions_for
from matching.models import Match
from matching.services.likeness import SHOWN
from mechanism.policy_hints import facts_of_achievement, facts_of_demand, policy_hints
from portal import catalogue
from rounds.models import DockingRound, Organiser, RoundDocument
from rounds.views.public.agenda import public_agenda

ROW_FIELDS = (
    *("public_id", "title", "summary", "keywords", "status", "transfer_ways", "institution__name", "industry__name"),
    *("stage", "maturity_level", "maturity_scale", "maturity_bucket"),
)
"""What a list shows of an achievement; the long texts stay where they are."""


def _found(request, name: str, finding: Finding) -> HttpResponse:
    """The whole page, or for htmx its changing parts; a browser going back gets the whole one again."""
    is_part = request.htmx and not request.htmx.history_restore_request
    template = f"portal/{name}_results.html" if is_part else f"portal/{name}_list.html"
    response = render(request, template, {"finding": finding, "is_part": bool(is_part)})
    patch_vary_headers(response, ["HX-Request"])
    if is_part:
        response["HX-Push-Url"] = request.path + finding.url().removesuffix("?")
    return response


@require_safe
def home(request):
    achievements = Achievement.objects.visible_to(request.user).published()
    demands = Demand.objects.visible_to(request.user).published()
    industries = Narrowing(achievements, [catalogue.industry_facet()], request.GET.copy())
    upcoming = DockingRound.objects.visible_to(request.user).published().filter(ends_at__gte=timezone.now())
    context = {
        "achievement_count": industries.total,
        "institution_count": achievements.aggregate(n=Count("institution", distinct=True))["n"],
        "demand_count": demands.count(),
        "agency_count": Agency.objects.visible_to(request.user).listed().count(),
        "industries": industries.views[0].options,
        "achievements": achievements.select_related("institution", "industry").order_by("-published_at", "-pk")[:5],
        "demands": demands.select_related("firm", "industry").order_by("-published_at", "-pk")[:5],
        "rounds": upcoming.select_related("host").order_by("starts_at")[:3],
    }
    return render(request, "portal/public/home.html", context)


@require_safe
def achievement_list(request):
    achievements = Achievement.objects.visible_to(request.user).published()
    finding = Finding(
        achievements.select_related("institution", "industry")
        .prefetch_related(
            Prefetch("intellectual_property", IntellectualProperty.objects.only("achievement_id", "kind"))
        )
        .only(*ROW_FIELDS),
        facets=catalogue.achievement_facets(),
        orders=catalogue.achievement_orders(),
        params=request.GET,
    )
    return _found(request, "achievement", finding)


@require_safe
def achievement_detail(request, public_id):
    achievements = (
        Achievement.objects.visible_to(request.user)
        .select_related("institution", "industry__parent")
        .prefetch_related("indicators", "intellectual_property", "completers")
    )
    achievement = get_object_or_404(achievements, public_id=public_id)
    context = {
        "achievement": achievement,
        "attachments": achievement.attachments.filter(is_public=True, removed_at=None),
        "rounds": DockingRound.objects.visible_to(request.user).published().filter(featured=achievement),
        "similar": _similar(Achievement, achievement, request.user).select_related("institution")[:SHOWN],
        "hints": policy_hints(facts_of_achievement(achievement)),
        "is_public": Achievement.objects.published().filter(pk=achievement.pk).exists(),
    }
    return render(request, "portal/public/achievement_detail.html", context)


@require_safe
def demand_list(request):
    demands = Demand.objects.visible_to(request.user).published()
    finding = Finding(
        demands.select_related("firm__stat_region", "industry").defer("goal", "conditions"),
        facets=catalogue.demand_facets(),
        orders=catalogue.demand_orders(),
        params=request.GET,
    )
    return _found(request, "demand", finding)


@require_safe
def demand_detail(request, public_id):
    demands = (
        Demand.objects.visible_to(request.user)
        .select_related("firm__stat_region", "industry__parent")
        .prefetch_related("indicators")
    )
    demand = get_object_or_404(demands, public_id=public_id)
    context = {
        "demand": demand,
        "title": public_text(demand, "title"),
        "knows_firm": demand.is_anonymous and Demand.objects.unmasked_for(request.user).filter(pk=demand.pk).exists(),
        "similar": _similar(Demand, demand, request.user).select_related("firm__stat_region")[:SHOWN],
        "agencies": agencies_for(demand, user=request.user),
        "brokers": brokers_for(demand, user=request.user, limit=3),
        "hints": policy_hints(facts_of_demand(demand)),
        "is_public": Demand.objects.published().filter(pk=demand.pk).exists(),
    }
    if Demand.objects.managed_by(request.user).filter(pk=demand.pk).exists() and not _is_proposed_for(demand):
        context["institutions"] = institutions_for(demand, user=request.user)
    return render(request, "portal/public/demand_detail.html", context)


def _similar(model, item, user):
    """Published rows similar to the item, most similar first; `refresh_similar` computes the similarity."""
    return (
        model.objects.visible_to(user).published().filter(similar_to__item=item).order_by("similar_to__place")[:SHOWN]
    )


def _is_proposed_for(demand: Demand) -> bool:
    return demand.matches.exclude(status=Match.Status.REJECTED).exists()


@require_safe
def agency_list(request):
    brokers = Broker.objects.visible_to(request.user).certified()
    finding = Finding(
        Agency.objects.visible_to(request.user)
        .listed()
        .select_related("organisation__stat_region")
        .prefetch_related("industries", Prefetch("brokers", brokers, to_attr="certified_brokers")),
        facets=catalogue.agency_facets(),
        orders=catalogue.agency_orders(),
        params=request.GET,
    )
    return _found(request, "agency", finding)


@require_safe
def agency_detail(request, public_id):
    agencies = (
        Agency.objects.visible_to(request.user)
        .select_related("organisation__stat_region", "contact")
        .prefetch_related("industries", "regions")
    )
    agency = get_object_or_404(agencies, public_id=public_id)
    brokers = Broker.objects.visible_to(request.user).certified().filter(agency=agency).prefetch_related("industries")
    context = {"agency": agency, "brokers": brokers, "contracts": contract_count_of_agency(agency)}
    return render(request, "portal/public/agency_detail.html", context)


@require_safe
def broker_list(request):
    agencies = Agency.objects.visible_to(request.user).listed()
    brokers = (
        Broker.objects.visible_to(request.user)
        .certified()
        .prefetch_related("industries", "regions", Prefetch("agency", agencies.select_related("organisation")))
    )
    page = Paginator(brokers, PAGE_SIZE).get_page(request.GET.get("page"))
    done = contract_counts_of_brokers(page)
    rows = [(broker, done.get(broker.pk, 0)) for broker in page]
    return render(request, "portal/public/broker_list.html", {"page": page, "rows": rows})


@require_safe
def round_list(request):
    rounds = DockingRound.objects.visible_to(request.user).published().select_related("host")
    now = timezone.now()
    past = rounds.filter(ends_at__lt=now).order_by("-starts_at")
    context = {
        "upcoming": rounds.filter(ends_at__gte=now).order_by("starts_at"),
        "page": Paginator(past, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "portal/public/round_list.html", context)


@require_safe
def round_detail(request, public_id):
    rounds = DockingRound.objects.visible_to(request.user).select_related("host")
    docking_round = get_object_or_404(rounds, public_id=public_id)
    featured = (
        Achievement.objects.visible_to(request.user)
        .published()
        .filter(features__docking_round=docking_round)
        .order_by("features__rank", "features__pk")
        .select_related("institution", "industry")
        .prefetch_related("intellectual_property")
    )
    context = {
        "round": docking_round,
        "featured": featured,
        "agenda": public_agenda(docking_round, request.user),
        "documents": RoundDocument.objects.kept().filter(docking_round=docking_round, is_public=True),
        "institutions": docking_round.institutions.order_by("-is_local", "name"),
        "organisers": [
            (role.label, names) for role in Organiser.Role if (names := docking_round.organiser_names(role.value))
        ],
    }
    return render(request, "portal/public/round_detail.html", context)


@require_safe
def page(request, name):
    """Help, accessibility statement, privacy notice: words only."""
    return render(request, f"portal/{name}.html")
