"""Atom feeds of new challenges, of new achievements and demands, and of all three.

Those of achievements and demands take the parameters of the public lists: ?industry=…&institution=… The feed of all
three takes ?industry=…
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from achievements.models import Achievement
from challenges.models import Challenge
from demands.masking import public_text
from demands.models import Demand
from sheets.cells import clean_text
from subscriptions.filters import apply_filters, filter_texts, read_filters
from taxonomy.models import Industry

MAX_ENTRIES = 50
SUMMARY_LENGTH = 300


class _PublicFeed(Feed):
    """What everybody reads; who asks makes no difference.

    Times are days. To the second they would show what one firm has published in one go.
    """

    feed_type = Atom1Feed
    kind = ""

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, list[str]]:
        return read_filters(self.kind, request.GET)

    def title(self, filters: dict[str, list[str]]) -> str:
        narrowed = "；".join(filter_texts(self.kind, filters))
        return f"{settings.SITE['short_name']}：{self.label}{f'（{narrowed}）' if narrowed else ''}"

    def link(self, filters: dict[str, list[str]]) -> str:
        return reverse(f"{self.kind}_list")

    def _newest(self, rows: QuerySet, filters: dict[str, list[str]]) -> QuerySet:
        rows = apply_filters(rows, self.kind, filters)
        return rows.order_by("-published_at__date", "public_id")[:MAX_ENTRIES]

    def item_pubdate(self, item: Achievement | Demand) -> datetime:
        return _start_of_day(item.published_at)

    def item_updateddate(self, item: Achievement | Demand) -> datetime:
        return _start_of_day(item.updated_at)


class NewAchievements(_PublicFeed):
    kind, label, word = "achievement", "新公开的科技成果", "新成果"

    def items(self, filters: dict[str, list[str]]) -> QuerySet:
        return self._newest(Achievement.objects.published().select_related("institution", "industry"), filters)

    def item_title(self, item: Achievement) -> str:
        return _text(item.title)

    def item_description(self, item: Achievement) -> str:
        return _text(item.summary)

    def item_link(self, item: Achievement) -> str:
        return reverse("achievement_detail", args=[item.public_id])

    def item_author_name(self, item: Achievement) -> str:
        return _text(item.institution.name)

    def item_categories(self, item: Achievement) -> list[str]:
        return [item.industry.name]


class NewChallenges(Feed):
    """Published calls of 揭榜挂帅, as everybody reads them."""

    feed_type = Atom1Feed
    word = "新榜单"

    def title(self) -> str:
        return f"{settings.SITE['short_name']}：新发布的榜单"

    def link(self) -> str:
        return reverse("challenge_list")

    def items(self) -> QuerySet:
        return Challenge.objects.public().with_firm().order_by("-published_at__date", "public_id")[:MAX_ENTRIES]

    def item_title(self, item: Challenge) -> str:
        return _text(item.public_title)

    def item_description(self, item: Challenge) -> str:
        return _text(item.public_text("problem"))

    def item_link(self, item: Challenge) -> str:
        return reverse("challenge_detail", args=[item.public_id])

    def item_author_name(self, item: Challenge) -> str:
        return _text(item.public_firm_name)

    def item_pubdate(self, item: Challenge) -> datetime | None:
        return _start_of_day(item.published_at) if item.published_at else None


class NewDemands(_PublicFeed):
    kind, label, word = "demand", "新发布的技术需求", "新需求"

    def items(self, filters: dict[str, list[str]]) -> QuerySet:
        demands = Demand.objects.published().select_related("firm", "industry__parent")
        return self._newest(demands, filters)

    def item_title(self, item: Demand) -> str:
        return _text(public_text(item, "title"))

    def item_description(self, item: Demand) -> str:
        return _text(public_text(item, "problem"))

    def item_link(self, item: Demand) -> str:
        return reverse("demand_detail", args=[item.public_id])

    def item_author_name(self, item: Demand) -> str:
        return _text(item.public_firm_name)

    def item_categories(self, item: Demand) -> list[str]:
        return [item.public_industry.name] if item.public_industry else []


@dataclass(frozen=True)
class _NewsItem:
    """A row, and the feed of its kind, which knows how to show it."""

    feed: Any
    row: Any

    @property
    def published(self) -> datetime:
        return _start_of_day(self.row.published_at)


class News(Feed):
    """What is new of an industry, or of all: achievements, demands and calls, the newest day first."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Industry | None:
        """The industry of the first level; None for all. An unknown one has no feed: Http404."""
        slug = request.GET.get("industry", "")
        if not slug:
            return None
        return get_object_or_404(Industry, slug=slug.replace("\x00", ""), parent=None, is_active=True)

    def title(self, industry: Industry | None) -> str:
        return f"{settings.SITE['short_name']}：{industry.name if industry else '全部产业链'}的新成果、新需求和新榜单"

    def link(self, industry: Industry | None) -> str:
        return reverse("achievement_list") + (f"?industry={industry.slug}" if industry else "")

    def items(self, industry: Industry | None) -> list[_NewsItem]:
        filters = {"industry": [industry.slug]} if industry else {}
        parts: list[tuple[Any, Iterable[Any]]] = []
        for feed in (NewAchievements(), NewDemands()):
            parts.append((feed, feed.items(filters)))
        calls: Iterable[Challenge] = NewChallenges().items()
        if industry:
            # An anonymous demand may not say its industry: then its call does not stand here either.
            calls = [call for call in calls if (public := call.demand.public_industry) and public.pk == industry.pk]
        parts.append((NewChallenges(), calls))
        items = [_NewsItem(feed, row) for feed, rows in parts for row in rows]
        items.sort(key=lambda item: (-item.published.timestamp(), item.row.public_id))
        return items[:MAX_ENTRIES]

    def item_title(self, item: _NewsItem) -> str:
        return f"{item.feed.word}：{item.feed.item_title(item.row)}"

    def item_description(self, item: _NewsItem) -> str:
        return item.feed.item_description(item.row)

    def item_link(self, item: _NewsItem) -> str:
        return item.feed.item_link(item.row)

    def item_author_name(self, item: _NewsItem) -> str:
        return item.feed.item_author_name(item.row)

    def item_pubdate(self, item: _NewsItem) -> datetime:
        return item.published


def _text(text: str) -> str:
    """XML refuses control characters; a feed shows the beginning of a text."""
    flat = " ".join(clean_text(text, multiline=True).split())
    return flat if len(flat) <= SUMMARY_LENGTH else f"{flat[:SUMMARY_LENGTH]}…"


def _start_of_day(moment: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(moment), time.min))
