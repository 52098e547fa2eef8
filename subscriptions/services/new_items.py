"""Once a day: store what is new for each user's searches and write one notice about it."""

import logging
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.models import NoticeKind
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence
from subscriptions.evaluation import FittingItem, fitting_items, version_of
from subscriptions.models import Dismissal, Hit, SavedSearch

log = logging.getLogger(__name__)
HOURS_BEFORE_MAIL = 1
"""The notice has to be a quarter of an hour old when the day's mail is made."""


def find_new_items() -> int:
    """Look at the searches of each user that were not looked at today. Returns how many users got a notice.

    Does nothing until an hour before the day's mail. Safe to run twice and at the same time: the searches of a user
    are locked, and a search is due once a day. What a lost worker has not done is still due.
    """
    if timezone.localtime().hour < max(settings.NOTICE_MAIL_HOUR - HOURS_BEFORE_MAIL, 0):
        return 0
    users = User.objects.filter(pk__in=SavedSearch.objects.due().values("user"))
    return sum(_has_new_items(user) for user in users.order_by("pk").iterator())


def _has_new_items(user: User) -> bool:
    """One user's search that fails must not keep the others from theirs; it stays due."""
    try:
        return find_new_items_of(user) > 0
    except Exception:
        log.exception("the searches of user %s failed", user.pk)
        return False


@transaction.atomic
def find_new_items_of(user: User) -> int:
    """The same for one user. Returns how many new items were stored."""
    rows = SavedSearch.objects.due().filter(user=user)
    searches = list(rows.select_for_update(skip_locked=True, of=("self",)))
    if not searches:
        return 0
    now = timezone.now()
    for search in searches:
        search.user = user
    hits = _collect(user, searches)
    Hit.objects.bulk_create(hits, ignore_conflicts=True, batch_size=500)
    # bulk_create does not tell which rows were ignored; only rows that were stored have these ids.
    stored = Hit.objects.filter(public_id__in=[hit.public_id for hit in hits]).count()
    SavedSearch.objects.filter(pk__in=[search.pk for search in searches]).update(checked_at=now)
    if stored:
        notify([_notice(user, stored, timezone.localdate(now))])
    return stored


def _collect(user: User, searches: list[SavedSearch]) -> list[Hit]:
    """Unsaved hits, one for each item, with all searches that it fits."""
    dismissed = Dismissal.objects.hiding_from(user)
    hidden: set[tuple[int | None, int | None]] = set(dismissed.values_list("achievement_id", "demand_id"))
    hits: dict[tuple[int | None, int | None], Hit] = {}
    for search in searches:
        for fitting in fitting_items(search):
            is_offer = search.kind == SavedSearch.Kind.ACHIEVEMENT
            key = (fitting.item.pk, None) if is_offer else (None, fitting.item.pk)
            if key in hidden:
                continue
            hit = hits.setdefault(key, _hit(user, fitting, key))
            hit.reasons.append({"search": search.public_id, "name": search.name, "why": fitting.why})
    sent = Hit.objects.of_user(user).filter(
        Q(achievement__in=[key[0] for key in hits if key[0]]) | Q(demand__in=[key[1] for key in hits if key[1]])
    )
    for pair in sent.values_list("achievement_id", "demand_id").distinct().order_by():
        hits[pair].is_change = True
    return list(hits.values())


def _hit(user: User, fitting: FittingItem, key: tuple[int | None, int | None]) -> Hit:
    return Hit(
        user=user,
        achievement_id=key[0],
        demand_id=key[1],
        version=version_of(fitting.item),
        is_change=fitting.is_change,
        was_anonymous=bool(getattr(fitting.item, "is_anonymous", False)),
        reasons=[],
    )


def _notice(user: User, count: int, day: date) -> NoticeDraft:
    about = f"subscriptions {user.pk} {day:%Y-%m-%d}"
    text = write_sentence("subscriptions.new_items", {"条数": str(count)})
    return NoticeDraft(user.pk, NoticeKind.SUBSCRIBED, text, reverse("my_subscriptions"), about, about)
