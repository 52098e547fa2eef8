"""Changes of a published demand by its firm: proposed, decided by the district, withdrawn.

The published text stays as it is until the district accepts. Every check of a publication runs twice: when the firm
proposes, and when the district accepts, because the registry or the demand may have changed in between.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.contacts import ContactDetails, save_contacts
from audit.revisions import (
    REPLACED,
    JsonValues,
    audit_changes,
    changed_values,
    decide,
    field_label,
    json_rows,
    json_values,
    set_json_values,
    store,
    version_of,
)
from audit.services import record
from core.plain_text import clean_reason
from demands.models import Demand, DemandIndicator, DemandRevision
from demands.permissions import check_permission, manages, owns, posts_for
from demands.services.anonymity import anonymity_problem, confirm_exposure, exposure_problem, settle_public_name
from demands.services.editing import (
    EDITABLE_FIELDS,
    ONLY_FIRM_NAMES_ITSELF,
    contact_said_by,
    fill_derived_fields,
    replace_indicators,
    save_demand,
)
from demands.services.exposure import ExposureCheck
from demands.services.notifications import notify_revision_decided, notify_revision_proposed
from demands.services.validity import check_last_day
from mandates.models import Right
from mandates.services.acts import note_act_for

DIRECT_FIELDS = ("expires_on",)
"""What a firm changes at once: it says nothing new to readers. So is its contact, which is not public."""
REVIEWED_FIELDS = tuple(field for field in EDITABLE_FIELDS if field not in DIRECT_FIELDS)
INDICATORS = "indicators"
INDICATOR_FIELDS = ("name", "comparison", "value", "value_to", "unit", "condition")
Status = DemandRevision.Status

STALE = "同事或专员刚刚改过这项需求，您的修改还没有保存。请核对下面的不同，再保存一次。"


class ProposedDemand(NamedTuple):
    """The demand as it would be, unsaved, with its indicators."""

    demand: Demand
    indicators: list[DemandIndicator]


class Proposal(NamedTuple):
    """What `propose_revision` did: `revision` waits for the district; None if nothing that readers see has changed."""

    demand: Demand
    revision: DemandRevision | None
    is_changed: bool
    """Whether anything was stored."""


def pending_revision(demand: Demand) -> DemandRevision | None:
    return demand.revisions.pending().first()


def proposed_demand(demand: Demand, revision: DemandRevision | None) -> ProposedDemand:
    """The demand with the values of a revision, unsaved; the stored one without a revision."""
    proposed = copy(demand)
    values = revision.after if revision else {}
    set_json_values(proposed, values)
    if INDICATORS not in values:
        return ProposedDemand(proposed, list(demand.indicators.all()))
    return ProposedDemand(proposed, _indicators(demand, values[INDICATORS]))


def may_revise(demand: Demand, by: User) -> bool:
    """Whether `by` may propose changes: the firm or its agent, while the demand is public or paused."""
    return demand.status in Demand.REVISABLE and posts_for(by, demand.firm)


@transaction.atomic
def propose_revision(
    demand: Demand,
    *,
    by: User,
    values: Mapping[str, Any],
    indicators: Iterable[Mapping[str, Any]],
    seen: str,
    contact: ContactDetails | None = None,
    agreed_hash: str = "",
) -> Proposal:
    """Keep the firm's changes for the district's decision; contact and last day are changed at once.

    `values` has keys from EDITABLE_FIELDS, `seen` is the `version_of` what the page showed, `agreed_hash` the text hash
    to whose exposure the firm agreed on the page. A pending revision is replaced; if the values are those that are
    published, it is withdrawn. Raises PermissionDenied for everybody but the firm and its agent, ValidationError by
    field otherwise. An agent neither agrees to the exposure nor names the firm.
    """
    check_permission(posts_for, demand, by)
    current = Demand.objects.select_for_update(of=("self",)).select_related("firm", "contact").get(pk=demand.pk)
    pending = pending_revision(current)
    _check_revisable(current)
    if seen != version_of(current, pending):
        raise ValidationError(STALE)
    proposed, before, after = _proposed(current, values, indicators)
    if not owns(by, current.firm):
        agreed_hash = ""
        if current.is_anonymous and not proposed.demand.is_anonymous:
            raise ValidationError({"is_anonymous": ONLY_FIRM_NAMES_ITSELF})
    _check_exposure(proposed, agreed_hash, by)
    changes_at_once = _change_directly(current, values, contact_said_by(contact, by), by)
    before, after = changed_values(before, after)
    if pending and pending.before == before and pending.after == after:
        return Proposal(current, pending, changes_at_once)
    if pending:
        _withdraw(pending, by, "被新的修改代替" if after else "企业改回原文")
    if not after:
        return Proposal(current, None, changes_at_once or pending is not None)
    revision = DemandRevision(demand=current, before=before, after=after, proposed_by=by)
    store(revision)
    behalf = note_act_for(current.firm, Right.POST, "提交修改待审", current, by=by)
    record("提交修改待审", current, by=by, changes={"fields": [None, _labels(after)], **behalf})
    notify_revision_proposed(revision)
    return Proposal(current, revision, True)


@transaction.atomic
def accept_revision(revision: DemandRevision, *, by: User) -> None:
    """待审核 → 已批准: publish the changes. By staff of the firm's district or the city.

    Raises PermissionDenied, and ValidationError if the revision was replaced or decided, if the demand is no longer
    public or paused, if staff changed a field meanwhile, or if the new text would lead to an anonymous firm.
    """
    check_permission(manages, revision.demand, by)
    demand = Demand.objects.select_for_update(of=("self",)).select_related("firm").get(pk=revision.demand_id)
    _check_revisable(demand)
    revision.refresh_from_db()
    if revision.status != Status.PENDING:
        raise ValidationError(REPLACED)
    if differing := conflicting_fields(demand, revision):
        raise ValidationError(
            "企业提交这份修改以后，%(fields)s已被改过，与企业看到的不同。请退回企业，请企业在最新内容上修改。"
            % {"fields": "、".join(f"“{label}”" for label in differing)}
        )
    set_json_values(demand, revision.after)
    fill_derived_fields(demand)
    save_demand(demand)
    if INDICATORS in revision.after:
        replace_indicators(demand, revision.after[INDICATORS])
    settle_public_name(demand)
    if problem := _problem(demand, None):
        raise ValidationError("%(problem)s请退回企业修改或确认。" % {"problem": problem})
    decide(revision, Status.ACCEPTED, by=by, action="批准修改")
    record("批准修改", demand, by=by, changes=audit_changes(revision))
    notify_revision_decided(revision)


@transaction.atomic
def return_revision(revision: DemandRevision, *, by: User, reason: str) -> None:
    """待审核 → 已退回, with a reason shown to the firm; the published text stays. By staff. Raises as `accept`."""
    check_permission(manages, revision.demand, by)
    reason = clean_reason(reason, "新写的寿命指标缺少试验条件，请补充")
    Demand.objects.select_for_update(of=("self",)).get(pk=revision.demand_id)
    decide(revision, Status.RETURNED, by=by, action="退回修改", reason=reason)
    record("退回修改", revision.demand, by=by, changes={"reason": [None, reason]})
    notify_revision_decided(revision)


@transaction.atomic
def withdraw_revision(revision: DemandRevision, *, by: User) -> None:
    """待审核 → 已撤回, by the firm; the published text stays. Raises PermissionDenied, ValidationError."""
    check_permission(owns, revision.demand, by)
    Demand.objects.select_for_update(of=("self",)).get(pk=revision.demand_id)
    _withdraw(revision, by, "")
    record("撤回修改", revision.demand, by=by)


def conflicting_fields(demand: Demand, revision: DemandRevision) -> list[str]:
    """Labels of the fields that have changed since the firm wrote the revision, to something else than it proposes."""
    now = json_values(demand, [name for name in revision.before if name != INDICATORS])
    if INDICATORS in revision.before:
        now[INDICATORS] = json_rows(demand.indicators.all(), INDICATOR_FIELDS)
    return [
        field_label(Demand, name)
        for name, value in revision.before.items()
        if now[name] != value and now[name] != revision.after[name]
    ]


# --- Parts -----------------------------------------------------------------------------------------------------------
def _check_revisable(demand: Demand) -> None:
    if demand.status not in Demand.REVISABLE:
        raise ValidationError(
            "“%(title)s”现在是“%(now)s”，不能这样修改。请刷新页面查看最新状态。"
            % {"title": demand, "now": demand.get_status_display()}
        )


def _proposed(
    current: Demand, values: Mapping[str, Any], indicators: Iterable[Mapping[str, Any]]
) -> tuple[ProposedDemand, JsonValues, JsonValues]:
    """The validated demand with these values, and both versions as JSON."""
    if unknown := values.keys() - set(EDITABLE_FIELDS):
        raise TypeError(f"fields that users cannot set: {sorted(unknown)}")
    stored = list(current.indicators.all())
    before = json_values(current, REVIEWED_FIELDS) | {INDICATORS: json_rows(stored, INDICATOR_FIELDS)}
    proposed = copy(current)
    for name, value in values.items():
        if name in REVIEWED_FIELDS:
            setattr(proposed, name, value)
    fill_derived_fields(proposed)
    proposed.full_clean()
    rows = _indicators(proposed, indicators)
    for row in rows:
        row.full_clean(exclude=["demand"])
    after = json_values(proposed, REVIEWED_FIELDS) | {INDICATORS: json_rows(rows, INDICATOR_FIELDS)}
    return ProposedDemand(proposed, rows), before, after


def _indicators(demand: Demand, rows: Iterable[Mapping[str, Any]]) -> list[DemandIndicator]:
    return [DemandIndicator(demand=demand, order=order, **row) for order, row in enumerate(rows, start=1)]


def _check_exposure(proposed: ProposedDemand, agreed_hash: str, by: User) -> None:
    """Raise ValidationError if the text names the anonymous firm, or leads to it without the firm's consent."""
    demand, indicators = proposed
    if not demand.is_anonymous:
        return
    if problem := anonymity_problem(demand, indicators):
        raise ValidationError(problem)
    exposure = ExposureCheck().assess(demand, indicators)
    if agreed_hash and agreed_hash == exposure.text_hash:
        confirm_exposure(demand, by=by, indicators=indicators)
    if problem := exposure_problem(demand, exposure):
        raise ValidationError("%(problem)s请按“怎样公开”里的提示修改，或勾选确认后再提交。" % {"problem": problem})


