"""What belongs to a deal: money that came in, what landed, the terms of a reform instrument, evidence."""

import hashlib
import secrets
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achievements.confidentiality import find_secrecy_marking
from achievements.file_validation import CONTENT_TYPES, detect_file_type, safe_file_name
from audit.services import record
from deals.models import (
    Deal,
    DealFile,
    DealStep,
    EquityStake,
    InvestThenShare,
    Landing,
    OpenChallenge,
    PayLater,
    Payment,
)
from deals.permissions import check_part, check_worker, locked_deal
from deals.services.deals import performing_in_deal

MOST_FILES = 40
INSTRUMENTS = {
    "pay_later": PayLater,
    "equity_stake": EquityStake,
    "invest_then_share": InvestThenShare,
    "open_challenge": OpenChallenge,
}
"""Each under the name by which a deal has it."""


@transaction.atomic
def receive_payment(deal: Deal, *, amount_wan: Decimal, received_on: date, by, note: str = "") -> Payment:
    """Write down an instalment that came in, in 万元. The first one after the registration begins 履约到账.

    By whoever carries the deal or one of its sides. Raises PermissionDenied, ValidationError.
    """
    row = locked_deal(deal)
    check_part(row, by)
    if row.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError(_("签约以后才能记录到账。"))
    if received_on > timezone.localdate():
        raise ValidationError(_("到账日期不能晚于今天；还没有到账的款项请不要记录。"))
    payment = Payment(deal=row, amount_wan=amount_wan, received_on=received_on, note=note.strip()[:200], made_by=by)
    payment.full_clean()
    payment.save(force_insert=True)
    record("记录到账", row, by=by, changes={"amount_wan": [None, str(payment.amount_wan)]})
    performing_in_deal(row, on=received_on, by=by)
    deal.refresh_from_db()
    return payment


@transaction.atomic
def strike_payment(payment: Payment, *, reason: str, by) -> None:
    """Written down by mistake: not counted any more, and kept with the reason. Raises as above."""
    row = locked_deal(payment.deal)
    check_worker(row, by)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError(_("划去一笔到账请说明原因。"))
    struck = Payment.objects.filter(pk=payment.pk, struck_at=None).update(
        struck_at=timezone.now(), struck_reason=reason
    )
    if not struck:
        raise ValidationError(_("这笔到账已经划去了。"))
    payment.refresh_from_db()
    record("划去到账", row, by=by, changes={"amount_wan": [str(payment.amount_wan), None]})


@transaction.atomic
def add_landing(deal: Deal, *, kind: str, name: str, landed_on: date, by, **details) -> Landing:
    """What stands there because of the deal; `details`: region, jobs, invested_wan, yearly_output_wan.

    By whoever carries the deal or one of its sides. Raises PermissionDenied, ValidationError.
    """
    row = locked_deal(deal)
    check_part(row, by)
    if row.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError(_("签约以后才能记录落地情况。"))
    if landed_on > timezone.localdate():
        raise ValidationError(_("落地日期不能晚于今天。"))
    landing = Landing(deal=row, kind=kind, name=name.strip(), landed_on=landed_on, made_by=by, **details)
    landing.full_clean()
    landing.save(force_insert=True)
    record("记录落地", row, by=by, changes={"landing": [None, landing.name]})
    return landing


@transaction.atomic
def set_instrument(deal: Deal, name: str, *, by, **terms) -> PayLater | EquityStake | InvestThenShare | OpenChallenge:
    """Write or correct the terms of a reform instrument (`name`: a key of INSTRUMENTS) that the deal uses.

    By whoever carries the deal or one of its sides. Raises PermissionDenied, ValidationError naming the fields.
    """
    row = locked_deal(deal)
    check_part(row, by)
    if row.stage == Deal.Stage.FAILED:
        raise ValidationError(_("这项成交已记为未成，不能再填写。"))
    model = INSTRUMENTS[name]
    found = model.objects.filter(deal=row).first() or model(deal=row)
    before = {field: getattr(found, field) if found.pk else None for field in terms}
    for field, value in terms.items():
        setattr(found, field, value)
    found.full_clean()
    found.save()
    changed = {
        field: [None if before[field] is None else str(before[field]), str(getattr(found, field))]
        for field in terms
        if before[field] != getattr(found, field)
    }
    record(_("填写%(what)s") % {"what": model._meta.verbose_name}, row, by=by, changes=changed)
    return found


@transaction.atomic
def add_evidence(deal: Deal, *, content: bytes, name: str, by, step: DealStep | None = None) -> DealFile:
    """Keep a file with the deal, under a random name; `name` is only what people see.

    By whoever carries the deal or one of its sides. Raises PermissionDenied, ValidationError for a file that is not
    what it should be.
    """
    row = locked_deal(deal)
    check_part(row, by)
    name = safe_file_name(name)
    if mark := find_secrecy_marking(name):
        raise ValidationError(_("文件名写着“%(mark)s”。涉密文件不能上传到本平台。") % {"mark": mark})
    kind = detect_file_type(content, name)
    kept = row.files.filter(removed_at=None)
    if kept.count() >= MOST_FILES:
        raise ValidationError(_("每项成交最多 %(most)d 份材料，请先移除不需要的。") % {"most": MOST_FILES})
    digest = hashlib.sha256(content).hexdigest()
    if kept.filter(sha256=digest).exists():
        raise ValidationError(_("这份材料已经上传过了。"))
    if step is not None and step.deal_id != row.pk:
        raise ValidationError(_("请选择这项成交的进展。"))
    evidence = DealFile(
        deal=row,
        step=step,
        name=name,
        content_type=CONTENT_TYPES[kind],
        size=len(content),
        sha256=digest,
        uploaded_by=by,
    )
    evidence.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    evidence.save(force_insert=True)
    record("上传证明材料", row, by=by, changes={"file": [None, name]})
    return evidence


@transaction.atomic
def remove_evidence(evidence: DealFile, *, by) -> None:
    """No longer shown or sent; the file itself is kept. By its uploader, or whoever carries the deal."""
    row = locked_deal(evidence.deal)
    if evidence.uploaded_by_id != by.pk:
        check_worker(row, by)
    removed = DealFile.objects.filter(pk=evidence.pk, removed_at=None).update(removed_at=timezone.now())
    if not removed:
        raise ValidationError(_("“%(name)s”已经移除了。") % {"name": evidence})
    evidence.refresh_from_db()
    record("移除证明材料", row, by=by, changes={"file": [evidence.name, None]})
