"""Add and remove the attachments of an achievement."""

import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement, Attachment
from achievements.permissions import check_institution_or_city
from audit.services import record
from core.file_validation import CONTENT_TYPES, checked_upload
from core.stored_files import delete_after_commit

MAX_ATTACHMENTS = 20
SHEET_TYPES = frozenset({"pdf", "png", "jpg"})
"""Types of drawings and posters."""


@transaction.atomic
def add_attachment(
    achievement: Achievement,
    *,
    content: bytes,
    name: str,
    by: User,
    is_public: bool = False,
    kind: str = Attachment.Kind.DOCUMENT,
) -> Attachment:
    """Store a file under a random name; `name` is the display name.

    Allowed for officers of the institution and for city staff. Raises PermissionDenied; ValidationError for a file
    that `detect_file_type` refuses, a drawing or poster that is no PDF or picture, a name with a secrecy marking, a
    duplicate, or one attachment too many.
    """
    check_institution_or_city(achievement, by)
    name, file_type = checked_upload(content, name)
    if kind != Attachment.Kind.DOCUMENT and file_type not in SHEET_TYPES:
        raise ValidationError("图纸和海报请上传 PDF、PNG 或 JPG。“%(name)s”可以作为资料上传。" % {"name": name})
    if achievement.attachments.kept().count() >= MAX_ATTACHMENTS:
        raise ValidationError("每项成果最多 %(most)d 个附件，请先移除不需要的。" % {"most": MAX_ATTACHMENTS})
    digest = hashlib.sha256(content).hexdigest()
    if achievement.attachments.kept().filter(sha256=digest).exists():
        raise ValidationError("这个文件已经上传过了。")
    attachment = Attachment(
        achievement=achievement,
        name=name,
        kind=kind,
        content_type=CONTENT_TYPES[file_type],
        size=len(content),
        sha256=digest,
        is_public=is_public,
        uploaded_by=by,
    )
    attachment.file.save(f"{secrets.token_hex(16)}.{file_type}", ContentFile(content), save=False)
    attachment.save(force_insert=True)
    record("上传附件", achievement, by=by, changes={"attachment": [None, name], "is_public": [None, is_public]})
    return attachment


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User) -> None:
    """Hide an attachment and delete its file; the row stays as history. Raises PermissionDenied, ValidationError."""
    check_institution_or_city(attachment.achievement, by)
    removed = Attachment.objects.kept().filter(pk=attachment.pk).update(removed_at=timezone.now())
    if not removed:
        raise ValidationError("“%(name)s”已经移除了。" % {"name": attachment})
    attachment.refresh_from_db()
    delete_after_commit(attachment.file)
    record("移除附件", attachment.achievement, by=by, changes={"attachment": [attachment.name, None]})
