"""Notices and mails about a round as a whole: a changed time or place, an end before its time, a cancellation."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notices.models import NoticeKind
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import TextWriter
from rounds.models import DockingRound, GuestMessage, Party
from rounds.services.guest_messages import GuestText, send_to_guests
from rounds.services.guest_reach import WayCounts
from rounds.services.invitations import answer_url, responsible_staff

NOTIFIED_ANSWERS = (Party.Answer.INVITED, Party.Answer.COMING, Party.Answer.WAITING)
NOTIFYING_STATUSES = (DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED, DockingRound.Status.RUNNING)


def notified_sentence(counts: WayCounts) -> str:
    """What an officer reads after guests were told of a change."""
    if not counts.total:
        return "没有需要通知的单位。"
    words = "已通知 %s。" % counts.sentence
    return words + ("要打电话的单位在“发件箱”的电话名单里。" if counts.to_call else "")


def notify_guests(
    docking_round: DockingRound, words: str, *, reason: str, key: str, by: User | None, then: str = ""
) -> WayCounts:
    """Tell invited, coming and waiting parties what has happened to the round and why, each by its way; and by notice
    the officers who look after them. `key`: of this act, so that each is told once. `then`: what follows for guests."""
    parties = notified_parties(docking_round)
    about = f"round {docking_round.public_id}"
    line = f"{words}原因：{reason}。"
    state = words.rstrip("。")
    values = {"情况": state, "原因": reason, "变化": f"{state}。\n原因：{reason}。" + (f"\n{then}" if then else "")}
    counts = _send(docking_round, parties, TextWriter("rounds.status"), values, f"{about} {key}", by)
    staff = responsible_staff(parties) if parties else {}
    officers = {person for party in parties for person in staff[party.pk]} - ({by.pk} if by else set())
    home = reverse("admin:rounds_home", args=[docking_round.pk])
    notify(NoticeDraft(person, NoticeKind.GUESTS, line, home, about, f"{about} {key}") for person in officers)
    return counts


def notify_round_moved(
    before: DockingRound, after: DockingRound, *, by: User | None = None, reason: str = ""
) -> WayCounts:
    """Tell invited, coming and waiting parties once for each change of time or place, each by its way. Returns how many
    by way. Does nothing if time and place are unchanged or nobody is invited yet."""
    changes = describe_changes(before, after)
    if not changes or after.status not in NOTIFYING_STATUSES:
        return WayCounts()
    changes += [f"原因：{reason}"] if reason else []
    values = {"变化": "\n".join(f"{change}。" for change in changes), "变化摘要": "；".join(changes)}
    # A person of two teams gets one notice.
    key = f"round {after.public_id} moved {after.sequence}"
    return _send(after, notified_parties(after), TextWriter("rounds.moved"), values, key, by)


def _send(
    docking_round: DockingRound,
    parties: list[Party],
    writer: TextWriter,
    values: dict[str, str],
    key: str,
    by: User | None,
) -> WayCounts:
    texts = {}
    about = f"round {docking_round.public_id}"
    for party in parties:
        own = {"单位": party.full_name, "答复链接": answer_url(party), "邀请码": party.code}
        written = writer.write(values | own | {"活动": docking_round.name})
        path = reverse("my_invitation", args=[party.public_id])
        texts[party] = GuestText(written.subject, written.body, written.line, path, about, key)
    return send_to_guests(texts, kind=GuestMessage.Kind.CHANGE, notice_kind=NoticeKind.MEETINGS, by=by)


def notified_parties(docking_round: DockingRound) -> list[Party]:
    """Whom a change of the round concerns: invited, coming and waiting parties."""
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
