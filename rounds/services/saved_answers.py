"""Writing an answer that was checked: the party, its people, its busy times; and what waited for the answer."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.services import record
from rounds.models import Attendee, Away, LateAnswer, Party
from rounds.services import invitations
from rounds.services.invitation_replies import PERSON_FIELDS, AttendeeInput, InvitationReply

Answer = Party.Answer


def save_answer(party: Party, reply: InvitationReply, answer: str, *, by: User | None) -> None:
    """Write an answer that was checked and settle what waited for it. The caller holds the party's row."""
    before, coming = party.answer, answer != Answer.DECLINED
    columns = {
        "answer": answer,
        "answered_at": timezone.now(),
        "answered_by": by,
        "arrives_at": reply.arrives_at if coming else None,
        "leaves_at": reply.leaves_at if coming else None,
        "most_meetings": reply.most_meetings if coming else None,
        "answer_note": reply.note.strip()[:300],
        "shows_name": reply.shows_name and coming,
    }
    for name, value in columns.items():
        setattr(party, name, value)
    party.clean_fields(exclude=["note"])
    Party.objects.filter(pk=party.pk).update(**columns, revision=F("revision") + 1)
    _save_people(party, reply.people if coming else ())
    if reply.busy is not None or not coming:
        party.aways.filter(is_own=True).delete()
        Away.objects.bulk_create(
            Away(party=party, from_at=start, until_at=end, is_own=True) for start, end in (reply.busy or ()) if coming
        )
    party.refresh_from_db()
    _withdraw_proposal(party, by)
    record(
        "答复参会邀请",
        party,
        by=by,
        changes={"answer": [before, party.answer], "people": [None, len(reply.people)]}
        | ({} if by else {"by_code": [None, True]}),
    )
    invitations.notify_answered(party, by=by)


def _save_people(party: Party, people: Sequence[AttendeeInput]) -> None:
    """Replace the party's attendees. Existing rows are kept, and with them badge and check-in."""
    known = {attendee.public_id: attendee for attendee in party.attendees.order_by("pk")}
    kept = set()
    for person in people:
        row = known.pop(person.public_id, None) or Attendee(party=party)
        for name in PERSON_FIELDS:
            setattr(row, name, getattr(person, name))
        row.clean_fields(exclude=["party", "same_as", "checked_in_by"])
        row.save()
        kept.add(row.public_id)
    gone = party.attendees.exclude(public_id__in=kept)
    if gone.filter(checked_in_at__isnull=False).exists():
        raise ValidationError("已经签到的人员不能从名单中去掉。")
    gone.delete()


def _withdraw_proposal(party: Party, by: User | None) -> None:
    """The answer given now takes the place of one that waits for the planner."""
    LateAnswer.objects.open().filter(party=party).update(
        status=LateAnswer.Status.WITHDRAWN, decided_at=timezone.now(), decided_by=by, reply={}
    )
