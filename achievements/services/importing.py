"""Write a checked sheet of achievements: all rows or none; importing the same rows again changes nothing."""

from collections.abc import Iterable, Mapping, Set
from copy import copy
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organisation, SourceFile, User
from accounts.services.contacts import ContactDetails, save_contacts
from accounts.services.source_files import ImportResult, record_import_result
from achievements.imports import check_achievements, existing_achievements, normalized_title
from achievements.models import Achievement
from achievements.services.editing import DETAIL_MODELS, audit_field, detail_values, fill_derived_fields
from achievements.services.people import leave_out_erased_of_sheet
from achievements.services.transitions import Status
from audit.services import audit_label, record_many
from sheets.checking import CheckedRow
from taxonomy.indicators import parse_indicators
from taxonomy.models import MaturityScale

DIRECT_COLUMNS = (
    *(
        "title",
        "college",
        "partner_names",
        "lead_person",
        "category",
        "form",
        "attribute",
        "applied_industry",
        "discipline",
    ),
    *(
        "summary",
        "scenario",
        "economics",
        "limits",
        "standing",
        "evaluation",
        "evaluated_by",
        "evaluated_on",
        "national_number",
    ),
    *("stage", "maturity_level", "maturity_evidence"),
    *("pay_later", "wanted_partner", "willingness", "transferred_note"),
)
"""Columns that are stored unchanged in the field of the same name."""
BATCH_SIZE = 500


class RowContent(NamedTuple):
    """What one sheet row says: achievement field values, and detail rows by relation name."""

    fields: dict[str, Any]
    detail_rows: dict[str, list[dict[str, Any]]]


class FieldChanges(NamedTuple):
    """How a draft differs from its sheet row: audit changes by field, and the detail rows to replace."""

    changes: dict[str, list[Any]]
    detail_rows: dict[str, list[dict[str, Any]]]


@transaction.atomic
def import_achievements(source_file: SourceFile, *, by: User, only_own: bool = False) -> ImportResult:
    """Check a stored sheet again and write its rows: an institution's as drafts, the city's as 待院校审核.

    Rows equal to an existing achievement change nothing; drafts that differ are updated; achievements past the draft
    status are skipped. Raises ValidationError if the sheet has errors; then nothing is written.
    """
    source_file.refresh_from_db(from_queryset=SourceFile.objects.select_for_update())
    with source_file.file.open("rb") as content:
        report = check_achievements(content.read(), source_file.name, by=by, only_own=only_own)
    if not report.ok:
        raise ValidationError(
            "“%(name)s”还有 %(count)d 处需要修正，没有导入任何一行。"
            % {"name": source_file, "count": len(report.errors)}
        )
    # Serialise imports for one institution, so that the second sees the rows of the first.
    institutions = {row.values["institution"] for row in report.rows}
    list(Organisation.objects.filter(pk__in=institutions).order_by("pk").select_for_update())
    try:
        with transaction.atomic():
            result = write_rows(report.rows, report.sheet.header.positions.keys(), source_file, by)
    except IntegrityError:
        raise ValidationError("导入时有人同时录入了同名成果，没有导入任何一行，请重新检查后再导入。") from None
    record_import_result(source_file, result)
    return result


def write_rows(
    rows: Iterable[CheckedRow],
    present: Set[str],
    source_file: SourceFile,
    by: User,
    *,
    without: Mapping[int, Set[str]] | None = None,
) -> ImportResult:
    """Create and update the achievements of checked rows. The caller holds the locks.

    present: keys of the columns of the sheet; others leave their fields unset. without: {row number: names of fields}
    that keep their value in an existing draft.
    """
    rows = list(rows)
    existing = existing_achievements(rows)
    contacts = save_contacts(_contact(row.values) for row in rows)
    new, drafts, skipped = [], [], 0
    for row in rows:
        content = row_content(row.values, present)
        content.fields["contact"] = contacts[_contact(row.values)]
        achievement = existing.get((row.values["institution"], normalized_title(row.values["title"])))
        if achievement is None:
            new.append((row, content))
        elif achievement.status == Status.DRAFT:
            content = without_fields(content, (without or {}).get(row.number, frozenset()))
            drafts.append((achievement, content))
        else:
            skipped += 1
    leave_out_erased_of_sheet((content.fields, content.detail_rows) for _row, content in [*drafts, *new])
    updated = _update(drafts, source_file, by)
    _create(new, source_file, by)
    return ImportResult(len(new), len(drafts) - updated, updated, skipped)


def without_fields(content: RowContent, names: Set[str]) -> RowContent:
    """The content without some fields and detail rows."""
    fields = {name: value for name, value in content.fields.items() if name not in names or name == "institution_id"}
    return RowContent(fields, {name: rows for name, rows in content.detail_rows.items() if name not in names})


def row_content(values: dict[str, Any], present: Set[str]) -> RowContent:
    """Convert the values of a checked row. Columns that are not `present` in the sheet leave their fields unset."""
    values = values | _evaluation(values)
    names = set(present) | ({"evaluation", "evaluated_by", "evaluated_on"} if "evaluation_parts" in present else set())
    fields = {name: values[name] for name in DIRECT_COLUMNS if name in names}
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
    indicators, rest = parse_indicators(values["indicators"], with_usual=True)
    if present & {"indicators", "innovation"}:
        fields["innovation"] = "\n".join(filter(None, [values["innovation"], rest]))[:3000]
    return RowContent(fields, _detail_rows(values, present, indicators))


