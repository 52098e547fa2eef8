"""What a demand says: entered and corrected by the firm, or by staff together with it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.services.contacts import ContactDetails, keep_contacts
from audit.changes import kept
from audit.services import record
from demands.masking import suggested_alias
from demands.models import Demand, DemandIndicator
from demands.scope import check_scope, editable_states, owns_or_manages
from demands.services.steps import anonymity_problem, explained

EDITABLE = (
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
    "public_alias",
    "expires_on",
)
"""What a person may set. State, dates of the state and origin follow from the services."""


@transaction.atomic
def create_demand(
    *,
    firm: Organisation,
    by,
    values: Mapping,
    indicators: Iterable[Mapping] = (),
    contact: ContactDetails | None = None,
) -> Demand:
    """Enter a draft for a firm: by its officer, its district's staff or the city's.

    `values` may hold the fields in EDITABLE, each indicator the fields of DemandIndicator. An anonymous demand without
    a public name gets the default one. Raises PermissionDenied for another's firm, ValidationError with the fields.
    """
    if firm.kind != Organisation.Kind.FIRM or not owns_or_manages(by, firm):
        raise PermissionDenied(_("您不能为“%(firm)s”填报需求。") % {"firm": firm})
    demand = Demand(firm=firm, created_by=by)
    _fill(demand, values, contact)
    _save(demand)
    _write_indicators(demand, indicators)
    record(_("填报需求"), demand, by=by, changes={"firm": [None, firm.name]})
    return demand


@transaction.atomic
def update_demand(
    demand: Demand,
    *,
    by,
    values: Mapping,
    indicators: Iterable[Mapping] | None = None,
    contact: ContactDetails | None = None,
    seen_at: datetime | None = None,
) -> Demand:
    """Correct a demand: the firm while it is a draft or being diagnosed, staff until it is solved or closed.

    `indicators` replaces all of them, None leaves them. `seen_at` is the `updated_at` of what the editor looked at: if
    somebody saved in between, nothing is overwritten. A published anonymous demand stays anonymous. Returns the saved
    demand; raises PermissionDenied out of scope, ValidationError otherwise.
    """
    check_scope(owns_or_manages, demand, by)
    current = Demand.objects.select_for_update(of=("self",)).select_related("firm").get(pk=demand.pk)
    if current.status not in editable_states(current, by):
        raise ValidationError(
            _("“%(title)s”现在是“%(now)s”，不能修改。") % {"title": current, "now": current.get_status_display()}
        )
    if seen_at and current.updated_at != seen_at:
        raise ValidationError(_("这条需求刚被其他人修改过，您的修改没有保存。请刷新页面，看过最新内容后再改。"))
    before = {field: getattr(current, field) for field in EDITABLE}
    _fill(current, values, contact)
    _save(current)
    changes = {
        field: [kept(before[field]), kept(getattr(current, field))]
        for field in EDITABLE
        if before[field] != getattr(current, field)
    }
    if indicators is not None:
        changes |= _replace_indicators(current, indicators)
    check_still_anonymous(current)
    record(_("修改需求"), current, by=by, changes=changes)
    return current


def complete(demand: Demand) -> None:
    """Fill what follows from other fields: the public name of an anonymous firm, 面议 when no sum is named."""
    if demand.is_anonymous and not demand.public_alias.strip():
        demand.public_alias = default_alias(demand.firm, demand.industry)
    if demand.budget_min_wan is None and demand.budget_max_wan is None:
        demand.budget_negotiable = True


def check_still_anonymous(demand: Demand, indicators: Iterable[DemandIndicator] | None = None) -> None:
    """Raise ValidationError where a demand that everybody sees would name its anonymous firm.

    `indicators` are those it is about to have; its own by default.
    """
    if demand.status in Demand.SHOWN and (problem := anonymity_problem(demand, indicators)):
        raise ValidationError(problem)


def default_alias(firm: Organisation, industry) -> str:
    """The public name that an anonymous demand of this firm gets when nobody thinks of another."""
    return suggested_alias(firm.stat_region.name if firm.stat_region else "", industry.name if industry else "")


def _fill(demand: Demand, values: Mapping, contact: ContactDetails | None) -> None:
    if strange := values.keys() - set(EDITABLE):
        raise TypeError(f"not for a person to set: {sorted(strange)}")
    for field, value in values.items():
        setattr(demand, field, value)
    complete(demand)
    if contact and contact.organisation_id != demand.firm_id:
        raise TypeError("the contact is another organisation's")
    if contact:
        demand.contact = keep_contacts([contact])[contact]


def _save(demand: Demand) -> None:
    demand.full_clean()
    try:
        with transaction.atomic():
            demand.save()
    except IntegrityError as error:
        raise ValidationError(explained(error)) from None


def _write_indicators(demand: Demand, indicators: Iterable[Mapping]) -> list[DemandIndicator]:
    rows = [DemandIndicator(demand=demand, order=order, **values) for order, values in enumerate(indicators, start=1)]
    for row in rows:
        row.full_clean(exclude=["demand"])
    return DemandIndicator.objects.bulk_create(rows)


def _replace_indicators(demand: Demand, indicators: Iterable[Mapping]) -> dict[str, list]:
    old = [str(indicator) for indicator in demand.indicators.all()]
    demand.indicators.all().delete()
    new = [str(indicator) for indicator in _write_indicators(demand, indicators)]
    return {"indicators": [old, new]} if old != new else {}
