"""Create, update and verify agencies and brokers, by city staff."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, Region, User
from audit.changes import audit_value
from audit.services import record
from audit.transitions import transition
from brokers.models import Agency, Broker
from brokers.permissions import check_city
from core.plain_text import clean_reason
from taxonomy.models import Industry


@transaction.atomic
def create_agency(
    *,
    organisation: Organisation,
    by: User,
    industries: Iterable[Industry] = (),
    regions: Iterable[Region] = (),
    **fields: Any,
) -> Agency:
    """Create an unverified agency. Raises PermissionDenied, ValidationError."""
    check_city(by)
    return _save(Agency(organisation=organisation, **fields), "新建", by, industries, regions)


@transaction.atomic
def create_broker(
    *, by: User, industries: Iterable[Industry] = (), regions: Iterable[Region] = (), **fields: Any
) -> Broker:
    """Create a broker. Raises PermissionDenied, ValidationError."""
    check_city(by)
    return _save(Broker(**fields), "新建", by, industries, regions)


@transaction.atomic
def update_agency(
    agency: Agency,
    *,
    by: User,
    industries: Iterable[Industry] | None = None,
    regions: Iterable[Region] | None = None,
    **fields: Any,
) -> Agency:
    """Update an agency; relations that are None stay unchanged. The verification is kept."""
    check_city(by)
    return _update(agency, by, industries, regions, fields)


@transaction.atomic
def update_broker(
    broker: Broker,
    *,
    by: User,
    industries: Iterable[Industry] | None = None,
    regions: Iterable[Region] | None = None,
    **fields: Any,
) -> Broker:
    """Update a broker; relations that are None stay unchanged."""
    check_city(by)
    return _update(broker, by, industries, regions, fields)


def verify_agency(agency: Agency, *, by: User) -> None:
    """Mark an agency as verified, which lists it publicly. Raises ValidationError if it is verified."""
    check_city(by)
    now = timezone.now()
    transition(
        agency,
        when={"verified_at": None},
        values={"verified_at": now, "verified_by": by, "updated_at": now},
        refusal=f"“{agency}”已经核验过了。",
        action="核验机构",
        by=by,
        changes={"verified_at": [None, now.isoformat()]},
    )


def withdraw_verification(agency: Agency, *, by: User, reason: str) -> None:
    """Withdraw the verification with a reason, which unlists the agency. Raises ValidationError if it is unverified."""
    check_city(by)
    reason = clean_reason(reason, "机构已注销", longest=200)
    transition(
        agency,
        when={"verified_at__isnull": False},
        values={"verified_at": None, "verified_by": None, "updated_at": timezone.now()},
        refusal=f"“{agency}”还没有核验，无需撤销。",
        action="撤销核验",
        by=by,
        changes={"reason": [None, reason]},
    )


def deactivate_broker(broker: Broker, *, by: User, reason: str) -> None:
    """Deactivate a broker with a reason: no longer listed or requested."""
    _set_active(broker, False, "停止执业", by, clean_reason(reason, "机构已注销", longest=200))


def reactivate_broker(broker: Broker, *, by: User) -> None:
    _set_active(broker, True, "恢复执业", by, "")


def _set_active(broker: Broker, active: bool, action: str, by: User, reason: str) -> None:
    check_city(by)
    state = "执业中" if active else "停止执业"
    transition(
        broker,
        when={"is_active": not active},
        values={"is_active": active, "updated_at": timezone.now()},
        refusal=f"“{broker}”现在已是“{state}”。",
        action=action,
        by=by,
        changes={"is_active": [not active, active]} | ({"reason": [None, reason]} if reason else {}),
    )


def _save[T: (Agency, Broker)](
    entry: T, action: str, by: User, industries: Iterable[Industry], regions: Iterable[Region]
) -> T:
    entry.full_clean()
    entry.save(force_insert=True)
    entry.industries.add(*industries)
    entry.regions.add(*regions)
    record(action, entry, by=by)
    return entry


def _update[T: (Agency, Broker)](
    entry: T,
    by: User,
    industries: Iterable[Industry] | None,
    regions: Iterable[Region] | None,
    fields: dict[str, Any],
) -> T:
    before = {name: getattr(entry, name) for name in fields}
    for name, value in fields.items():
        setattr(entry, name, value)
    entry.full_clean()
    entry.save()
    changes = {name: [audit_value(old), audit_value(getattr(entry, name))] for name, old in before.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    for name, rows in (("industries", industries), ("regions", regions)):
        if rows is None:
            continue
        old, new = list(getattr(entry, name).all()), list(rows)
        if set(old) != set(new):
            changes[name] = [[str(row) for row in old], [str(row) for row in new]]
            getattr(entry, name).set(new)
    record("修改", entry, by=by, changes=changes)
    return entry
