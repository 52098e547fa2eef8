"""Deals that came about outside the platform. Whoever is named as a side is asked, and the author is not told more."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.services import record
from deals.models import Deal
from deals.permissions import is_responsible_staff, represents
from deals.registration.party_lookup import find_by_name, name_key
from deals.services.confirmations import ask_parties
from deals.services.deals import save_new_deal
from demands.models import Demand
from sheets.cells import clean_text

MIN_NAME_LENGTH = 4
MAX_WAITING = 30
"""Deals of one author that wait for a named party: who is named should not be flooded."""


@transaction.atomic
def open_outside_deal(
    *,
    name: str,
    seller: str | Organisation,
    buyer: str | Organisation,
    by: User,
    achievement: Achievement | None = None,
    demand: Demand | None = None,
    on: date | None = None,
    intent_wan: Decimal | None = None,
    note: str = "",
) -> Deal:
    """Open a deal that came about outside the platform; by responsible staff or an officer of one of its sides.

    The sides are named by their full names. A side that is registered is asked to confirm; the answer to the author is
    the same for names that are not registered. Raises PermissionDenied, ValidationError.
    """
    _require_not_too_many(by)
    names = {"seller": _full_name(seller), "buyer": _full_name(buyer)}
    parties = {side: find_by_name(written) for side, written in names.items()}
    seller_row, buyer_row = parties["seller"], parties["buyer"]
    if not (is_responsible_staff(by, buyer=buyer_row) or represents(by, seller_row) or represents(by, buyer_row)):
        raise PermissionDenied("只能登记本单位或本区企业的成交。")
    if name_key(names["seller"]) == name_key(names["buyer"]) or (seller_row is not None and seller_row == buyer_row):
        raise ValidationError("转让方和受让方不能是同一个单位。")
    if achievement and (seller_row is None or achievement.institution_id != seller_row.pk):
        raise ValidationError("“%(title)s”不是转让方的成果。" % {"title": achievement})
    if demand and (buyer_row is None or demand.firm_id != buyer_row.pk):
        raise ValidationError("“%(title)s”不是受让方的需求。" % {"title": demand})
    deal = Deal(
        origin=Deal.Origin.OUTSIDE,
        name=name.strip(),
        seller=seller_row,
        seller_name=names["seller"],
        buyer=buyer_row,
        buyer_name=names["buyer"],
        outside_achievement=achievement,
        outside_demand=demand,
        intent_wan=intent_wan,
        made_by=by,
    )
    return save_new_deal(deal, on, note, by)


def _require_not_too_many(by: User) -> None:
    waiting = Deal.objects.filter(origin=Deal.Origin.OUTSIDE, made_by=by, stage=Deal.Stage.INTENT).awaiting_parties()
    if not by.scope.is_city and waiting.count() >= MAX_WAITING:
        raise ValidationError(
            "您登记的成交已有 %(most)d 项在等对方确认，请先等答复或记为未成。" % {"most": MAX_WAITING}
        )


@transaction.atomic
def find_registered_parties() -> int:
    """Ask organisations that registered after a deal had named them. Safe to run twice. Returns how many were found."""
    number = 0
    unknown = Q(seller=None) & ~Q(seller_name="") | Q(buyer=None) & ~Q(buyer_name="")
    for deal in Deal.objects.active().filter(unknown).select_for_update():
        for side in ("seller", "buyer"):
            written = getattr(deal, f"{side}_name")
            if getattr(deal, f"{side}_id") is None and written and (party := find_by_name(written)):
                number += Deal.objects.filter(pk=deal.pk, **{f"{side}": None}).update(**{side: party})
                record("找到写明的单位", deal, by=None, changes={side: [None, party.name]})
        ask_parties(deal, by=None)
    return number


def _full_name(party: str | Organisation) -> str:
    written = party.name if isinstance(party, Organisation) else clean_text(party)
    if len(name_key(written)) < MIN_NAME_LENGTH:
        raise ValidationError(f"请写单位的全称，例如“{settings.CITY.example_firm}”。")
    return written[:100]
