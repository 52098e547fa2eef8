"""What the reading of collection sheets knows of the registry and of the office."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.intake.reading import SheetContext
from achievements.models import Achievement, IntellectualProperty
from sheets.columns import Column
from taxonomy.models import Industry


def sheet_context(by: User, learned: dict[tuple[str, str], Any] | None = None) -> SheetContext:
    """The context for a sheet that `by` imports. Two queries. City staff import the rows of all institutions."""
    institutions = Organisation.objects.institutions().filter(is_active=True)
    scope = by.scope
    return SheetContext(
        institutions={row.pk: (row.name, row.short_name) for row in institutions},
        industries=dict(Industry.objects.active().values_list("pk", "slug")),
        own=frozenset() if scope.is_city else frozenset(scope.institution_ids),
        area_code=settings.CITY.telephone_code,
        today=timezone.localdate(),
        learned=learned or {},
    )


def shown_value(columns: Iterable[Column], key: str, value: Any) -> Any:
    """The stored value for people and for JSON: choices by label, prices as [min, max], days as ISO, lists as lists."""
    if value is None:
        return None
    parse = next(column.parse for column in columns if column.key == key)
    if key in {"price", "funds_needed"}:
        return [None if amount is None else float(amount) for amount in (value.min, value.max)]
    if key == "intellectual_property":
        labels = dict(IntellectualProperty.Kind.choices)
        return [[str(labels[right[0]]), right[1]] for right in value]
    if key == "evaluation_parts":
        label = str(dict(Achievement.Evaluation.choices).get(value.kind, ""))
        return [label, value.by, value.on.isoformat() if value.on else None]
    if key == "evaluated_on":
        return value.isoformat()
    options = getattr(parse, "options", None)
    if options and isinstance(value, tuple):
        return [str(options.get(item, item)) for item in value]
    if options:
        return str(options.get(value, value))
    if isinstance(value, tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    return value
