"""Write a checked sheet of demands; importing the same rows again changes nothing."""

from collections.abc import Iterable, Set
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import Contact, Organisation, SourceFile, User
from accounts.services.contacts import ContactDetails, save_contacts
from accounts.services.source_files import ImportProgress, ImportResult, import_sheet
from audit.changes import audit_value
from audit.services import record_many
from demands.imports import ImportEntry, ImportPlan, goal_and_indicators, plan_import
from demands.models import Demand, DemandIndicator
from demands.permissions import manages, may_overwrite
from demands.services.anonymity import UNSAVED_ALIAS, AliasDrawer, settle_public_name
from demands.services.exposure import ExposureCheck

Status = Demand.Status
BATCH_SIZE = 500
DIRECT_COLUMNS = {
    "industry_id": "industry",
    "applied_industry": "applied_industry",
    "conditions": "conditions",
    "intended_partner": "partner",
    "wants_challenge": "challenge",
    "expires_on": "expires_on",
}
"""Field → column that is stored unchanged."""
INDICATOR_FIELDS = ("name", "comparison", "value", "value_to", "unit")


type Contacts = dict[ContactDetails, Contact]


class DemandUpdate(NamedTuple):
    """An existing demand whose sheet row differs, with the names of the fields that differ."""

    demand: Demand
    entry: ImportEntry
    changed_fields: set[str]


def import_demands(
    source_file: SourceFile, *, by: User, only_own: bool = False, progress: ImportProgress | None = None
) -> ImportResult:
    """Check a stored sheet again and write its rows: staff create 待区县初审, firms create drafts.

    Unknown firms are created with credit code and reporting region. Rows equal to their demand change nothing; rows
    that differ update it before its first review and are skipped afterwards. Raises ValidationError with the first
    errors, UnreadableSheet, PermissionDenied.
    """
    return import_sheet(
        source_file,
        SourceFile.Kind.DEMANDS,
        check=lambda content, name: plan_import(content, name, by=by, only_own=only_own),
        write=lambda plan, file: _write(plan, file, by),
        by=by,
        parts=ImportPlan.parts,
        progress=progress,
    )


def _write(plan: ImportPlan, source_file: SourceFile, by: User) -> ImportResult:
    entries = plan.entries
    _create_firms(entries, source_file, by)
    present = plan.report.sheet.header.positions.keys()
    # Reload under lock: the status may have changed since the sheet was checked.
    keys = [entry.demand.pk for entry in entries if entry.demand]
    locked = Demand.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    current = {d.pk: d for d in locked.select_related("firm", "contact").prefetch_related("indicators")}
    new, changed, unchanged, skipped = [], [], 0, 0
    for entry in entries:
        demand = current.get(entry.demand.pk) if entry.demand else None
        if demand is None:
            new.append(entry)
        elif not (changed_fields := _changed_fields(demand, entry, present)):
            unchanged += 1
        elif may_overwrite(demand, by):
            changed.append(DemandUpdate(demand, entry, changed_fields))
        else:
            skipped += 1
    contacts = _save_contacts([*new, *(entry for _demand, entry, _changed_fields in changed)])
    _create(new, contacts, source_file, by)
    _update(changed, contacts, source_file, by)
    return ImportResult(created=len(new), unchanged=unchanged, updated=len(changed), skipped=skipped)


def _create_firms(entries: Iterable[ImportEntry], source_file: SourceFile, by: User) -> None:
    firms = {id(entry.firm): entry.firm for entry in entries if entry.is_new_firm}
    created = Organisation.objects.bulk_create(firms.values(), batch_size=BATCH_SIZE)
    record_many("导入时建立单位", {firm: {"source_file": [None, source_file.name]} for firm in created}, by=by)


def _create(entries: list[ImportEntry], contacts: Contacts, source_file: SourceFile, by: User) -> None:
    demands = [
        Demand(
            **field_values(entry),
            public_alias="" if entry.row.values["anonymous"] is False else UNSAVED_ALIAS,
            firm=entry.firm,
            contact=_stored_contact(entry, contacts),
            status=Status.DISTRICT_REVIEW if manages(by, entry.firm) else Status.DRAFT,
            source_file=source_file,
            source_row=entry.row.number,
            created_by=by,
        )
        for entry in entries
    ]
    Demand.objects.bulk_create(demands, batch_size=BATCH_SIZE)
    _write_indicators(zip(demands, entries, strict=True))
    _settle_public_names(demands)
    record_many(
        "导入需求",
        {demand: {"status": [None, demand.status], "source_row": [None, demand.source_row]} for demand in demands},
        by=by,
    )


def _update(updates: list[DemandUpdate], contacts: Contacts, source_file: SourceFile, by: User) -> None:
    if not updates:
        return
    now, changes = timezone.now(), {}
    for update in updates:
        demand = update.demand
        changes[demand] = _apply(update, contacts)
        demand.source_file, demand.source_row, demand.updated_at = source_file, update.entry.row.number, now
    fields = {field for update in updates for field in update.changed_fields} - {"indicators"}
    fields |= {"public_alias", "source_file", "source_row", "updated_at"}
    Demand.objects.bulk_update([update.demand for update in updates], sorted(fields), batch_size=BATCH_SIZE)
    rewritten = [(update.demand, update.entry) for update in updates if "indicators" in update.changed_fields]
    DemandIndicator.objects.filter(demand__in=[demand.pk for demand, _entry in rewritten]).delete()
    _write_indicators(rewritten)
    _settle_public_names([update.demand for update in updates])
    record_many("导入时修改需求", changes, by=by)


