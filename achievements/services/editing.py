"""Writing an achievement and changing it, with what changed in the trail."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from achievements.models import Achievement, Completer, Indicator, IntellectualProperty
from achievements.secrecy import secret_mark
from achievements.services.moves import Status, check_office_or_city, explained, is_office_of
from audit.changes import kept
from audit.services import record
from taxonomy.models import maturity_bucket

PARTS = {"indicators": Indicator, "intellectual_property": IntellectualProperty, "completers": Completer}
"""The rows that belong to an achievement, by the name under which it knows them."""
LOCKED = frozenset({"title", "institution"})
"""What the registry number stands for: it does not change once the number is given."""
OFFICE_EDITS = (Status.DRAFT, Status.OFFICE_REVIEW, *Achievement.OFFERED, Status.PAUSED)
CITY_EDITS = (*OFFICE_EDITS, Status.CITY_REVIEW)


@transaction.atomic
def create_achievement(fields: dict, *, by, parts: dict[str, list[dict]] | None = None) -> Achievement:
    """A new draft: `fields` by name, `parts` as lists of dicts under the names of PARTS.

    Raises PermissionDenied for another institution's, ValidationError (by field) for what is wrong or marked secret.
    """
    achievement = Achievement(**fields, created_by=by)
    check_office_or_city(achievement, by)
    complete(achievement)
    check_not_secret(achievement, parts or {})
    achievement.full_clean()
    _save(achievement, force_insert=True)
    for name, rows in (parts or {}).items():
        _write_part(achievement, name, rows)
    record(_("新建"), achievement, by=by)
    return achievement


@transaction.atomic
def update_achievement(
    achievement: Achievement,
    fields: dict,
    *,
    by,
    parts: dict[str, list[dict]] | None = None,
    seen: datetime | None = None,
) -> Achievement:
    """Change an achievement; the trail keeps old and new. `parts` given replace the rows of that name.

    `seen` is the `updated_at` of what the person had before them: an edit made upon an older state is refused, so that
    nobody overwrites what they never saw. A registered item stays registered, its title and institution locked; one
    whose institution is no longer willing leaves the showcase. Raises PermissionDenied, ValidationError.
    """
    check_office_or_city(achievement, by)
    row = Achievement.objects.select_for_update(of=["self"]).get(pk=achievement.pk)
    _check_editable(row, by, seen)
    before = {name: getattr(row, name) for name in fields}
    for name, value in fields.items():
        setattr(row, name, value)
    changes = {name: [kept(old), kept(getattr(row, name))] for name, old in before.items() if old != getattr(row, name)}
    if row.registry_number and LOCKED & changes.keys():
        raise ValidationError(
            {name: _("已入库的成果不能更改这一项，如确有错误请联系市科技局。") for name in LOCKED & changes.keys()}
        )
    complete(row)
    check_not_secret(row, parts or {})
    row.full_clean()
    for name, rows in (parts or {}).items():
        old = [part_values(one) for one in getattr(row, name).all()]
        if old != [part_values(PARTS[name](**values)) for values in rows]:
            changes[name] = [_said(name, old), _said(name, rows)]
            getattr(row, name).all().delete()
            _write_part(row, name, rows)
    if changes:
        if row.willingness == Achievement.Willingness.UNWILLING and row.published_at:
            changes["published_at"] = [row.published_at.isoformat(), None]
            row.published_at = None
        _save(row)
        record(_("修改"), row, by=by, changes=changes)
    achievement.refresh_from_db()
    return achievement


def _save(achievement: Achievement, **options) -> None:
    """Store what was found valid a moment ago: a second click may have stored the same in between."""
    try:
        with transaction.atomic():
            achievement.save(**options)
    except IntegrityError as error:
        raise ValidationError(explained(error)) from None


def editable_states(achievement: Achievement, by) -> tuple[Status, ...]:
    """In which states this actor may change the achievement; empty out of scope."""
    if by.scope.is_city:
        return CITY_EDITS
    return OFFICE_EDITS if is_office_of(achievement, by) else ()


def complete(achievement: Achievement) -> None:
    """Fill what follows from other fields: the common maturity bucket, 面议 when no price is named."""
    try:
        achievement.maturity_bucket = maturity_bucket(achievement.maturity_scale, achievement.maturity_level)
    except ValueError:
        achievement.maturity_bucket = ""  # the constraint on scale and level says what is wrong, in its own words
    if achievement.price_min_wan is None and achievement.price_max_wan is None:
        achievement.price_negotiable = True


def check_not_secret(achievement: Achievement, parts: dict[str, list[dict]]) -> None:
    """Raises ValidationError, before anything is stored, where a text bears the mark of a state secret."""
    texts = {f.name: getattr(achievement, f.name) for f in Achievement._meta.concrete_fields if f.name in TEXTS}
    texts["keywords"] = " ".join(achievement.keywords)
    for name, rows in parts.items():
        texts[name] = " ".join(str(value) for row in rows for value in row.values())
    for name, text in texts.items():
        if mark := secret_mark(text or ""):
            message = _("这里写着“%(mark)s”。涉密成果不能录入本平台；如果不涉密，请去掉这一标记。") % {"mark": mark}
            raise ValidationError({name: message} if name in TEXTS else message)


def part_values(row: Model) -> dict:
    """The values of a part's row, without its keys and place in the order."""
    skip = {"id", "achievement", "order"}
    return {f.name: getattr(row, f.name) for f in row._meta.concrete_fields if f.name not in skip}


TEXTS = frozenset(
    f.name
    for f in Achievement._meta.concrete_fields
    if f.get_internal_type() in {"CharField", "TextField"} and f.editable and not f.choices
)


def _check_editable(row: Achievement, by, seen: datetime | None) -> None:
    if seen is not None and row.updated_at != seen:
        raise ValidationError(
            _("在您打开页面之后，“%(title)s”已被修改（%(when)s）。请重新打开页面，在最新内容上修改。")
            % {"title": row, "when": timezone.localtime(row.updated_at).strftime("%Y-%m-%d %H:%M")}
        )
    if row.status not in editable_states(row, by):
        hint = _("如需修改，请联系市科技局退回。") if row.status == Status.CITY_REVIEW else ""
        raise ValidationError(
            _("“%(title)s”现在是“%(now)s”，不能修改。%(hint)s")
            % {"title": row, "now": row.get_status_display(), "hint": hint}
        )


def _write_part(achievement: Achievement, name: str, rows: list[dict]) -> None:
    made = [PARTS[name](achievement=achievement, order=order, **values) for order, values in enumerate(rows, start=1)]
    for one in made:
        one.full_clean(exclude=["achievement"])
    PARTS[name].objects.bulk_create(made)


def _said(name: str, rows: list[dict]) -> list[str]:
    return [str(PARTS[name](**values)) for values in rows]
