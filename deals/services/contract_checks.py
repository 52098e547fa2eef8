"""The worklist of imported contracts with a doubt, which city staff settle one by one."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, Region, User
from audit.services import record
from deals.models import Contract, Deal
from deals.registration.imports import require_city
from deals.registration.party_lookup import PartyLookup
from deals.registration.similar_contracts import similar_contracts
from deals.services.confirmations import ask_parties, ask_parties_of_many
from deals.services.contracts import OPEN_STATUSES, after_registration, lock_contract
from deals.services.deals import return_to_signed
from deals.services.settlement import reopen_achievement_and_demand

Doubt = Contract.Doubt
MAX_CANDIDATES = 10


class Candidates(NamedTuple):
    """What a contract with a doubt may belong to or mean."""

    deals: list[Deal]
    duplicates: list[Contract]
    sellers: list[Organisation]
    buyers: list[Organisation]


def candidates_of(contract: Contract) -> Candidates:
    """Deals between the same parties, contracts with the same values, organisations with similar names."""
    pair = {"seller": contract.seller, "buyer": contract.buyer}
    deals = Deal.objects.active().with_pair().filter(**pair) if all(pair.values()) else Deal.objects.none()
    duplicates = similar_contracts(contract)
    similar: dict[str, list[Organisation]] = {"seller": [], "buyer": []}
    if contract.doubt == Doubt.PARTY:
        parties = PartyLookup()
        for side, organisation in pair.items():
            if organisation is None and (candidate := parties.find_similar(getattr(contract, f"{side}_name"))):
                similar[side].append(candidate)
    return Candidates(
        list(deals[:MAX_CANDIDATES]),
        list(duplicates.order_by("pk")[:MAX_CANDIDATES]),
        similar["seller"],
        similar["buyer"],
    )


@transaction.atomic
def link_contract(contract: Contract, deal: Deal, *, by: User) -> None:
    """Link an imported contract to its deal. A draft of the deal for it becomes its duplicate.

    Raises PermissionDenied, ValidationError.
    """
    require_city(by)
    locked_deal = Deal.objects.lock(deal)
    row = _lock_unlinked(contract)
    if locked_deal.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError("成交项目还没有签约或已记为未成，不能对应合同。")
    drafts = list(locked_deal.contracts.filter(status__in=OPEN_STATUSES).order_by("pk"))
    same_amount = next((draft for draft in drafts if draft.amount_wan == row.amount_wan), None)
    draft = same_amount or next(iter(drafts), None)
    columns = {"deal": locked_deal, "doubt": "", "broker": locked_deal.broker, "agency": locked_deal.agency}
    columns |= {side: getattr(row, side) or getattr(locked_deal, side) for side in ("seller", "buyer")}
    if draft is not None:
        columns["form"] = draft.form | row.form
        Contract.objects.filter(pk=draft.pk).update(status=Contract.Status.DUPLICATE, duplicate_of=row)
        record("并入登记名单", draft, by=by, changes={"status": [draft.status, Contract.Status.DUPLICATE]})
    Contract.objects.filter(pk=row.pk).update(**columns)
    record("对应成交项目", row, by=by, changes={"deal": [None, locked_deal.public_id]})
    ask_parties_of_many([row, *([draft] if draft is not None else [])], by=by)
    row.refresh_from_db()
    row.deal = locked_deal
    after_registration(row, by=by)
    contract.refresh_from_db()


@transaction.atomic
def confirm_outside(contract: Contract, *, by: User) -> None:
    """Settle the doubt: the contract is right as it stands, belongs to no other deal and is no duplicate.

    Raises PermissionDenied, ValidationError.
    """
    require_city(by)
    row = _lock_registered(contract)
    if not row.doubt:
        raise ValidationError("“%(name)s”已经核对过了。" % {"name": row})
    if row.doubt == Doubt.NUMBER:
        raise ValidationError("“%(name)s”的登记编号不对，请更正编号。" % {"name": row})
    Contract.objects.filter(pk=row.pk).update(doubt="")
    record("核对登记名单", row, by=by, changes={"doubt": [row.doubt, "outside"]})
    contract.refresh_from_db()


@transaction.atomic
def mark_duplicate(contract: Contract, of: Contract, *, by: User) -> None:
    """Mark the contract as a second registration of `of`; it no longer counts, and its deal returns to 协议签约.

    Raises PermissionDenied, ValidationError.
    """
    require_city(by)
    row = _lock_registered(contract)
    other = Contract.objects.registered().filter(pk=of.pk).exclude(pk=row.pk).first()
    if other is None:
        raise ValidationError("请选择另一份已认定登记的合同。")
    Contract.objects.filter(pk=row.pk).update(status=Contract.Status.DUPLICATE, duplicate_of=other, doubt="")
    record("标为重复登记", row, by=by, changes={"duplicate_of": [None, other.number]})
    if row.deal is not None and other.deal_id != row.deal_id:
        note = "与登记编号 %(number)s 的合同重复" % {"number": other.number}
        return_to_signed(row.deal, on=timezone.localdate(), by=by, note=note)
        reopen_achievement_and_demand(row.deal, note, by)
    ask_parties(row, by=by)
    contract.refresh_from_db()


@transaction.atomic
def set_place(contract: Contract, *, side: str, region: Region | None, by: User) -> None:
    """Set where an unknown side is: a district of the city, or None for elsewhere. Settles the doubt about it.

    Raises PermissionDenied, ValidationError.
    """
    require_city(by)
    row = _lock_registered(contract)
    if side not in ("seller", "buyer") or getattr(row, f"is_{side}_local") is not None:
        raise ValidationError("这一方的所在地已经有了，请刷新后再看。")
    columns: dict[str, Any] = {f"{side}_region": region, f"is_{side}_local": region is not None}
    other = "buyer" if side == "seller" else "seller"
    if row.doubt == Doubt.PLACE and getattr(row, f"is_{other}_local") is not None:
        columns["doubt"] = ""
    Contract.objects.filter(pk=row.pk).update(**columns)
    record("确认所在地", row, by=by, changes={f"{side}_region": [None, region.name if region else "外地"]})
    contract.refresh_from_db()


@transaction.atomic
def set_party(contract: Contract, *, side: str, organisation: Organisation, by: User) -> None:
    """Set the organisation that the list named, with its district. Raises PermissionDenied, ValidationError."""
    require_city(by)
    row = _lock_unlinked(contract)
    if side not in ("seller", "buyer") or getattr(row, side) is not None:
        raise ValidationError("这一方已经是平台上的单位。")
    name_in_list = getattr(row, f"{side}_name")
    columns = {
        side: organisation,
        f"{side}_region": organisation.stat_region,
        f"is_{side}_local": organisation.is_local,
        "doubt": "",
    }
    Contract.objects.filter(pk=row.pk).update(**columns)
    row.refresh_from_db()
    if row.seller and row.buyer and Deal.objects.active().filter(seller=row.seller, buyer=row.buyer).exists():
        Contract.objects.filter(pk=row.pk).update(doubt=Doubt.DEAL)  # with both parties known, a deal may match
    record("确认合同单位", row, by=by, changes={side: [name_in_list, organisation.name]})
    ask_parties(row, by=by)
    contract.refresh_from_db()


def _lock_registered(contract: Contract) -> Contract:
    """The registered contract and its deal, locked until the transaction ends. Raises ValidationError."""
    row = lock_contract(contract)
    if row.status != Contract.Status.REGISTERED:
        raise ValidationError("“%(name)s”已经处理过了，请刷新页面。" % {"name": row})
    return row


def _lock_unlinked(contract: Contract) -> Contract:
    """As `_lock_registered`, for a contract without a deal."""
    row = _lock_registered(contract)
    if row.deal_id is not None:
        raise ValidationError("“%(name)s”已经处理过了，请刷新页面。" % {"name": row})
    return row
