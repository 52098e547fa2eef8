"""Files of demands: upload, removal, and the copies with the reader's name; signed copies of agreements."""

import hashlib
import secrets
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from audit.transitions import transition
from core.file_validation import CONTENT_TYPES, checked_upload
from core.plain_text import clean_reason
from demands.models import Agreement, AgreementCopy, Demand, DemandFile, DemandReading
from demands.permissions import check_permission, owns, owns_or_manages
from demands.services.reading_records import record_reading

MAX_FILES = 10
Side = AgreementCopy.Side


@transaction.atomic
def add_demand_file(demand: Demand, *, content: bytes, name: str, audience: str, by: User) -> DemandFile:
    """Store a PDF, PNG or JPG of a demand as PDF; `audience` is one of `DemandFile.Audience`.

    Allowed for the firm only: nobody else decides what of the firm is disclosed. Raises PermissionDenied,
    ValidationError for another type, a damaged file, a secrecy marking in the name, a duplicate, or too many files.
    """
    from demands.watermark import pdf_of_upload  # loads pypdf, which few processes need

    check_permission(owns, demand, by)
    Demand.objects.select_for_update().get(pk=demand.pk)
    if audience not in DemandFile.Audience.values:
        raise ValidationError("请选择谁能看这份附件。")
    name, kind = checked_upload(content, name)
    present = demand.files.kept()
    if present.count() >= MAX_FILES:
        raise ValidationError("每项需求最多 %(most)d 个附件，请先移除不需要的。" % {"most": MAX_FILES})
    digest = hashlib.sha256(content).hexdigest()
    if present.filter(sha256=digest).exists():
        raise ValidationError("这个文件已经上传过了。")
    pdf, pages = pdf_of_upload(content, kind, name)
    stored = DemandFile(
        demand=demand,
        name=name,
        size=len(pdf),
        pages=pages,
        sha256=digest,
        audience=audience,
        uploaded_by=by,
    )
    stored.file.save(f"{secrets.token_hex(16)}.pdf", ContentFile(pdf), save=False)
    stored.save(force_insert=True)
    record("上传需求附件", demand, by=by, changes={"file": [None, name], "audience": [None, audience]})
    return stored


def remove_demand_file(stored: DemandFile, *, by: User) -> None:
    """Stop sending a file, by the firm or staff; it stays stored. Raises PermissionDenied, ValidationError."""
    check_permission(owns_or_manages, stored.demand, by)
    transition(
        stored,
        when={"removed_at": None},
        values={"removed_at": timezone.now()},
        refusal="“%(name)s”已经移除了。" % {"name": stored},
        action="移除需求附件",
        by=by,
    )


def copy_for_reader(stored: DemandFile, *, by: User) -> bytes:
    """The PDF with the reader's organisation, name and the time on each page; recorded in 谁看过.

    The caller has checked `DemandFile.objects.readable_by`. Members of the firm get it without a mark. Raises
    FileNotFoundError.
    """
    from demands.watermark import watermarked_pdf

    with stored.file.open("rb") as file:
        content: bytes = file.read()
    if stored.demand.firm_id in by.scope.firm_ids:
        return content
    record_reading(stored.demand, DemandReading.Step.FILE, by=by, file=stored)
    record("下载需求附件", stored.demand, by=by, changes={"file": [None, stored.name]})
    return watermarked_pdf(content, reader_mark(by))


def reader_mark(by: User) -> str:
    """大连理工大学 李研究员 2026-11-30 10:40: who reads, for which organisation, when."""
    outside = by.scope.institution_ids | by.scope.agency_ids or by.scope.organisation_ids
    organisation = Organisation.objects.filter(pk__in=outside).order_by("pk").first()
    moment = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    return " ".join(filter(None, (str(organisation or ""), str(by), moment)))


# --- Agreements --------------------------------------------------------------------------------------------------
@transaction.atomic
def upload_agreement_copy(
    demand: Demand,
    institution: Organisation,
    *,
    content: bytes,
    name: str,
    by: User,
    valid_until: date | None = None,
) -> AgreementCopy:
    """Store the signed copy of the side for which `by` acts; opens the agreement of the pair if there is none.

    The caller has checked that both sides know each other. The agreement is in force when each side has uploaded its
    own copy. Raises PermissionDenied for others, ValidationError.
    """
    side = _side_of(demand, institution, by)
    name, kind = checked_upload(content, name)
    if valid_until and valid_until < timezone.localdate():
        raise ValidationError("有效期至 %(day)s 已经过去，请核对。" % {"day": valid_until})
    Demand.objects.select_for_update().get(pk=demand.pk)
    agreement, _is_new = Agreement.objects.get_or_create(
        demand=demand, institution=institution, ended_at=None, defaults={"opened_by": by}
    )
    agreement.copies.filter(side=side, replaced_at=None).update(replaced_at=timezone.now())
    copy = AgreementCopy(
        agreement=agreement,
        side=side,
        name=name,
        content_type=CONTENT_TYPES[kind],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        valid_until=valid_until,
    )
    copy.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    copy.save(force_insert=True)
    record("上传保密协议", demand, by=by, changes={"side": [None, side], "file": [None, name]})
    return copy


def end_agreement(agreement: Agreement, *, by: User, reason: str) -> None:
    """End an agreement: files that need it are closed at once. Raises PermissionDenied, ValidationError."""
    _side_of(agreement.demand, agreement.institution, by)
    reason = clean_reason(reason, "合作已经结束")
    transition(
        agreement,
        when={"ended_at": None},
        values={"ended_at": timezone.now(), "ended_by": by, "end_reason": reason},
        refusal="这份保密协议已经终止了。",
        action="终止保密协议",
        by=by,
        changes={"end_reason": ["", reason]},
    )


def _side_of(demand: Demand, institution: Organisation, by: User) -> str:
    if owns(by, demand.firm):
        return Side.FIRM
    if institution.pk in by.scope.institution_ids:
        return Side.INSTITUTION
    raise PermissionDenied("保密协议由双方各自上传和终止。")
