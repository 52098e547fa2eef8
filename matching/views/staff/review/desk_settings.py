"""Settings and counts that both pages of the review desk pass to their scripts."""

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.requests import UserRequest
from matching.models import Decision, DemandReview, Match, ReviewDeskPreference
from matching.services.undo import UNDO_WITHIN

URL_NAMES = (
    *("triage", "needs", "queue", "pairs", "cards", "decide", "choose", "undo", "preview", "bulk", "keys"),
    *("colleagues", "brokers"),
)
MAX_UNDOABLE = 50


def desk_settings(request: UserRequest, *, may_review: bool) -> dict:
    """Settings for the scripts, as JSON in the page."""
    preference = ReviewDeskPreference.objects.filter(user=request.user).first()
    return {
        "user": request.user.pk,
        "mayReview": may_review,
        "singleKeys": preference.single_keys if preference else True,
        "digitAccepts": preference.digit_accepts if preference else True,
        "today": timezone.localdate().isoformat(),
        "urls": {name: reverse(f"admin:matching_triage_{name}") for name in URL_NAMES} | {"login": reverse("login")},
        "undoable": undoable_steps(request.user),
        "doneToday": count_decided_today(request.user),
    }


def count_waiting(user: User) -> int:
    return Match.objects.waiting_for(user).count()


def count_decided_today(user: User) -> int:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Decision.objects.not_undone().verdicts().filter(by=user, made_at__gte=midnight).count()


def undoable_steps(user: User) -> list[dict]:
    """The user's own steps that can still be undone, oldest first; a batch is one step."""
    recent = Decision.objects.not_undone().filter(by=user, made_at__gt=timezone.now() - UNDO_WITHIN)
    rows = list(recent.select_related("match__demand", "match__achievement").order_by("-made_at", "-pk")[:MAX_UNDOABLE])
    batches = {row.batch for row in rows if row.batch}
    reviews = dict(DemandReview.objects.filter(batch__in=batches).values_list("batch", "outcome"))
    steps: dict = {}
    for row in rows:
        outcome = reviews.get(row.batch) if row.batch else None
        step = {
            "key": str(row.batch if outcome else row.key),
            "batch": str(row.batch) if row.batch else "",
            "id": row.match.public_id,
            "label": row.match.demand.title if outcome else "批量操作" if row.batch else str(row.match),
        }
        if outcome:
            step |= {"demand": row.match.demand.public_id, "outcome": outcome}
        steps.setdefault(row.batch or row.key, step)
    return list(steps.values())[::-1]
