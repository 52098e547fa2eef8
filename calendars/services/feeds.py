"""The link of a user's calendar: made, replaced, ended, read."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from calendars.ical import write_calendar
from calendars.models import CalendarFeed
from calendars.sources import events_of
from core.secret_links import digest_of, new_secret

REFRESH = "PT1H"


@transaction.atomic
def make_feed(*, by: User) -> str:
    """Make the user's own link and return its secret, which is not stored. An earlier link of the user ends."""
    secret = new_secret()
    User.objects.select_for_update().get(pk=by.pk)  # two windows at the same moment: one link remains
    feed, _is_new = CalendarFeed.objects.update_or_create(
        user=by, defaults={"digest": digest_of(secret), "made_at": timezone.now()}
    )
    record("生成日历订阅链接", feed, by=by)
    return secret


def end_feed(*, by: User) -> bool:
    """End the user's own link. Whether there was one."""
    feed = CalendarFeed.objects.filter(user=by).first()
    if feed is None:
        return False
    with transaction.atomic():
        record("停用日历订阅链接", feed, by=by)
        feed.delete()
    return True


def user_of(secret: str) -> User | None:
    """The active user whose link has this secret."""
    return User.objects.filter(calendar_feed__digest=digest_of(secret), is_active=True).first()


def calendar_of(user: User, *, address: str) -> bytes:
    """The user's calendar as iCalendar (RFC 5545). `address`: the site's, without a slash at the end."""
    return write_calendar(events_of(user), address=address, name="成果对接日程", refresh=REFRESH)
