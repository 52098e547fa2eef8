"""Public pages of the institutions: the list, and one institution with its achievements and how it answers."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Membership, Role
from achievements.models import Achievement
from achievements.public_orders import OFFER_FIRST
from core.pagination import PAGE_SIZE
from enquiries.answering_times import MIN_ENQUIRIES, answering_times, most_asked
from portal.drawings.skyline import LABELS, OFFERED, draw_lying_bars, draw_skyline
from portal.institutions import (
    CARDS_SHOWN,
    OFFERS_SHOWN,
    answering_rows,
    count_achievements,
    fields_of_work,
    listed_institutions,
    quickest_first,
    with_counts,
)
from portal.public_pictures import count_of_institutions, in_order
from portal.technical_cards import attach_cards

MAX_QUERY = 50


@require_safe
def institution_list(request: HttpRequest) -> HttpResponse:
    """The institutions with published achievements, those with most to offer first; `?q=` is part of a name.

    `?order=answers`: those that answer quickest first.
    """
    q = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_QUERY]
    order = "answers" if request.GET.get("order") == "answers" else ""
    institutions = with_counts(listed_institutions()).order_by("-offered_count", "-published_count", "name")
    if q:
        institutions = institutions.filter(Q(name__icontains=q) | Q(short_name__icontains=q))
    page = Paginator(quickest_first(institutions) if order else institutions, PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    keys = [row.pk for row in page]
    times, counts = answering_times(keys), count_of_institutions(keys)
    lines = [in_order(counts.get(key, {}), OFFERED) for key in keys]
    words = ["，".join(f"{LABELS[kind]} {count} 项" for kind, count in line) for line in lines]
    bars = draw_lying_bars(lines)
    context = {
        "page": page,
        "q": q,
        "order": order,
        "rows": [(row, times[row.pk], bar, text) for row, bar, text in zip(page, bars.drawings, words, strict=True)],
        "legend": bars.legend,
        "min_enquiries": MIN_ENQUIRIES,
    }
    return render(request, "portal/public/institution_list.html", context)


@require_safe
def institution_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    institution = get_object_or_404(listed_institutions(), public_id=public_id)
    published = (
        Achievement.objects.published().filter(institution=institution).select_related("industry", "institution")
    )
    officers = Membership.objects.active().filter(organisation=institution, role=Role.INSTITUTION)
    fields = fields_of_work(institution)
    times = answering_times([institution.pk])[institution.pk]
    asked = list(most_asked(institution))
    offers = list(published.order_by(*OFFER_FIRST)[: CARDS_SHOWN + OFFERS_SHOWN])
    cards = [*asked, *(row for row in offers if row not in asked)][:CARDS_SHOWN]
    attach_cards(cards)
    context = {
        "institution": institution,
        "counts": count_achievements(institution),
        "fields": fields,
        "skyline": draw_skyline(fields),
        "times": times,
        "answering_rows": answering_rows(times),
        "min_enquiries": MIN_ENQUIRIES,
        "officer_count": officers.values("user").distinct().count(),
        "cards": cards,
        "offers": [row for row in offers if row not in cards][:OFFERS_SHOWN],
    }
    return render(request, "portal/public/institution_detail.html", context)
