"""Create and update demands, by the firm, by its agent, or by staff on its behalf."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Organisation, User
from accounts.services.contacts import ContactDetails, save_contacts
from audit.changes import audit_value
from audit.services import record
from audit.transitions import constraint_message
from demands.models import Demand, DemandIndicator
from demands.permissions import check_permission, editable_statuses, manages, owns, writes_or_manages
from demands.services.anonymity import UNSAVED_ALIAS, check_anonymity, settle_public_name, shown_problem
from mandates.models import Right, mandate_for
from mandates.services.acts import note_act_for

EDITABLE_FIELDS = (
    "title",
    "kind",
    "industry",
    "applied_industry",
    "problem",
    "goal",
    "conditions",
    "keywords",
    "transfer_ways",
    "budget_min_wan",
    "budget_max_wan",
    "budget_negotiable",
    "period_start",
    "period_end",
    "period_text",
    "intended_partner",
    "wants_challenge",
    "is_anonymous",
    "chosen_detail",
    "disclosure",
    "teaser",
    "expires_on",
)
"""Fields that users set. Status, status dates and origin are set by the services."""


ONLY_FIRM_NAMES_ITSELF = "企业选择了匿名，只有企业自己可以改为公开名称。"
MANDATE_HIDES_NAME = "委托范围里没有“以企业名称公开”，请勾选匿名发布，或者请企业自己公开。"


@transaction.atomic
def create_demand(
    *,
    firm: Organisation,
    by: User,
    values: Mapping[str, Any],
    indicators: Iterable[Mapping[str, Any]] = (),
    contact: ContactDetails | None = None,
) -> Demand:
    """Create a draft for a firm: by its officer, its agent by a mandate, staff of its district, or city staff.

    `values` has keys from EDITABLE_FIELDS; each indicator has fields of DemandIndicator. An anonymous demand gets an
    alias that says no more of its firm than leaves enough firms. Raises PermissionDenied out of scope, ValidationError
    by field.
    """
    if firm.kind != Organisation.Kind.FIRM or not writes_or_manages(by, firm):
        raise PermissionDenied("您不能为“%(firm)s”填报需求。" % {"firm": firm})
    demand = Demand(firm=firm, created_by=by)
    _set_fields(demand, values, contact_said_by(contact, by))
    if not demand.is_anonymous:
        check_may_name(firm, by)
    save_demand(demand)
    _write_indicators(demand, indicators)
    settle_public_name(demand)
    behalf = note_act_for(firm, Right.POST, "填报需求", demand, by=by)
    record("填报需求", demand, by=by, changes={"firm": [None, firm.name], **behalf})
    return demand


@transaction.atomic
def update_demand(
    demand: Demand,
    *,
    by: User,
    values: Mapping[str, Any],
    indicators: Iterable[Mapping[str, Any]] | None = None,
    contact: ContactDetails | None = None,
    seen_at: datetime | None = None,
) -> Demand:
    """Update a demand: firms in 草稿 and 需求诊断中, staff until it is paused, solved, a challenge or closed.

    `indicators` replaces all indicators; None keeps them. `seen_at` is the `updated_at` that the editor's page showed;
    an update based on an older version is refused. A published anonymous demand must stay anonymous. Returns the saved
    demand. Raises PermissionDenied out of scope, ValidationError otherwise.
    """
    check_permission(writes_or_manages, demand, by)
    current = Demand.objects.select_for_update(of=("self",)).select_related("firm").get(pk=demand.pk)
    if current.status not in editable_statuses(current, by):
        raise ValidationError(
            "“%(title)s”现在是“%(now)s”，不能修改。" % {"title": current, "now": current.get_status_display()}
        )
    if seen_at and current.updated_at != seen_at:
        raise ValidationError("这条需求刚被其他人修改过，您的修改没有保存。请刷新页面，看过最新内容后再改。")
    problem_before = shown_problem(current)
    before = {field: getattr(current, field) for field in EDITABLE_FIELDS}
    _set_fields(current, values, contact_said_by(contact, by))
    if before["is_anonymous"] and not current.is_anonymous and not owns(by, current.firm):
        raise ValidationError({"is_anonymous": ONLY_FIRM_NAMES_ITSELF})
    save_demand(current)
    changes: dict[str, object] = {
        field: [audit_value(before[field]), audit_value(getattr(current, field))]
        for field in EDITABLE_FIELDS
        if before[field] != getattr(current, field)
    }
    if indicators is not None:
        changes |= replace_indicators(current, indicators)
    settle_public_name(current)
    check_anonymity(current, before=problem_before)
    behalf = note_act_for(current.firm, Right.POST, "修改需求", current, by=by)
    record("修改需求", current, by=by, changes={**changes, **behalf})
    return current


def check_may_name(firm: Organisation, by: User) -> None:
    """Raise ValidationError if an agent, whose mandate does not say so, would publish the firm's name."""
    if not (owns(by, firm) or manages(by, firm)) and mandate_for(by, firm, Right.NAMED) is None:
        raise ValidationError({"is_anonymous": MANDATE_HIDES_NAME})


def contact_said_by(contact: ContactDetails | None, by: User) -> ContactDetails | None:
    """The contact as `by` may enter it: an agent cannot say that a person of the firm consents."""
    is_agent = contact is not None and mandate_for(by, contact.organisation_id, Right.POST) is not None
    if contact is None or not is_agent or contact.organisation_id in by.scope.firm_ids:
        return contact
    return replace(contact, consents=False)


def fill_derived_fields(demand: Demand) -> None:
    """Set a first alias of an anonymous demand, and `budget_negotiable` when no budget is given.

    `settle_public_name` sets the alias of its own after the demand is stored with its indicators.
    """
    if demand.is_anonymous and not demand.public_alias.strip():
        demand.public_alias = UNSAVED_ALIAS
    if demand.budget_min_wan is None and demand.budget_max_wan is None:
        demand.budget_negotiable = True


def _set_fields(demand: Demand, values: Mapping[str, Any], contact: ContactDetails | None) -> None:
    if unknown := values.keys() - set(EDITABLE_FIELDS):
        raise TypeError(f"fields that users cannot set: {sorted(unknown)}")
    for field, value in values.items():
        setattr(demand, field, value)
    fill_derived_fields(demand)
    if contact and contact.organisation_id != demand.firm_id:
        raise TypeError("the contact belongs to another organisation")
    if contact:
        demand.contact = save_contacts([contact])[contact]


def save_demand(demand: Demand) -> None:
    """Validate and save. Raises ValidationError, also for what a concurrent request has stored meanwhile."""
    demand.full_clean()
    try:
        with transaction.atomic():
            demand.save()
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Demand)) from None


def _write_indicators(demand: Demand, indicators: Iterable[Mapping[str, Any]]) -> list[DemandIndicator]:
    rows = [DemandIndicator(demand=demand, order=order, **values) for order, values in enumerate(indicators, start=1)]
    for row in rows:
        row.full_clean(exclude=["demand"])
    return DemandIndicator.objects.bulk_create(rows)


def replace_indicators(demand: Demand, indicators: Iterable[Mapping[str, Any]]) -> dict[str, list[list[str]]]:
    """Store these indicators in place of the demand's own; returns the audit changes."""
    old = [str(indicator) for indicator in demand.indicators.all()]
    demand.indicators.all().delete()
    new = [str(indicator) for indicator in _write_indicators(demand, indicators)]
    return {"indicators": [old, new]} if old != new else {}
