"""Public pages of service agencies and technology brokers."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from brokerage.track_record import track_record
from brokers.models import Agency, Broker
from core.facets import count_rows
from core.pagination import PAGE_SIZE
from core.scope import scope_of
from core.search_results import SearchResults, clean_query
from deals.service_record import contract_counts_of_brokers
from portal import search_options
from portal.views.public.result_page import render_results


@require_safe
def agency_list(request: HttpRequest) -> HttpResponse:
    brokers = Broker.objects.visible_to(request.user).certified()
    results = SearchResults(
        Agency.objects.visible_to(request.user)
        .listed()
        .select_related("organisation__stat_region")
        .prefetch_related("industries", Prefetch("brokers", brokers, to_attr="certified_brokers")),
        facets=search_options.agency_facets(),
        orders=search_options.agency_orders(),
        params=request.GET,
    )
    return render_results(request, "agency", results)


@require_safe
def agency_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    agencies = (
        Agency.objects.visible_to(request.user)
        .select_related("organisation__stat_region", "contact", "profile")
        .prefetch_related("industries", "regions")
    )
    agency = get_object_or_404(agencies, public_id=public_id)
    brokers = Broker.objects.visible_to(request.user).certified().filter(agency=agency).prefetch_related("industries")
    profile = getattr(agency, "profile", None)
    scope = scope_of(request.user)
    context = {
        "agency": agency,
        "brokers": brokers,
        "record": track_record(agency),
        "profile": profile,
        "cases": profile.cases.all().published().select_related("contract") if profile else (),
        "may_ask": bool(scope.firm_ids or scope.institution_ids) or not request.user.is_authenticated,
        "takes_requests": profile is None or profile.takes_requests,
        "is_own": agency.organisation_id in scope.agency_ids,
    }
    return render(request, "portal/public/agency_detail.html", context)


@require_safe
def broker_list(request: HttpRequest) -> HttpResponse:
    """`?q=` is part of a name, of the agency's name, of an industry or a district."""
    agencies = Agency.objects.visible_to(request.user).listed()
    brokers = (
        Broker.objects.visible_to(request.user)
        .certified()
        .prefetch_related("industries", "regions", Prefetch("agency", agencies.select_related("organisation")))
    )
    q = clean_query(request.GET.get("q", ""))
    if q:
        brokers = brokers.search(q)
    paginator = Paginator(brokers, PAGE_SIZE)
    paginator.count = count_rows(brokers)  # type: ignore[misc]  # a cached property
    page = paginator.get_page(request.GET.get("page"))
    contract_counts = contract_counts_of_brokers(page)
    rows = [(broker, contract_counts.get(broker.pk, 0)) for broker in page]
    return render(request, "portal/public/broker_list.html", {"page": page, "rows": rows, "q": q})
