"""The registration office's list: written as it is, matched to deals by number, then by parties and sum.

What no rule can tell for certain is left to the worklist with its doubt; meanwhile the row counts as any other, for
the office registered it.
"""

from collections import defaultdict
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import SourceFile
from accounts.services.source_files import ImportResult, import_sheet
from audit.changes import audit_value
from audit.services import record_many
from deals.models import Contract, Deal, RegistrationRule
from deals.permissions import locked_deal
from deals.registration.lists import LIVE, changes_to, check_city, check_contracts, key_of, known_likes, known_numbers
from deals.registration.parties import Parties, name_key
from deals.services.contracts import AGREED_ON, OPEN, after_registration, register_contract

BATCH = 500
Doubt = Contract.Doubt


def import_contracts(source_file: SourceFile, *, by, only_own: bool = False) -> ImportResult:
    """Check a stored list again and write it, all or nothing. A number is one contract, corrected by a later list.

    Raises PermissionDenied, ValidationError with the first faults.
    """
    check_city(by)
    return import_sheet(
        source_file,
        SourceFile.Kind.CONTRACTS,
        check=lambda content, name: check_contracts(content, name, by=by),
        write=lambda report, file: _write(report.rows, file, by),
        by=by,
    )


class _Place(NamedTuple):
    """Where a new row belongs: to an open contract of a deal, to a deal without one, or nowhere for certain."""

    contract: Contract | None = None
    deal: Deal | None = None
    doubt: str = ""


def _write(rows: list, source_file: SourceFile, by) -> ImportResult:
    writing = _Writing(rows, source_file)
    for row in rows:
        writing.take(row)
    Contract.objects.bulk_create(writing.new, batch_size=BATCH)
    record_many("登记名单导入", {one: {"number": [None, one.number]} for one in writing.new}, by=by)
    for made in writing.new:
        if made.deal_id:
            made.deal = locked_deal(made.deal)
            after_registration(made, by=by)
    for row, contract in writing.linked:
        _register(row, contract, source_file, by)
    _correct(writing.corrected, by)
    added = len(writing.new) + len(writing.linked)
    return ImportResult(added, writing.unchanged, len(writing.corrected), writing.skipped)


class _Writing:
    """What is to be done with the rows, decided one by one before any is written."""

    def __init__(self, rows: list, source_file: SourceFile):
        self._parties, self._known, self._likes = Parties(), known_numbers(rows), known_likes(rows)
        self._places, self._rules = _Places(), list(RegistrationRule.objects.all())
        self._source_file, self._seen = source_file, set()
        self.new: list[Contract] = []
        self.linked: list[tuple] = []
        self.corrected: dict[Contract, dict] = {}
        self.unchanged = self.skipped = 0

    def take(self, row) -> None:
        number = row.values["number"]
        if number in self._seen:
            return
        self._seen.add(number)
        there = self._known.get(number)
        if there is not None:
            self._take_known(row, there)
            return
        place = self._places.of(row.values)
        if place.contract is not None:
            self.linked.append((row, place.contract))
        else:
            self._take_new(row, place)

    def _take_known(self, row, there: Contract) -> None:
        changes = changes_to(there, row.values)
        if there.status not in LIVE:
            self.skipped += 1
        elif there.status != Contract.Status.REGISTERED:
            self.linked.append((row, there))
        elif changes:
            self.corrected[there] = changes
        else:
            self.unchanged += 1

    def _take_new(self, row, place: _Place) -> None:
        key = key_of(row.values)
        doubt = place.doubt or (Doubt.DOUBLE if key in self._likes else "") or _near_doubt(self._parties, row.values)
        made = _contract(row, self._parties, self._rules, self._source_file, doubt)
        made.deal = place.deal
        self.new.append(made)
        if key:
            self._likes[key] = made


