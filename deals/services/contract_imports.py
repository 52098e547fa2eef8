"""Writes the registration office's list of contracts and links its rows to deals by number, parties and amount.

A row that no rule links for certain gets a doubt and appears on the worklist. It counts as registered all the same.
"""

from collections import defaultdict
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import F

from accounts.models import SourceFile, User
from accounts.services.source_files import ImportProgress, ImportResult, import_sheet
from audit.changes import audit_value
from audit.services import record_many
from deals.models import Contract, Deal, RegistrationRule
from deals.registration.corrections import corrections, stated_changes
from deals.registration.imports import check_contract_list, contracts_by_number, require_city
from deals.registration.numbers import number_key
from deals.registration.party_lookup import PartyLookup, name_key
from deals.registration.similar_contracts import SimilarContracts
from deals.services.confirmations import ask_parties_of_many
from deals.services.contracts import OPEN_STATUSES, after_registration, register_contract
from deals.services.payment_bounds import is_below_payments
from sheets.checking import CheckedRow

BATCH_SIZE = 500
PARTY_FIELDS = tuple(f"{side}{part}" for side in ("seller", "buyer") for part in ("", "_region"))
PARTY_FIELDS += ("is_seller_local", "is_buyer_local")
Doubt = Contract.Doubt


def import_contracts(
    source_file: SourceFile, *, by: User, only_own: bool = False, progress: ImportProgress | None = None
) -> ImportResult:
    """Check a stored list again and write all of it or nothing. A later list corrects contracts by their number.

    `only_own` has no effect, because only the city imports the list. Raises PermissionDenied, ValidationError with the
    first problems.
    """
    require_city(by)
    return import_sheet(
        source_file,
        SourceFile.Kind.CONTRACTS,
        check=lambda content, name: check_contract_list(content, name, by=by),
        write=lambda report, file: _write(report.rows, file, by),
        by=by,
        progress=progress,
    )


class LinkTarget(NamedTuple):
    """What a new row belongs to: an open contract of a deal, a deal without a contract, or neither for certain."""

    contract: Contract | None = None
    deal: Deal | None = None
    doubt: str = ""


def _write(rows: list[CheckedRow], source_file: SourceFile, by: User) -> ImportResult:
    plan = ImportPlan(rows, source_file)
    for row in rows:
        plan.add(row)
    Contract.objects.bulk_create(plan.new, batch_size=BATCH_SIZE)
    record_many("登记名单导入", {contract: {"number": [None, contract.number]} for contract in plan.new}, by=by)
    for row, contract in plan.linked:
        _register(row, contract, source_file, by)
    _correct(plan.corrected, by)
    _mark_official(rows)
    ask_parties_of_many([*plan.new, *plan.corrected, *(contract for _row, contract in plan.linked)], by=by)
    for contract in plan.new:
        if contract.deal:
            contract.deal = Deal.objects.lock(contract.deal)
            after_registration(contract, by=by)
    for _row, contract in plan.linked:
        contract.refresh_from_db()
        if contract.deal:
            contract.deal = Deal.objects.lock(contract.deal)
            after_registration(contract, by=by)
    added = len(plan.new) + len(plan.linked)
    return ImportResult(added, plan.unchanged, len(plan.corrected), plan.skipped)


class ImportPlan:
    """What to do with each row, decided before any is written.

    `new`: contracts to create; `linked`: (row, open contract) to register; `corrected`: {contract: changes}.
    """

    def __init__(self, rows: list[CheckedRow], source_file: SourceFile):
        self._parties = PartyLookup()
        self._by_number, self._similar = contracts_by_number(rows), SimilarContracts(rows)
        self._targets, self._rules = LinkTargets(), list(RegistrationRule.objects.all())
        self._source_file = source_file
        self._seen: set[str] = set()
        self.new: list[Contract] = []
        self.linked: list[tuple[CheckedRow, Contract]] = []
        self.corrected: dict[Contract, dict[str, Any]] = {}
        self.unchanged = self.skipped = 0

    def add(self, row: CheckedRow) -> None:
        number = number_key(row.values["number"])
        if number in self._seen:
            return
        self._seen.add(number)
        stored = self._by_number.get(number)
        if stored is not None:
            self._add_stored(row, stored)
            return
        if irregular := self._similar.take_irregular(row.values):
            changes = corrections(irregular, row.values, self._parties)
            changes["number"] = [irregular.number, row.values["number"]]
            changes.setdefault("doubt", [irregular.doubt, ""])
            self.corrected[irregular] = changes
            return
        target = self._targets.take(row.values)
        if target.contract is not None:
            self.linked.append((row, target.contract))
        else:
            self._add_new(row, target)

    def _add_stored(self, row: CheckedRow, stored: Contract) -> None:
        if stored.status not in Contract.LIVE:
            self.skipped += 1
        elif stored.status != Contract.Status.REGISTERED:
            self.linked.append((row, stored))
        elif changes := corrections(stored, row.values, self._parties):
            amount = changes.get("amount_wan", [None, None])[1]
            if is_below_payments(stored, amount):
                changes["doubt"] = [stored.doubt, Doubt.MONEY]
            self.corrected[stored] = changes
        else:
            self.unchanged += 1

    def _add_new(self, row: CheckedRow, target: LinkTarget) -> None:
        is_similar = self._similar.find(row.values) is not None
        doubt = target.doubt or (Doubt.DUPLICATE if is_similar else "") or _party_doubt(self._parties, row.values)
        contract = _new_contract(row, self._parties, self._rules, self._source_file, doubt)
        contract.deal = target.deal
        self.new.append(contract)
        self._similar.add(contract)


