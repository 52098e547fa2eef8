"""The one way a row changes its state: a conditional UPDATE, a refusal, an audit record."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db import transaction
from django.db.models import Model

from audit.services import record

type Refusal = str | Callable[[Any], str]


@transaction.atomic
def transition(
    row: Model,
    *,
    when: Mapping[str, Any],
    values: Mapping[str, Any],
    refusal: Refusal,
    action: str,
    by,
    changes: dict | None = None,
) -> None:
    """Set `values` on the row in one UPDATE that applies only while the lookups `when` hold, and write the trail.

    Of two opposite steps at the same moment one changes the row; the other finds the condition false. That holds on
    PostgreSQL only for conditions on the row's own columns (law 2), so a lookup through a relation raises FieldError.
    `row` has its present values afterwards, whether it was changed or not. Raises ValidationError with `refusal` (a
    sentence, or a function of the refreshed row) if it was not. `changes` maps a field to [old, new] for the trail.
    """
    for lookup in when:
        _check_own_column(row, lookup)
    changed = type(row)._base_manager.filter(pk=row.pk, **when).update(**values)
    row.refresh_from_db()
    if not changed:
        raise ValidationError(refusal(row) if callable(refusal) else refusal)
    record(action, row, by=by, changes=changes)


def _check_own_column(row: Model, lookup: str) -> None:
    name, _, rest = lookup.partition("__")
    if row._meta.get_field(name).is_relation and rest not in ("", "in", "isnull"):
        raise FieldError(f"{lookup} reads another table: the condition of a transition is on the row's own columns")
