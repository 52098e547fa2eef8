"""Comparison of two to four public achievements. Its address can be sent: ?id=…&id=…"""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from achievements.models import Achievement
from achievements.public_orders import OFFER_FIRST
from core.search_results import clean_query
from favourites.models import Favourite
from matching.services.similar_items import SHOWN
from portal.comparison import MAX_ITEMS, MIN_ITEMS, chosen_ids, fact_rows, indicator_rows, missing_row
from search.bigrams import is_searchable

MAX_CANDIDATES = 10


@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    ids = chosen_ids(request.GET)
    published = Achievement.objects.visible_to(request.user).published()
    rows = (
        published.filter(public_id__in=ids)
        .select_related("institution", "industry")
        .prefetch_related("indicators", "intellectual_property")
    )
    by_id = {row.public_id: row for row in rows}
    achievements = [by_id[public_id] for public_id in ids if public_id in by_id]
    shown = [row.public_id for row in achievements]
    q = clean_query(request.GET.get("q", ""))
    context = {
        "achievements": [
            {"row": row, "without": _query([other for other in shown if other != row.public_id])}
            for row in achievements
        ],
        "is_complete": len(achievements) >= MIN_ITEMS,
        "gone": len(ids) - len(achievements),
        "may_add": len(achievements) < MAX_ITEMS,
        "most": MAX_ITEMS,
        "q": q,
        "ids": shown,
        "candidates": [],
    }
    if context["is_complete"]:
        context |= {
            "facts": fact_rows(achievements),
            "indicators": indicator_rows(achievements),
            "missing": missing_row(achievements),
        }
    if context["may_add"]:
        context["candidates"] = [
            {"row": row, "with": _query([*shown, row.public_id])} for row in _candidates(request, achievements, q)
        ]
    return render(request, "portal/public/comparison.html", context)


def _candidates(request: HttpRequest, achievements: list[Achievement], q: str) -> list[Achievement]:
    """What may be added: hits of a query, else the user's favourites, similar achievements and some of the field."""
    published = Achievement.objects.visible_to(request.user).published().select_related("institution")
    others = published.exclude(pk__in=[row.pk for row in achievements])
    if q:
        return list(others.search(q)[:MAX_CANDIDATES]) if is_searchable(q) else []
    keys: list[int] = []
    if isinstance(request.user, User):
        marks = Favourite.objects.of_user(request.user).exclude(achievement=None)
        keys += marks.values_list("achievement_id", flat=True)[:MAX_CANDIDATES]
    if achievements:
        similar = others.filter(similar_to__item=achievements[0]).order_by("similar_to__place")
        keys += similar.values_list("pk", flat=True)[:SHOWN]
        same_field = others.filter(industry=achievements[0].industry).order_by(*OFFER_FIRST)
        keys += same_field.values_list("pk", flat=True)[:SHOWN]
    rows = others.in_bulk(keys)
    return [rows[key] for key in dict.fromkeys(keys) if key in rows][:MAX_CANDIDATES]


def _query(ids: list[str]) -> str:
    return "?" + urlencode([("id", public_id) for public_id in ids])
