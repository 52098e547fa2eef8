"""Write and remove private notes."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from core.throttling import exceeds
from matching.models import FollowUp
from notes.models import NOTE_LENGTH, Subject, TalkNote, subject_field, writing_organisations

MOST_NOTES = 300
"""Notes of one organisation about one thing."""
MOST_AN_HOUR = 60


def add_note(subject: Subject, *, by: User, text: str) -> TalkNote:
    """Store a note for the user's organisation: its side of the pair or its own record, else its first one.

    The caller has checked that the user sees the subject. Raises PermissionDenied for users without an organisation,
    ValidationError for an empty or long text, or for too many notes.
    """
    organisation = _organisation_of(subject, by)
    if organisation is None:
        raise PermissionDenied("笔记由企业、院所和服务机构的人员记录。")
    text = clean_required_text(text, "请写下要记的内容。", NOTE_LENGTH, name="笔记")
    if TalkNote.objects.kept().about(subject).filter(organisation=organisation).count() >= MOST_NOTES:
        raise ValidationError("这里已有 %(most)d 条笔记，请先删除不需要的。" % {"most": MOST_NOTES})
    if exceeds("talk-notes", str(by.pk), MOST_AN_HOUR, 3600):
        raise ValidationError("一小时内记了太多条，请稍后再记。")
    note = TalkNote(organisation_id=organisation, author=by, text=text, **{subject_field(subject): subject})
    note.save(force_insert=True)
    record("记录笔记", note, by=by)  # without the text, which staff must not read
    return note


def remove_note(note: TalkNote, *, by: User) -> None:
    """Delete the text of a note. By everybody of the organisation. Raises PermissionDenied, ValidationError."""
    if note.organisation_id not in writing_organisations(by.scope):
        raise PermissionDenied("这不是您单位的笔记。")
    transition(
        note,
        when={"removed_at": None},
        values={"removed_at": timezone.now(), "text": ""},
        refusal="这条笔记已经删除了。",
        action="删除笔记",
        by=by,
    )


def _organisation_of(subject: Subject, by: User) -> int | None:
    own = writing_organisations(by.scope)
    match = subject.match if isinstance(subject, FollowUp) else None
    achievement, demand = (match.achievement, match.demand) if match else (subject, subject)
    parties = (getattr(demand, "firm_id", None), getattr(achievement, "institution_id", None))
    return next((pk for pk in (*parties, *sorted(own)) if pk in own), None)
