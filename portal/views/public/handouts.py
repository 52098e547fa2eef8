"""Pictures of shared pages and one-page PDFs: made from what everybody may read, kept by their content."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from achievements.models import Achievement
from core.client_address import client_address
from core.throttling import exceeds
from demands.masking import public_indicators, public_text
from demands.models import Demand
from portal.drawings.technical_card import PAPER_STYLE, draw_limits, first_sentence, for_paper, limits_of
from portal.handouts.one_page import one_page
from portal.handouts.share_card import ShareCard, share_card_of, share_picture
from portal.product_page import LONGEST_VOICE, industry_rows, maturity_in_words, page_context
from rounds.papers.pdf import PdfRenderingError
from rounds.papers.pictures import qr_code

MOST_HANDOUTS, HANDOUT_SECONDS = 120, 60
"""Requests of one address in a minute."""
NOT_FOR_SEARCH = {"X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff"}


@require_safe
def achievement_share_card(request: HttpRequest, public_id: str) -> HttpResponseBase:
    rows = Achievement.objects.published().select_related("institution").prefetch_related("indicators")
    return _share_card(request, share_card_of(get_object_or_404(rows, public_id=public_id)))


@require_safe
def demand_share_card(request: HttpRequest, public_id: str) -> HttpResponseBase:
    rows = Demand.objects.published().select_related("firm").prefetch_related("indicators")
    return _share_card(request, share_card_of(get_object_or_404(rows, public_id=public_id)))


@require_safe
def achievement_one_page(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Also of a draft, for those who may read it."""
    rows = Achievement.objects.visible_to(request.user).select_related("institution", "industry__parent")
    rows = rows.prefetch_related("indicators", "intellectual_property")
    achievement = get_object_or_404(rows, public_id=public_id)
    context = page_context(achievement, industry_rows(achievement, request.user))
    values = {
        field.attname: getattr(achievement, field.attname)
        for field in achievement._meta.concrete_fields
        if field.name not in {"status", "status_changed_at", "status_reason"}
    }
    indicators = list(achievement.indicators.all())
    facts = {
        "fields": values,
        "indicators": [(row.name, row.text, row.condition, row.today, row.basis) for row in indicators],
        "rights": [str(right) for right in achievement.intellectual_property.all()],
        "institution": achievement.institution.name,
    }
    more = {
        "achievement": achievement,
        "indicators": indicators,
        "number": achievement.registry_number or "",
        "maturity": maturity_in_words(achievement),
        "drawing": for_paper(context["product"].card.drawing),
        **context,
    }
    texts = (achievement.summary, achievement.innovation, achievement.scenario, achievement.economics)
    return _one_page(request, "achievement", achievement.title, more, facts, texts)


@require_safe
def demand_one_page(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """What everybody may read of it, whoever asks."""
    rows = Demand.objects.published().select_related("firm__stat_region", "industry__parent")
    demand = get_object_or_404(rows.prefetch_related("indicators"), public_id=public_id)
    indicators = public_indicators(demand)
    problem = public_text(demand, "problem")
    texts = {} if demand.is_teaser_only else {name: public_text(demand, name) for name in ("goal", "conditions")}
    facts = {
        "problem": problem,
        "title": public_text(demand, "title"),
        "firm": demand.public_firm_name,
        "texts": texts,
        "indicators": [(row.name, row.text, row.condition) for row in indicators],
        "terms": (demand.budget_text, demand.way_labels, public_text(demand, "period_text"), demand.expires_on),
        "region": demand.public_region.name if demand.public_region else "",
    }
    more = {
        "demand": demand,
        "voice": first_sentence(problem, LONGEST_VOICE),
        "problem": problem,
        "texts": texts,
        "indicators": indicators,
        "drawing": for_paper(draw_limits(limits_of(indicators)[:3])) if limits_of(indicators) else "",
        "number": "",
    }
    return _one_page(request, "demand", facts["title"], more, facts, [problem, *texts.values()])


def _one_page(
    request: HttpRequest,
    kind: str,
    title: str,
    context: Mapping[str, Any],
    facts: Mapping[str, Any],
    texts: Iterable[str],
) -> HttpResponseBase:
    if _is_too_often(request):
        return _wait(request)
    address = request.build_absolute_uri(reverse(f"{kind}_detail", args=[context[kind].public_id]))
    context = {
        **context,
        "title": title,
        "site_name": settings.SITE["name"],
        "address": address,
        "qr": qr_code(address),
        "day": localdate(),
        "style": PAPER_STYLE,
    }
    template = f"portal/handouts/{kind}_one_page.html"
    facts = {**facts, "address": address, "day": localdate()}
    content = one_page(template, context, facts, characters=sum(map(len, texts)))
    name = content_disposition_header(False, f"{title[:60]}.pdf")
    headers = NOT_FOR_SEARCH | {"Content-Disposition": name}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _share_card(request: HttpRequest, card: ShareCard) -> HttpResponseBase:
    etag = quote_etag(card.digest)
    if answer := get_conditional_response(request, etag=etag):
        return answer
    if _is_too_often(request):
        return _wait(request)
    try:
        content = share_picture(card)
    except PdfRenderingError:
        return redirect(static("share.png"))
    headers = NOT_FOR_SEARCH | {"ETag": etag, "Cache-Control": f"public, max-age={settings.PUBLIC_MAX_AGE}"}
    return HttpResponse(content, content_type="image/png", headers=headers)


def _is_too_often(request: HttpRequest) -> bool:
    return exceeds("handouts", client_address(request) or "", MOST_HANDOUTS, HANDOUT_SECONDS)


def _wait(request: HttpRequest) -> HttpResponse:
    response = render(request, "portal/public/too_many_searches.html", status=429)
    response.headers["Retry-After"] = str(HANDOUT_SECONDS)
    return response
