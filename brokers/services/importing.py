"""Checked sheets of agencies and brokers written into the directory: all or nothing, twice changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, SourceFile
from accounts.services.contacts import ContactDetails, keep_contacts
from accounts.services.source_files import ImportResult, import_sheet
from audit.changes import kept
from audit.services import record_many
from brokers.imports import KnownOrganisations, check_agencies, check_brokers, check_city, known_brokers
from brokers.models import Agency, Broker
from sheets.checking import SheetReport

BATCH = 500
SETS = ("industries", "regions")
BROKER_FIELDS = ("name", "level", "certified_by", "issued_on", "expires_on", "title")


@dataclass
class Writing:
    """What one import is about to do: new rows, changed rows with their trail, sets of related keys, counts."""

    new: list[models.Model] = field(default_factory=list)
    changed: dict[models.Model, dict] = field(default_factory=dict)
    sets: list[tuple[models.Model, str, tuple]] = field(default_factory=list)
    unchanged: int = 0
    skipped: int = 0

    @property
    def result(self) -> ImportResult:
        return ImportResult(len(self.new), self.unchanged, len(self.changed), self.skipped)


def import_agencies(source_file: SourceFile, *, by, only_own: bool = False) -> ImportResult:
    """Check a stored sheet of agencies again and write it. Unknown organisations are made; nothing gets verified.

    An agency that is there and not verified is corrected, a verified one left alone. Raises ValidationError with the
    first faults, PermissionDenied, UnreadableSheet; then nothing has been written.
    """
    return _import(source_file, SourceFile.Kind.AGENCIES, check_agencies, _write_agencies, by)


def import_brokers(source_file: SourceFile, *, by, only_own: bool = False) -> ImportResult:
    """Check a stored sheet of brokers again and write it. A certificate number is one broker, who is corrected."""
    return _import(source_file, SourceFile.Kind.BROKERS, check_brokers, _write_brokers, by)


def _import(source_file: SourceFile, kind: str, check: Callable, write: Callable, by) -> ImportResult:
    check_city(by)
    return import_sheet(
        source_file,
        kind,
        check=lambda content, name: check(content, name, by=by),
        write=lambda report, file: write(report, file, by),
        by=by,
    )


# --- Agencies ----------------------------------------------------------------------------------------------------
def _write_agencies(report: SheetReport, source_file: SourceFile, by) -> ImportResult:
    present = report.sheet.header.positions.keys()
    known = KnownOrganisations(row.values for row in report.rows)
    organisations = {row.number: known.by_code(row.values) or known.by_name(row.values) for row in report.rows}
    made = {row.number: _new_organisation(row.values) for row in report.rows if organisations[row.number] is None}
    Organisation.objects.bulk_create(made.values(), batch_size=BATCH)
    record_many(_("导入时建立单位"), {one: {"source_file": [None, source_file.name]} for one in made.values()}, by=by)
    organisations |= made
    agencies = Agency.objects.filter(organisation__in=organisations.values()).select_for_update(of=("self",))
    agencies = agencies.select_related("organisation", "contact").prefetch_related(*SETS)
    agencies = {agency.organisation_id: agency for agency in agencies}
    wanted = {
        row.number: _details(organisations[row.number].pk, row.values["contact"], row.values) for row in report.rows
    }
    contacts = keep_contacts(details for details in wanted.values() if details)
    todo = Writing()
    for row in report.rows:
        organisation = organisations[row.number]
        fields = {"kind": row.values["kind"], "services": list(row.values["services"])}
        if details := wanted[row.number]:
            fields["contact"] = contacts[details]
        fields = {name: value for name, value in fields.items() if name in present}
        sets = {name: row.values[name] for name in SETS if name in present}
        agency = agencies.get(organisation.pk)
        if agency is None:
            new = Agency(organisation=organisation, source_file=source_file, source_row=row.number, **fields)
            _plan_new(todo, new, sets)
        else:
            own = {key: row.values[key] for key in ("profile", "website") if key in present and row.values[key]}
            _plan_change(todo, agency, fields, sets, frozen=agency.verified_at is not None, beside=(organisation, own))
    _write(todo, Agency, ["kind", "services", "contact"], by)
    touched = [agency.organisation for agency in todo.changed]
    Organisation.objects.bulk_update(touched, ["profile", "website"], batch_size=BATCH)
    return todo.result


def _new_organisation(values: dict) -> Organisation:
    return Organisation(
        name=values["name"],
        kind=Organisation.Kind.AGENCY,
        credit_code=values["credit_code"] or "",
        stat_region_id=values["region"],
        profile=values["profile"],
        website=values["website"],
    )


# --- Brokers -----------------------------------------------------------------------------------------------------
def _write_brokers(report: SheetReport, source_file: SourceFile, by) -> ImportResult:
    present = report.sheet.header.positions.keys()
    brokers = known_brokers(row.values for row in report.rows)
    agencies = Agency.objects.filter(pk__in={row.values["agency"] for row in report.rows if row.values["agency"]})
    owners = dict(agencies.values_list("pk", "organisation_id"))
    wanted = {
        row.number: _details(owners[row.values["agency"]], row.values["name"], row.values)
        for row in report.rows
        if row.values["agency"]
    }
    contacts = keep_contacts(details for details in wanted.values() if details)
    todo = Writing()
    for row in report.rows:
        fields = {name: row.values[name] for name in BROKER_FIELDS if name in present}
        if "agency" in present:
            fields["agency_id"] = row.values["agency"]
        if details := wanted.get(row.number):
            fields["contact"] = contacts[details]
        sets = {name: row.values[name] for name in SETS if name in present}
        broker = brokers.get(row.values["certificate_number"])
        if broker is None:
            number = row.values["certificate_number"]
            new = Broker(certificate_number=number, source_file=source_file, source_row=row.number, **fields)
            _plan_new(todo, new, sets)
        else:
            _plan_change(todo, broker, fields, sets)
    _write(todo, Broker, [*BROKER_FIELDS, "agency", "contact"], by)
    return todo.result


# --- Both --------------------------------------------------------------------------------------------------------
def _details(organisation_id: int, name: str, values: dict) -> ContactDetails | None:
    if not (values["phone"] or values["email"]):
        return None
    return ContactDetails(
        organisation_id, name or _("联系人"), values["phone"] or "", values["email"] or "", bool(values["consents"])
    )


def _plan_new(todo: Writing, entry, sets: dict) -> None:
    todo.new.append(entry)
    todo.sets += [(entry, name, keys) for name, keys in sets.items()]


def _plan_change(todo: Writing, entry, fields: dict, sets: dict, *, frozen=False, beside=(None, {})) -> None:
    """Note what differs between an entry and its row; `beside` is its organisation with the row's words on it."""
    other, other_fields = beside
    differs = {name: value for name, value in fields.items() if getattr(entry, name) != value}
    other_differs = {name: value for name, value in other_fields.items() if getattr(other, name) != value}
    sets_differ = {
        name: keys for name, keys in sets.items() if {row.pk for row in getattr(entry, name).all()} != set(keys)
    }
    if not (differs or other_differs or sets_differ):
        todo.unchanged += 1
    elif frozen:
        todo.skipped += 1
    else:
        trail = {
            name: [kept(getattr(entry, name)), kept(value)] for name, value in differs.items() if name != "contact"
        }
        trail |= {name: [kept(getattr(other, name)), kept(value)] for name, value in other_differs.items()}
        trail |= {name: [None, _("已修改")] for name in {*sets_differ, *({"contact"} & differs.keys())}}
        for name, value in differs.items():
            setattr(entry, name, value)
        for name, value in other_differs.items():
            setattr(entry.organisation, name, value)
        todo.changed[entry] = trail
        todo.sets += [(entry, name, keys) for name, keys in sets_differ.items()]