class LinkTargets:
    """Open contracts of deals, and signed deals without a contract, by the names of both parties. Two queries."""

    def __init__(self) -> None:
        self._contracts, self._deals = defaultdict(list), defaultdict(list)
        contracts = Contract.objects.filter(status__in=OPEN_STATUSES, deal__isnull=False)
        for contract in contracts.exclude(deal__stage=Deal.Stage.FAILED).order_by("pk"):
            self._contracts[name_key(contract.seller_name), name_key(contract.buyer_name)].append(contract)
        deals = Deal.objects.active().exclude(stage=Deal.Stage.INTENT).filter(contracts=None)
        for deal in deals.select_related("seller", "buyer").order_by("pk"):
            if deal.seller and deal.buyer:
                self._deals[name_key(deal.seller.name), name_key(deal.buyer.name)].append(deal)

    def take(self, values: dict[str, Any]) -> LinkTarget:
        """The only contract, else deal, with the parties and amount of a row, which later rows cannot take again.

        Several of them, or only others with the same parties, are a doubt.
        """
        pair, amount = (name_key(values["seller"]), name_key(values["buyer"])), values["amount_wan"]
        contracts, deals = self._contracts[pair], self._deals[pair]
        same_amount = [contract for contract in contracts if contract.amount_wan == amount]
        if len(same_amount) == 1:
            contracts.remove(same_amount[0])
            return LinkTarget(contract=same_amount[0])
        if not contracts:
            same_deals = [deal for deal in deals if deal.signed_wan == amount]
            if len(same_deals) == 1:
                deals.remove(same_deals[0])
                return LinkTarget(deal=same_deals[0])
        return LinkTarget(doubt=Doubt.DEAL if contracts or deals else "")


def _new_contract(
    row: CheckedRow, parties: PartyLookup, rules: list[RegistrationRule], source_file: SourceFile, doubt: str
) -> Contract:
    values = row.values
    seller, buyer = parties.find(values, "seller"), parties.find(values, "buyer")
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
        **parties.location(values, "seller"),
        **parties.location(values, "buyer"),
    )


def _party_doubt(parties: PartyLookup, values: dict[str, Any]) -> str:
    """A doubt if an unknown name is similar to that of an organisation."""
    unknown = [values[side] for side in ("seller", "buyer") if parties.find(values, side) is None]
    return Doubt.PARTY if any(parties.find_similar(name) for name in unknown) else ""


def _register(row: CheckedRow, contract: Contract, source_file: SourceFile, by: User) -> None:
    values = row.values
    columns = {"source_file": source_file, "source_row": row.number}
    columns |= {name: values[name] for name in ("signed_on", "kind") if values[name]}
    try:
        register_contract(
            contract,
            number=values["number"],
            registered_on=values["registered_on"],
            amount_wan=values["amount_wan"],
            tech_amount_wan=values["tech_amount_wan"],
            by=by,
            is_listed=True,
            **columns,
        )
    except ValidationError as error:
        details = {"row": row.number, "why": "；".join(error.messages)}
        raise ValidationError("第%(row)d行：%(why)s" % details) from error


def _correct(corrected: dict[Contract, dict[str, Any]], by: User) -> None:
    """Write the corrections. `ask_parties_of_many` afterwards asks the parties whose facts have changed."""
    for contract, changes in corrected.items():
        for name, (_before, after) in changes.items():
            setattr(contract, name, after)
    fields = ["number", "name", "kind", "seller_name", "buyer_name", "amount_wan", "tech_amount_wan", "signed_on"]
    Contract.objects.bulk_update(corrected, [*fields, "registered_on", "doubt", *PARTY_FIELDS], batch_size=BATCH_SIZE)
    audited = {
        contract: {name: [audit_value(before), audit_value(after)] for name, (before, after) in changes.items()}
        for contract, changes in corrected.items()
    }
    record_many("按登记名单更正", audited, by=by)


def _mark_official(rows: list[CheckedRow]) -> None:
    """Record for the registered contracts of the list that it proves them, if it states all that figures count.

    An empty cell proves nothing: a sum that somebody typed before does not become official by a list without it.
    """
    stored = contracts_by_number(rows)
    proven = []
    for row in rows:
        contract, values = stored.get(number_key(row.values["number"])), row.values
        if contract is None or contract.status != Contract.Status.REGISTERED:
            continue
        has_sums = values["amount_wan"] is not None and (
            values["tech_amount_wan"] is not None or contract.tech_amount_wan is None
        )
        if has_sums and values["registered_on"] and not stated_changes(contract, values):
            proven.append(contract.pk)
    Contract.objects.filter(pk__in=proven).update(official_hash=F("list_hash"))