def _problem(demand: Demand, indicators: Sequence[DemandIndicator] | None) -> str:
    if not demand.is_anonymous:
        return ""
    if problem := anonymity_problem(demand, indicators):
        return problem
    return exposure_problem(demand, ExposureCheck().assess(demand, indicators))


def _change_directly(current: Demand, values: Mapping[str, Any], contact: ContactDetails | None, by: User) -> bool:
    """Store the last day and the contact. Whether one of them has changed."""
    changes: dict[str, object] = {}
    last_day: date | None = values.get("expires_on", current.expires_on) or current.expires_on
    if last_day != current.expires_on:
        check_last_day(last_day)
        changes["expires_on"] = [str(current.expires_on or ""), str(last_day)]
        current.expires_on = last_day
    if contact and contact.organisation_id != current.firm_id:
        raise TypeError("the contact belongs to another organisation")
    stored = save_contacts([contact])[contact] if contact else current.contact
    if stored != current.contact:
        changes["contact"] = [None, "已修改"]
        current.contact = stored
    if not changes:
        return False
    now = timezone.now()
    Demand.objects.filter(pk=current.pk).update(expires_on=current.expires_on, contact=current.contact, updated_at=now)
    current.updated_at = now
    record("修改需求", current, by=by, changes=changes)
    return True


def _withdraw(revision: DemandRevision, by: User, reason: str) -> None:
    decide(revision, Status.WITHDRAWN, by=by, action="撤回修改", reason=reason)


def _labels(values: Iterable[str]) -> list[str]:
    return [field_label(Demand, name) for name in values]
