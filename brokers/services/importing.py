"""Write checked sheets of agencies and brokers; importing the same rows again changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.models import Organisation, SourceFile, User
from accounts.services.contacts import ContactDetails, save_contacts
from accounts.services.source_files import ImportProgress, ImportResult, import_sheet
from audit.changes import audit_value
from audit.services import record_many
from brokers.imports import OrganisationLookup, check_agencies, check_brokers, existing_brokers
from brokers.models import Agency, Broker
from brokers.permissions import check_city
from sheets.checking import SheetReport

BATCH_SIZE = 500
RELATIONS = ("industries", "regions")
BROKER_FIELDS = ("name", "level", "certified_by", "issued_on", "expires_on", "title")


@dataclass
class ImportChanges[Entry: (Agency, Broker)]:
    """What one import writes.

    `changed` maps entries to audit changes; `relations` holds (entry, relation name, primary keys to set).
    """

    new: list[Entry] = field(default_factory=list)
    changed: dict[Entry, dict[str, Any]] = field(default_factory=dict)
    relations: list[tuple[Entry, str, tuple[object, ...]]] = field(default_factory=list)
    unchanged: int = 0
    skipped: int = 0

    @property
    def result(self) -> ImportResult:
        return ImportResult(len(self.new), self.unchanged, len(self.changed), self.skipped)

    def add_new(self, entry: Entry, relations: dict[str, tuple[object, ...]]) -> None:
        self.new.append(entry)
        self.relations += [(entry, name, keys) for name, keys in relations.items()]

    def add_existing(
        self,
        entry: Entry,
        fields: dict[str, Any],
        relations: dict[str, tuple[object, ...]],
        *,
        organisation_fields: Mapping[str, Any] | None = None,
        is_locked: bool = False,
    ) -> None:
        """Count an existing entry as unchanged or skipped, or set its new values and note the audit changes.

        `organisation_fields` are set on the organisation of an agency. A locked entry that differs is skipped.
        """
        own: dict[str, Any] = _differences(entry, fields)
        holder: Organisation | None = entry.organisation if isinstance(entry, Agency) else None
        organisation: dict[str, Any] = (
            _differences(holder, organisation_fields) if holder and organisation_fields else {}
        )
        related: dict[str, tuple[object, ...]] = {
            name: keys
            for name, keys in relations.items()
            if {row.pk for row in getattr(entry, name).all()} != set(keys)
        }
        if not (own or organisation or related):
            self.unchanged += 1
            return
        if is_locked:
            self.skipped += 1
            return
        changes = {
            name: [audit_value(getattr(entry, name)), audit_value(value)]
            for name, value in own.items()
            if name != "contact"
        }
        changes |= {
            name: [audit_value(getattr(holder, name)), audit_value(value)] for name, value in organisation.items()
        }
        changes |= {name: [None, "已修改"] for name in {*related, *({"contact"} & own.keys())}}
        for name, value in own.items():
            setattr(entry, name, value)
        for name, value in organisation.items():
            setattr(holder, name, value)
        self.changed[entry] = changes
        self.relations += [(entry, name, keys) for name, keys in related.items()]


def import_agencies(
    source_file: SourceFile, *, by: User, only_own: bool = False, progress: ImportProgress | None = None
) -> ImportResult:
    """Check a stored sheet of agencies again and write its rows. New agencies are unverified.

    Unknown organisations are created. Unverified agencies are updated, verified ones skipped. Raises ValidationError
    with the first errors, PermissionDenied, UnreadableSheet; then nothing is written.
    """
    return _import(source_file, SourceFile.Kind.AGENCIES, check_agencies, _write_agencies, by, progress)


def import_brokers(
    source_file: SourceFile, *, by: User, only_own: bool = False, progress: ImportProgress | None = None
) -> ImportResult:
    """Check a stored sheet of brokers again and write its rows. Brokers are identified by certificate number."""
    return _import(source_file, SourceFile.Kind.BROKERS, check_brokers, _write_brokers, by, progress)


def _import(
    source_file: SourceFile,
    kind: str,
    check: Callable[..., SheetReport],
    write: Callable[..., ImportResult],
    by: User,
    progress: ImportProgress | None,
) -> ImportResult:
    check_city(by)
    return import_sheet(
        source_file,
        kind,
        check=lambda content, name: check(content, name, by=by),
        write=lambda report, file: write(report, file, by),
        by=by,
        parts=SheetReport.parts,
        progress=progress,
    )


# --- Agencies ----------------------------------------------------------------------------------------------------
def _write_agencies(report: SheetReport, source_file: SourceFile, by: User) -> ImportResult:
    present = report.sheet.header.positions.keys()
    organisations = _organisations(report, source_file, by)
    locked = Agency.objects.filter(organisation__in=organisations.values()).select_for_update(of=("self",))
    locked = locked.select_related("organisation", "contact").prefetch_related(*RELATIONS)
    agencies = {agency.organisation_id: agency for agency in locked}
    details = {
        row.number: _contact_details(organisations[row.number].pk, row.values["contact"], row.values)
        for row in report.rows
    }
    contacts = save_contacts(contact for contact in details.values() if contact)
    changes = ImportChanges[Agency]()
    for row in report.rows:
        organisation = organisations[row.number]
        fields = {"kind": row.values["kind"], "services": list(row.values["services"])}
        if contact := details[row.number]:
            fields["contact"] = contacts[contact]
        fields = {name: value for name, value in fields.items() if name in present}
        relations = {name: row.values[name] for name in RELATIONS if name in present}
        agency = agencies.get(organisation.pk)
        if agency is None:
            new = Agency(organisation=organisation, source_file=source_file, source_row=row.number, **fields)
            changes.add_new(new, relations)
        else:
            texts: dict[str, Any] = {
                key: row.values[key] for key in ("profile", "website") if key in present and row.values[key]
            }
            is_verified = agency.verified_at is not None
            changes.add_existing(agency, fields, relations, organisation_fields=texts, is_locked=is_verified)
    _write(changes, Agency, ["kind", "services", "contact"], by)
    changed_organisations = [agency.organisation for agency in changes.changed]
    Organisation.objects.bulk_update(changed_organisations, ["profile", "website"], batch_size=BATCH_SIZE)
    return changes.result


def _organisations(report: SheetReport, source_file: SourceFile, by: User) -> dict[int, Organisation]:
    """{row number: organisation}; creates those that do not exist."""
    lookup = OrganisationLookup(row.values for row in report.rows)
    known = {row.number: lookup.by_code(row.values) or lookup.by_name(row.values) for row in report.rows}
    existing = {number: organisation for number, organisation in known.items() if organisation is not None}
    created = {row.number: _new_organisation(row.values) for row in report.rows if row.number not in existing}
    Organisation.objects.bulk_create(created.values(), batch_size=BATCH_SIZE)
    changes = {organisation: {"source_file": [None, source_file.name]} for organisation in created.values()}
    record_many("导入时建立单位", changes, by=by)
    return existing | created


def _new_organisation(values: dict[str, Any]) -> Organisation:
    return Organisation(
        name=values["name"],
        kind=Organisation.Kind.AGENCY,
        credit_code=values["credit_code"] or "",
        stat_region_id=values["region"],
        profile=values["profile"],
        website=values["website"],
    )


# --- Brokers -----------------------------------------------------------------------------------------------------
def _write_brokers(report: SheetReport, source_file: SourceFile, by: User) -> ImportResult:
    present = report.sheet.header.positions.keys()
    brokers = existing_brokers(row.values for row in report.rows)
    agencies = Agency.objects.filter(pk__in={row.values["agency"] for row in report.rows if row.values["agency"]})
    owners = dict(agencies.values_list("pk", "organisation_id"))
    details = {
        row.number: _contact_details(owners[row.values["agency"]], row.values["name"], row.values)
        for row in report.rows
        if row.values["agency"]
    }
    contacts = save_contacts(contact for contact in details.values() if contact)
    changes = ImportChanges[Broker]()
    for row in report.rows:
        fields = {name: row.values[name] for name in BROKER_FIELDS if name in present}
        if "agency" in present:
            fields["agency_id"] = row.values["agency"]
        if contact := details.get(row.number):
            fields["contact"] = contacts[contact]
        relations = {name: row.values[name] for name in RELATIONS if name in present}
        broker = brokers.get(row.values["certificate_number"])
        if broker is None:
            number = row.values["certificate_number"]
            new = Broker(certificate_number=number, source_file=source_file, source_row=row.number, **fields)
            changes.add_new(new, relations)
        else:
            changes.add_existing(broker, fields, relations)
    _write(changes, Broker, [*BROKER_FIELDS, "agency", "contact"], by)
    return changes.result


# --- Both --------------------------------------------------------------------------------------------------------
def _differences(row: models.Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those `values` that differ from the attributes of `row`."""
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _contact_details(organisation_id: int, name: str, values: dict[str, Any]) -> ContactDetails | None:
    if not (values["phone"] or values["email"]):
        return None
    return ContactDetails(
        organisation_id, name or "联系人", values["phone"] or "", values["email"] or "", bool(values["consents"])
    )


