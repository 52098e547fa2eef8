"""What a contract and a signing allow to be paid. The caller has locked the deal, so that sums cannot race."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Sum
from django.utils import timezone

from deals.models import Contract, Deal, Payment

NOTHING = Decimal(0)


def contract_for_payment(deal: Deal, contract: Contract | None) -> Contract | None:
    """The contract that a payment belongs to: the named one, or the only one of the deal. None if it has none yet.

    Raises ValidationError if it is not of the deal or not in force, or if one of several has to be chosen.
    """
    live = list(deal.contracts.filter(status__in=Contract.LIVE).order_by("pk"))
    if contract is not None:
        if contract not in live:
            raise ValidationError("请选择这项成交的合同；已注销或重复登记的合同不能再记到账。")
        return next(row for row in live if row == contract)
    if len(live) > 1:
        raise ValidationError("这项成交有 %(count)d 份合同，请选择这笔款项属于哪一份。" % {"count": len(live)})
    return live[0] if live else None


def check_payment_bounds(deal: Deal, contract: Contract | None, amount_wan: Decimal, received_on: date) -> None:
    """Raises ValidationError for a day before the signing or in the future, and for more than was agreed."""
    if received_on > timezone.localdate():
        raise ValidationError("到账日期不能晚于今天；还没有到账的款项请不要记录。")
    signed_on = signing_day(deal, contract)
    if signed_on and received_on < signed_on:
        raise ValidationError(
            "到账日期 %(day)s 早于签约日期 %(signed)s，请核对日期；签约日期有误的，请先更正签约日期。"
            % {"day": received_on.isoformat(), "signed": signed_on.isoformat()}
        )
    if contract is not None and contract.amount_wan is not None:
        _require_within(amount_wan, paid_wan(contract.payments.all()), contract.amount_wan, "合同成交额")
    agreed = agreed_wan(deal)
    if agreed is None:
        raise ValidationError(
            "这项成交还没有写明金额。请先更正签约金额，或者在合同登记表里填写合同成交额，再记录到账。"
        )
    _require_within(amount_wan, paid_wan(deal.payments.all()), agreed, "合同成交额或签约金额")


def signing_day(deal: Deal, contract: Contract | None) -> date | None:
    """The day before which nothing can have been paid: as an official list states it, else the later one of the
    contract and of the step 协议签约, because a party can write the former."""
    step = deal.steps.filter(stage=Deal.Stage.SIGNED).order_by("on", "pk").first()
    days = [day for day in (contract and contract.signed_on, step and step.on) if day]
    if contract is not None and contract.signed_on and contract.is_officially_listed:
        return contract.signed_on
    return max(days, default=None)


def agreed_wan(deal: Deal) -> Decimal | None:
    """万元 that the buyer has to pay in all: the sum of the contracts in force, else 签约金额. None if neither is
    known."""
    amounts = deal.contracts.filter(status__in=Contract.LIVE).values_list("amount_wan", flat=True)
    known = [amount for amount in amounts if amount is not None]
    return sum(known, NOTHING) if known else deal.signed_wan


def paid_wan(payments: QuerySet[Payment]) -> Decimal:
    """万元 of the payments that are not struck, confirmed or not: a one-sided one takes its room too."""
    total: Decimal | None = payments.filter(struck_at=None).aggregate(total=Sum("amount_wan"))["total"]
    return total or NOTHING


def require_covers_payments(contract: Contract, amount_wan: Decimal | None) -> None:
    """Raises ValidationError if payments of the contract are more than this new amount."""
    if is_below_payments(contract, amount_wan):
        raise ValidationError(
            "这份合同已记到账 %(paid)s 万元，合同成交额 %(amount)s 万元不能低于它。请先核对金额，或划去记错的到账。"
            % {"paid": paid_wan(contract.payments.all()), "amount": amount_wan}
        )


def is_below_payments(contract: Contract, amount_wan: Decimal | None) -> bool:
    return amount_wan is not None and contract.pk is not None and paid_wan(contract.payments.all()) > amount_wan


def require_deal_covers_payments(deal: Deal, signed_wan: Decimal | None) -> None:
    """As `require_covers_payments`, for the 签约金额 of a deal without contracts."""
    has_amounts = deal.contracts.filter(status__in=Contract.LIVE, amount_wan__isnull=False).exists()
    paid = paid_wan(deal.payments.all())
    if not has_amounts and signed_wan is not None and paid > signed_wan:
        raise ValidationError(
            "这项成交已记到账 %(paid)s 万元，签约金额 %(amount)s 万元不能低于它。请先核对金额，或划去记错的到账。"
            % {"paid": paid, "amount": signed_wan}
        )


def adopt_payments(contract: Contract) -> None:
    """The first contract of a deal takes the payments that were recorded before there was one."""
    if contract.deal is not None and contract.deal.contracts.filter(status__in=Contract.LIVE).count() == 1:
        Payment.objects.filter(deal=contract.deal, contract=None).update(contract=contract)


def _require_within(amount: Decimal, paid: Decimal, most: Decimal, label: str) -> None:
    if paid + amount > most:
        raise ValidationError(
            "这笔 %(amount)s 万元加上已记的 %(paid)s 万元，超过%(label)s %(most)s 万元。"
            "请核对金额（单位是万元）；合同增加了金额的，请先更正合同。"
            % {"amount": amount, "paid": paid, "label": label, "most": most}
        )
