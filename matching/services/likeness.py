"""相似成果 and 相似需求, worked out again when something was published or changed."""

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import build
from matching.items import achievement_items, public_demand_items
from matching.models import SimilarAchievement, SimilarDemand

SIMILAR_FROM = 50.0
"""The score from which one item, asked as a need of the other's side, is on its subject."""
SHOWN = 4
KEPT = 8
"""More than are shown: some may have gone by the time somebody looks."""
WHOLLY = 2000
"""Up to so many items all are worked out anew at each change (ten seconds); of more only those that changed, and all
of them once a night."""
SIDES = ((SimilarAchievement, Achievement, achievement_items), (SimilarDemand, Demand, public_demand_items))


@transaction.atomic
def refresh_similar(*, always: bool = False) -> int:
    """Work out anew what resembles what, on each side where something changed since; return the number of rows made.

    A worker's job. What was withdrawn since is left out by whoever reads. A second worker at it goes away again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('refresh_similar'))")
        if not cursor.fetchone()[0]:
            return 0
    return sum(_refresh(similar, model.objects.published(), items, always) for similar, model, items in SIDES)


def _refresh(similar, published, items, always: bool) -> int:
    now = timezone.now()  # before reading: what changes meanwhile is seen next time
    last = similar.objects.aggregate(last=Max("made_at"))["last"]
    changed = (
        published if last is None or always else published.filter(Q(updated_at__gt=last) | Q(published_at__gt=last))
    )
    wanted, count = set(changed.order_by().values_list("pk", flat=True)), published.count()
    if not wanted or count < 2:
        return 0
    if count <= WHOLLY:
        wanted = set(published.order_by().values_list("pk", flat=True))
    everything = list(items(published))
    index = build(everything, everything, engine=settings.MATCH_ENGINE)
    asked = [item for item in everything if item.id in wanted]
    rows = [
        similar(item_id=ranking.demand_id, other_id=near.achievement_id, place=place, score=near.score, made_at=now)
        for ranking in index.rank(asked, k=KEPT + 1, minimum=SIMILAR_FROM)
        for place, near in enumerate(
            (one for one in ranking.achievements if one.achievement_id != ranking.demand_id), 1
        )
    ]
    similar.objects.filter(item__in=wanted).delete()
    similar.objects.bulk_create(rows, batch_size=5000)
    return len(rows)
