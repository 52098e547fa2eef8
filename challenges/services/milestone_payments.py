"""Milestones of a call and instalments of the contract that came of it belong together one to one."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.services import record
from challenges.models import Challenge, ChallengeMilestone
from core.due_days import months_after
from deals.models import Contract, Deal, Instalment
from deals.permissions import require_contract_contributor
from deals.services.instalments import plan_instalment


def contract_of(challenge: Challenge) -> Contract | None:
    """The contract whose payments follow the milestones: the one of the deal that is in force or being registered."""
    if challenge.deal_id is None:
        return None
    return Contract.objects.filter(deal=challenge.deal_id, status__in=Contract.LIVE).order_by("pk").first()


def instalments_of(contract: Contract) -> list[Instalment]:
    return list(Instalment.objects.planned().filter(contract=contract).with_paid().order_by("due_on", "pk"))


def paid_milestones(challenge: Challenge) -> list[ChallengeMilestone]:
    return [row for row in challenge.milestones.all() if row.percent]


def awaiting_acceptance(firms: Collection[int]) -> QuerySet[Challenge]:
    """Signed calls of these firms of which no acceptance (验收) is recorded yet."""
    rows = Challenge.objects.filter(demand__firm__in=firms, status=Challenge.Status.SIGNED)
    rows = rows.filter(deal__open_challenge__accepted_on=None).exclude(deal__stage=Deal.Stage.FAILED)
    return rows.prefetch_related("milestones", "deal__contracts").order_by("pk")


def is_work_over(challenge: Challenge) -> bool:
    """Whether the month of the last milestone after the signing of the contract has passed."""
    deal = challenge.deal
    months = [row.month for row in challenge.milestones.all()]
    contracts = [row for row in deal.contracts.all() if row.status in Contract.LIVE and row.signed_on] if deal else []
    if not months or not contracts:
        return False
    signed_on = min(row.signed_on for row in contracts if row.signed_on)
    return months_after(signed_on, max(months)) < timezone.localdate()


@transaction.atomic
def plan_milestones(challenge: Challenge, *, by: User) -> list[Instalment]:
    """A payment plan from the milestones: their months after the signing, their shares of the contract's amount.

    The last one gets what rounding leaves over. Raises PermissionDenied, ValidationError.
    """
    contract = _contract(challenge)
    require_contract_contributor(contract, by)
    if instalments_of(contract):
        raise ValidationError("这份合同已经有付款计划，请把各期和里程碑对应起来。")
    if contract.amount_wan is None or contract.signed_on is None:
        raise ValidationError("请先在登记表里填写合同成交额和签订日期，再按里程碑建立付款计划。")
    rows = paid_milestones(challenge)
    if not rows:
        raise ValidationError("这一榜的里程碑没有写付款比例，请在合同页面填写付款计划。")
    amounts = [(contract.amount_wan * row.percent / 100).quantize(Decimal("0.01")) for row in rows]
    if sum(row.percent for row in rows) == 100:
        amounts[-1] += contract.amount_wan - sum(amounts)
    planned = []
    for row, amount in zip(rows, amounts, strict=True):
        due_on: date = months_after(contract.signed_on, row.month)
        condition = f"里程碑“{row.title}”"
        instalment = plan_instalment(contract, due_on=due_on, amount_wan=amount, by=by, condition=condition)
        _tie(row, instalment)
        planned.append(instalment)
    record("按里程碑建立付款计划", challenge, by=by)
    return planned


@transaction.atomic
def tie_milestones(challenge: Challenge, pairs: dict[ChallengeMilestone, Instalment | None], *, by: User) -> None:
    """Say which instalment each milestone is paid with; None takes the tie away. Raises PermissionDenied,
    ValidationError."""
    contract = _contract(challenge)
    require_contract_contributor(contract, by)
    chosen = [instalment for instalment in pairs.values() if instalment is not None]
    if len({row.pk for row in chosen}) < len(chosen):
        raise ValidationError("一期付款只能对应一个里程碑，请检查有没有选重。")
    own = {row.pk for row in instalments_of(contract)}
    if any(row.pk not in own for row in chosen):
        raise ValidationError("选的付款计划不在这份合同里，或已撤销，请刷新后重选。")
    milestones = [row.pk for row in pairs]
    # First all free: two milestones may change places.
    ChallengeMilestone.objects.filter(pk__in=milestones, challenge=challenge).update(instalment=None)
    for milestone, instalment in pairs.items():
        if instalment is not None:
            _tie(milestone, instalment)
    record("里程碑对应付款计划", challenge, by=by)


def _tie(milestone: ChallengeMilestone, instalment: Instalment) -> None:
    ChallengeMilestone.objects.filter(pk=milestone.pk).update(instalment=instalment)


def _contract(challenge: Challenge) -> Contract:
    contract = contract_of(challenge)
    if challenge.status != Challenge.Status.SIGNED or contract is None:
        raise ValidationError("签约并建立合同以后，才能把里程碑和付款计划对应起来。")
    return contract
