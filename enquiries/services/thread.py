"""The thread of an approach: messages with files, entries about what happened, and what was read."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import Changes, record
from audit.transitions import transition
from core.file_validation import CONTENT_TYPES, checked_upload
from enquiries.models import Approach, ApproachFile, ApproachMessage
from enquiries.permissions import mandated_side, speaking_side
from enquiries.services.limits import require_may_write
from enquiries.services.notifications import notify_message, people_of, settle_approach_notices
from enquiries.services.texts import checked_text
from mandates.models import Right
from mandates.services.acts import note_act_for

Status = Approach.Status
MAX_FILES = 3
"""Files of one message."""
MAX_FILES_OF_APPROACH = 30


def lock_approach(approach: Approach) -> Approach:
    """The row with its pair, locked until the transaction ends."""
    return Approach.objects.with_pair().select_for_update(of=("self",), no_key=True).get(pk=approach.pk)


@transaction.atomic
def post_message(
    approach: Approach, *, text: str, by: User, uploads: Sequence[tuple[str, bytes]] = (), origin: str = ""
) -> ApproachMessage:
    """Add a message of the user's side with files (name, content). The recipient's first message is its answer.

    origin: an `ApproachMessage.Origin`, if the office sends what a completer has provided.

    Raises PermissionDenied for others, ValidationError for an ended approach, a text or a file that may not be sent,
    and too many of them.
    """
    row = lock_approach(approach)
    side = speaking_side(row, by)
    if row.status == Status.ENDED:
        raise ValidationError("这里已经结束，不能再发消息。")
    behalf = behalf_of(row, side, "发消息", by)
    origin = ApproachMessage.Origin.AGENT if behalf else origin
    hides_firm = row.hides_firm and row.organisation_of(side) == row.firm
    if uploads and hides_firm:
        raise ValidationError("匿名时不能发附件，附件里可能写有企业名称。请先同意公开名称，或只发文字。")
    text = checked_text(text, author=row.organisation_of(side), hides_firm=hides_firm)
    require_may_write(row, side)
    message = ApproachMessage.objects.create(approach=row, side=side, author=by, text=text, origin=origin)
    _store_files(row, message, uploads)
    if side == row.recipient_side:
        mark_answered(row, by=by)
    _touch(row, side)
    settle_approach_notices(row, people_of(row, side))
    notify_message(row, side, message.pk)
    record("主动对接：发消息", row, by=by, changes={"side": [None, side], "files": [None, len(uploads)], **behalf})
    approach.refresh_from_db()
    return message


def behalf_of(row: Approach, side: str, action: str, by: User) -> Changes:
    """Keep the act if `by` is the agent of the side, and return what the audit record says of it; else nothing."""
    if row.side_of(by.scope) or not mandated_side(row, by):
        return {}
    return note_act_for(row.organisation_of(side), Right.ANSWER, action, row, by=by)


def mark_answered(row: Approach, *, by: User, status: str = Status.ANSWERED) -> None:
    """The recipient of a locked approach has answered, by a message, times for a talk or its agreement."""
    if not row.awaits_answer:
        return
    now = timezone.now()
    values: dict[str, Any] = {"status": status, "first_answered_at": now, "read_at": row.read_at or now}
    transition(
        row,
        when={"status": row.status},
        values=values,
        refusal="状态刚被改变，请刷新后再看。",
        action="主动对接：答复",
        by=by,
        changes={"status": [row.status, status]},
    )


def mark_read(approach: Approach, *, by: User) -> None:
    """The user's side has opened the thread: the messages of the other side, and a new approach, are read.

    Nothing happens for staff. Calling it again changes nothing.
    """
    side = approach.side_of(by.scope)
    if not side:
        return
    now = timezone.now()
    unread = approach.messages.filter(read_at=None).exclude(side=side).exclude(side="")
    unread.update(read_at=now)
    if side == approach.recipient_side:
        sent = Approach.objects.filter(pk=approach.pk, status=Status.SENT)
        if sent.update(status=Status.READ, read_at=now, last_event_at=now):
            record("主动对接：已读", approach, by=by, changes={"status": [Status.SENT, Status.READ]})
    approach.refresh_from_db()


def add_event(row: Approach, text: str, *, by: User | None, side: str = "", origin: str = "") -> None:
    """An entry of the thread about what happened. It names an anonymous firm by its alias or not at all."""
    ApproachMessage.objects.create(approach=row, side=side, author=by, text=text, is_event=True, origin=origin)
    _touch(row, side)


def _touch(row: Approach, side: str) -> None:
    now = timezone.now()
    Approach.objects.filter(pk=row.pk).update(last_event_at=now)
    if side:  # who writes has read what stands above
        row.messages.filter(read_at=None).exclude(side__in=[side, ""]).update(read_at=now)


def _store_files(row: Approach, message: ApproachMessage, uploads: Sequence[tuple[str, bytes]]) -> None:
    if len(uploads) > MAX_FILES:
        raise ValidationError("一条消息最多 %(most)d 个附件，请分几条发。" % {"most": MAX_FILES})
    present = ApproachFile.objects.filter(message__approach=row).count()
    if uploads and present + len(uploads) > MAX_FILES_OF_APPROACH:
        raise ValidationError("这里最多 %(most)d 个附件，其余的请在对接以后交换。" % {"most": MAX_FILES_OF_APPROACH})
    for raw_name, content in uploads:
        name, kind = checked_upload(content, raw_name)
        stored = ApproachFile(
            message=message,
            name=name,
            content_type=CONTENT_TYPES[kind],
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        stored.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
        stored.save(force_insert=True)
