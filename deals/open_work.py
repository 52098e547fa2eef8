"""Sources of open work (待办) about deals: registration, lists to check, payments, confirmations and objections."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from deals.models import (
    Confirmation,
    Contract,
    Deal,
    IncomeCase,
    IncomeShare,
    Instalment,
    Landing,
    Payment,
    PriceObjection,
    PricePublicity,
)
from deals.presentation import awaiting_own_confirmation
from open_work.sources import Clock, OpenWork

PAYMENT_SOON = timedelta(days=30)
CITY, DISTRICT = "市级专员", "区县专员"


def deal_work(user: User) -> list[OpenWork]:
    """For the staff all that they manage; for the others what their organisations, or they as brokers, have to do."""
    scope = user.scope
    if not (scope.sees_all or scope.is_district):
        return [
            _own_confirmations(user),
            _payments(user, overdue=True),
            _payments(user, overdue=False),
            _unregistered(user, Deal.objects.visible_to(user)),
            *([_own_price_objections(user)] if scope.institution_ids or scope.firm_ids else []),
            *([_income_objections(user)] if scope.institution_ids else []),
            *([_own_shares(user)] if scope.user_id else []),
        ]
    works = [
        _submitted_contracts(user),
        *([_contracts_to_check(), *_evidence()] if scope.sees_all else []),
        _unregistered(user, Deal.objects.managed_by(user)),
        _payments(user, overdue=True),
        _payments(user, overdue=False),
        *_confirmations(user),
        _price_objections(user),
    ]
    return works


def _page(name: str) -> Callable[[Any], str]:
    return lambda row: reverse(name, args=[row.public_id])


def _person_in_charge(deal: Deal | None) -> str:
    """The broker, or the owner of the follow-up; empty if nobody follows the deal."""
    if deal is None:
        return ""
    return str(deal.broker or (deal.follow_up.owner if deal.follow_up else ""))


def _submitted_contracts(user: User) -> OpenWork:
    rows = Contract.objects.managed_by(user).filter(status=Contract.Status.SUBMITTED).select_related("owner")
    return OpenWork(
        "contracts-to-register",
        "待登记的合同",
        rows,
        Clock("signed_on"),
        f"{reverse('contracts')}?status=submitted",
        "登记合同",
        CITY,
        _page("contract"),
        owner_of=_contract_owner,
        is_watched=not user.scope.is_city,
    )


def _contract_owner(contract: Contract) -> str:
    """The city officer who has taken the contract over, else the office."""
    return str(contract.owner or CITY)


def _contracts_to_check() -> OpenWork:
    worklist = reverse("contract_worklist")
    return OpenWork(
        "contracts-to-check",
        "待核对的登记合同",
        Contract.objects.to_check().registered().select_related("owner"),
        Clock("registered_on"),
        worklist,
        "核对登记名单",
        CITY,
        lambda row: f"{worklist}?open={row.public_id}",
        title_of=lambda row: f"{row.name}：{row.get_doubt_display()}",
        owner_of=_contract_owner,
    )


def _evidence() -> list[OpenWork]:
    """What the registration office has to check before it counts, and what its authors have left out."""
    url = reverse("evidence_worklist")

    def work(key: str, label: str, rows: Any, tab: str, *, is_watched: bool = False) -> OpenWork:
        return OpenWork(
            key,
            label,
            rows.select_related("deal"),
            Clock("made_at"),
            f"{url}?show={tab}",
            "督促补齐" if is_watched else "核实",
            "记录的单位" if is_watched else CITY,
            lambda row: reverse("deal", args=[row.deal.public_id]),
            title_of=lambda row: f"{row.deal.name}：{row}",
            is_watched=is_watched,
        )

    payments, landings = Payment.objects.all(), Landing.objects.all()
    return [
        work("payments-to-check", "待核实的到账凭证", payments.awaiting_check(), "payments"),
        work("landings-to-check", "待核实的落地公司", landings.awaiting_check(), "landings"),
        work("payments-without-voucher", "缺凭证的到账", payments.without_voucher(), "vouchers", is_watched=True),
        work("incomplete-landings", "缺登记信息的落地公司", landings.incomplete(), "companies", is_watched=True),
    ]


def _unregistered(user: User, deals: Any) -> OpenWork:
    days = settings.REGISTRATION_OVERDUE_AFTER.days
    return OpenWork(
        "deals-to-register",
        f"签约超过 {days} 天未登记的成交",
        deals.late_to_register().select_related("broker", "follow_up__owner", "buyer__stat_region"),
        Clock("stage_on", days=days),
        f"{reverse('deals')}?show=signed&late=registration",
        "催办合同登记",
        "跟进人",
        _page("deal"),
        owner_of=lambda row: _person_in_charge(row) or str((row.buyer and row.buyer.stat_region) or CITY),
    )


def _payments(user: User, *, overdue: bool) -> OpenWork:
    """Instalments that the buyer has to pay. The seller and the staff send letters; the buyer pays."""
    today, url = timezone.localdate(), reverse("payments_due")
    rows = Instalment.objects.visible_to(user)
    rows = rows.overdue() if overdue else rows.due_until(today + PAYMENT_SOON).filter(due_on__gte=today)
    is_party = not (user.scope.sees_all or user.scope.is_district)
    return OpenWork(
        "payments-overdue" if overdue else "payments-due",
        "逾期未付的款项" if overdue else "30 天内到期的款项",
        rows.select_related("contract"),
        Clock("due_on", due="due_on"),
        f"{url}?show={'overdue' if overdue else 'soon'}",
        "查看并催付" if overdue and not is_party else "查看款项",
        "受让方",
        lambda row: reverse("contract", args=[row.contract.public_id]),
        title_of=lambda row: row.contract.name,
        owner_of=lambda row: row.contract.buyer_name,
        is_watched=not overdue,
    )


def _confirmations(user: User) -> list[OpenWork]:
    managed, url = (
        Confirmation.objects.managed_by(user).select_related("organisation", "broker"),
        reverse("confirmations"),
    )
    return [
        OpenWork(
            "disputed-records",
            "有异议的当事方记录",
            managed.filter(objected_at__isnull=False, decision=""),
            Clock("objected_at"),
            f"{url}?show=disputed",
            "处理异议",
            CITY,
            _page("confirmation"),
            title_of=lambda row: row.title,
            is_watched=not user.scope.is_city,
        ),
        OpenWork(
            "overdue-confirmations",
            "逾期未确认的当事方记录",
            managed.overdue().exclude(matter="listed"),
            Clock("asked_at", days=settings.CONFIRMATION_OVERDUE_AFTER.days),
            f"{url}?show=overdue",
            "督促确认",
            "当事方",
            _page("confirmation"),
            title_of=lambda row: row.title,
            owner_of=lambda row: row.party_name,
            is_watched=True,
        ),
        OpenWork(
            "proofs-to-check",
            "待核的确认凭证",
            managed.pending().filter(proof__isnull=False),
            Clock("asked_at"),
            f"{url}?show=proof",
            "核对凭证",
            CITY,
            _page("confirmation"),
            title_of=lambda row: row.title,
            is_watched=not user.scope.is_city,
        ),
    ]


def _own_confirmations(user: User) -> OpenWork:
    return OpenWork(
        "my-confirmations",
        "待您确认的记录",
        awaiting_own_confirmation(user),
        Clock("asked_at", days=settings.CONFIRMATION_OVERDUE_AFTER.days),
        f"{reverse('confirmations')}?show=mine",
        "去确认",
        "本单位",
        _page("confirmation"),
        title_of=lambda row: row.title,
    )


def _price_objections(user: User) -> OpenWork:
    deals = Deal.objects.managed_by(user).order_by().values("pk")
    rows = PriceObjection.objects.filter(publicity__deal__in=deals, settled_on=None)
    return OpenWork(
        "price-objections",
        "未处理的价格公示异议",
        rows.select_related("publicity__deal__seller"),
        Clock("raised_on"),
        f"{reverse('deals')}?objection=open",
        "督促处理异议",
        "转让方",
        lambda row: reverse("deal", args=[row.publicity.deal.public_id]),
        title_of=lambda row: row.publicity.deal.name,
        owner_of=lambda row: row.publicity.deal.seller_label,
        is_watched=True,
    )


def _own_price_objections(user: User) -> OpenWork:
    rows = PriceObjection.objects.filter(publicity__in=PricePublicity.objects.of_seller(user), settled_on=None)
    return OpenWork(
        "own-price-objections",
        "待处理的价格公示异议",
        rows.select_related("publicity__deal"),
        Clock("raised_on", due="due_on"),
        reverse("price_publicities"),
        "处理异议",
        "转让方",
        lambda row: reverse("deal", args=[row.publicity.deal.public_id]),
        title_of=lambda row: row.publicity.deal.name,
    )


def _income_objections(user: User) -> OpenWork:
    rows = IncomeShare.objects.filter(case__in=IncomeCase.objects.visible_to(user)).objected()
    return OpenWork(
        "income-objections",
        "个人对收益份额的异议",
        rows.select_related("case"),
        Clock("objected_at"),
        reverse("income_cases"),
        "商定份额",
        "本单位",
        lambda row: reverse("income_case", args=[row.case.public_id]),
        title_of=lambda row: row.case.title,
    )


def _own_shares(user: User) -> OpenWork:
    rows = IncomeShare.objects.of_person(user).filter(
        case__status=IncomeCase.Status.DRAFT, confirmed_at=None, objected_at=None
    )
    return OpenWork(
        "income-shares",
        "等本人确认的收益份额",
        rows.select_related("case"),
        Clock("case__made_at"),
        reverse("own_income_shares"),
        "确认份额",
        "本人",
        lambda row: reverse("own_income_shares"),
        title_of=lambda row: row.case.title,
    )
