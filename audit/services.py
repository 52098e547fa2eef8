from collections.abc import Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model

from audit.models import AuditRecord
from audit.origin import current_origin

type Changes = Mapping[str, object]


def record(action: str, obj: Model, *, by: AbstractBaseUser | None, changes: Changes | None = None) -> AuditRecord:
    """Write an audit record in the caller's transaction.

    `changes` maps a field to [old, new]; the values must be JSON and must not contain contact details. `by` is None for
    work of the system, such as closing a round whose end has passed.
    """
    entry = _new_record(action, obj, by, changes)
    entry.save(force_insert=True)
    return entry


def record_many[M: Model](action: str, changes_by_object: Mapping[M, Changes], *, by: AbstractBaseUser | None) -> None:
    """Write an audit record for each object, as `record` does, in few INSERTs."""
    AuditRecord.objects.bulk_create(
        [_new_record(action, obj, by, changes) for obj, changes in changes_by_object.items()], batch_size=1000
    )


def audit_label(obj: object) -> str:
    """How a row is named in the trail: by its `audit_label`, which masks a person's name, else as text.

    The trail cannot be changed, so that a name in it could not be deleted at the person's request.
    """
    return str(getattr(obj, "audit_label", obj))


def _new_record(action: str, obj: Model, by: AbstractBaseUser | None, changes: Changes | None) -> AuditRecord:
    origin = current_origin()
    return AuditRecord(
        actor=by,  # type: ignore[misc]  # the user model is in an app above this one
        actor_name=str(by) if by else "系统",
        action=str(action),
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=audit_label(obj)[:200],
        changes=changes or {},
        ip=origin.ip,
        origin=origin.kind,
    )