def _apply(update: DemandUpdate, contacts: Contacts) -> dict[str, list[Any]]:
    """Set the changed fields on the unsaved demand. Returns {field: [old, new]} for the audit record."""
    demand, entry, changed_fields = update
    changes: dict[str, list[Any]] = {}
    for field, value in field_values(entry).items():
        if field in changed_fields:
            changes[field] = [audit_value(getattr(demand, field)), audit_value(value)]
            setattr(demand, field, value)
    if "contact" in changed_fields:
        changes["contact"] = [None, "已修改"]
        demand.contact = _stored_contact(entry, contacts)
    if "indicators" in changed_fields:
        changes["indicators"] = [[str(indicator) for indicator in demand.indicators.all()], "已按表格重写"]
    if demand.is_anonymous and not demand.public_alias:
        demand.public_alias = UNSAVED_ALIAS
    return changes


def _settle_public_names(demands: Iterable[Demand]) -> None:
    keys = [demand.pk for demand in demands if demand.is_anonymous]
    if not keys:
        return
    check, drawer = ExposureCheck(), AliasDrawer()
    rows = Demand.objects.filter(pk__in=keys).select_related("firm__stat_region", "industry__parent")
    for demand in rows.prefetch_related("indicators"):
        settle_public_name(demand, check=check, drawer=drawer)


def _write_indicators(pairs: Iterable[tuple[Demand, ImportEntry]]) -> None:
    DemandIndicator.objects.bulk_create(
        [
            DemandIndicator(demand=demand, order=order, **indicator)
            for demand, entry in pairs
            for order, indicator in enumerate(goal_and_indicators(entry.row.values)[1], start=1)
        ],
        batch_size=2 * BATCH_SIZE,
    )


def _save_contacts(entries: Iterable[ImportEntry]) -> Contacts:
    return save_contacts(details for entry in entries if (details := _contact_details(entry)))


def _contact_details(entry: ImportEntry) -> ContactDetails | None:
    row = entry.row.values
    if not (row["contact"] or row["phone"] or row["email"]):
        return None
    name = row["contact"] or "联系人"
    return ContactDetails(entry.firm.pk, name, row["phone"] or "", row["email"] or "", bool(row["consents"]))


def _stored_contact(entry: ImportEntry, contacts: Contacts) -> Contact | None:
    details = _contact_details(entry)
    return contacts[details] if details else None


def field_values(entry: ImportEntry) -> dict[str, Any]:
    """All demand fields as the row gives them; defaults for absent columns."""
    row = entry.row.values
    goal, _indicators = goal_and_indicators(row)
    budget, period = row["budget"], row["period"]
    return {field: row[key] for field, key in DIRECT_COLUMNS.items()} | {
        "title": row["title"],
        "kind": row["kind"] or Demand.Kind.OTHER,
        "problem": row["problem"] or row["title"],
        "goal": goal,
        "keywords": list(row["keywords"]),
        "transfer_ways": list(row["ways"]),
        "budget_min_wan": budget.min if budget else None,
        "budget_max_wan": budget.max if budget else None,
        "budget_negotiable": budget is None or budget.negotiable,
        "period_start": period.start if period else None,
        "period_end": period.end if period else None,
        "period_text": period.text if period else "",
        "is_anonymous": row["anonymous"] is not False,
    }


def _changed_fields(demand: Demand, entry: ImportEntry, present: Set[str]) -> set[str]:
    """The fields in which the row differs from the demand. Absent columns are ignored."""
    values = field_values(entry)
    absent = {
        field for field in values if not (SOURCE_COLUMNS.get(field, {DIRECT_COLUMNS.get(field, field)}) & present)
    }
    if demand.period_text == values["period_text"]:
        absent |= {"period_start", "period_end"}  # relative texts such as 一年内 give other dates at each check
    differs = {field for field, value in values.items() if field not in absent and getattr(demand, field) != value}
    if "indicators" in present and _indicator_values(demand.indicators.all()) != _indicator_values(
        goal_and_indicators(entry.row.values)[1]
    ):
        differs.add("indicators")
    details = _contact_details(entry)
    if details and (demand.contact is None or _contact_key(demand.contact) != details.key):
        differs.add("contact")
    return differs


SOURCE_COLUMNS = {
    "goal": {"goal", "indicators"},
    "transfer_ways": {"ways"},
    "budget_min_wan": {"budget"},
    "budget_max_wan": {"budget"},
    "budget_negotiable": {"budget"},
    "period_start": {"period"},
    "period_end": {"period"},
    "period_text": {"period"},
    "is_anonymous": {"anonymous"},
}
"""Field → source columns, for fields that are not in DIRECT_COLUMNS and not named like their column."""


def _indicator_values(indicators: Iterable[DemandIndicator | dict[str, Any]]) -> list[tuple[object, ...]]:
    return [
        tuple(row[field] if isinstance(row, dict) else getattr(row, field) for field in INDICATOR_FIELDS)
        for row in indicators
    ]


def _contact_key(contact: Contact) -> tuple[object, ...]:
    return (contact.organisation_id, contact.name, contact.phone, contact.email)
