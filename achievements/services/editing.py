"""Create and update achievements, with an audit record of the changed fields."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement, Completer, Indicator, IntellectualProperty
from achievements.permissions import check_institution_or_city, represents_institution
from achievements.services.people import leave_out_erased_of_many, leave_out_erased_people
from achievements.services.reviewed_fields import REVIEWED_DETAILS, REVIEWED_FIELDS
from achievements.services.transitions import Status
from audit.changes import AuditValue, audit_value
from audit.services import audit_label, record, record_many
from audit.transitions import constraint_message
from core.confidentiality import find_secrecy_marking
from core.masking import mask_name
from taxonomy.models import maturity_bucket

DETAIL_MODELS = {"indicators": Indicator, "intellectual_property": IntellectualProperty, "completers": Completer}
"""Models of the detail rows of an achievement, by the name of their reverse relation."""
type DetailRows = dict[str, list[dict[str, Any]]]
"""{relation name in DETAIL_MODELS: [field values]}."""
PERSON_FIELDS = frozenset({"lead_person"})
BATCH_SIZE = 500
LOCKED_FIELDS = frozenset({"title", "institution"})
"""Fields that cannot change once the registry number is given."""
INSTITUTION_EDITABLE = (Status.DRAFT, Status.INSTITUTION_REVIEW, *Achievement.OFFERED, Status.PAUSED)
CITY_EDITABLE = (*INSTITUTION_EDITABLE, Status.CITY_REVIEW)


class NewAchievement(NamedTuple):
    """What an achievement is created from, and by whom."""

    fields: dict[str, Any]
    detail_rows: DetailRows
    by: User


def create_achievement(fields: dict[str, Any], *, by: User, detail_rows: DetailRows | None = None) -> Achievement:
    """Create a draft from field values and `detail_rows`.

    Raises PermissionDenied for another institution's achievement; ValidationError (by field) for invalid values or
    texts with a secrecy marking.
    """
    return create_achievements([NewAchievement(fields, detail_rows or {}, by)])[0]


@transaction.atomic
def create_achievements(new: Sequence[NewAchievement]) -> list[Achievement]:
    """`create_achievement` for many: all or none, checked one by one and written in few queries."""
    made = [Achievement(**row.fields, created_by=row.by) for row in new]
    for achievement, row in zip(made, new, strict=True):
        check_institution_or_city(achievement, row.by)
    details = [row.detail_rows for row in new]
    leave_out_erased_of_many(zip(made, details, strict=True))
    for achievement, detail_rows in zip(made, details, strict=True):
        fill_derived_fields(achievement)
        check_not_secret(achievement, detail_rows)
        achievement.full_clean()
    try:
        with transaction.atomic():
            Achievement.objects.bulk_create(made, batch_size=BATCH_SIZE)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Achievement)) from None
    for name in DETAIL_MODELS:
        write_details_of_many(name, ((row, rows.get(name, [])) for row, rows in zip(made, details, strict=True)))
    for by, rows in groupby(zip(made, new, strict=True), key=lambda pair: pair[1].by):
        record_many("新建", {achievement: {} for achievement, _row in rows}, by=by)
    return made


@transaction.atomic
def update_achievement(
    achievement: Achievement,
    fields: dict[str, Any],
    *,
    by: User,
    detail_rows: DetailRows | None = None,
    seen_at: datetime | None = None,
) -> Achievement:
    """Update an achievement and record old and new values. Each list in `detail_rows` replaces the rows of that name.

    `seen_at` is the `updated_at` that the editor's page showed; an update based on an older version is refused.
    A registered achievement keeps its status and LOCKED_FIELDS; its institution changes REVIEWED_FIELDS through
    `achievements.services.revisions`. Setting the willingness to "unwilling" unpublishes it.
    Raises PermissionDenied, ValidationError.
    """
    check_institution_or_city(achievement, by)
    row = Achievement.objects.select_for_update(of=["self"]).get(pk=achievement.pk)
    _check_editable(row, by, seen_at)
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    leave_out_erased_people(row, detail_rows or {})
    changes = {
        name: [audit_field(name, old), audit_field(name, getattr(row, name))]
        for name, old in before.items()
        if old != getattr(row, name)
    }
    if row.registry_number and LOCKED_FIELDS & changes.keys():
        raise ValidationError(
            {name: "已入库的成果不能更改这一项，如确有错误请联系市科技局。" for name in LOCKED_FIELDS & changes.keys()}
        )
    _check_reviewed(row, by, [*changes, *(detail_rows or ())])
    fill_derived_fields(row)
    check_not_secret(row, detail_rows or {})
    row.full_clean()
    for name, rows in (detail_rows or {}).items():
        old = [detail_values(detail) for detail in getattr(row, name).all()]
        if old != [detail_values(DETAIL_MODELS[name](**values)) for values in rows]:
            changes[name] = [_labels(name, old), _labels(name, rows)]
            getattr(row, name).all().delete()
            write_details(row, name, rows)
    if changes:
        if row.willingness == Achievement.Willingness.UNWILLING and row.published_at:
            changes["published_at"] = [row.published_at.isoformat(), None]
            row.published_at = None
        save_achievement(row)
        record("修改", row, by=by, changes=changes)
    achievement.refresh_from_db()
    return achievement


def save_achievement(achievement: Achievement) -> None:
    """Save a validated achievement. A concurrent request may have saved the same title since the validation."""
    try:
        with transaction.atomic():
            achievement.save()
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Achievement)) from None


def editable_statuses(achievement: Achievement, by: User) -> tuple[Status, ...]:
    """Statuses in which `by` may update the achievement; empty without permission."""
    if by.scope.is_city:
        return CITY_EDITABLE
    return INSTITUTION_EDITABLE if represents_institution(achievement, by) else ()


def fill_derived_fields(achievement: Achievement) -> None:
    """Set `maturity_bucket` from scale and level, and `price_negotiable` when no price is given."""
    try:
        achievement.maturity_bucket = maturity_bucket(achievement.maturity_scale, achievement.maturity_level)
    except ValueError:
        achievement.maturity_bucket = ""  # full_clean() reports it: achievement_maturity_on_scale
    if achievement.price_min_wan is None and achievement.price_max_wan is None:
        achievement.price_negotiable = True


def check_not_secret(achievement: Achievement, detail_rows: DetailRows) -> None:
    """Raise ValidationError, by field, if a text contains the marking of a state secret."""
    texts = {f.name: getattr(achievement, f.name) for f in Achievement._meta.concrete_fields if f.name in TEXT_FIELDS}
    texts["keywords"] = " ".join(achievement.keywords)
    for name, rows in detail_rows.items():
        texts[name] = " ".join(str(value) for row in rows for value in row.values())
    for name, text in texts.items():
        if mark := find_secrecy_marking(text or ""):
            message = "这里写着“%(mark)s”。涉密成果不能录入本平台；如果不涉密，请去掉这一标记。" % {"mark": mark}
            raise ValidationError({name: message} if name in TEXT_FIELDS else message)


def detail_values(row: Model) -> dict[str, Any]:
    """Field values of a detail row, without primary key, achievement and order."""
    skip = {"id", "achievement", "order"}
    return {f.name: getattr(row, f.name) for f in row._meta.concrete_fields if f.name not in skip}


TEXT_FIELDS = frozenset(
    f.name
    for f in Achievement._meta.concrete_fields
    if f.get_internal_type() in {"CharField", "TextField"} and f.editable and not f.choices
)


def _check_editable(row: Achievement, by: User, seen_at: datetime | None) -> None:
    if seen_at is not None and row.updated_at != seen_at:
        raise ValidationError(
            "在您打开页面之后，“%(title)s”已被修改（%(when)s）。请重新打开页面，在最新内容上修改。"
            % {"title": row, "when": timezone.localtime(row.updated_at).strftime("%Y-%m-%d %H:%M")}
        )
    if row.status not in editable_statuses(row, by):
        hint = "如需修改，请联系市科技局退回。" if row.status == Status.CITY_REVIEW else ""
        raise ValidationError(
            "“%(title)s”现在是“%(now)s”，不能修改。%(hint)s"
            % {"title": row, "now": row.get_status_display(), "hint": hint}
        )


def _check_reviewed(row: Achievement, by: User, names: Iterable[str]) -> None:
    """Raise ValidationError if an institution would change at once what the city has registered."""
    if by.scope.is_city or row.status not in Achievement.REVISABLE:
        return
    if {*REVIEWED_FIELDS, *REVIEWED_DETAILS}.intersection(names):
        raise ValidationError("已入库的成果，文字和指标的改动要先由市科技局核对。请在成果页面提交修改。")


def write_details(achievement: Achievement, name: str, rows: list[dict[str, Any]]) -> None:
    """Validate and store detail rows of one relation; the caller has removed those they replace."""
    write_details_of_many(name, [(achievement, rows)])


def write_details_of_many(name: str, rows_of: Iterable[tuple[Achievement, list[dict[str, Any]]]]) -> None:
    """`write_details` for the rows of many achievements."""
    model = DETAIL_MODELS[name]
    details = [
        model(achievement=achievement, order=order, **values)
        for achievement, rows in rows_of
        for order, values in enumerate(rows, start=1)
    ]
    for detail in details:
        detail.full_clean(exclude=["achievement"])
    model._default_manager.bulk_create(details, batch_size=BATCH_SIZE)


def audit_field(name: str, value: object) -> AuditValue:
    """The value for the trail, which keeps no names of persons in full."""
    return mask_name(str(value)) if name in PERSON_FIELDS else audit_value(value)


def _labels(name: str, rows: list[dict[str, Any]]) -> list[str]:
    return [audit_label(DETAIL_MODELS[name](**values)) for values in rows]
