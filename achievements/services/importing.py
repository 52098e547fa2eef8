"""From a checked sheet into the registry: all rows or none, and the same rows twice change nothing."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation, SourceFile
from accounts.services.contacts import ContactDetails, keep_contacts
from accounts.services.source_files import ImportResult, note_import
from achievements.imports import check_achievements, known_titles, title_key
from achievements.models import Achievement
from achievements.services.editing import PARTS, complete, part_values
from achievements.services.moves import Status
from audit.changes import kept
from audit.services import record_many
from taxonomy.indicators import parse_indicators
from taxonomy.models import MaturityScale

AS_THEY_ARE = (
    *("title", "partner_names", "lead_person", "category", "form", "attribute", "applied_industry", "discipline"),
    *("summary", "scenario", "economics", "standing", "evaluation", "evaluated_by", "evaluated_on", "national_number"),
    *("stage", "maturity_level", "maturity_evidence"),
    *("pay_later", "wanted_partner", "willingness", "transferred_note"),
)
"""Columns whose value is the field of the same name."""
AT_ONCE = 500


@transaction.atomic
def import_achievements(source_file: SourceFile, *, by, only_own: bool = False) -> ImportResult:
    """Write the rows of a stored sheet: an office's as drafts, the city's for the office to review.

    The sheet is checked again first; a row that is there already stays as it is, a draft with other content is changed,
    an item beyond a draft is left alone. Raises ValidationError when anything is wrong with the sheet, and then
    nothing has been written.
    """
    source_file.refresh_from_db(from_queryset=SourceFile.objects.select_for_update())
    with source_file.file.open("rb") as content:
        report = check_achievements(content.read(), source_file.name, by=by, only_own=only_own)
    if not report.ok:
        raise ValidationError(
            _("“%(name)s”还有 %(count)d 处需要修正，没有导入任何一行。")
            % {"name": source_file, "count": len(report.errors)}
        )
    # Two imports for one institution wait for each other: the second then sees what the first has written.
    institutions = {row.values["institution"] for row in report.rows}
    list(Organisation.objects.filter(pk__in=institutions).order_by("pk").select_for_update())
    try:
        with transaction.atomic():
            result = _write(report, source_file, by)
    except IntegrityError:
        raise ValidationError(_("导入时有人同时录入了同名成果，没有导入任何一行，请重新检查后再导入。")) from None
    note_import(source_file, result)
    return result


def _write(report, source_file, by) -> ImportResult:
    present = report.sheet.header.positions.keys()
    known = known_titles(report.rows)
    contacts = keep_contacts(_contact(row.values) for row in report.rows)
    new, drafts, skipped = [], [], 0
    for row in report.rows:
        fields, parts = row_content(row.values, present)
        fields["contact"] = contacts[_contact(row.values)]
        there = known.get((row.values["institution"], title_key(row.values["title"])))
        if there is None:
            new.append((row, fields, parts))
        elif there.status == Status.DRAFT:
            drafts.append((there, fields, parts))
        else:
            skipped += 1
    updated = _update(drafts, source_file, by)
    _create(new, source_file, by)
    return ImportResult(len(new), len(drafts) - updated, updated, skipped)


def row_content(values: dict, present) -> tuple[dict, dict[str, list[dict]]]:
    """The fields of an achievement and the rows of its parts, from a checked row. Only of columns that are `present`:
    a sheet says nothing about what it has no column for."""
    values = values | _evaluation(values)
    names = set(present) | ({"evaluation", "evaluated_by", "evaluated_on"} if "evaluation_parts" in present else set())
    fields = {name: values[name] for name in AS_THEY_ARE if name in names}
    fields |= {"institution_id": values["institution"], "industry_id": values["industry"], "non_secret_confirmed": True}
    fields["transfer_ways"] = list(values["transfer_ways"])
    if "keywords" in present:
        fields["keywords"] = list(values["keywords"])
    if present & {"maturity_level", "maturity_scale"}:
        fields["maturity_scale"] = values["maturity_scale"] or MaturityScale.TRL9
    if price := values["price"]:
        fields |= {"price_min_wan": price.min, "price_max_wan": price.max, "price_negotiable": price.negotiable}
    if funds := values["funds_needed"]:
        fields["funds_needed_wan"] = funds.max or funds.min
    indicators, rest = parse_indicators(values["indicators"])
    if present & {"indicators", "innovation"}:
        fields["innovation"] = "\n".join(filter(None, [values["innovation"], rest]))[:3000]
    return fields, _parts(values, present, indicators)


def _parts(values, present, indicators) -> dict[str, list[dict]]:
    parts = {
        "indicators": indicators,
        "intellectual_property": [
            {"kind": right.kind, "number": right.number} for right in values["intellectual_property"]
        ],
        "completers": [{"name": name, "unit": unit} for name, unit in values["completers"]],
    }
    return {name: rows for name, rows in parts.items() if name in present}


def _evaluation(values) -> dict:
    """The evaluation, from three columns of its own or from the one that holds all."""
    kind, by, on = values["evaluation_parts"]
    return {
        "evaluation": values["evaluation"] or kind,
        "evaluated_by": values["evaluated_by"] or by,
        "evaluated_on": values["evaluated_on"] or on,
    }


def _contact(values) -> ContactDetails:
    return ContactDetails(
        organisation_id=values["institution"],
        name=values["contact_name"],
        phone=values["contact_phone"],
        email=values["contact_email"],
        consents=values["contact_consents"],
    )


def _create(new, source_file, by) -> None:
    rows = []
    for row, fields, _parts_of_row in new:
        own = fields["institution_id"] in by.scope.institution_ids
        achievement = Achievement(
            **fields,
            status=Status.DRAFT if own else Status.OFFICE_REVIEW,
            source_file=source_file,
            source_row=row.number,
            created_by=by,
        )
        complete(achievement)
        rows.append(achievement)
    made = Achievement.objects.bulk_create(rows, batch_size=AT_ONCE)
    _create_parts((one, parts) for one, (_row, _fields, parts) in zip(made, new, strict=True))
    record_many(_("导入"), {one: {"source": [None, f"{source_file} · {one.source_row}"]} for one in made}, by=by)


def _create_parts(pairs) -> None:
    pairs = list(pairs)
    for name, model in PARTS.items():
        model.objects.bulk_create(
            (
                model(achievement=achievement, order=order, **values)
                for achievement, parts in pairs
                for order, values in enumerate(parts.get(name, ()), start=1)
            ),
            batch_size=AT_ONCE,
        )


def _update(drafts, source_file, by) -> int:
    """Change those drafts that the sheet tells otherwise; returns how many."""
    there = {row.pk: row for row in _locked_drafts(draft.pk for draft, *_rest in drafts)}
    altered = {}
    for draft, fields, parts in drafts:
        row = there.get(draft.pk)
        if row is None:
            raise ValidationError(_("“%(title)s”刚刚被提交或修改，没有导入任何一行，请重新检查。") % {"title": draft})
        if changes := _changes(row, fields, parts):
            altered[row] = (changes, {name: parts[name] for name in parts.keys() & changes.keys()})
    if not altered:
        return 0
    for row, (_changed, parts) in altered.items():
        row.updated_at = timezone.now()
        for name in parts:
            getattr(row, name).all().delete()
    names = {name for row, (changes, _parts) in altered.items() for name in changes.keys() - PARTS.keys()}
    follows = {"maturity_bucket", "price_negotiable", "updated_at"}
    Achievement.objects.bulk_update(altered, sorted(names | follows), batch_size=AT_ONCE)
    _create_parts((row, parts) for row, (_changes_of_row, parts) in altered.items())
    source = {"source": [None, str(source_file)]}
    record_many(_("导入修改"), {row: changes | source for row, (changes, _parts) in altered.items()}, by=by)
    return len(altered)


def _locked_drafts(keys):
    rows = Achievement.objects.filter(pk__in=list(keys), status=Status.DRAFT).order_by("pk")
    return rows.select_for_update(of=["self"]).select_related("contact").prefetch_related(*PARTS)


def _changes(row: Achievement, fields: dict, parts: dict) -> dict:
    """Set the fields on the row (unsaved); field → [old, new] of what differs, parts as their labels."""
    changes = {}
    for name, value in fields.items():
        if (old := getattr(row, name)) != value:
            changes[name] = [kept(old), kept(value)]
            setattr(row, name, value)
    complete(row)
    for name, rows in parts.items():
        old = [part_values(one) for one in getattr(row, name).all()]
        new = [PARTS[name](**values) for values in rows]
        if old != [part_values(one) for one in new]:
            changes[name] = [[str(PARTS[name](**values)) for values in old], [str(one) for one in new]]
    return changes
