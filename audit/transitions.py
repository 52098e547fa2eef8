"""State changes: one conditional UPDATE, a refusal if the condition fails, an audit record.

`transition` changes one row, `transition_many` changes rows that the caller has locked.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, Model

from audit.services import Changes, record, record_many

type Refusal = str | Callable[[Any], str]


def transition(
    row: Model,
    *,
    when: Mapping[str, Any],
    values: Mapping[str, Any],
    refusal: Refusal,
    action: str,
    by: AbstractBaseUser | None,
    changes: Changes | None = None,
) -> None:
    """Set `values` on the row in one UPDATE that applies only if the lookups `when` hold, and write an audit record.

    Of two concurrent transitions one changes the row, and the condition of the other fails. PostgreSQL guarantees this
    only for conditions on the row's own columns, so a lookup through a relation raises FieldError. The row is refreshed
    in any case. Raises ValidationError with `refusal` (a sentence, or a function of the refreshed row) if the condition
    fails, and with the message of the constraint if the values violate one. `changes` maps a field to [old, new] for
    the audit record.
    """
    for lookup in when:
        _check_own_column(row, lookup)
    try:
        with transaction.atomic():
            changed = type(row)._base_manager.filter(pk=row.pk, **when).update(**values)
            related = _related_objects(row)
            row.refresh_from_db()
            if changed:
                with _related_as_before(row, related):
                    record(action, row, by=by, changes=changes)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, type(row))) from None
    if not changed:
        raise ValidationError(refusal(row) if callable(refusal) else refusal)


def transition_many(
    changes: Mapping[Model, Changes], *, values: Mapping[str, Any], action: str, by: AbstractBaseUser | None
) -> None:
    """Set `values` on all rows in one UPDATE and write an audit record for each.

    `changes` maps each row to its audit changes. The caller has locked the rows (SELECT FOR UPDATE, in the order of
    their keys, so that concurrent calls do not deadlock) and checked that their state allows the change.
    """
    if not changes:
        return
    model = type(next(iter(changes)))
    model._base_manager.filter(pk__in=[row.pk for row in changes]).update(**values)
    record_many(action, dict(changes), by=by)


def constraint_message(error: IntegrityError, model: type[Model]) -> str:
    """The message of the violated constraint; re-raises `error` if it is not a constraint of `model`."""
    for constraint in model._meta.constraints:
        if constraint.name in str(error):
            return str(constraint.get_violation_error_message())
    raise error


def _related_objects(row: Model) -> dict[ForeignKey[Any, Any], Model]:
    """The related objects that have been read."""
    fields = [field for field in row._meta.concrete_fields if isinstance(field, ForeignKey) and field.is_cached(row)]
    return {field: related for field in fields if (related := field.get_cached_value(row)) is not None}


@contextmanager
def _related_as_before(row: Model, related: Mapping[ForeignKey[Any, Any], Model]) -> Iterator[None]:
    """For the label of the row in the trail, which names what the row is about: it is not read again for that, as far
    as the row still refers to it. Afterwards the row reads it anew, as after each refresh.
    """
    unchanged = [field for field, value in related.items() if getattr(row, field.attname) == value.pk]
    for field in unchanged:
        field.set_cached_value(row, related[field])
    try:
        yield
    finally:
        for field in unchanged:
            field.delete_cached_value(row)


def _check_own_column(row: Model, lookup: str) -> None:
    name, _, rest = lookup.partition("__")
    if row._meta.get_field(name).is_relation and rest not in ("", "in", "isnull"):
        raise FieldError(f"{lookup} reads another table: the condition of a transition is on the row's own columns")
