"""Notices and mails about a changed time or place of a round."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.models import NoticeKind
from rounds.models import DockingRound, GuestMessage, Party
from rounds.services.guest_messages import GuestText, send_to_guests
from rounds.services.guest_reach import WayCounts
from rounds.services.invitations import invitation_letter, undertaker_names

NOTIFIED_ANSWERS = (Party.Answer.INVITED, Party.Answer.COMING, Party.Answer.WAITING)
NOTIFYING_STATUSES = (DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED, DockingRound.Status.RUNNING)


def notify_round_moved(before: DockingRound, after: DockingRound, *, by: User | None = None) -> WayCounts:
    """Tell invited, coming and waiting parties once for each change of time or place, each by its way. Returns how many
    by way. Does nothing if time and place are unchanged or nobody is invited yet."""
    changes = describe_changes(before, after)
    if not changes or after.status not in NOTIFYING_STATUSES:
        return WayCounts()
    parties = Party.objects.filter(docking_round=after, answer__in=NOTIFIED_ANSWERS)
    about = f"round {after.public_id}"
    line = "“%(round)s”有变化：%(changes)s。" % {"round": after.name, "changes": "；".join(changes)}
    subject = "时间或地点有变：%(round)s" % {"round": after.name}
    undertaken, texts = undertaker_names(after), {}
    for party in parties.select_related("organisation", "docking_round__host"):
        context = {"letter": invitation_letter(party, undertaken), "changes": changes, "site": settings.SITE}
        body = render_to_string("rounds/mail/moved.txt", context)
        path = reverse("my_invitation", args=[party.public_id])
        # A person of two teams gets one notice.
        texts[party] = GuestText(subject, body, line, path, about, f"{about} moved {after.sequence}")
    return send_to_guests(texts, kind=GuestMessage.Kind.CHANGE, notice_kind=NoticeKind.MEETINGS, by=by)


def describe_changes(before: DockingRound, after: DockingRound) -> list[str]:
    """Return a phrase for each change with the old and the new value; empty if nothing changed."""
    phrases = []
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at):
        phrases.append("时间由 %(was)s 改为 %(now)s" % {"was": _span(before), "now": _span(after)})
    if before.place != after.place:
        unknown = "待定"
        phrases.append("地点由“%(was)s”改为“%(now)s”" % {"was": before.place or unknown, "now": after.place or unknown})
    return phrases


def _span(docking_round: DockingRound) -> str:
    start, end = (timezone.localtime(at) for at in (docking_round.starts_at, docking_round.ends_at))
    last = f"{end:%H:%M}" if start.date() == end.date() else _day(end)
    return f"{_day(start)}–{last}"


def _day(at: datetime) -> str:
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
