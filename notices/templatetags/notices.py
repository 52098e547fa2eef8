"""The number beside the bell of the page header, and texts of notices as they are true today."""

import re
from datetime import date

from django import template
from django.utils import timezone

from accounts.models import User
from notices.models import Notice

register = template.Library()
_ANSWER_BY = re.compile(r"请在 ?(?:(\d{4}) ?年 ?)?(\d{1,2}) ?月 ?(\d{1,2}) ?日 ?前")


@register.simple_tag
def unread_notices(user: User) -> int:
    """The number of unread notices. One query on the index `notice_unread`."""
    return Notice.objects.for_user(user).unread().count()


@register.filter
def as_of_today(notice: Notice) -> str:
    """The text; a day to answer by that has passed since the notice was written is told as passed."""
    match = _ANSWER_BY.search(notice.text)
    if match is None:
        return notice.text
    written, year = timezone.localdate(notice.made_at), match.group(1)
    month, day = int(match.group(2)), int(match.group(3))
    try:
        due = date(int(year or written.year), month, day)
        due = due.replace(year=written.year + 1) if due < written and not year else due
    except ValueError:  # 29 February of another year, or no day at all
        return notice.text
    if due >= timezone.localdate():
        return notice.text
    passed = f"应在 {due.year} 年 {month} 月 {day} 日前（已过期）"
    return notice.text[: match.start()] + passed + notice.text[match.end() :]