def _write(todo: Writing, model: type[models.Model], fields: list[str], by) -> None:
    model.objects.bulk_create(todo.new, batch_size=BATCH)
    now = timezone.now()
    for entry in todo.changed:
        entry.updated_at = now
    model.objects.bulk_update(todo.changed, [*fields, "updated_at"], batch_size=BATCH)
    for name in SETS:
        _write_sets(model, name, [(entry, keys) for entry, of, keys in todo.sets if of == name])
    record_many(_("导入"), {entry: {"source_row": [None, entry.source_row]} for entry in todo.new}, by=by)
    record_many(_("导入时修改"), todo.changed, by=by)


def _write_sets(model: type[models.Model], name: str, pairs: Iterable[tuple[models.Model, tuple]]) -> None:
    """Give each entry exactly these related rows, in two queries for all of them."""
    relation = model._meta.get_field(name)
    through, own, other = relation.remote_field.through, relation.m2m_field_name(), relation.m2m_reverse_field_name()
    through.objects.filter(**{f"{own}__in": [entry.pk for entry, _keys in pairs]}).delete()
    through.objects.bulk_create(
        [through(**{f"{own}_id": entry.pk, f"{other}_id": key}) for entry, keys in pairs for key in keys],
        batch_size=4 * BATCH,
    )
