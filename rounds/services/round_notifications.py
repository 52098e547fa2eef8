"""Notices and mails about a round as a whole: a changed time or place, an end before its time, a cancellation."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.models import NoticeKind
from notices.services import SingleMail, notify, send_single_mails
from notices.services.notifications import NoticeDraft
from rounds.models import DockingRound, Party
from rounds.services.invitations import invitation_letter, mail_addresses, responsible_staff, undertaker_names
from rounds.services.timetable_notifications import recipients_by_party

NOTIFIED_ANSWERS = (Party.Answer.INVITED, Party.Answer.COMING)
NOTIFYING_STATUSES = (DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED, DockingRound.Status.RUNNING)


@dataclass(frozen=True)
class Reached:
    """How many parties a message reached, and the names of those with neither account nor mail address."""

    parties: int
    unreachable: list[str]

    @property
    def sentence(self) -> str:
        words = "已通知 %d 家单位。" % self.parties if self.parties else "没有需要通知的单位。"
        if not self.unreachable:
            return words
        return words + "另有 %(number)d 家没有账号和邮箱，请打电话：%(names)s。" % {
            "number": len(self.unreachable),
            "names": "、".join(self.unreachable),
        }


def notify_guests(docking_round: DockingRound, words: str, *, reason: str, key: str, by: User | None) -> Reached:
    """Tell the invited and coming parties what has happened to the round and why: users by notice, others by mail; and
    by notice the officers who look after them. `key`: of this act, so that each is told once."""
    parties = _notified_parties(docking_round)
    people, staff = recipients_by_party(parties), responsible_staff(parties) if parties else {}
    about = f"round {docking_round.public_id}"
    text = f"{words}原因：{reason}。"
    drafts = [
        NoticeDraft(
            person, NoticeKind.MEETINGS, text, reverse("my_invitation", args=[party.public_id]), about, f"{about} {key}"
        )
        for party in parties
        for person in people[party.pk]
    ]
    home = reverse("admin:rounds_home", args=[docking_round.pk])
    officers = {person for party in parties for person in staff[party.pk]} - ({by.pk} if by else set())
    drafts += [NoticeDraft(person, NoticeKind.GUESTS, text, home, about, f"{about} {key}") for person in officers]
    notify(drafts)
    alone = [party for party in parties if not people[party.pk]]
    addresses = mail_addresses(alone)
    subject = words.rstrip("。")
    changes = [subject, f"原因：{reason}"]
    _send_mails(docking_round, alone, addresses, subject, changes, "rounds/mail/status_changed.txt")
    unreached = [str(party) for party in alone if not addresses.get(party.pk)]
    return Reached(len(parties) - len(unreached), unreached)


def notify_round_moved(before: DockingRound, after: DockingRound, *, reason: str = "") -> Reached:
    """Notify invited and coming parties once for each change of time or place: users by notice, others by mail. Does
    nothing if time and place are unchanged or nobody is invited yet."""
    changes = describe_changes(before, after)
    if not changes or after.status not in NOTIFYING_STATUSES:
        return Reached(0, [])
    changes += [f"原因：{reason}"] if reason else []
    parties = _notified_parties(after)
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
    _send_mails(after, alone, addresses, "时间或地点有变：%(round)s" % {"round": after.name}, changes)
    unreached = [str(party) for party in alone if not addresses.get(party.pk)]
    return Reached(len(parties) - len(unreached), unreached)


def _notified_parties(docking_round: DockingRound) -> list[Party]:
    rows = Party.objects.filter(docking_round=docking_round, answer__in=NOTIFIED_ANSWERS)
    return list(rows.select_related("organisation", "docking_round__host"))


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
    docking_round: DockingRound,
    parties: list[Party],
    addresses: dict[int, list[str]],
    subject: str,
    changes: list[str],
    template: str = "rounds/mail/moved.txt",
) -> None:
    undertaken, letters = undertaker_names(docking_round), []
    for party in parties:
        if addresses[party.pk]:
            context = {"letter": invitation_letter(party, undertaken), "changes": changes, "site": settings.SITE}
            body = render_to_string(template, context)
            letters += [SingleMail(address, subject, body) for address in addresses[party.pk]]
    send_single_mails(letters)
