"""Files of a round: upload and removal. A removed file stays in storage."""

import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from core.file_validation import CONTENT_TYPES, checked_upload
from rounds.models import DockingRound, RoundDocument
from rounds.services.rounds import check_city

MAX_FILES = 30


@transaction.atomic
def add_document(
    docking_round: DockingRound, *, content: bytes, name: str, by: User, is_public: bool = False
) -> RoundDocument:
    """Store a file of a round under a random file name; `name` is the displayed name.

    The content decides the type. Raises PermissionDenied, ValidationError for invalid files.
    """
    check_city(by)
    row = DockingRound.objects.select_for_update(of=["self"]).get(pk=docking_round.pk)
    name, kind = checked_upload(content, name)
    if row.documents.kept().count() >= MAX_FILES:
        raise ValidationError("每次活动最多 %(most)d 个文件，请先移除不需要的。" % {"most": MAX_FILES})
    digest = hashlib.sha256(content).hexdigest()
    if row.documents.kept().filter(sha256=digest).exists():
        raise ValidationError("这个文件已经上传过了。")
    document = RoundDocument(
        docking_round=row,
        name=name,
        content_type=CONTENT_TYPES[kind],
        size=len(content),
        sha256=digest,
        is_public=is_public,
        uploaded_by=by,
    )
    document.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    document.save(force_insert=True)
    record("上传活动文件", row, by=by, changes={"document": [None, name], "is_public": [None, is_public]})
    return document


@transaction.atomic
def remove_document(document: RoundDocument, *, by: User) -> None:
    """Hide a document; the file itself stays in storage. Raises PermissionDenied, ValidationError."""
    check_city(by)
    removed = RoundDocument.objects.kept().filter(pk=document.pk).update(removed_at=timezone.now())
    if not removed:
        raise ValidationError("“%(name)s”已经移除了。" % {"name": document})
    document.refresh_from_db()
    record("移除活动文件", document.docking_round, by=by, changes={"document": [document.name, None]})
