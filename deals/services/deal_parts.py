"""Records of a deal: payments with their vouchers, the terms of reform instruments, evidence."""

import hashlib
import secrets
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from core.file_validation import CONTENT_TYPES, checked_upload
from deals.models import (
    Contract,
    Deal,
    DealFile,
    DealStep,
    EquityStake,
    InvestThenShare,
    OpenChallenge,
    PayLater,
    Payment,
)
from deals.permissions import require_deal_contributor, require_deal_manager
from deals.services.confirmations import ask_parties
from deals.services.deals import advance_to_performing
from deals.services.objections import withdraw_proof
from deals.services.payment_bounds import check_payment_bounds, contract_for_payment

MAX_FILES = 40
type Instrument = PayLater | EquityStake | InvestThenShare | OpenChallenge
INSTRUMENTS: dict[str, type[Instrument]] = {
    "pay_later": PayLater,
    "equity_stake": EquityStake,
    "invest_then_share": InvestThenShare,
    "open_challenge": OpenChallenge,
}
"""Related name on the deal → model."""


class Upload(NamedTuple):
    """A file as it was sent."""

    name: str
    content: bytes


@transaction.atomic
def receive_payment(
    deal: Deal,
    *,
    amount_wan: Decimal,
    received_on: date,
    by: User,
    note: str = "",
    contract: Contract | None = None,
    voucher: Upload | None = None,
) -> Payment:
    """Record a received instalment in 万元 with its voucher (bank receipt, invoice).

    It counts once payer and payee have confirmed it and the registration office has checked the voucher. The first one
    after the registration advances the deal to 履约到账. Raises PermissionDenied unless the user contributes to the
    deal, ValidationError before the signing, in the future, or for more than the contract.
    """
    row = Deal.objects.lock(deal)
    require_deal_contributor(row, by)
    if row.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError("签约以后才能记录到账。")
    contract = contract_for_payment(row, contract)
    payment = Payment(
        deal=row,
        contract=contract,
        amount_wan=amount_wan,
        received_on=received_on,
        note=note.strip()[:200],
        made_by=by,
    )
    payment.full_clean()
    check_payment_bounds(row, contract, payment.amount_wan, received_on)
    if voucher is not None:
        payment.voucher = add_evidence(row, content=voucher.content, name=voucher.name, by=by)
    payment.save(force_insert=True)
    record("记录到账", row, by=by, changes={"amount_wan": [None, str(payment.amount_wan)]})
    ask_parties(payment, by=by)
    advance_to_performing(row, on=received_on, by=by)
    deal.refresh_from_db()
    return payment


@transaction.atomic
def add_voucher(payment: Payment, *, upload: Upload, by: User) -> None:
    """Add the voucher of a payment, or replace one that the office has not accepted.

    Raises PermissionDenied unless the user contributes to the deal, ValidationError.
    """
    row = Deal.objects.lock(payment.deal)
    require_deal_contributor(row, by)
    payment.refresh_from_db()
    if payment.is_checked:
        raise ValidationError("这笔到账的凭证已经核实，不能更换；记错的请划去这笔到账，重新记录。")
    evidence = add_evidence(row, content=upload.content, name=upload.name, by=by)
    transition(
        payment,
        when={"struck_at": None, "voucher": payment.voucher_id},
        values={"voucher": evidence},
        refusal="这笔到账刚被改变或已经划去，请刷新后再看。",
        action="补到账凭证",
        by=by,
        changes={"voucher": [None, evidence.name]},
    )


@transaction.atomic
def strike_payment(payment: Payment, *, reason: str, by: User) -> None:
    """Strike a payment recorded by mistake: it no longer counts and stays with the reason.

    Raises PermissionDenied unless the user manages the deal, ValidationError.
    """
    row = Deal.objects.lock(payment.deal)
    require_deal_manager(row, by)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("划去一笔到账请说明原因。")
    struck = Payment.objects.filter(pk=payment.pk, struck_at=None).update(
        struck_at=timezone.now(), struck_reason=reason
    )
    if not struck:
        raise ValidationError("这笔到账已经划去了。")
    payment.refresh_from_db()
    record("划去到账", row, by=by, changes={"amount_wan": [str(payment.amount_wan), None]})
    ask_parties(payment, by=by)


@transaction.atomic
def set_instrument(deal: Deal, name: str, *, by: User, **terms: Any) -> Instrument:
    """Save the terms of a reform instrument of the deal (`name`: a key of INSTRUMENTS).

    Raises PermissionDenied unless the user contributes to the deal, ValidationError by field.
    """
    row = Deal.objects.lock(deal)
    require_deal_contributor(row, by)
    if row.stage == Deal.Stage.FAILED:
        raise ValidationError("这项成交已记为未成，不能再填写。")
    model = INSTRUMENTS[name]
    instrument: Instrument = model._default_manager.filter(deal=row).first() or model(deal=row)
    if instrument.pk and model is OpenChallenge and row.origin == Deal.Origin.CHALLENGE:
        raise ValidationError("这些条款来自公开的榜单，不能修改；验收请在“揭榜验收”里记录。")
    before = {field: getattr(instrument, field) if instrument.pk else None for field in terms}
    for field, value in terms.items():
        setattr(instrument, field, value)
    instrument.full_clean()
    instrument.save()
    changed = {
        field: [None if before[field] is None else str(before[field]), str(getattr(instrument, field))]
        for field in terms
        if before[field] != getattr(instrument, field)
    }
    record("填写%(what)s" % {"what": model._meta.verbose_name}, row, by=by, changes=changed)
    return instrument


@transaction.atomic
def add_evidence(deal: Deal, *, content: bytes, name: str, by: User, step: DealStep | None = None) -> DealFile:
    """Store a file of the deal under a random name; `name` is only shown.

    Raises PermissionDenied unless the user contributes to the deal, ValidationError for a file of another type than its
    name says, a name that marks it as classified, a duplicate, or too many files.
    """
    row = Deal.objects.lock(deal)
    require_deal_contributor(row, by)
    name, kind = checked_upload(content, name)
    present = row.files.kept()
    if present.count() >= MAX_FILES:
        raise ValidationError("每项成交最多 %(most)d 份材料，请先移除不需要的。" % {"most": MAX_FILES})
    digest = hashlib.sha256(content).hexdigest()
    if present.filter(sha256=digest).exists():
        raise ValidationError("这份材料已经上传过了。")
    if step is not None and step.deal_id != row.pk:
        raise ValidationError("请选择这项成交的进展。")
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
def remove_evidence(evidence: DealFile, *, by: User) -> None:
    """Hide a file, which stays stored; by its uploader or a manager of the deal.

    Raises PermissionDenied, ValidationError.
    """
    row = Deal.objects.lock(evidence.deal)
    if evidence.uploaded_by_id != by.pk:
        require_deal_manager(row, by)
    if payment := evidence.payments.filter(struck_at=None).first():
        raise ValidationError(
            "“%(name)s”是 %(day)s 一笔到账的凭证，不能移除；记错的请先划去这笔到账，或为它换一份凭证。"
            % {"name": evidence, "day": payment.received_on.isoformat()}
        )
    removed = DealFile.objects.kept().filter(pk=evidence.pk).update(removed_at=timezone.now())
    if not removed:
        raise ValidationError("“%(name)s”已经移除了。" % {"name": evidence})
    evidence.refresh_from_db()
    withdraw_proof(evidence, by=by)
    record("移除证明材料", row, by=by, changes={"file": [evidence.name, None]})
