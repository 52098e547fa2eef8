"""State changes: one conditional UPDATE, a refusal if the condition fails, an audit record."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
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
    by: AbstractBaseUser | None,
    changes: dict | None = None,
) -> None:
    """Set `values` on the row in one UPDATE that applies only if the lookups `when` hold, and write an audit record.

    Of two concurrent transitions one changes the row, and the condition of the other fails. PostgreSQL guarantees this
    only for conditions on the row's own columns, so a lookup through a relation raises FieldError. The row is refreshed
    in any case. Raises ValidationError with `refusal` (a sentence, or a function of the refreshed row) if the condition
    fails. `changes` maps a field to [old, new] for the audit record.
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
