"""相似成果 and 相似需求: recomputed in a worker when an item was published or changed."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item, build
from matching.items import achievement_items, public_demand_items
from matching.models import SimilarAchievement, SimilarDemand

if TYPE_CHECKING:
    from matching.engine.ranking import DemandRanking, RankedAchievement

SIMILARITY_ENGINE = "p2"
"""Two items of one kind are compared as wholes: the sentences of one are no queries to the other."""
MIN_SIMILARITY = 50.0
"""Least score (0–100) at which two items are shown as similar."""
SHOWN = 4
KEPT = 8
"""Number stored per item: more than shown, because some may be withdrawn before the next computation."""
MAX_FULL_REFRESH = 2000
"""Up to this number of items, each change recomputes all (ten seconds); above it, only the changed items, and all items
once a night."""


@transaction.atomic
def refresh_similar(*, always: bool = False) -> int:
    """Recompute the similar items of each kind in which something changed; returns the number of rows written.

    `always`: recompute everything. Runs in a worker; if another worker is already at it, returns 0. Readers leave out
    items that were withdrawn since.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('refresh_similar'))")
        if not cursor.fetchone()[0]:
            return 0
    achievements = _refresh(SimilarAchievement, Achievement.objects.published(), achievement_items, always)
    return achievements + _refresh(SimilarDemand, Demand.objects.published(), public_demand_items, always)


def _refresh[S: (SimilarAchievement, SimilarDemand), M: (Achievement, Demand)](
    similar: type[S],
    published: QuerySet[M],
    items: Callable[[QuerySet[M]], Iterable[Item]],
    always: bool,
) -> int:
    now = timezone.now()  # before reading, so that changes made meanwhile are seen next time
    last = similar.objects.aggregate(last=Max("made_at"))["last"]
    changed = (
        published if last is None or always else published.filter(Q(updated_at__gt=last) | Q(published_at__gt=last))
    )
    wanted, count = set(changed.order_by().values_list("pk", flat=True)), published.count()
    if not wanted or count < 2:
        return 0
    if count <= MAX_FULL_REFRESH:
        wanted = set(published.order_by().values_list("pk", flat=True))
    all_items = list(items(published))
    index = build(all_items, all_items, engine=SIMILARITY_ENGINE)
    asked = [item for item in all_items if item.id in wanted]
    rows = [
        similar(item_id=ranking.demand_id, other_id=near.achievement_id, place=place, score=near.score, made_at=now)
        for ranking in index.rank(asked, k=KEPT + 1, minimum=MIN_SIMILARITY)
        for place, near in enumerate(_without_itself(ranking), start=1)
    ]
    similar.objects.filter(item__in=wanted).delete()
    similar.objects.bulk_create(rows, batch_size=5000)
    return len(rows)


def _without_itself(ranking: "DemandRanking") -> list["RankedAchievement"]:
    return [ranked for ranked in ranking.achievements if ranked.achievement_id != ranking.demand_id]
