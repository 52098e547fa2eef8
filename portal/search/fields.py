"""The industries nearest to a query that found nothing."""

from collections import Counter
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from achievements.models import Achievement
from portal.search.index import SEARCH_INDEX
from portal.search.query import understand
from portal.search.results import literal_only
from taxonomy.models import Industry

SHOWN = 4
READ = 20
"""Nearest achievements whose industries are counted."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    slug: str
    count: int


def nearest_fields(q: str, user: User | AnonymousUser) -> list[Field]:
    """At most SHOWN first-level industries: those of the achievements nearest to `q`, else the largest. `count`: all
    published achievements of the industry."""
    published = Achievement.objects.visible_to(user).published().order_by()
    top_of = {industry.pk: industry.parent_id or industry.pk for industry in Industry.objects.all()}
    counts = Counter(top_of[key] for key in published.values_list("industry", flat=True))
    near = Counter(top_of[key] for key in published.filter(pk__in=_nearest(q)).values_list("industry", flat=True))
    chosen = [key for key, _count in (near or counts).most_common(SHOWN)]
    industries = Industry.objects.in_bulk(chosen)
    return [Field(industries[key].name, industries[key].slug, counts[key]) for key in chosen]


def _nearest(q: str) -> list[int]:
    index = None if literal_only(q) else SEARCH_INDEX.current_or_none()
    if index is None:
        return []
    [scores] = index.achievements.meaning_scores([understand(q, index).text or q], READ)
    return [index.achievements.documents[row].pk for row in scores]
