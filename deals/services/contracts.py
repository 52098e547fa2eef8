"""A contract from its draft to its registration, its confirmation by both sides, and its cancelling.

A contract's own row is locked for every step, its deal's row before it where it has one.
"""

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from achievements.models import Achievement
from achievements.services.lifecycle import mark_transferred, revert_transfer
from audit.changes import audit_value
from audit.services import record
from deals.models import Contract, Deal, RegistrationRule
from deals.permissions import check_part, locked_deal, speaks_for, works_on
from deals.registration.form import FORM_KEYS, first_answers, kind_of_way
from deals.services import notifications
from deals.services.deals import registered_in_deal, unregistered_in_deal
from demands.models import Demand
from demands.services.lifecycle import mark_solved, revert_solved

Status = Contract.Status
OPEN = (Status.PREPARING, Status.SUBMITTED)
EDITABLE = ("name", "kind", "seller_name", "buyer_name", "amount_wan", "tech_amount_wan", "signed_on", "industry")
AGREED_ON = ("amount_wan", "seller_name", "buyer_name", "signed_on", "broker_id", "kind")
"""What both sides confirm. Changed afterwards, it is confirmed again; 核定技术交易额 is the office's own word."""


# --- Filled in and handed in ------------------------------------------------------------------------------------------
@transaction.atomic
def draft_contract(deal: Deal, *, by) -> Contract:
    """A contract to be registered, with all that the deal knows; the money stays apart: 签约金额 is only proposed.

    Raises PermissionDenied for strangers, ValidationError before the deal is signed and after it failed.
    """
    row = locked_deal(deal)
    check_part(row, by)
    if row.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError(_("签约以后才能填报合同登记。"))
    item = row.item
    signed = row.steps.filter(stage=Deal.Stage.SIGNED).order_by("-on", "-pk").first()
    contract = Contract(
        deal=row,
        name=row.name,
        kind=kind_of_way(row.way),
        seller=row.seller,
        buyer=row.buyer,
        industry=item.industry if item else None,
        amount_wan=row.signed_wan,
        signed_on=signed.on if signed else None,
        broker=row.broker,
        agency=row.agency,
        form=first_answers(row),
        **_side(row.seller, "seller"),
        **_side(row.buyer, "buyer"),
    )
    contract.rule = rule_on(contract.signed_on)
    contract.full_clean(exclude=["deal"])
    contract.save(force_insert=True)
    record("填报技术合同", contract, by=by, changes={"deal": [None, row.public_id]})
    return contract


@transaction.atomic
def edit_contract(contract: Contract, *, by, form: dict | None = None, **values) -> None:
    """Correct what is not registered yet; `form`: answers to the columns of `deals.registration.form`.

    A changed sum, party or date has to be confirmed again. By the deal's people, or the city. Raises PermissionDenied,
    ValidationError.
    """
    row = _locked(contract)
    _check_may_fill(row, by)
    if row.status not in OPEN:
        raise ValidationError(_("合同已登记或注销，不能再修改；登记有误请联系登记部门更正。"))
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        if name not in EDITABLE:
            raise ValueError(f"{name} is not for editing")
        setattr(row, name, value)
    if form is not None:
        row.form = row.form | {key: value for key, value in form.items() if key in FORM_KEYS}
    row.rule = rule_on(row.signed_on)
    row.full_clean(exclude=["deal"])
    changed = {name: [audit_value(old), audit_value(getattr(row, name))] for name, old in before.items()}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    _unconfirm_if(row, before)
    row.save()
    record("修改技术合同", row, by=by, changes=changed or {"form": [None, True]})
    contract.refresh_from_db()


@transaction.atomic
def submit_contract(contract: Contract, *, by) -> None:
    """填报中 → 已提交登记: handed in at the office; both sides are asked to confirm. Raises as `edit_contract`."""
    row = _locked(contract)
    _check_may_fill(row, by)
    if not (row.kind and row.amount_wan is not None and row.signed_on):
        raise ValidationError(_("提交前请填写合同类别、合同成交额和签订日期。"))
    _move(row, [Status.PREPARING], Status.SUBMITTED, by=by)
    notifications.contract_submitted(row, by)
    contract.refresh_from_db()


