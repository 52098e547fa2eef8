"""Files of an achievement: added, sent only to those who may see them, removed without being destroyed."""

import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achievements.files import TYPES, shown_name, type_of
from achievements.models import Achievement, Attachment
from achievements.secrecy import secret_mark
from achievements.services.moves import check_office_or_city
from audit.services import record

MOST_FILES = 20


@transaction.atomic
def add_attachment(achievement: Achievement, *, content: bytes, name: str, by, is_public: bool = False) -> Attachment:
    """Keep a file with an achievement, under a random name; `name` is only what people see.

    By its own office or the city. Raises PermissionDenied, ValidationError for a file that is not what it should be.
    """
    check_office_or_city(achievement, by)
    name = shown_name(name)
    if mark := secret_mark(name):
        raise ValidationError(_("文件名写着“%(mark)s”。涉密文件不能上传到本平台。") % {"mark": mark})
    kind = type_of(content, name)
    if achievement.attachments.filter(removed_at__isnull=True).count() >= MOST_FILES:
        raise ValidationError(_("每项成果最多 %(most)d 个附件，请先移除不需要的。") % {"most": MOST_FILES})
    digest = hashlib.sha256(content).hexdigest()
    if achievement.attachments.filter(removed_at__isnull=True, sha256=digest).exists():
        raise ValidationError(_("这个文件已经上传过了。"))
    attachment = Attachment(
        achievement=achievement,
        name=name,
        content_type=TYPES[kind],
        size=len(content),
        sha256=digest,
        is_public=is_public,
        uploaded_by=by,
    )
    attachment.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    attachment.save(force_insert=True)
    record(_("上传附件"), achievement, by=by, changes={"attachment": [None, name], "is_public": [None, is_public]})
    return attachment


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by) -> None:
    """No longer shown or sent; the file itself is kept with the record (nothing is destroyed)."""
    check_office_or_city(attachment.achievement, by)
    removed = Attachment.objects.filter(pk=attachment.pk, removed_at__isnull=True).update(removed_at=timezone.now())
    if not removed:
        raise ValidationError(_("“%(name)s”已经移除了。") % {"name": attachment})
    attachment.refresh_from_db()
    record(_("移除附件"), attachment.achievement, by=by, changes={"attachment": [attachment.name, None]})
