"""Writes the registration office's list of contracts and links its rows to deals by number, parties and amount.

A row that no rule links for certain gets a doubt and appears on the worklist. It counts as registered all the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
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
from deals.services.confirmation_notices import MANY, Together
from deals.services.confirmations import ask_parties_of_many
from deals.services.contracts import OPEN_STATUSES, after_registration, register_contract
from deals.services.payment_bounds import is_below_payments
from sheets.checking import CheckedRow, SheetReport

BATCH_SIZE = 500
PARTY_FIELDS = tuple(f"{side}{part}" for side in ("seller", "buyer") for part in ("", "_region"))
PARTY_FIELDS += ("is_seller_local", "is_buyer_local")
Doubt = Contract.Doubt


def import_contracts(
    source_file: SourceFile, *, by: User, only_own: bool = False, progress: ImportProgress | None = None
) -> ImportResult:
    """Check a stored list again and write its rows. A later list corrects contracts by their number.

    `only_own` has no effect, because only the city imports the list. Raises PermissionDenied, ValidationError with the
    first problems.
    """
    require_city(by)
    return import_sheet(
        source_file,
        SourceFile.Kind.CONTRACTS,
        check=lambda content, name: check_contract_list(content, name, by=by),
        write=lambda part, file: _write(part, file, by),
        by=by,
        parts=lambda report, size: _parts(report, size, source_file),
        progress=progress,
    )


class LinkTarget(NamedTuple):
    """What a new row belongs to: an open contract of a deal, a deal without a contract, or neither for certain."""

    contract: Contract | None = None
    deal: Deal | None = None
    doubt: str = ""


class ListLookups:
    """What the rows of a list are compared with. The parts of an import share it and add what they write.

    `told_together`: organisations that many new rows name; they get one notice for all parts.
    """

    def __init__(self, rows: list[CheckedRow], source_file: SourceFile) -> None:
        self.parties, self.similar = PartyLookup(), SimilarContracts(rows)
        self.targets, self.rules = LinkTargets(), list(RegistrationRule.objects.all())
        self.told_together = self._often_named(rows, source_file)

    def _often_named(self, rows: list[CheckedRow], source_file: SourceFile) -> set[int]:
        if len(rows) <= MANY:
            return set()
        earlier = Contract.objects.exclude(source_file=source_file).values_list("number", flat=True)
        known = {number_key(number) for number in earlier.iterator()}
        times: Counter[int] = Counter()
        for row in rows:
            if number_key(row.values["number"]) not in known:
                sides = (self.parties.find(row.values, side) for side in ("seller", "buyer"))
                times.update(organisation.pk for organisation in sides if organisation is not None)
        return {organisation for organisation, named in times.items() if named > MANY}


class ListPart(NamedTuple):
    rows: list[CheckedRow]
    lookups: ListLookups


def _parts(report: SheetReport, size: int, source_file: SourceFile) -> Iterator[tuple[int, ListPart]]:
    """The rows of a list in parts, of those with one number the first."""
    first = {number_key(row.values["number"]): row for row in reversed(report.rows)}
    report.rows = sorted(first.values(), key=lambda row: row.number)
    lookups = ListLookups(report.rows, source_file)
    for last_row, part in report.parts(size):
        yield last_row, ListPart(part.rows, lookups)


def _write(part: ListPart, source_file: SourceFile, by: User) -> ImportResult:
    rows = part.rows
    plan = ImportPlan(rows, part.lookups, source_file)
    for row in rows:
        plan.add(row)
    for row, contract in plan.linked:  # before the new ones are stored, of which only those above are compared with it
        _register(row, contract, source_file, by)
    _leave_taken_deals(plan.new)
    Contract.objects.bulk_create(plan.new, batch_size=BATCH_SIZE)
    record_many("登记名单导入", {contract: {"number": [None, contract.number]} for contract in plan.new}, by=by)
    _correct(plan.corrected, by)
    _mark_official(rows)
    ask_parties_of_many(
        [*plan.new, *plan.corrected, *(contract for _row, contract in plan.linked)],
        by=by,
        together=Together(f"list {source_file.public_id}", part.lookups.told_together),
    )
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


def _leave_taken_deals(new: list[Contract]) -> None:
    """A deal that has got a contract from somebody else since the import began is a doubt."""
    with_deal = [contract for contract in new if contract.deal]
    taken = set(Contract.objects.filter(deal__in=[c.deal for c in with_deal]).values_list("deal_id", flat=True))
    for contract in with_deal:
        if contract.deal_id in taken:
            contract.deal, contract.doubt = None, Doubt.DEAL


class ImportPlan:
    """What to do with each row of a part, decided before any of them is written.

    `new`: contracts to create; `linked`: (row, open contract) to register; `corrected`: {contract: changes}.
    """

    def __init__(self, rows: list[CheckedRow], lookups: ListLookups, source_file: SourceFile):
        self._by_number = contracts_by_number(rows)
        self._parties, self._similar, self._targets = lookups.parties, lookups.similar, lookups.targets
        self._rules, self._source_file = lookups.rules, source_file
        self.new: list[Contract] = []
        self.linked: list[tuple[CheckedRow, Contract]] = []
        self.corrected: dict[Contract, dict[str, Any]] = {}
        self.unchanged = self.skipped = 0

    def add(self, row: CheckedRow) -> None:
        stored = self._by_number.get(number_key(row.values["number"]))
        if stored is not None:
            self._add_stored(row, stored)
            return
        similar = self._similar.take_irregular(row.values)
        if similar and similar.pk is not None:
            irregular = Contract.objects.select_related("seller_region", "buyer_region", "deal").get(pk=similar.pk)
            changes = corrections(irregular, row.values, self._parties)
            changes["number"] = [irregular.number, row.values["number"]]
            changes.setdefault("doubt", [irregular.doubt, ""])
            self._add_correction(irregular, changes)
            return
        target = self._targets.take(row.values)
        if target.contract is not None:
            self._link(row, target.contract)
        else:
            self._add_new(row, target)

    def _add_stored(self, row: CheckedRow, stored: Contract) -> None:
        if stored.status not in Contract.LIVE:
            self.skipped += 1
        elif stored.status != Contract.Status.REGISTERED:
            self._link(row, stored)
        elif changes := corrections(stored, row.values, self._parties):
            amount = changes.get("amount_wan", [None, None])[1]
            if is_below_payments(stored, amount):
                changes["doubt"] = [stored.doubt, Doubt.MONEY]
            self._add_correction(stored, changes)
        else:
            self.unchanged += 1

    def _link(self, row: CheckedRow, contract: Contract) -> None:
        """`contract` is stored as open, and will be registered as the row says."""
        self.linked.append((row, contract))
        values = row.values
        contract.number, contract.amount_wan = values["number"], values["amount_wan"]
        contract.signed_on = values["signed_on"] or contract.signed_on
        if not contract.doubt and self._similar.find(values | {"signed_on": contract.signed_on}):
            contract.doubt = Doubt.DUPLICATE
        self._similar.add(contract)

    def _add_correction(self, contract: Contract, changes: dict[str, list[Any]]) -> None:
        self.corrected[contract] = changes
        self._similar.remove(contract)
        for name, (_before, after) in changes.items():
            setattr(contract, name, after)
        self._similar.add(contract)

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
    columns |= {"doubt": contract.doubt} if contract.doubt else {}
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
    """Write the corrections, which the contracts in memory have already.

    `ask_parties_of_many` afterwards asks the parties whose facts have changed.
    """
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
