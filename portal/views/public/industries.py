"""Public pages of the industries: all of them in one picture, and one with its chain."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from achievements.models import Achievement
from demands.models import Demand
from portal.industries import industry_bases, industry_chain, industry_keys, industry_policies
from portal.public_pictures import count_needs, count_offers, industry_skyline, top_industries
from taxonomy.models import Industry


@require_safe
def industry_list(request: HttpRequest) -> HttpResponse:
    tops, top_of = top_industries(Industry.objects.all())
    offers = count_offers(Achievement.objects.visible_to(request.user).published(), top_of)
    needs = count_needs(Demand.objects.visible_to(request.user).published(), top_of)
    links: dict[str, list[str]] = {}
    for row in settings.CITY.chain_links:
        links.setdefault(row.industry, []).append(row.name)
    context = {
        "skyline": industry_skyline(tops, offers, needs),
        "industries": [(top, links.get(top.slug, [])) for top in tops],
    }
    return render(request, "portal/public/industry_list.html", context)


@require_safe
def industry_detail(request: HttpRequest, slug: str) -> HttpResponse:
    industry = get_object_or_404(Industry.objects.active().filter(parent=None), slug=slug)
    keys = industry_keys(industry)
    chain = industry_chain(keys, industry.slug)
    context = {
        "industry": industry,
        "chain": chain,
        "skyline": chain.skyline,
        "bases": industry_bases(keys),
        "policies": industry_policies(industry.name),
    }
    return render(request, "portal/public/industry_detail.html", context)
