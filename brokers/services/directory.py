"""The directory as city staff keep it: entered, verified, withdrawn."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from audit.changes import kept
from audit.services import record
from brokers.imports import check_city
from brokers.models import Agency, Broker


@transaction.atomic
def create_agency(*, organisation: Organisation, by, industries: Iterable = (), regions: Iterable = (), **fields):
    """Enter an agency, not verified yet. Raises PermissionDenied for who is not city staff, ValidationError."""
    check_city(by)
    return _save(Agency(organisation=organisation, **fields), _("新建"), by, industries, regions)


@transaction.atomic
def create_broker(*, by, industries: Iterable = (), regions: Iterable = (), **fields) -> Broker:
    """Enter a broker, by city staff."""
    check_city(by)
    return _save(Broker(**fields), _("新建"), by, industries, regions)


@transaction.atomic
def update_agency(agency: Agency, *, by, industries: Iterable | None = None, regions: Iterable | None = None, **fields):
    """Correct an agency's entry; what is None stays. Verification stays too: it is of the agency, not of the entry."""
    check_city(by)
    return _change(agency, by, industries, regions, fields)


@transaction.atomic
def update_broker(broker: Broker, *, by, industries: Iterable | None = None, regions: Iterable | None = None, **fields):
    """Correct a broker's entry; what is None stays."""
    check_city(by)
    return _change(broker, by, industries, regions, fields)


@transaction.atomic
def verify_agency(agency: Agency, *, by) -> None:
    """The city has looked at the agency: it appears in the public directory."""
    check_city(by)
    now = timezone.now()
    done = Agency.objects.filter(pk=agency.pk, verified_at=None).update(verified_at=now, verified_by=by, updated_at=now)
    agency.refresh_from_db()
    if not done:
        raise ValidationError(_("“%(agency)s”已经核验过了。") % {"agency": agency})
    record(_("核验机构"), agency, by=by, changes={"verified_at": [None, now.isoformat()]})


@transaction.atomic
def withdraw_verification(agency: Agency, *, by, reason: str) -> None:
    """The agency leaves the public directory; the entry stays, the trail says why."""
    check_city(by)
    reason = _checked(reason)
    done = Agency.objects.filter(pk=agency.pk, verified_at__isnull=False).update(
        verified_at=None, verified_by=None, updated_at=timezone.now()
    )
    agency.refresh_from_db()
    if not done:
        raise ValidationError(_("“%(agency)s”还没有核验，无需撤销。") % {"agency": agency})
    record(_("撤销核验"), agency, by=by, changes={"reason": [None, reason]})


@transaction.atomic
def deactivate_broker(broker: Broker, *, by, reason: str) -> None:
    """The broker no longer practises: not listed, not asked any more."""
    _switch(broker, False, _("停止执业"), by, _checked(reason))


@transaction.atomic
def reactivate_broker(broker: Broker, *, by) -> None:
    _switch(broker, True, _("恢复执业"), by, "")


def _switch(broker: Broker, active: bool, action: str, by, reason: str) -> None:
    check_city(by)
    done = Broker.objects.filter(pk=broker.pk, is_active=not active).update(is_active=active, updated_at=timezone.now())
    broker.refresh_from_db()
    if not done:
        state = _("执业中") if active else _("停止执业")
        raise ValidationError(_("“%(broker)s”现在已是“%(state)s”。") % {"broker": broker, "state": state})
    changes = {"is_active": [not active, active]} | ({"reason": [None, reason]} if reason else {})
    record(action, broker, by=by, changes=changes)


def _save(entry, action: str, by, industries, regions):
    entry.full_clean()
    entry.save()
    entry.industries.set(industries)
    entry.regions.set(regions)
    record(action, entry, by=by)
    return entry


def _change(entry, by, industries, regions, fields: dict):
    before = {name: getattr(entry, name) for name in fields}
    for name, value in fields.items():
        setattr(entry, name, value)
    entry.full_clean()
    entry.save()
    changes = {name: [kept(old), kept(getattr(entry, name))] for name, old in before.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    for name, rows in (("industries", industries), ("regions", regions)):
        if rows is None:
            continue
        old, rows = list(getattr(entry, name).all()), list(rows)
        if set(old) != set(rows):
            changes[name] = [[str(row) for row in old], [str(row) for row in rows]]
            getattr(entry, name).set(rows)
    record(_("修改"), entry, by=by, changes=changes)
    return entry


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("请写明原因，例如“机构已注销”。"))
    if len(reason) > 200:
        raise ValidationError(_("原因有 %(length)d 个字，最多 200 个字，请精简。") % {"length": len(reason)})
    return reason