def _write[Entry: (Agency, Broker)](
    changes: ImportChanges[Entry], model: type[Entry], fields: list[str], by: User
) -> None:
    model.objects.bulk_create(changes.new, batch_size=BATCH_SIZE)
    now = timezone.now()
    for entry in changes.changed:
        entry.updated_at = now
    model.objects.bulk_update(changes.changed, [*fields, "updated_at"], batch_size=BATCH_SIZE)
    for name in RELATIONS:
        _write_relation(model, name, [(entry, keys) for entry, relation, keys in changes.relations if relation == name])
    record_many("导入", {entry: {"source_row": [None, entry.source_row]} for entry in changes.new}, by=by)
    record_many("导入时修改", changes.changed, by=by)


def _write_relation[Entry: (Agency, Broker)](
    model: type[Entry], name: str, pairs: list[tuple[Entry, tuple[object, ...]]]
) -> None:
    """Replace the many-to-many rows of each entry, in two queries for all entries."""
    relation = model._meta.get_field(name)
    if not isinstance(relation, models.ManyToManyField) or relation.remote_field.through is None:
        raise TypeError(f"{name} is not a many-to-many field")
    through, own, other = relation.remote_field.through, relation.m2m_field_name(), relation.m2m_reverse_field_name()
    through._default_manager.filter(**{f"{own}__in": [entry.pk for entry, _keys in pairs]}).delete()
    through._default_manager.bulk_create(
        [through(**{f"{own}_id": entry.pk, f"{other}_id": key}) for entry, keys in pairs for key in keys],
        batch_size=4 * BATCH_SIZE,
    )
