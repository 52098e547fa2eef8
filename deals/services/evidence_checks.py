"""The registration office checks the voucher of a payment and a landed company before they count.

The check belongs to the columns that the officer saw: a later change voids it.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from core.plain_text import clean_required_text
from deals.confirmation_subjects import subject_of
from deals.landed_companies import ACCEPTED
from deals.models import CheckResult, Deal, DealFile, Landing, Payment
from deals.services import notifications
from deals.services.confirmations import after_answer


@transaction.atomic
def check_payment(payment: Payment, *, accept: bool, text: str, by: User, seen: str = "") -> None:
    """核实属实 or 核实不符, by a city officer who neither recorded the payment nor stored its voucher.

    `seen`: the `evidence_hash` that the officer looked at. Raises PermissionDenied, ValidationError.
    """
    if not (by.scope.is_city and by.has_perm("deals.check_payment")):
        raise PermissionDenied("到账凭证由登记部门核实。")
    Deal.objects.lock(payment.deal)
    payment.refresh_from_db()
    voucher = payment.voucher
    if by.pk in (payment.made_by_id, voucher and voucher.uploaded_by_id):
        raise PermissionDenied("这笔到账或它的凭证是您记录的，请由另一位专员核实。")
    if voucher is None or voucher.removed_at is not None:
        raise ValidationError("这笔到账还没有凭证，不能核实。请先补银行回单、发票等凭证。")
    _check(payment, {"struck_at": None}, accept, text, by, seen)


@transaction.atomic
def check_landing(landing: Landing, *, accept: bool, text: str, by: User, seen: str = "") -> None:
    """As `check_payment`, of a landed company. An accepted one becomes a 孵化企业.

    Raises PermissionDenied, ValidationError.
    """
    if not (by.scope.is_city and by.has_perm("deals.check_landing")):
        raise PermissionDenied("落地公司由登记部门核实。")
    Deal.objects.lock(landing.deal)
    landing.refresh_from_db()
    if by.pk == landing.made_by_id:
        raise PermissionDenied("这项落地是您记录的，请由另一位专员核实。")
    if landing.kind != Landing.Kind.COMPANY:
        raise ValidationError("只有新设公司需要核实。")
    if not landing.credit_code:
        raise ValidationError("“%(name)s”还没有信用代码，不能核实。请先补充公司登记信息。" % {"name": landing})
    _check(landing, {}, accept, text, by, seen)
    if accept:
        for accepted in ACCEPTED:
            accepted(landing, by)


def _check(row: Payment | Landing, when: dict[str, Any], accept: bool, text: str, by: User, seen: str) -> None:
    text = text.strip()[:300] if accept else clean_required_text(text, "核实不符请写明哪里不符。", 300, name="说明")
    subject = subject_of(row)
    was_counted = subject.counted().filter(pk=row.pk).exists()
    result = CheckResult.ACCEPTED if accept else CheckResult.REFUSED
    values = {
        "check_result": result,
        "check_text": text,
        "checked_by": by,
        "checked_at": timezone.now(),
        "checked_hash": seen or row.evidence_hash,
    }
    transition(
        row,
        when=when | {"evidence_hash": values["checked_hash"]},
        values=values,
        refusal="这项记录刚被改变或已经划去，请看最新的内容再核实。",
        action="核实到账" if isinstance(row, Payment) else "核实落地公司",
        by=by,
        changes={"check_result": [row.get_check_result_display(), result.label], "check_text": [None, text]},
    )
    after_answer(subject, subject.rows().get(pk=row.pk), by, was_counted=was_counted)
    if not accept:
        notifications.evidence_refused(row)


# --- What an officer should know before deciding ----------------------------------------------------------------------
def payment_warnings(payments: Iterable[Payment]) -> dict[int, list[str]]:
    """{pk: sentences}: the same file proves another payment."""
    payments = [payment for payment in payments if payment.voucher_id]
    digests = {payment.pk: payment.voucher.sha256 for payment in payments if payment.voucher}
    same = DealFile.objects.filter(sha256__in=digests.values(), payments__struck_at=None, payments__isnull=False)
    uses: dict[str, set[int]] = {}
    for digest, payment in same.values_list("sha256", "payments"):
        uses.setdefault(digest, set()).add(payment)
    text = "同一份凭证还用在另外 %(count)d 笔到账上，请核对是不是重复记录。"
    return {
        pk: [text % {"count": len(uses[digest]) - 1}] for pk, digest in digests.items() if len(uses.get(digest, ())) > 1
    }


def landing_warnings(landings: Iterable[Landing]) -> dict[int, list[str]]:
    """{pk: sentences}: the code names another place, or other deals name the same company."""
    landings = [landing for landing in landings if landing.credit_code]
    codes = {landing.credit_code for landing in landings}
    deals: dict[str, set[int]] = {}
    for code, deal in Landing.objects.filter(credit_code__in=codes).values_list("credit_code", "deal"):
        deals.setdefault(code, set()).add(deal)
    warnings: dict[int, list[str]] = {}
    for landing in landings:
        texts = []
        if landing.region_id and not landing.credit_code[2:6].startswith(settings.CITY.code_prefix):
            texts.append(
                f"信用代码第 3 至 6 位不是{settings.CITY.short_name}（{settings.CITY.code_prefix}），请核对营业执照；"
                "由省级登记或从外地迁入的请在说明中写明。"
            )
        if (others := len(deals[landing.credit_code]) - 1) > 0:
            texts.append("另有 %(count)d 项成交也登记了这家公司，请核对是不是重复计算。" % {"count": others})
        if landing.invested_wan and landing.capital_wan and landing.invested_wan > landing.capital_wan * 100:
            texts.append("投资额超过注册资本的 100 倍，请核对单位。")
        if texts:
            warnings[landing.pk] = texts
    return warnings
