"""Reservations: which officer has which match open or next. They warn and redirect colleagues, lock nothing, expire."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from matching.models import Match, Reservation

DURATION = timedelta(seconds=90)
"""An open page renews its reservations every 30 seconds."""

RESERVE_SQL = """
INSERT INTO matching_reservation (match_id, user_id, is_open, until)
SELECT wanted, %(user)s, wanted = ANY(%(open)s::bigint[]), %(until)s
FROM unnest(%(wanted)s::bigint[]) AS wanted ORDER BY wanted
ON CONFLICT (match_id) DO UPDATE SET user_id = excluded.user_id, is_open = excluded.is_open, until = excluded.until
WHERE matching_reservation.user_id = excluded.user_id OR matching_reservation.until < now()
"""
"""One statement with ordered rows: two officers reserving the same rows do not deadlock or overwrite each other."""
RELEASE_SQL = """
DELETE FROM matching_reservation WHERE match_id IN (
    SELECT match_id FROM matching_reservation
    WHERE user_id = %(user)s AND NOT match_id = ANY(%(wanted)s::bigint[]) FOR UPDATE SKIP LOCKED
)
"""
"""Skips rows locked by another request; the next request releases them, or they expire."""


def reserve(matches: Collection[int], *, by: User, opened: int | Collection[int] | None = None) -> None:
    """Reserve these matches (primary keys) for `by` and release their other reservations.

    `opened`: the match on screen, or several. Matches reserved by a colleague stay theirs.
    """
    shown = [opened] if isinstance(opened, int) else list(opened or ())
    wanted = sorted({*matches, *shown})
    values: dict[str, Any] = {"user": by.pk, "open": shown, "until": timezone.now() + DURATION, "wanted": wanted}
    with connection.cursor() as cursor:
        cursor.execute(RESERVE_SQL, values)
        cursor.execute(RELEASE_SQL, values)


def reservations_of_colleagues(user: User) -> list[dict[str, Any]]:
    """Reservations of others among the matches `user` manages: [{"match": public id, "who": name, "is_open"}]."""
    rows = (
        Reservation.objects.current()
        .exclude(user=user)
        .filter(match__in=Match.objects.managed_by(user))
        .select_related("user")
        .values_list("match__public_id", "user__name", "is_open")[:500]
    )
    return [{"match": match, "who": who, "is_open": is_open} for match, who, is_open in rows]
