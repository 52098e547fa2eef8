"""A contract from its draft to its registration, the confirmation by both sides, and its cancellation.

Each step locks the row of the deal, if there is one, and then the row of the contract.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.changes import audit_value
from audit.services import record
from audit.transitions import transition
from deals.confirmation_subjects import subject_of
from deals.models import Confirmation, Contract, Deal, RegistrationRule
from deals.permissions import represents, require_contract_contributor, require_deal_contributor
from deals.registration.form_fields import FORM_KEYS, contract_kind_for, prefilled_answers
from deals.registration.numbers import clean_number, number_problem
from deals.registration.party_lookup import name_key
from deals.registration.similar_contracts import similar_contracts
from deals.services import notifications
from deals.services.confirmations import after_answer, ask_parties, confirm
from deals.services.deals import advance_to_registered, return_to_signed
from deals.services.payment_bounds import adopt_payments, is_below_payments, require_covers_payments
from deals.services.settlement import is_binding, reopen_achievement_and_demand, settle_contract

Status = Contract.Status
OPEN_STATUSES = (Status.PREPARING, Status.SUBMITTED)
EDITABLE_FIELDS = (
    "name",
    "kind",
    "seller_name",
    "buyer_name",
    "amount_wan",
    "tech_amount_wan",
    "signed_on",
    "industry",
)


# --- Draft and submission ---------------------------------------------------------------------------------------------
@transaction.atomic
def draft_contract(deal: Deal, *, by: User) -> Contract:
    """Draft a contract with what the deal knows; its amount starts as 签约金额.

    Raises PermissionDenied unless the user contributes to the deal, ValidationError before the deal is signed and
    after it failed.
    """
    row = Deal.objects.lock(deal)
    require_deal_contributor(row, by)
    if row.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError("签约以后才能填报合同登记。")
    if row.seller is None or row.buyer is None or not is_binding(row):
        raise ValidationError("双方都确认签约条件以后才能填报合同登记；还没有确认的一方已收到提醒。")
    achievement = row.achievement
    signed = row.steps.filter(stage=Deal.Stage.SIGNED).order_by("-on", "-pk").first()
    contract = Contract(
        deal=row,
        name=row.name,
        kind=contract_kind_for(row.way),
        seller=row.seller,
        buyer=row.buyer,
        industry=achievement.industry if achievement else None,
        amount_wan=row.signed_wan,
        signed_on=signed.on if signed else None,
        broker=row.broker,
        agency=row.agency,
        form=prefilled_answers(row),
        **_party_columns(row.seller, "seller"),
        **_party_columns(row.buyer, "buyer"),
    )
    contract.rule = rule_in_force(contract.signed_on)
    contract.full_clean(exclude=["deal"])
    contract.save(force_insert=True)
    adopt_payments(contract)
    record("填报技术合同", contract, by=by, changes={"deal": [None, row.public_id]})
    return contract


@transaction.atomic
def edit_contract(contract: Contract, *, by: User, form: dict[str, Any] | None = None, **values: Any) -> None:
    """Change EDITABLE_FIELDS and, with `form`, values of the registration form, before the registration.

    The sides are asked again if what they confirm has changed. Raises PermissionDenied, ValidationError.
    """
    row = lock_contract(contract)
    require_contract_contributor(row, by)
    if row.status not in OPEN_STATUSES:
        raise ValidationError("合同已登记或注销，不能再修改；登记有误请联系登记部门更正。")
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        if name not in EDITABLE_FIELDS:
            raise ValueError(f"{name} is not for editing")
        setattr(row, name, value)
    if form is not None:
        row.form = row.form | {key: value for key, value in form.items() if key in FORM_KEYS}
    row.rule = rule_in_force(row.signed_on)
    row.full_clean(exclude=["deal"])
    changed = {name: [audit_value(old), audit_value(getattr(row, name))] for name, old in before.items()}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    _check_party_names(row)
    require_covers_payments(row, row.amount_wan)
    row.save()
    record("修改技术合同", row, by=by, changes=changed or {"form": [None, True]})
    if row.status == Status.SUBMITTED:
        ask_parties(row, by=by)
    contract.refresh_from_db()


@transaction.atomic
def submit_contract(contract: Contract, *, by: User) -> None:
    """填报中 → 已提交登记; both sides are asked to confirm. Raises PermissionDenied, ValidationError."""
    row = lock_contract(contract)
    require_contract_contributor(row, by)
    if not (row.kind and row.amount_wan is not None and row.signed_on):
        raise ValidationError("提交前请填写合同类别、合同成交额和签订日期。")
    _change_status(row, Status.PREPARING, Status.SUBMITTED, by=by)
    ask_parties(row, by=by)
    contract.refresh_from_db()


# --- Registration and cancellation ------------------------------------------------------------------------------------
@transaction.atomic
def register_contract(
    contract: Contract,
    *,
    number: str,
    registered_on: date,
    amount_wan: Decimal,
    by: User,
    tech_amount_wan: Decimal | None = None,
    is_listed: bool = False,
    **values: Any,
) -> None:
    """→ 已认定登记, recorded by the city. Settles achievement and demand, and advances the deal to 合同登记.

    `values`: other fields as the office has them. `is_listed`: a list of the office says so; then payments of more than
    the amount are a doubt and no refusal, or a party could keep the office's list out. Raises PermissionDenied,
    ValidationError, also for a number that is not of the national scheme.
    """
    if not by.scope.is_city:
        raise PermissionDenied("合同的认定登记由市级专员记录。")
    row = lock_contract(contract)
    if row.deal and row.deal.stage == Deal.Stage.FAILED:
        raise ValidationError("这项成交已记为未成，不能登记合同。")
    for name, value in values.items():
        setattr(row, name, value)
    if registered_on > timezone.localdate():
        raise ValidationError("登记日期不能晚于今天。")
    if row.signed_on and registered_on < row.signed_on:
        raise ValidationError("登记日期不能早于签订日期 %(day)s。" % {"day": row.signed_on.isoformat()})
    row.number = clean_number(number)
    row.registered_on, row.amount_wan = registered_on, amount_wan
    row.tech_amount_wan = row.tech_amount_wan if tech_amount_wan is None else tech_amount_wan
    row.rule = rule_in_force(registered_on)
    status, row.status = row.status, Status.REGISTERED
    if status not in OPEN_STATUSES:
        raise ValidationError("“%(name)s”现在是“%(now)s”，不能登记。" % {"name": row, "now": Status(status).label})
    row.full_clean(exclude=["deal"])
    _check_party_names(row)
    _check_number(row)
    if not is_listed:
        require_covers_payments(row, amount_wan)
    row.doubt = _doubt_about(row)
    _save_with_number(row)
    changes = {
        "status": [status, row.status],
        "number": [None, row.number],
        "amount_wan": [None, audit_value(amount_wan)],
    }
    record("认定登记技术合同", row, by=by, changes=changes)
    ask_parties(row, by=by)
    after_registration(row, by=by)
    notifications.contract_registered(row, by)
    contract.refresh_from_db()


@transaction.atomic
def correct_number(contract: Contract, *, number: str, reason: str, by: User) -> None:
    """Correct the number of a registered contract, as after a slip or when the official one is known.

    An official list that stated another number no longer proves the contract. Raises PermissionDenied,
    ValidationError for a number that is not of the national scheme or that another contract has.
    """
    if not by.scope.is_city:
        raise PermissionDenied("登记编号由市级专员更正。")
    row = lock_contract(contract)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("更正登记编号要写明原因。")
    if row.status != Status.REGISTERED:
        status = row.get_status_display()
        raise ValidationError("“%(name)s”现在是“%(now)s”，没有登记编号。" % {"name": row, "now": status})
    before, row.number = row.number, clean_number(number)
    if row.number == before:
        raise ValidationError("新编号与现在的相同，请填写正确的登记编号。")
    _check_number(row)
    row.validate_constraints(exclude=["deal"])
    was_counted = Contract.objects.turnover().filter(pk=row.pk).exists()
    transition(
        row,
        when={"status": Status.REGISTERED, "number": before},
        values={"number": row.number, "doubt": "" if row.doubt == Contract.Doubt.NUMBER else row.doubt},
        refusal="这份合同的编号刚被更正，请刷新后再看。",
        action="更正登记编号",
        by=by,
        changes={"number": [before, row.number], "reason": [None, reason]},
    )
    subject = subject_of(row)
    after_answer(subject, subject.rows().get(pk=row.pk), by, was_counted=was_counted)
    contract.refresh_from_db()


@transaction.atomic
def cancel_contract(contract: Contract, *, on: date, reason: str, by: User) -> None:
    """已认定登记 → 已注销, recorded by the city.

    The deal returns to 协议签约. Achievement and demand are reopened unless another registered contract settles them.
    Raises PermissionDenied, ValidationError.
    """
    if not by.scope.is_city:
        raise PermissionDenied("合同登记由市级专员注销。")
    row = lock_contract(contract)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("注销合同要写明原因。")
    if row.registered_on and not row.registered_on <= on <= timezone.localdate():
        raise ValidationError("注销日期不能早于登记日期，也不能晚于今天。")
    columns = {"cancelled_on": on, "cancelled_reason": reason, "doubt": ""}
    _change_status(row, Status.REGISTERED, Status.CANCELLED, by=by, **columns)
    if row.deal:
        note = "合同登记已注销：%(why)s" % {"why": reason}
        return_to_signed(row.deal, on=on, by=by, note=note)
        reopen_achievement_and_demand(row.deal, note, by)
    ask_parties(row, by=by)
    contract.refresh_from_db()


def after_registration(contract: Contract, *, by: User) -> None:
    """Advance the deal of a contract just registered. If the contract counts, settle its achievement and demand.

    Skips a failed deal.
    """
    deal, day = contract.deal, contract.registered_on
    if deal is None or day is None or deal.stage == Deal.Stage.FAILED:
        return
    advance_to_registered(deal, on=day, by=by)
    settle_contract(contract, by)


# --- Confirmation by both sides ---------------------------------------------------------------------------------------
@transaction.atomic
def confirm_contract(contract: Contract, *, side: str, by: User, with_broker: bool = False) -> None:
    """An officer of one side (`seller` or `buyer`) confirms the contract; `with_broker`: also the broker's part.

    Both sides may confirm at the same time. One user cannot confirm for both. Raises PermissionDenied,
    ValidationError.
    """
    if side not in ("seller", "buyer"):
        raise ValidationError("请选择确认的一方。")
    row = lock_contract(contract)
    if not represents(by, getattr(row, side)):
        raise PermissionDenied("只有合同双方的专员可以确认。")
    if row.status not in (Status.SUBMITTED, Status.REGISTERED):
        raise ValidationError("合同提交登记后才能确认。")
    ask_parties(row, by=None)
    confirmation = Confirmation.objects.of(row).current().get(role=side)
    if confirmation.status == Confirmation.Status.CONFIRMED:
        raise ValidationError("这一方已经确认过了。")
    confirm(confirmation, by=by, confirms_broker=with_broker and row.broker_id is not None)
    contract.refresh_from_db()


def rule_in_force(day: date | None) -> RegistrationRule | None:
    """The registration rule in force on a day; on today for None."""
    return RegistrationRule.objects.in_force(day or timezone.localdate()).first()


def lock_contract(contract: Contract) -> Contract:
    """The contract with its deal, both locked until the transaction ends, the deal first."""
    deal_id = Contract.objects.values_list("deal_id", flat=True).get(pk=contract.pk)
    deal = Deal.objects.lock(Deal(pk=deal_id)) if deal_id else None
    rows = Contract.objects.select_for_update(of=("self",), no_key=True).select_related("seller", "buyer", "broker")
    row = rows.get(pk=contract.pk)
    if row.deal_id != deal_id:
        raise ValidationError("合同刚被改变，请刷新后再看。")
    row.deal = deal
    return row


def _change_status(contract: Contract, source: str, target: str, *, by: User, **columns: Any) -> None:
    before, deal = contract.status, contract.deal
    details: dict[str, object] = {name: [None, audit_value(value)] for name, value in columns.items() if value}
    transition(
        contract,
        when={"status": source},
        values={"status": target} | columns,
        refusal=lambda row: (
            "“%(name)s”现在是“%(now)s”，不能改为“%(target)s”。"
            % {"name": row, "now": row.get_status_display(), "target": Status(target).label}
        ),
        action="更新合同状态",
        by=by,
        changes={"status": [before, target]} | details,
    )
    contract.deal = deal  # the locked row, which the refresh dropped


def _check_party_names(contract: Contract) -> None:
    """A side that is registered is named by its own name: else a contract names a firm that nobody asks."""
    for side, label in (("seller", "卖方"), ("buyer", "买方")):
        organisation, written = getattr(contract, side), getattr(contract, f"{side}_name")
        if organisation is not None and name_key(written) != name_key(organisation.name):
            raise ValidationError(
                "%(side)s名称“%(written)s”与成交项目中的%(side)s“%(name)s”不一致，请改回。"
                % {"side": label, "written": written, "name": organisation.name}
            )


def _check_number(contract: Contract) -> None:
    rule, day = rule_in_force(contract.registered_on), contract.registered_on
    local = contract.is_seller_local
    if problem := number_problem(contract.number, rule=rule, registered_on=day, is_seller_local=local):
        raise ValidationError({"number": problem})


def _doubt_about(contract: Contract) -> str:
    """What the city has to look at after a registration by hand or by list."""
    if is_below_payments(contract, contract.amount_wan):
        return Contract.Doubt.MONEY
    if contract.doubt or not similar_contracts(contract).exists():
        return contract.doubt
    return Contract.Doubt.DUPLICATE


def _save_with_number(contract: Contract) -> None:
    try:
        with transaction.atomic():
            contract.save()
    except IntegrityError as error:
        raise ValidationError("已有合同使用这个登记编号。") from error


def _party_columns(organisation: Organisation | None, side: str) -> dict[str, Any]:
    return {
        f"{side}_name": organisation.name if organisation else "",
        f"{side}_region": organisation.stat_region if organisation else None,
        f"is_{side}_local": organisation.is_local if organisation else None,
    }
