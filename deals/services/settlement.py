"""What follows when a deal or a contract comes to count, or no longer counts.

Nothing that one side says alone takes an achievement out of the matching, or settles an achievement or a demand.
"""

from datetime import date

from django.db.models import Model

from accounts.models import Organisation, User
from achievements.models import Achievement
from achievements.services.lifecycle import clear_exclusive, mark_exclusive, settle_transfer, unsettle_transfer
from deals.models import Confirmation, Contract, Deal
from demands.models import Demand
from demands.services.lifecycle import settle_demand, unsettle_demand

NO_CONTRACT = "没有一份双方确认或登记部门列出的合同"


def is_binding(deal: Deal) -> bool:
    """Whether both parties have confirmed the terms of the deal as they stand now."""
    is_signed = deal.stage not in (Deal.Stage.INTENT, Deal.Stage.FAILED)
    return is_signed and Deal.objects.filter(pk=deal.pk).confirmed_by_all_parties().exists()


def was_binding(deal: Deal) -> bool:
    """Whether both parties once confirmed signed terms of this deal."""
    signed = Confirmation.objects.of(deal).filter(matter="signed", confirmed_at__isnull=False)
    return signed.values("role").distinct().count() == 2


def settle_deal(deal: Deal, by: User | None, was_counted: bool = False) -> None:
    """Start or end the exclusivity of a deal.

    A deal whose signed terms bind both parties stays exclusive until both have confirmed its end.
    """
    achievement = deal.achievement
    if achievement is not None and deal.exclusive_from:
        is_ended = deal.stage == Deal.Stage.FAILED and (
            not was_binding(deal) or Deal.objects.filter(pk=deal.pk).confirmed_by_all_parties().exists()
        )
        if is_binding(deal):
            mark_exclusive(achievement, since=deal.exclusive_from, by=by)
        elif is_ended or not was_binding(deal):
            release_exclusivity(deal, by=by)


def release_exclusivity(deal: Deal, *, by: User | None) -> None:
    """End the exclusivity of this deal. That of another binding deal on the achievement stays."""
    achievement = deal.achievement
    if deal.exclusive_from is None or achievement is None or achievement.exclusive_from is None:
        return
    others = Deal.objects.active().filter(exclusive_from__isnull=False).exclude(pk=deal.pk).with_pair()
    same = [other for other in others if other.achievement == achievement and (is_binding(other) or was_binding(other))]
    days = [other.exclusive_from for other in same if other.exclusive_from]
    clear_exclusive(achievement, by=by)
    if days:
        mark_exclusive(achievement, since=min(days), by=by)


def settle_contract(contract: Contract, by: User | None, was_counted: bool = False) -> None:
    """Mark the achievement 已转化 and the demand 已解决 if the contract counts.

    If it counted before and no longer does, reopen what no other contract settles.
    """
    deal, day = contract.deal, contract.registered_on
    if deal is None or day is None or deal.stage == Deal.Stage.FAILED:
        return
    achievement, demand = deal.achievement, deal.demand
    if not Contract.objects.turnover().filter(pk=contract.pk).exists():
        if was_counted:
            reopen_achievement_and_demand(deal, NO_CONTRACT, by)
        return
    if achievement is not None and achievement.status in Achievement.OFFERED:
        settle_transfer(achievement, by=by, note=_transfer_note(contract, deal, day))
    if demand is not None and demand.status in (*Demand.REVISABLE, Demand.Status.CHALLENGE):
        settle_demand(demand, by=by, solver=_institution(contract))


def reopen_achievement_and_demand(deal: Deal, reason: str, by: User | None) -> None:
    achievement, demand = deal.achievement, deal.demand
    if achievement and achievement.status == Achievement.Status.TRANSFERRED and not _has_counted(achievement):
        unsettle_transfer(achievement, by=by, reason=reason)
    if demand and demand.status == Demand.Status.SOLVED and not _has_counted(demand):
        unsettle_demand(demand, by=by, reason=reason)


def _has_counted(row: Model) -> bool:
    """Whether a deal about this achievement or demand has a contract that counts."""
    field = "achievement" if isinstance(row, Achievement) else "demand"
    counted = Contract.objects.turnover()
    paths = (f"outside_{field}", f"follow_up__match__{field}", f"meeting__match__{field}")
    return any(counted.filter(**{f"deal__{path}": row}).exists() for path in paths)


def _institution(contract: Contract) -> Organisation | None:
    """The seller, if it is an institution."""
    seller = contract.seller
    return seller if seller and seller.kind == Organisation.Kind.INSTITUTION else None


def _transfer_note(contract: Contract, deal: Deal, day: date) -> str:
    """Way, month and district of the transfer for the public page of the achievement, without the amount."""
    way = deal.get_licence_display() or deal.get_way_display() or contract.get_kind_display()
    region = contract.buyer_region or (contract.buyer.stat_region if contract.buyer else None)
    parts = [way, "%(year)d 年 %(month)d 月" % {"year": day.year, "month": day.month}, str(region or "")]
    return "，".join(filter(None, parts))