class _Places:
    """Which deals wait for which contracts, read once."""

    def __init__(self):
        self._open, self._deals = defaultdict(list), defaultdict(list)
        contracts = Contract.objects.filter(status__in=OPEN, deal__isnull=False).exclude(deal__stage=Deal.Stage.FAILED)
        for contract in contracts.order_by("pk"):
            self._open[name_key(contract.seller_name), name_key(contract.buyer_name)].append(contract)
        deals = Deal.objects.standing().exclude(stage=Deal.Stage.INTENT).filter(contracts=None)
        for deal in deals.select_related("seller", "buyer").order_by("pk"):
            if deal.seller and deal.buyer:
                self._deals[name_key(deal.seller.name), name_key(deal.buyer.name)].append(deal)

    def of(self, values: dict) -> _Place:
        """By parties and sum: one that agrees is it, several or another sum are a doubt. What is given is taken."""
        pair, amount = (name_key(values["seller"]), name_key(values["buyer"])), values["amount_wan"]
        contracts, deals = self._open[pair], self._deals[pair]
        same = [one for one in contracts if one.amount_wan == amount]
        if len(same) == 1:
            contracts.remove(same[0])
            return _Place(contract=same[0])
        if not contracts:
            same_deals = [one for one in deals if one.signed_wan == amount]
            if len(same_deals) == 1:
                deals.remove(same_deals[0])
                return _Place(deal=same_deals[0])
        return _Place(doubt=Doubt.DEAL if contracts or deals else "")


def _contract(row, parties: Parties, rules: list, source_file: SourceFile, doubt: str) -> Contract:
    values = row.values
    seller, buyer = parties.of(values, "seller"), parties.of(values, "buyer")
    return Contract(
        number=values["number"],
        name=values["name"],
        kind=values["kind"] or "",
        status=Contract.Status.REGISTERED,
        seller=seller,
        seller_name=seller.name if seller else values["seller"],
        buyer=buyer,
        buyer_name=buyer.name if buyer else values["buyer"],
        industry_id=values["industry"],
        amount_wan=values["amount_wan"],
        tech_amount_wan=values["tech_amount_wan"],
        signed_on=values["signed_on"],
        registered_on=values["registered_on"],
        rule=next((rule for rule in rules if rule.covers(values["registered_on"])), None),
        source_file=source_file,
        source_row=row.number,
        doubt=doubt,
        **parties.place(values, "seller"),
        **parties.place(values, "buyer"),
    )


def _near_doubt(parties: Parties, values: dict) -> str:
    """A name that nobody has, but nearly."""
    strangers = [values[side] for side in ("seller", "buyer") if parties.of(values, side) is None]
    return Doubt.PARTY if any(parties.near(name) for name in strangers) else ""


def _register(row, contract: Contract, source_file: SourceFile, by) -> None:
    values = row.values
    also = {"source_file": source_file, "source_row": row.number}
    also |= {name: values[name] for name in ("signed_on", "kind") if values[name]}
    try:
        register_contract(
            contract,
            number=values["number"],
            registered_on=values["registered_on"],
            amount_wan=values["amount_wan"],
            tech_amount_wan=values["tech_amount_wan"],
            by=by,
            **also,
        )
    except ValidationError as error:
        words = {"row": row.number, "why": "；".join(error.messages)}
        raise ValidationError(_("第%(row)d行：%(why)s") % words) from error


def _correct(corrected: dict[Contract, dict], by) -> None:
    """What a later list says otherwise counts; both sides confirm the new sums again."""
    cleared = ("confirmed_at", "confirmed_by", "confirmed_broker_at")
    confirmations = [f"{side}_{what}" for side in ("seller", "buyer") for what in cleared]
    for contract, changes in corrected.items():
        for name, (_before, after) in changes.items():
            setattr(contract, name, after)
        for name in confirmations if changes.keys() & set(AGREED_ON) else ():
            setattr(contract, name, None)
    fields = ["name", "kind", "seller_name", "buyer_name", "amount_wan", "tech_amount_wan", "signed_on"]
    Contract.objects.bulk_update(corrected, [*fields, "registered_on", *confirmations], batch_size=BATCH)
    told = {
        one: {name: [audit_value(before), audit_value(after)] for name, (before, after) in changes.items()}
        for one, changes in corrected.items()
    }
    record_many("按登记名单更正", told, by=by)