def _detail_rows(
    values: dict[str, Any], present: Set[str], indicators: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    rights = [_right(right) for right in values["intellectual_property"]]
    completers = [{"name": name, "unit": unit} for name, unit in values["completers"]]
    detail_rows = {"indicators": indicators, "intellectual_property": rights, "completers": completers}
    return {name: rows for name, rows in detail_rows.items() if name in present}


def _right(right: Any) -> dict[str, str]:
    state = getattr(right, "state", "")
    return {"kind": right.kind, "number": right.number} | ({"state": state} if state else {})


def _evaluation(values: dict[str, Any]) -> dict[str, Any]:
    """The evaluation fields, from their three columns or from the combined column."""
    kind, by, on = values["evaluation_parts"]
    return {
        "evaluation": values["evaluation"] or kind,
        "evaluated_by": values["evaluated_by"] or by,
        "evaluated_on": values["evaluated_on"] or on,
    }


def _contact(values: dict[str, Any]) -> ContactDetails:
    return ContactDetails(
        organisation_id=values["institution"],
        name=values["contact_name"],
        phone=values["contact_phone"],
        email=values["contact_email"],
        consents=values["contact_consents"],
    )


def _create(new: list[tuple[CheckedRow, RowContent]], source_file: SourceFile, by: User) -> None:
    achievements = []
    for row, content in new:
        is_own = content.fields["institution_id"] in by.scope.institution_ids
        achievement = Achievement(
            **content.fields,
            status=Status.DRAFT if is_own else Status.INSTITUTION_REVIEW,
            source_file=source_file,
            source_row=row.number,
            created_by=by,
        )
        fill_derived_fields(achievement)
        achievements.append(achievement)
    created = Achievement.objects.bulk_create(achievements, batch_size=BATCH_SIZE)
    _create_details(
        (achievement, content.detail_rows) for achievement, (_row, content) in zip(created, new, strict=True)
    )
    changes = {achievement: {"source": [None, f"{source_file} · {achievement.source_row}"]} for achievement in created}
    record_many("导入", changes, by=by)


def _create_details(pairs: Iterable[tuple[Achievement, dict[str, list[dict[str, Any]]]]]) -> None:
    pairs = list(pairs)
    for name, model in DETAIL_MODELS.items():
        model._default_manager.bulk_create(
            (
                model(achievement=achievement, order=order, **values)
                for achievement, detail_rows in pairs
                for order, values in enumerate(detail_rows.get(name, ()), start=1)
            ),
            batch_size=BATCH_SIZE,
        )


def _update(drafts: list[tuple[Achievement, RowContent]], source_file: SourceFile, by: User) -> int:
    """Update the drafts that differ from their sheet row. Returns how many."""
    locked = {row.pk: row for row in _locked_drafts(draft.pk for draft, _content in drafts)}
    altered: dict[Achievement, FieldChanges] = {}
    for draft, content in drafts:
        row = locked.get(draft.pk)
        if row is None:
            raise ValidationError("“%(title)s”刚刚被提交或修改，没有导入任何一行，请重新检查。" % {"title": draft})
        if changes := _apply(row, content):
            replaced = {name: content.detail_rows[name] for name in content.detail_rows.keys() & changes.keys()}
            altered[row] = FieldChanges(changes, replaced)
    if not altered:
        return 0
    for row, difference in altered.items():
        row.updated_at = timezone.now()
        for name in difference.detail_rows:
            getattr(row, name).all().delete()
    names = {name for difference in altered.values() for name in difference.changes.keys() - DETAIL_MODELS.keys()}
    derived = {"maturity_bucket", "price_negotiable", "updated_at"}
    Achievement.objects.bulk_update(altered, sorted(names | derived), batch_size=BATCH_SIZE)
    _create_details((row, difference.detail_rows) for row, difference in altered.items())
    source = {"source": [None, str(source_file)]}
    record_many("导入修改", {row: difference.changes | source for row, difference in altered.items()}, by=by)
    return len(altered)


def _locked_drafts(keys: Iterable[int]) -> QuerySet[Achievement]:
    rows = Achievement.objects.filter(pk__in=list(keys), status=Status.DRAFT).order_by("pk")
    return rows.select_for_update(of=["self"]).select_related("contact").prefetch_related(*DETAIL_MODELS)


def differences(achievement: Achievement, content: RowContent) -> dict[str, list[Any]]:
    """{field or relation: [old, new]} of what a row would change, as labels; the contact is not compared."""
    return _apply(copy(achievement), without_fields(content, frozenset({"contact"})))


def with_known_details(achievement: Achievement, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`rows` with what a sheet does not say of details that stand already, such as the state and days of a right.

    Rows that read like those of the registry are these.
    """
    model = DETAIL_MODELS[name]
    old = list(getattr(achievement, name).all())
    if [audit_label(detail) for detail in old] == [audit_label(model(**values)) for values in rows]:
        return [detail_values(detail) for detail in old]
    if name != "intellectual_property":
        return rows
    known = {(right.kind, right.number): detail_values(right) for right in old}
    return [known.get((values["kind"], values["number"]), {}) | values for values in rows]


def _apply(row: Achievement, content: RowContent) -> dict[str, list[Any]]:
    """Set the field values on the unsaved `row`. Returns {name: [old, new]} of what differs, details as labels."""
    changes: dict[str, list[Any]] = {}
    for name, value in content.fields.items():
        if (old := getattr(row, name)) != value:
            changes[name] = [audit_field(name, old), audit_field(name, value)]
            setattr(row, name, value)
    fill_derived_fields(row)
    for name, rows in content.detail_rows.items():
        model = DETAIL_MODELS[name]
        rows = content.detail_rows[name] = with_known_details(row, name, rows)
        old = [detail_values(detail) for detail in getattr(row, name).all()]
        new = [model(**values) for values in rows]
        if old != [detail_values(detail) for detail in new]:
            changes[name] = [[audit_label(model(**values)) for values in old], [audit_label(detail) for detail in new]]
    return changes
