"""相似成果 and 相似需求, worked out again when something was published or changed."""

from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from achievements.models import Achievement
from demands.models import Demand
from matching.models import SimilarAchievement, SimilarDemand
from matching.nearby import achievement_items, demand_items

SHOWN = 4
KEPT = 8
"""More than are shown: some may have gone by the time somebody looks."""
SIDES = ((SimilarAchievement, Achievement, achievement_items), (SimilarDemand, Demand, demand_items))


def refresh_similar(*, always: bool = False) -> int:
    """Work out anew what resembles what, on each side where something changed since; return the number of rows made.

    A worker's job: ten thousand items take half a minute. What was withdrawn since is left out by whoever reads.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('refresh_similar'))")
        if not cursor.fetchone()[0]:
            return 0  # another worker is at it
        return _refresh_sides(always)


def _refresh_sides(always: bool) -> int:
    made = 0
    for similar, model, items in SIDES:
        published = model.objects.published()
        if always or _changed(similar, published):
            made += _refresh(similar, published, items)
    return made


def _changed(similar, published) -> bool:
    last = similar.objects.aggregate(last=Max("made_at"))["last"]
    if last is None:
        return published.count() > 1
    return published.filter(Q(updated_at__gt=last) | Q(published_at__gt=last)).exists()


def _refresh(similar, published, items) -> int:
    from matching.engine.neighbours import SIMILAR_FROM, Neighbours  # loads numpy and scipy

    now = timezone.now()  # before reading: what changes meanwhile is seen next time
    neighbours = Neighbours(items(published))
    rows = [
        similar(item_id=item.id, other_id=near.id, place=place, score=near.likeness, made_at=now)
        for item, found in zip(neighbours.items, neighbours.nearest(neighbours.items, KEPT), strict=True)
        for place, near in enumerate((one for one in found if one.likeness >= SIMILAR_FROM), start=1)
    ]
    similar.objects.all().delete()
    similar.objects.bulk_create(rows, batch_size=5000)
    return len(rows)
