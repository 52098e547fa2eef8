"""Who is looking at what: colleagues are warned and steered elsewhere. Nothing is locked, everything expires."""

from collections.abc import Collection
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from matching.models import Match, Reservation

LASTS = timedelta(seconds=90)
"""A page that is open says so every 30 seconds; one that was closed is forgotten after this."""

RESERVE = """
INSERT INTO matching_reservation (match_id, user_id, is_open, until)
SELECT wanted, %(user)s, wanted IS NOT DISTINCT FROM %(open)s, %(until)s
FROM unnest(%(wanted)s::bigint[]) AS wanted ORDER BY wanted
ON CONFLICT (match_id) DO UPDATE SET user_id = excluded.user_id, is_open = excluded.is_open, until = excluded.until
WHERE matching_reservation.user_id = excluded.user_id OR matching_reservation.until < now()
"""
"""One statement, rows in order: two officers reserving the same rows neither deadlock nor take each other's."""
GIVE_UP = """
DELETE FROM matching_reservation WHERE match_id IN (
    SELECT match_id FROM matching_reservation
    WHERE user_id = %(user)s AND NOT match_id = ANY(%(wanted)s::bigint[]) FOR UPDATE SKIP LOCKED
)
"""
"""Comes after, and waits for nobody: what another request holds at this moment is given up by the next, or expires."""


def reserve(matches: Collection[int], *, by, opened: int | None = None) -> None:
    """Keep these matches (primary keys) for `by` for a while; `opened` is the one on show. A colleague's stay theirs.

    Reservations of `by` beyond these are given up.
    """
    wanted = sorted({*matches, *([opened] if opened else [])})
    values = {"user": by.pk, "open": opened, "until": timezone.now() + LASTS, "wanted": wanted}
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, values)
        cursor.execute(GIVE_UP, values)


def colleagues_looking(user) -> list[dict]:
    """What others have open or next in hand, among the matches `user` works with: [{match, who, is_open}]."""
    rows = (
        Reservation.objects.current()
        .exclude(user=user)
        .filter(match__in=Match.objects.managed_by(user))
        .select_related("user")
        .values_list("match__public_id", "user__name", "is_open")[:500]
    )
    return [{"match": match, "who": who, "is_open": is_open} for match, who, is_open in rows]
