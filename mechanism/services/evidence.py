"""What shows that a measure was done: files checked by their content, and links."""

import hashlib
import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services.source_files import label
from achievements.confidentiality import find_secrecy_marking
from achievements.file_validation import CONTENT_TYPES, detect_file_type
from audit.services import record
from mechanism.models import Evidence, Measure
from mechanism.services.work import check_may_report, checked

MOST = 30


@transaction.atomic
def add_file(measure: Measure, *, content: bytes, name: str, by) -> Evidence:
    """Keep a file with a measure, under a random name; `name` is only what people see.

    Raises PermissionDenied, ValidationError for a file that is not what it should be.
    """
    check_may_report(measure, by)
    name = label(name)
    if mark := find_secrecy_marking(name):
        raise ValidationError(_("文件名写着“%(mark)s”。涉密文件不能上传到本平台。") % {"mark": mark})
    kind = detect_file_type(content, name)
    digest = hashlib.sha256(content).hexdigest()
    _check_room(measure)
    if measure.evidence.kept().filter(sha256=digest).exists():
        raise ValidationError(_("这个文件已经上传过了。"))
    evidence = Evidence(
        measure=measure, name=name, content_type=CONTENT_TYPES[kind], size=len(content), sha256=digest, added_by=by
    )
    evidence.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    evidence.save(force_insert=True)
    record(_("添加佐证"), measure, by=by, changes={"evidence": [None, name]})
    return evidence


@transaction.atomic
def add_link(measure: Measure, *, name: str, link: str, by) -> Evidence:
    check_may_report(measure, by)
    _check_room(measure)
    evidence = Evidence(measure=measure, name=checked(name, _("请写明这个网址是什么。"), 200), link=link, added_by=by)
    evidence.full_clean(exclude=["file"])
    evidence.save(force_insert=True)
    record(_("添加佐证"), measure, by=by, changes={"evidence": [None, evidence.name], "link": [None, link[:200]]})
    return evidence


@transaction.atomic
def remove_evidence(evidence: Evidence, *, by) -> None:
    """No longer shown or sent; it is kept with the record (nothing is destroyed)."""
    check_may_report(evidence.measure, by)
    if not Evidence.objects.kept().filter(pk=evidence.pk).update(removed_at=timezone.now()):
        raise ValidationError(_("“%(name)s”已经移除了。") % {"name": evidence})
    record(_("移除佐证"), evidence.measure, by=by, changes={"evidence": [evidence.name, None]})


def _check_room(measure: Measure) -> None:
    Measure.objects.select_for_update().get(pk=measure.pk)  # two uploads at once count each other
    if measure.evidence.kept().count() >= MOST:
        raise ValidationError(_("每项举措最多 %(most)d 件佐证，请先移除不需要的。") % {"most": MOST})
