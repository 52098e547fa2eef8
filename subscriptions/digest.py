"""The lines of the day's mail about subscriptions. They are written when the mail is made, from what is public then."""

import re

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from notices.models import Notice
from subscriptions.display import owner_of, page_of, title_of
from subscriptions.models import Hit, SavedSearch
from subscriptions.stop_tokens import make_stop_token

MAX_LINES = 50
"""Items in one mail; the others are counted."""


def digest_details(notice: Notice) -> list[str]:
    """What is new by subscription, with the reason of each hit and a link that ends the subscription."""
    user = notice.recipient
    day = re.search(r"(\d{4}-\d{2}-\d{2})$", notice.about)
    hits = Hit.objects.shown_to(user).filter(day=day[1] if day else timezone.localdate(notice.made_at))
    total = hits.count()
    lines: list[str] = []
    searches: set[str] = set()
    for hit in hits.select_related("achievement__institution", "demand__firm")[:MAX_LINES]:
        item = hit.item
        word = "有更新" if hit.is_change else "新"
        lines.append(f"[{word}] {title_of(item)}（{owner_of(item)}）")
        lines += [f"    订阅“{reason['name']}”：{reason['why']}" for reason in hit.reasons]
        lines.append(f"    {settings.SITE_ADDRESS}{page_of(item)}")
        searches |= {reason["search"] for reason in hit.reasons}
    if total > MAX_LINES:
        lines.append(f"……另有 {total - MAX_LINES} 条，见 {settings.SITE_ADDRESS}{reverse('my_subscriptions')}")
    for search in SavedSearch.objects.of_user(user).filter(public_id__in=searches, is_paused=False):
        address = settings.SITE_ADDRESS + reverse("subscription_stop", args=[make_stop_token(search)])
        lines.append(f"不再接收“{search.name}”：{address}")
    return lines
