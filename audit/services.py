from audit.models import AuditRecord
from audit.origin import current_origin


def record(action: str, obj, *, by, changes: dict | None = None) -> AuditRecord:
    """Write one line of the audit trail, inside the caller's transaction.

    `changes` maps a field to [old, new]; values must be plain JSON and hold no contact details.
    `by` is None for work that no person asked for (a round that closed because its time had passed).
    """
    entry = _line(action, obj, by, changes)
    entry.save(force_insert=True)
    return entry


def record_many(action: str, changes_by_object: dict, *, by) -> None:
    """One line for each object (its changes are the dict's value), as `record` writes them, in few INSERTs."""
    AuditRecord.objects.bulk_create(
        [_line(action, obj, by, changes) for obj, changes in changes_by_object.items()], batch_size=1000
    )


def _line(action, obj, by, changes) -> AuditRecord:
    where = current_origin()
    return AuditRecord(
        actor=by,
        actor_name=str(by) if by else "系统",
        action=str(action),
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=str(obj)[:200],
        changes=changes or {},
        ip=where.ip,
        origin=where.kind,
    )