@transaction.atomic
def register_contract(
    contract: Contract,
    *,
    number: str,
    registered_on: date,
    amount_wan: Decimal,
    by,
    tech_amount_wan: Decimal | None = None,
    **also,
) -> None:
    """→ 已认定登记, as the office says: by the city. Marks achievement and need, and takes the deal to 合同登记.

    A number that does not look like the rule's is kept: see `number_warning`. `also`: other fields as the office has
    them. Raises PermissionDenied, ValidationError.
    """
    if not by.scope.is_city:
        raise PermissionDenied(_("合同的认定登记由市级专员记录。"))
    row = _locked(contract)
    if row.deal and row.deal.stage == Deal.Stage.FAILED:
        raise ValidationError(_("这项成交已记为未成，不能登记合同。"))
    before = {name: getattr(row, name) for name in AGREED_ON}
    for name, value in also.items():
        setattr(row, name, value)
    if registered_on > timezone.localdate():
        raise ValidationError(_("登记日期不能晚于今天。"))
    if row.signed_on and registered_on < row.signed_on:
        raise ValidationError(_("登记日期不能早于签订日期 %(day)s。") % {"day": row.signed_on.isoformat()})
    row.number = "".join(number.split())
    row.registered_on, row.amount_wan = registered_on, amount_wan
    row.tech_amount_wan = row.tech_amount_wan if tech_amount_wan is None else tech_amount_wan
    row.rule = rule_on(registered_on)
    status, row.status = row.status, Status.REGISTERED
    if status not in OPEN:
        raise ValidationError(_("“%(name)s”现在是“%(now)s”，不能登记。") % {"name": row, "now": Status(status).label})
    row.full_clean(exclude=["deal"])
    _unconfirm_if(row, before)
    _save(row)
    record(
        "认定登记技术合同",
        row,
        by=by,
        changes={
            "status": [status, row.status],
            "number": [None, row.number],
            "amount_wan": [None, audit_value(amount_wan)],
        },
    )
    after_registration(row, by=by)
    notifications.contract_registered(row, by)
    contract.refresh_from_db()


@transaction.atomic
def cancel_contract(contract: Contract, *, on: date, reason: str, by) -> None:
    """已认定登记 → 已注销, with the day and the reason: by the city.

    The deal goes back to 协议签约; achievement and need are as before unless another contract stands for them. Raises
    PermissionDenied, ValidationError.
    """
    if not by.scope.is_city:
        raise PermissionDenied(_("合同登记由市级专员注销。"))
    row = _locked(contract)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError(_("注销合同要写明原因。"))
    if row.registered_on and not row.registered_on <= on <= timezone.localdate():
        raise ValidationError(_("注销日期不能早于登记日期，也不能晚于今天。"))
    _move(row, [Status.REGISTERED], Status.CANCELLED, by=by, cancelled_on=on, cancelled_reason=reason, doubt="")
    if row.deal:
        unregistered_in_deal(row.deal, on=on, by=by, note=_("合同登记已注销：%(why)s") % {"why": reason})
        _take_back_marks(row, reason, by)
    contract.refresh_from_db()


def after_registration(contract: Contract, *, by) -> None:
    """What follows in the deal of a contract just registered: never for one that failed."""
    deal = contract.deal
    if deal is None or deal.stage == Deal.Stage.FAILED:
        return
    registered_in_deal(deal, on=contract.registered_on, by=by)
    item, need = deal.item, deal.need
    if item is not None and item.status in Achievement.OFFERED:
        mark_transferred(item, by=by, note=_transfer_note(contract))
    if need is not None and need.status in Demand.OPEN:
        mark_solved(need, by=by)


# --- Confirmed by both ------------------------------------------------------------------------------------------------
@transaction.atomic
def confirm_contract(contract: Contract, *, side: str, by, with_broker: bool = False) -> None:
    """One side (`seller` or `buyer`), by an officer of it, says that the contract is as written; `with_broker`: also
    that the broker brought it about.

    Two sides that confirm at once both count. One person does not confirm for both. Raises PermissionDenied,
    ValidationError.
    """
    if side not in ("seller", "buyer"):
        raise ValidationError(_("请选择确认的一方。"))
    row = _locked(contract)
    if not speaks_for(by, getattr(row, side)):
        raise PermissionDenied(_("只有合同双方的专员可以确认。"))
    if row.status not in (Status.SUBMITTED, Status.REGISTERED):
        raise ValidationError(_("合同提交登记后才能确认。"))
    other = "buyer" if side == "seller" else "seller"
    if getattr(row, f"{other}_confirmed_by_id") == by.pk:
        raise ValidationError(_("对方一侧也是您确认的，请由另一位专员确认。"))
    now = timezone.now()
    columns = {f"{side}_confirmed_at": now, f"{side}_confirmed_by": by}
    columns[f"{side}_confirmed_broker_at"] = now if with_broker and row.broker_id else None
    done = Contract.objects.filter(pk=row.pk, **{f"{side}_confirmed_at": None}).update(**columns)
    if not done:
        raise ValidationError(_("这一方已经确认过了。"))
    record("确认技术合同", row, by=by, changes={"side": [None, side], "with_broker": [None, bool(with_broker)]})
    notifications.contract_confirmed(row, side)
    contract.refresh_from_db()


