"""Evidence of a measure: files, whose content is checked, and links."""

import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.source_files import display_file_name
from audit.services import record
from core.confidentiality import find_secrecy_marking
from core.file_validation import CONTENT_TYPES, detect_file_type
from core.plain_text import clean_required_text
from mechanism.models import Evidence, Measure, Remark
from mechanism.services.measures import require_may_report

MAX_EVIDENCE = 30


@transaction.atomic
def add_file(measure: Measure, *, content: bytes, name: str, by: User) -> Evidence:
    """Store a file under a random name; `name` is shown to people.

    Raises PermissionDenied, or ValidationError for a forbidden type, a duplicate or a name marked as secret.
    """
    require_may_report(measure, by)
    return store_file(measure, content=content, name=name, by=by)


def store_file(measure: Measure, *, content: bytes, name: str, by: User, remark: Remark | None = None) -> Evidence:
    """`add_file`, also as evidence of one report, for a caller that has checked the right and runs in a transaction."""
    name = display_file_name(name)
    if mark := find_secrecy_marking(name):
        raise ValidationError("文件名写着“%(mark)s”。涉密文件不能上传到本平台。" % {"mark": mark})
    kind = detect_file_type(content, name)
    digest = hashlib.sha256(content).hexdigest()
    _check_limit(measure)
    if measure.evidence.kept().filter(sha256=digest).exists():
        raise ValidationError("这个文件已经上传过了。")
    evidence = Evidence(
        measure=measure,
        remark=remark,
        name=name,
        content_type=CONTENT_TYPES[kind],
        size=len(content),
        sha256=digest,
        added_by=by,
    )
    evidence.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    evidence.save(force_insert=True)
    record("添加佐证", measure, by=by, changes={"evidence": [None, name]})
    return evidence


@transaction.atomic
def add_link(measure: Measure, *, name: str, link: str, by: User) -> Evidence:
    require_may_report(measure, by)
    return store_link(measure, name=name, link=link, by=by)


def store_link(measure: Measure, *, name: str, link: str, by: User, remark: Remark | None = None) -> Evidence:
    """`add_link`, also as evidence of one report, for a caller that has checked the right and runs in a transaction."""
    _check_limit(measure)
    evidence = Evidence(
        measure=measure,
        remark=remark,
        name=clean_required_text(name, "请写明这个网址是什么。", 200),
        link=link,
        added_by=by,
    )
    evidence.full_clean(exclude=["file"])
    evidence.save(force_insert=True)
    record("添加佐证", measure, by=by, changes={"evidence": [None, evidence.name], "link": [None, link[:200]]})
    return evidence


@transaction.atomic
def remove_evidence(evidence: Evidence, *, by: User) -> None:
    """Hide a piece of evidence; the file is kept. Raises PermissionDenied, ValidationError."""
    require_may_report(evidence.measure, by)
    if evidence.remark_id:
        raise ValidationError("“%(name)s”是一份进展报告的佐证，不能移除；不合适请退回那份报告。" % {"name": evidence})
    if not Evidence.objects.kept().filter(pk=evidence.pk).update(removed_at=timezone.now()):
        raise ValidationError("“%(name)s”已经移除了。" % {"name": evidence})
    record("移除佐证", evidence.measure, by=by, changes={"evidence": [evidence.name, None]})


def _check_limit(measure: Measure) -> None:
    Measure.objects.select_for_update().get(pk=measure.pk)  # locks out concurrent uploads
    if measure.evidence.kept().count() >= MAX_EVIDENCE:
        raise ValidationError("每项举措最多 %(most)d 件佐证，请先移除不需要的。" % {"most": MAX_EVIDENCE})
