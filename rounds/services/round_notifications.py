"""Notices and mails about a changed time or place of a round."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from notices.models import NoticeKind
from notices.services import SingleMail, notify, send_single_mails
from notices.services.notifications import NoticeDraft
from rounds.models import DockingRound, Party
from rounds.services.invitations import invitation_letter, mail_addresses, undertaker_names
from rounds.services.timetable_notifications import recipients_by_party

NOTIFIED_ANSWERS = (Party.Answer.INVITED, Party.Answer.COMING)
NOTIFYING_STATUSES = (DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED, DockingRound.Status.RUNNING)


def notify_round_moved(before: DockingRound, after: DockingRound) -> int:
    """Notify invited and coming parties once for each change of time or place: users by notice, others by mail. Returns
    how many parties were reached. Does nothing if time and place are unchanged or nobody is invited yet."""
    changes = describe_changes(before, after)
    if not changes or after.status not in NOTIFYING_STATUSES:
        return 0
    parties = list(
        Party.objects.filter(docking_round=after, answer__in=NOTIFIED_ANSWERS).select_related(
            "organisation", "docking_round__host"
        )
    )
    people = recipients_by_party(parties)
    about = f"round {after.public_id}"
    words = "“%(round)s”有变化：%(changes)s。" % {"round": after.name, "changes": "；".join(changes)}
    notify(
        NoticeDraft(
            person,
            NoticeKind.MEETINGS,
            words,
            reverse("my_invitation", args=[party.public_id]),
            about,
            f"{about} moved {after.sequence}",  # one notice for a person of two teams
        )
        for party in parties
        for person in people[party.pk]
    )
    alone = [party for party in parties if not people[party.pk]]
    addresses = mail_addresses(alone)
    _send_mails(after, alone, addresses, changes)
    return sum(bool(people[party.pk] or addresses.get(party.pk)) for party in parties)


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


def _send_mails(
    docking_round: DockingRound, parties: list[Party], addresses: dict[int, list[str]], changes: list[str]
) -> None:
    subject = "时间或地点有变：%(round)s" % {"round": docking_round.name}
    undertaken, letters = undertaker_names(docking_round), []
    for party in parties:
        if addresses[party.pk]:
            context = {"letter": invitation_letter(party, undertaken), "changes": changes, "site": settings.SITE}
            body = render_to_string("rounds/mail/moved.txt", context)
            letters += [SingleMail(address, subject, body) for address in addresses[party.pk]]
    send_single_mails(letters)
