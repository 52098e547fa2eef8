"""The worklist: rows of the office's list that no rule could place, settled by a person of the city."""

from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from audit.services import record
from deals.models import Contract, Deal
from deals.permissions import locked_deal
from deals.registration.lists import check_city
from deals.registration.parties import Parties
from deals.services.contracts import OPEN, after_registration

Doubt = Contract.Doubt


class Candidates(NamedTuple):
    """What a doubtful contract may belong to."""

    deals: list[Deal]
    doubles: list[Contract]
    sellers: list[Organisation]
    buyers: list[Organisation]


def candidates_of(contract: Contract) -> Candidates:
    """Deals between the same parties, contracts that look the same, organisations whose names are near."""
    pair = {"seller": contract.seller, "buyer": contract.buyer}
    deals = Deal.objects.standing().with_pair().filter(**pair) if all(pair.values()) else Deal.objects.none()
    doubles = (
        Contract.objects.registered()
        .filter(
            seller_name=contract.seller_name,
            buyer_name=contract.buyer_name,
            amount_wan=contract.amount_wan,
            signed_on=contract.signed_on,
        )
        .exclude(pk=contract.pk)
    )
    parties = Parties() if contract.doubt == Doubt.PARTY else None
    near = {
        side: [one]
        if parties and pair[side] is None and (one := parties.near(getattr(contract, f"{side}_name")))
        else []
        for side in pair
    }
    return Candidates(list(deals[:10]), list(doubles.order_by("pk")[:10]), near["seller"], near["buyer"])


@transaction.atomic
def link_contract(contract: Contract, deal: Deal, *, by) -> None:
    """Matched by hand: a registered contract of the list is this deal's. A draft of the deal that stood for it is set
    aside as its double. Raises PermissionDenied, ValidationError."""
    check_city(by)
    row_of_deal = locked_deal(deal)
    row = _listed(contract)
    if row_of_deal.stage in (Deal.Stage.INTENT, Deal.Stage.FAILED):
        raise ValidationError(_("成交项目还没有签约或已记为未成，不能对应合同。"))
    drafts = list(row_of_deal.contracts.filter(status__in=OPEN).order_by("pk"))
    draft = next((one for one in drafts if one.amount_wan == row.amount_wan), None) or (drafts[0] if drafts else None)
    columns = {"deal": row_of_deal, "doubt": "", "broker": row_of_deal.broker, "agency": row_of_deal.agency}
    columns |= {side: getattr(row, side) or getattr(row_of_deal, side) for side in ("seller", "buyer")}
    if draft is not None:
        columns["form"] = draft.form | row.form
        Contract.objects.filter(pk=draft.pk).update(status=Contract.Status.DOUBLE, double_of=row)
        record("并入登记名单", draft, by=by, changes={"status": [draft.status, Contract.Status.DOUBLE]})
    Contract.objects.filter(pk=row.pk).update(**columns)
    record("对应成交项目", row, by=by, changes={"deal": [None, row_of_deal.public_id]})
    row.refresh_from_db()
    row.deal = row_of_deal
    after_registration(row, by=by)
    contract.refresh_from_db()


@transaction.atomic
def accept_outside(contract: Contract, *, by) -> None:
    """Looked at: it has to do with no deal of the platform, and is no double. Raises as above."""
    check_city(by)
    row = _listed(contract)
    if not row.doubt:
        raise ValidationError(_("“%(name)s”已经核对过了。") % {"name": row})
    Contract.objects.filter(pk=row.pk).update(doubt="")
    record("核对登记名单", row, by=by, changes={"doubt": [row.doubt, "outside"]})
    contract.refresh_from_db()


@transaction.atomic
def mark_double(contract: Contract, of: Contract, *, by) -> None:
    """It is the same contract as `of`, registered twice: kept, and not counted any more. Raises as above."""
    check_city(by)
    row = _listed(contract)
    other = Contract.objects.registered().filter(pk=of.pk).exclude(pk=row.pk).first()
    if other is None:
        raise ValidationError(_("请选择另一份已认定登记的合同。"))
    Contract.objects.filter(pk=row.pk).update(status=Contract.Status.DOUBLE, double_of=other, doubt="")
    record("标为重复登记", row, by=by, changes={"double_of": [None, other.number]})
    contract.refresh_from_db()


@transaction.atomic
def name_party(contract: Contract, *, side: str, organisation: Organisation, by) -> None:
    """The list meant this organisation of the platform; its district and city count from now on. Raises as above."""
    check_city(by)
    row = _listed(contract)
    if side not in ("seller", "buyer") or getattr(row, side) is not None:
        raise ValidationError(_("这一方已经是平台上的单位。"))
    row_name = getattr(row, f"{side}_name")
    columns = {
        side: organisation,
        f"{side}_region": organisation.stat_region,
        f"is_{side}_local": organisation.is_local,
        "doubt": "",
    }
    Contract.objects.filter(pk=row.pk).update(**columns)
    row.refresh_from_db()
    if row.seller and row.buyer and Deal.objects.standing().filter(seller=row.seller, buyer=row.buyer).exists():
        Contract.objects.filter(pk=row.pk).update(doubt=Doubt.DEAL)  # now that they are known, so is their deal
    record("确认合同单位", row, by=by, changes={side: [row_name, organisation.name]})
    contract.refresh_from_db()


def _listed(contract: Contract) -> Contract:
    """The row itself, held until the transaction ends, while it is registered and belongs to no deal."""
    row = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    if row.status != Contract.Status.REGISTERED or row.deal_id is not None:
        raise ValidationError(_("“%(name)s”已经处理过了，请刷新页面。") % {"name": row})
    return row
