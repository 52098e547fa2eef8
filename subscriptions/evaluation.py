"""What is new or changed for a saved search, and why it fits."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from accounts.models import User
from achievements.models import Achievement
from demands.masking import public_text
from demands.models import Demand
from subscriptions import meaning
from subscriptions.filters import apply_filters, filter_texts
from subscriptions.models import Item, SavedSearch
from subscriptions.text_search import search_words

OVERLAP = timedelta(hours=1)
"""Rows are looked at again that were written up to this long before the last look: their transaction may have ended
after it. What was sent is not sent again, because it is stored."""
MAX_ITEMS = 500
"""Of one search and day; the newest."""


@dataclass(frozen=True, slots=True)
class FittingItem:
    item: Item
    is_change: bool
    why: str


def readable_items(search: SavedSearch) -> QuerySet:
    """What the user may read and can still take up: public, not yet transferred or solved, not of the user's own."""
    user, scope = search.user, search.user.scope
    if search.kind == SavedSearch.Kind.ACHIEVEMENT:
        offers = Achievement.objects.visible_to(user).on_offer()
        return offers.exclude(institution__in=scope.institution_ids)
    demands = Demand.objects.visible_to(user).published().exclude(status=Demand.Status.SOLVED)
    return demands.exclude(firm__in=scope.firm_ids)


def new_items(search: SavedSearch) -> QuerySet:
    """Those published or changed since the last look. A mere change of status is no change: it sets both times."""
    since = max(search.starts_at, search.checked_at - OVERLAP)
    is_new = Q(published_at__gte=since)
    is_changed = Q(updated_at__gte=since) & (
        Q(updated_at__gt=F("status_changed_at")) | Q(pk__in=_sent_items(search.user, search.kind))
    )
    return readable_items(search).filter(is_new | is_changed)


def _sent_items(user: User, kind: str) -> QuerySet:
    sent = user.subscription_hits.exclude(**{kind: None})
    return sent.values(kind)


def fitting_items(search: SavedSearch) -> list[FittingItem]:
    """What is new for the search, the newest day first. One to three queries, and the engine for a description."""
    rows = apply_filters(new_items(search), search.kind, search.filters)
    reasons: dict[int, str] = {}
    if search.text and search.mode == SavedSearch.Mode.WORDS:
        rows = search_words(rows, search.text)
    elif search.text:
        if not rows.exists():  # most days: then the engine has nothing to do
            return []
        reasons = reasons_by_meaning(search)
        rows = rows.filter(pk__in=reasons)
    if search.kind == SavedSearch.Kind.ACHIEVEMENT:
        rows = rows.select_related("institution")
    else:
        rows = rows.select_related("firm__stat_region", "industry__parent")
    items = rows.prefetch_related("indicators").order_by("-updated_at__date", "public_id")[:MAX_ITEMS]
    since = max(search.starts_at, search.checked_at - OVERLAP)
    texts = filter_texts(search.kind, search.filters)
    return [
        FittingItem(item, is_change(item, since), _why(search, item, reasons.get(item.pk, ""), texts)) for item in items
    ]


def reasons_by_meaning(search: SavedSearch) -> dict[int, str]:
    """{item: why} of all items on offer that fit the description, new or not."""
    if search.kind == SavedSearch.Kind.ACHIEVEMENT:
        return meaning.achievements_for(search.text, user=search.user)
    return meaning.demands_for(search.text)


def is_change(item: Item, since: datetime) -> bool:
    return item.published_at is None or item.published_at < since


def _why(search: SavedSearch, item: Item, reason: str, filters: list[str]) -> str:
    """One sentence. The name of an organisation is never quoted: the firm may become anonymous later."""
    parts = [reason] if reason else []
    if search.text and search.mode == SavedSearch.Mode.WORDS:
        parts.append(_place_of(search.text, item))
    return "；".join(filter(None, [*parts, *filters]))


def _place_of(words: str, item: Item) -> str:
    for label, text in _public_texts(item):
        if all(word.casefold() in text.casefold() for word in words.split()):
            return f"{label}含“{words}”"
    return f"符合“{words}”"


def _public_texts(item: Item) -> Iterable[tuple[str, str]]:
    if isinstance(item, Achievement):
        return (("名称", item.title), ("关键词", "、".join(item.keywords)), ("简介", item.summary))
    return (
        ("名称", public_text(item, "title")),
        ("关键词", public_text(item, "keywords")),
        ("公开摘要" if item.is_teaser_only else "主要问题", public_text(item, "problem")),
        ("预期目标", public_text(item, "goal")),
        ("现有基础条件", public_text(item, "conditions")),
    )


def version_of(item: Item) -> str:
    """SHA-256 of what everybody reads of the item and may act on; the status is left out."""
    if isinstance(item, Achievement):
        fields = ("title", "summary", "innovation", "scenario", "keywords", "economics", "maturity_level")
        terms = ("price_min_wan", "price_max_wan", "pay_later", "transfer_ways", "stage", "wanted_partner")
        values = [str(getattr(item, field)) for field in (*fields, *terms)]
        values += filter(None, [item.limits])  # without them the version stays what it was before the field was there
        indicators = [str(row) for row in item.indicators.all()]
    else:
        values = [public_text(item, field) for field in ("title", "problem", "goal", "conditions", "keywords")]
        terms = ("budget_min_wan", "budget_max_wan", "transfer_ways", "period_text", "period_end", "wants_challenge")
        values += [str(getattr(item, field)) for field in terms]
        indicators = [str(row) for row in item.public_indicators]
    return hashlib.sha256(json.dumps([values, indicators], ensure_ascii=False).encode()).hexdigest()
