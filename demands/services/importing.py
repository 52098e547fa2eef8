"""A checked sheet written into the registry: all of it or nothing, and the same sheet twice changes nothing."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Contact, Organisation, SourceFile
from accounts.services.contacts import ContactDetails, keep_contacts
from accounts.services.source_files import ImportResult, import_sheet
from audit.changes import kept
from audit.services import record_many
from demands.imports import Entry, Plan, goal_and_indicators, plan_import
from demands.masking import suggested_alias
from demands.models import Demand, DemandIndicator
from demands.scope import manages, may_overwrite

Status = Demand.Status
BATCH = 500
PLAIN = {
    "industry_id": "industry",
    "applied_industry": "applied_industry",
    "conditions": "conditions",
    "intended_partner": "partner",
    "wants_challenge": "challenge",
    "expires_on": "expires_on",
}
"""Field → column, where the one is the other."""
INDICATOR_FIELDS = ("name", "comparison", "value", "value_to", "unit")


def import_demands(source_file: SourceFile, *, by, only_own: bool = False) -> ImportResult:
    """Check the sheet again and write it: by staff into 待区县初审, by a firm as drafts.

    Firms the registry does not know are made, with their credit code and reporting unit. A row that says the same as
    its demand changes nothing; one that says something else changes it while nobody has reviewed it, and leaves it
    alone afterwards. Raises ValidationError naming the first faults, UnreadableSheet, PermissionDenied.
    """
    return import_sheet(
        source_file,
        SourceFile.Kind.DEMANDS,
        check=lambda content, name: plan_import(content, name, by=by, only_own=only_own),
        write=lambda plan, file: _write(plan, file, by),
        by=by,
    )


def _write(plan: Plan, source_file: SourceFile, by) -> ImportResult:
    entries = plan.entries
    _make_firms(entries, source_file, by)
    present = plan.report.sheet.header.positions.keys()
    # Looked at again under lock: what was a draft when the sheet was checked may be under review by now.
    keys = [entry.demand.pk for entry in entries if entry.demand]
    current = Demand.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    current = {d.pk: d for d in current.select_related("firm", "contact").prefetch_related("indicators")}
    new, changed, unchanged, skipped = [], [], 0, 0
    for entry in entries:
        demand = current.get(entry.demand.pk) if entry.demand else None
        if demand is None:
            new.append(entry)
        elif not (difference := _difference(demand, entry, present)):
            unchanged += 1
        elif may_overwrite(demand, by):
            changed.append((demand, entry, difference))
        else:
            skipped += 1
    contacts = _keep_contacts([*new, *(entry for _demand, entry, _difference in changed)])
    _create(new, contacts, source_file, by)
    _change(changed, contacts, source_file, by)
    return ImportResult(created=len(new), unchanged=unchanged, updated=len(changed), skipped=skipped)


def _make_firms(entries: Iterable[Entry], source_file: SourceFile, by) -> None:
    firms = {id(entry.firm): entry.firm for entry in entries if entry.is_new_firm}
    made = Organisation.objects.bulk_create(firms.values(), batch_size=BATCH)
    record_many(_("导入时建立单位"), {firm: {"source_file": [None, source_file.name]} for firm in made}, by=by)


def _create(entries: list[Entry], contacts: dict, source_file: SourceFile, by) -> None:
    demands = [
        Demand(
            **{"public_alias": "" if entry.row.values["anonymous"] is False else _alias(entry)} | values_of(entry),
            firm=entry.firm,
            contact=contacts.get(_contact_details(entry)),
            status=Status.DISTRICT_REVIEW if manages(by, entry.firm) else Status.DRAFT,
            source_file=source_file,
            source_row=entry.row.number,
            created_by=by,
        )
        for entry in entries
    ]
    Demand.objects.bulk_create(demands, batch_size=BATCH)
    _write_indicators(zip(demands, entries, strict=True))
    record_many(
        _("导入需求"),
        {demand: {"status": [None, demand.status], "source_row": [None, demand.source_row]} for demand in demands},
        by=by,
    )


def _change(changed: list[tuple], contacts: dict, source_file: SourceFile, by) -> None:
    if not changed:
        return
    now, trail = timezone.now(), {}
    for demand, entry, difference in changed:
        trail[demand] = _apply(demand, entry, difference, contacts)
        demand.source_file, demand.source_row, demand.updated_at = source_file, entry.row.number, now
    fields = {field for *_rest, difference in changed for field in difference} - {"indicators"}
    fields |= {"public_alias", "source_file", "source_row", "updated_at"}
    Demand.objects.bulk_update([demand for demand, *_rest in changed], sorted(fields), batch_size=BATCH)
    rewritten = [(demand, entry) for demand, entry, difference in changed if "indicators" in difference]
    DemandIndicator.objects.filter(demand__in=[demand.pk for demand, _entry in rewritten]).delete()
    _write_indicators(rewritten)
    record_many(_("导入时修改需求"), trail, by=by)


def _apply(demand: Demand, entry: Entry, difference: set[str], contacts: dict) -> dict[str, list]:
    """Set the fields that differ; returns what changed, for the trail."""
    changes = {}
    for field, value in values_of(entry).items():
        if field in difference:
            changes[field] = [kept(getattr(demand, field)), kept(value)]
            setattr(demand, field, value)
    if "contact" in difference:
        changes["contact"] = [None, _("已修改")]
        demand.contact = contacts[_contact_details(entry)]
    if "indicators" in difference:
        changes["indicators"] = [[str(one) for one in demand.indicators.all()], _("已按表格重写")]
    if demand.is_anonymous and not demand.public_alias:
        demand.public_alias = _alias(entry)
    return changes


def _write_indicators(pairs: Iterable[tuple[Demand, Entry]]) -> None:
    DemandIndicator.objects.bulk_create(
        [
            DemandIndicator(demand=demand, order=order, **indicator)
            for demand, entry in pairs
            for order, indicator in enumerate(goal_and_indicators(entry.row.values)[1], start=1)
        ],
        batch_size=2 * BATCH,
    )


def _keep_contacts(entries: Iterable[Entry]) -> dict[ContactDetails, Contact]:
    return keep_contacts(details for entry in entries if (details := _contact_details(entry)))


def _contact_details(entry: Entry) -> ContactDetails | None:
    row = entry.row.values
    if not (row["contact"] or row["phone"] or row["email"]):
        return None
    name = row["contact"] or _("联系人")
    return ContactDetails(entry.firm.pk, name, row["phone"] or "", row["email"] or "", bool(row["consents"]))


def _alias(entry: Entry) -> str:
    region = entry.firm.stat_region
    return suggested_alias(region.name if region else "", entry.industry_name)


def values_of(entry: Entry) -> dict:
    """The fields of a demand as the row says them, all of them; those of absent columns at their defaults."""
    row = entry.row.values
    goal, _indicators = goal_and_indicators(row)
    budget, period = row["budget"], row["period"]
    values = {field: row[key] for field, key in PLAIN.items()} | {
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
    return values | ({"public_alias": row["alias"]} if row["alias"] else {})


def _difference(demand: Demand, entry: Entry, present) -> set[str]:
    """The fields in which the row says something else than the demand. Columns that are not there say nothing."""
    values = values_of(entry)
    absent = {field for field in values if not (COLUMNS_OF.get(field, {PLAIN.get(field, field)}) & present)}
    if demand.period_text == values["period_text"]:
        absent |= {"period_start", "period_end"}  # 一年内 counts from the day of the check: the words are what was said
    differs = {field for field, value in values.items() if field not in absent and getattr(demand, field) != value}
    if "indicators" in present and _said(demand.indicators.all()) != _said(goal_and_indicators(entry.row.values)[1]):
        differs.add("indicators")
    details = _contact_details(entry)
    if details and (demand.contact is None or _key(demand.contact) != details.key):
        differs.add("contact")
    return differs


COLUMNS_OF = {
    "goal": {"goal", "indicators"},
    "transfer_ways": {"ways"},
    "budget_min_wan": {"budget"},
    "budget_max_wan": {"budget"},
    "budget_negotiable": {"budget"},
    "period_start": {"period"},
    "period_end": {"period"},
    "period_text": {"period"},
    "is_anonymous": {"anonymous"},
    "public_alias": {"alias"},
}
"""Field → the columns it is read from, where they have other names and it is not in PLAIN."""


def _said(indicators: Iterable) -> list[tuple]:
    return [
        tuple(one[field] if isinstance(one, dict) else getattr(one, field) for field in INDICATOR_FIELDS)
        for one in indicators
    ]


def _key(contact: Contact) -> tuple:
    return (contact.organisation_id, contact.name, contact.phone, contact.email)
