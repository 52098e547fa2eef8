"""Count the views of public pages: in the cache on each request, in the database every few minutes.

A request writes no row. The cache holds a queue of (achievement, day): `END` numbers its last entry, `START` the last
that was stored. An address counts once a day for each achievement; only its hash is kept, for one day.
"""

import re
from collections import Counter
from datetime import date

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from achievements.models import Achievement
from core.client_address import client_address
from core.scope import scope_of
from portfolio.models import DailyViews

END, START = "views-queue-end", "views-queue-start"
DAY = 24 * 3600
KEPT_SECONDS = 3 * DAY
MOST_AT_ONCE = 5000
_MACHINES = re.compile(r"bot|crawl|spider|slurp|preview|monitor|curl|wget|python", re.IGNORECASE)


def count_view(request: HttpRequest, achievement: Achievement) -> None:
    """Count one view by somebody else than the institution, staff or a machine. Never raises."""
    scope = scope_of(request.user)
    if scope.sees_all or scope.is_district or achievement.institution_id in scope.institution_ids:
        return
    count_anonymous_view(request, achievement.pk)


def count_anonymous_view(request: HttpRequest, pk: int) -> None:
    """Count one view of an achievement, unless by a machine. Asks neither for the user nor the database."""
    address = client_address(request)
    if not address or _MACHINES.search(request.headers.get("User-Agent", "")):
        return
    today = timezone.localdate()
    visitor = salted_hmac("portfolio.views", f"{today}:{address}:{pk}", algorithm="sha256").hexdigest()
    if not cache.add(f"viewed-{visitor[:40]}", 1, DAY):
        return
    cache.set(_entry(_next_number()), [pk, today.isoformat()], KEPT_SECONDS)


def _next_number() -> int:
    try:
        return int(cache.incr(END))
    except ValueError:  # the first one, or the counter was lost with the cache
        cache.add(END, 0, None)
        return int(cache.incr(END))


def store_views() -> int:
    """Add what is queued to DailyViews. Returns the number of views. Entries that have expired are lost."""
    if not cache.add("views-queue-lock", 1, 60):
        return 0
    try:
        start, end = cache.get(START, 0), cache.get(END, 0)
        if end < start:  # the counter was lost with the cache
            start = 0
        end = min(end, start + MOST_AT_ONCE)
        numbers = range(start + 1, end + 1)
        entries = cache.get_many([_entry(number) for number in numbers])
        views = Counter((key, day) for key, day in entries.values())
        _add(views)
        cache.set(START, end, None)
        cache.delete_many(list(entries))
    finally:
        cache.delete("views-queue-lock")
    return sum(views.values())


@transaction.atomic
def _add(views: Counter[tuple[int, str]]) -> None:
    existing = set(Achievement.objects.filter(pk__in={key for key, _day in views}).values_list("pk", flat=True))
    kept = {
        (row.achievement_id, row.day.isoformat()): row.number
        for row in DailyViews.objects.select_for_update().filter(
            achievement__in=existing, day__in={day for _key, day in views}
        )
    }
    DailyViews.objects.bulk_create(
        [
            DailyViews(achievement_id=key, day=date.fromisoformat(day), number=number + kept.get((key, day), 0))
            for (key, day), number in views.items()
            if key in existing
        ],
        update_conflicts=True,
        unique_fields=["achievement", "day"],
        update_fields=["number"],
    )


def _entry(number: int) -> str:
    return f"views-queue-{number}"
