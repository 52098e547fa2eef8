"""Answers that need the planner, because the timetable is published: proposed, then accepted or declined.

`open_for(round)` is the list that planning shows.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, User
from audit.services import record
from audit.transitions import transition
from notices.models import NoticeKind
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.texts.writing import TextWriter
from rounds.models import DockingRound, LateAnswer, Party
from rounds.services.answer_messages import answer_text, send_answer_texts
from rounds.services.invitation_replies import InvitationReply, reply_from_json, reply_to_json
from rounds.services.saved_answers import save_answer

Kind, Status = LateAnswer.Kind, LateAnswer.Status


def is_planned(docking_round: DockingRound) -> bool:
    """Whether a timetable is published: from then on an answer changes the plan of others."""
    return docking_round.status == DockingRound.Status.SCHEDULED or docking_round.timetables.published().exists()


def open_for(docking_round: DockingRound) -> QuerySet[LateAnswer]:
    """The proposals of a round that wait for a decision, the oldest first."""
    rows = LateAnswer.objects.open().filter(party__docking_round=docking_round)
    return rows.select_related("party__organisation__stat_region", "party__docking_round").order_by("made_at", "pk")


def propose_answer(party: Party, reply: InvitationReply, *, by: User | None, kind: str = "") -> LateAnswer:
    """Keep an answer for the planner; a newer one of the same party takes the place of the older. The caller holds the
    party's row and has checked the answer."""
    kind = kind or (Kind.TIMES if party.answer == Party.Answer.COMING else Kind.YES)
    values = {"kind": kind, "reply": reply_to_json(reply), "made_at": timezone.now(), "made_by": by}
    late, is_new = LateAnswer.objects.update_or_create(party=party, status=Status.OPEN, defaults=values)
    record("提出迟到的答复", party, by=by, changes={"late_answer": [None, late.get_kind_display()]})
    if is_new:
        _notify_planners(late)
    return late


@transaction.atomic
def accept_late_answer(late: LateAnswer, *, by: User) -> None:
    """The guest comes as it proposed; the next plan counts on it. Raises PermissionDenied, ValidationError."""
    row = _lock_open(late, by)
    party = row.party
    reply = reply_from_json(row.reply)
    _decide(row, Status.ACCEPTED, by)
    save_answer(party, reply, Party.Answer.COMING, by=by)
    Party.objects.filter(pk=party.pk, absent_at__isnull=False).update(absent_at=None)  # it had said no meanwhile
    late.refresh_from_db()
    _answer_guest(party, late, "rounds.late_accepted", {}, by)


@transaction.atomic
def decline_late_answer(late: LateAnswer, *, reason: str, by: User) -> None:
    """The answer stays as it was; the guest reads the reason. Raises PermissionDenied, ValidationError."""
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("不接受请说明原因，单位会看到。")
    row = _lock_open(late, by)
    _decide(row, Status.DECLINED, by, reason=reason)
    late.refresh_from_db()
    _answer_guest(row.party, late, "rounds.late_declined", {"原因": reason}, by)


def _lock_open(late: LateAnswer, by: User) -> LateAnswer:
    if not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以决定迟到的答复。")
    rows = LateAnswer.objects.select_for_update(of=("self",))
    row = rows.select_related("party__docking_round", "party__organisation").get(pk=late.pk)
    if row.status != Status.OPEN:
        raise ValidationError(
            "这项答复现在是“%(now)s”%(who)s，没有再改。"
            % {"now": row.get_status_display(), "who": f"（{row.decided_by}）" if row.decided_by else ""}
        )
    if row.party.docking_round.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束，不能再决定。" % {"round": row.party.docking_round})
    return row


def _decide(row: LateAnswer, status: str, by: User, *, reason: str = "") -> None:
    transition(
        row,
        when={"status": Status.OPEN},
        values={"status": status, "reason": reason, "decided_at": timezone.now(), "decided_by": by, "reply": {}},
        refusal="这项答复刚由别人决定，请刷新。",
        action="决定迟到的答复",
        by=by,
        changes={"status": [str(Status.OPEN.label), str(Status(status).label)]},
    )


def _answer_guest(party: Party, late: LateAnswer, key: str, values: dict[str, str], by: User) -> None:
    text = answer_text(TextWriter(key), party, values, topic="late", version=late.public_id)
    send_answer_texts({party: text}, by=by)


def _notify_planners(late: LateAnswer) -> None:
    party = late.party
    text = "%(party)s在洽谈日程发布后答复“%(round)s”：%(kind)s，请决定。" % {
        "party": party.full_name,
        "round": party.docking_round.name,
        "kind": late.get_kind_display(),
    }
    planners = Membership.objects.filter(role=Role.CITY, user__is_active=True).values_list("user", flat=True).distinct()
    path = reverse("admin:rounds_late_answers", args=[party.docking_round_id])
    about = f"late {late.public_id}"
    notify(NoticeDraft(person, NoticeKind.GUESTS, text, path, about, about) for person in planners)
