"""What the staff does with a confirmation: decides an objection, records a proof, sends the link again."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import Membership, User
from audit.transitions import transition
from core.plain_text import clean_required_text
from deals.confirmation_subjects import SUBJECTS
from deals.models import Confirmation, Deal, DealFile
from deals.permissions import may_manage_deal
from deals.services import confirmation_links, confirmation_notices
from deals.services.confirmations import after_answer, lock_record

Status = Confirmation.Status


@transaction.atomic
def decide_objection(confirmation: Confirmation, *, upheld: bool, text: str, by: User) -> None:
    """异议成立 or 异议不成立, by the city, with a reason. Raises PermissionDenied, ValidationError.

    A dismissed objection only lets an official list or a proof count again. It is no confirmation.
    """
    if not by.scope.is_city:
        raise PermissionDenied("异议由市级专员处理。")
    if confirmation.asked_by_id == by.pk:
        raise PermissionDenied("这项记录是您登记的，异议请由另一位市级专员处理。")
    text = clean_required_text(text, "请写明处理理由，例如“已核对合同原件，金额一致”。", 300, name="理由")
    decision = Confirmation.Decision.UPHELD if upheld else Confirmation.Decision.DISMISSED
    _staff_step(
        confirmation,
        when={"objected_at__isnull": False, "decision": ""},
        values={"decision": decision, "decision_text": text, "decided_by": by},
        refusal="这项异议已经处理过了。",
        action="处理当事方异议",
        by=by,
    )
    confirmation_notices.decided(confirmation)


@transaction.atomic
def record_proof(confirmation: Confirmation, *, file: DealFile, by: User) -> None:
    """凭证待核: a signed document for a party that has nobody on the platform who could answer.

    The document must be stored with the deal. Another city officer has to check it. Raises PermissionDenied,
    ValidationError.
    """
    deal = deal_of(confirmation)
    if deal is None or not may_manage_deal(deal, by) or not (by.scope.is_city or by.scope.is_district):
        raise PermissionDenied("凭证由区县或市级专员记录。")
    if has_answerers(confirmation):
        raise ValidationError("这个单位在平台上有专员，请由单位自己确认。")
    if file.deal_id != deal.pk or file.removed_at is not None:
        raise ValidationError("请选择这项成交的证明材料。")
    _staff_step(
        confirmation,
        when={"status": Status.PENDING},
        values={"proof": file, "proof_by": by, "proof_checked_by": None},
        refusal="对方已经答复，不需要凭证。",
        action="记录凭证",
        by=by,
    )


@transaction.atomic
def check_proof(confirmation: Confirmation, *, accept: bool, by: User) -> None:
    """凭证证明, or back to 待确认; by a city officer who neither recorded the proof, nor the file, nor the record.

    Raises PermissionDenied, ValidationError.
    """
    if not by.scope.is_city:
        raise PermissionDenied("凭证由市级专员复核。")
    uploader = confirmation.proof.uploaded_by_id if confirmation.proof else None
    if by.pk in (confirmation.proof_by_id, uploader, confirmation.asked_by_id):
        raise PermissionDenied("登记、上传或记录凭证的人不能自己复核，请由另一位市级专员复核。")
    if has_answerers(confirmation):
        raise ValidationError("这个单位现在有专员，请由单位自己确认。")
    values = {"status": Status.PROVEN, "proof_checked_by": by} if accept else {"proof": None, "proof_by": None}
    _staff_step(
        confirmation,
        when={"status": Status.PENDING, "proof__isnull": False},
        values=values,
        refusal="没有等待复核的凭证，请刷新后再看。",
        action="复核凭证",
        by=by,
    )
    confirmation_notices.proven(confirmation)


@transaction.atomic
def withdraw_proof(file: DealFile, *, by: User) -> None:
    """A removed file proves nothing: what it proved waits for the party again."""
    for confirmation in Confirmation.objects.filter(proof=file).exclude(status=Status.EXPIRED):
        if confirmation.status not in (Status.PENDING, Status.PROVEN):
            continue
        _staff_step(
            confirmation,
            when={"status__in": [Status.PENDING, Status.PROVEN]},
            values={"status": Status.PENDING, "proof": None, "proof_by": None, "proof_checked_by": None},
            refusal="对方已经答复，请刷新后再看。",
            action="撤回凭证",
            by=by,
        )


@transaction.atomic
def send_link_again(confirmation: Confirmation, *, by: User) -> None:
    """A new link to the recorded contact; the earlier one no longer opens. The staff never sees it.

    Raises PermissionDenied, ValidationError without a contact to send to.
    """
    if not Confirmation.objects.managed_by(by).filter(pk=confirmation.pk).exists() or by.scope.is_auditor:
        raise PermissionDenied("只有区县和市级专员可以重发链接。")
    if not confirmation.is_pending or has_answerers(confirmation):
        raise ValidationError("这个单位有专员可以登录确认，或者已经答复，不需要链接。")
    if not confirmation_links.send_link(confirmation):
        raise ValidationError("这个单位没有可用的联系人邮箱，请先请单位登记联系人，或上传凭证。")


def has_answerers(confirmation: Confirmation) -> bool:
    """Whether the party has a user who can answer."""
    if confirmation.broker:
        return confirmation.broker.user_id is not None
    roles = ("firm_officer", "institution_officer", "broker")
    members = Membership.objects.filter(organisation=confirmation.organisation_id, role__in=roles)
    return confirmation.organisation_id is not None and members.filter(user__is_active=True).exists()


def deal_of(confirmation: Confirmation) -> Deal | None:
    return SUBJECTS[confirmation.subject].deal_of(confirmation.subject_id)


def _staff_step(
    confirmation: Confirmation, *, when: dict[str, Any], values: dict[str, Any], refusal: str, action: str, by: User
) -> None:
    subject = SUBJECTS[confirmation.subject]
    row = lock_record(confirmation)
    was_counted = row is not None and subject.counted().filter(pk=row.pk).exists()
    changes = {name: [None, str(value)] for name, value in values.items() if value}
    transition(confirmation, when=when, values=values, refusal=refusal, action=action, by=by, changes=changes)
    if row is not None:
        after_answer(subject, row, by, was_counted=was_counted)