def number_warning(number: str, on: date | None = None) -> str:
    """What is odd about a registration number under the rule of that day, as a sentence; empty when nothing is."""
    rule = rule_on(on or timezone.localdate())
    if not number or rule is None or rule.fits(number):
        return ""
    return _("登记编号“%(number)s”不是 14 位或 16 位数字，请核对。") % {"number": number}


def rule_on(day: date | None) -> RegistrationRule | None:
    """The rule under which a contract of that day is registered; today's for one without a day."""
    return RegistrationRule.objects.in_force(day or timezone.localdate()).first()


def _locked(contract: Contract) -> Contract:
    deal_id = Contract.objects.values_list("deal_id", flat=True).get(pk=contract.pk)
    deal = locked_deal(Deal(pk=deal_id)) if deal_id else None
    rows = Contract.objects.select_for_update(of=("self",), no_key=True).select_related("seller", "buyer", "broker")
    row = rows.get(pk=contract.pk)
    if row.deal_id != deal_id:
        raise ValidationError(_("合同刚被改变，请刷新后再看。"))
    row.deal = deal
    return row


def _check_may_fill(contract: Contract, by) -> None:
    if contract.deal is not None:
        check_part(contract.deal, by)
    elif not works_on(by, buyer=contract.buyer):
        raise PermissionDenied(_("这份合同不由您填报。"))


def _move(contract: Contract, sources: list[str], target: str, *, by, **columns) -> None:
    before = contract.status
    moved = Contract.objects.filter(pk=contract.pk, status__in=sources).update(status=target, **columns)
    if not moved:
        raise ValidationError(
            _("“%(name)s”现在是“%(now)s”，不能改为“%(target)s”。")
            % {"name": contract, "now": contract.get_status_display(), "target": Status(target).label}
        )
    contract.status = target
    told = {name: [None, audit_value(value)] for name, value in columns.items() if value}
    record("更新合同状态", contract, by=by, changes={"status": [before, target]} | told)


def _unconfirm_if(contract: Contract, before: dict) -> None:
    """Changed in what both sides confirm, it is confirmed by nobody any more."""
    if any(name in before and before[name] != getattr(contract, name) for name in AGREED_ON):
        for side in ("seller", "buyer"):
            setattr(contract, f"{side}_confirmed_at", None)
            setattr(contract, f"{side}_confirmed_by", None)
            setattr(contract, f"{side}_confirmed_broker_at", None)


def _save(contract: Contract) -> None:
    try:
        with transaction.atomic():
            contract.save()
    except IntegrityError as error:
        raise ValidationError(_("已有合同使用这个登记编号。")) from error


def _take_back_marks(contract: Contract, reason: str, by) -> None:
    item, need = contract.deal.item, contract.deal.need
    words = _("合同登记已注销：%(why)s") % {"why": reason}
    if item and item.status == Achievement.Status.TRANSFERRED and not _stands_for(item, "item"):
        revert_transfer(item, by=by, reason=words)
    if need and need.status == Demand.Status.SOLVED and not _stands_for(need, "need"):
        revert_solved(need, by=by, reason=words)


def _stands_for(row: Model, name: str) -> bool:
    """Whether a registered contract of some deal stands for an achievement (`item`) or a need."""
    field = "achievement" if name == "item" else "demand"
    registered = Contract.objects.registered()
    return any(
        registered.filter(**{f"deal__{path}{field}": row}).exists()
        for path in ("", "follow_up__match__", "meeting__match__")
    )


def _transfer_note(contract: Contract) -> str:
    """How and when, as everybody may read it: no sum."""
    deal = contract.deal
    way = deal.get_licence_display() or deal.get_way_display() or contract.get_kind_display()
    day = contract.registered_on
    where = contract.buyer_region or (contract.buyer.stat_region if contract.buyer else None)
    parts = [way, _("%(year)d 年 %(month)d 月") % {"year": day.year, "month": day.month}, str(where or "")]
    return "，".join(filter(None, parts))


def _side(organisation, side: str) -> dict:
    return {
        f"{side}_name": organisation.name if organisation else "",
        f"{side}_region": organisation.stat_region if organisation else None,
        f"is_{side}_local": organisation.is_local if organisation else None,
    }
