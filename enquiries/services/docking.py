"""From an approach to a follow-up: each side agrees for itself and names a contact; both together open the talks.

`matching.services.consent.settle` stays the only way into 洽谈中: the two agreements are the sides' own words.
"""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, User
from audit.services import record
from audit.transitions import transition
from demands.models import Demand
from demands.services.private_demands import PrivateDemand, create_private_demand
from enquiries.models import Approach
from enquiries.models.approach import Side
from enquiries.permissions import acting_side
from enquiries.services.notifications import notify_event, people_of, settle_approach_notices
from enquiries.services.thread import add_event, lock_approach, mark_answered
from matching.models import SideStatement
from matching.services.agreed_pairs import OwnAgreement, follow_up_agreement
from matching.services.meeting_results import create_manual_match
from matching.services.statements import Word

Status = Approach.Status
RUN_TITLE = "主动对接"


@transaction.atomic
def agree_to_dock(
    approach: Approach, *, contact: Contact, consents: bool, by: User, demand: Demand | None = None
) -> Approach:
    """转对接: the user's side agrees and names its contact. With the agreement of both the follow-up begins.

    `demand`: an open demand of the firm that the talks are about; without it a private one is written from the
    question. Only the firm chooses it, and only for an enquiry. An anonymous firm is named with the second agreement.
    Raises PermissionDenied for others, NoOwnerAvailable, and ValidationError without consent, for a foreign contact or
    demand, or if the approach is over.
    """
    row = lock_approach(approach)
    side = acting_side(row, by)
    _require_open(row)
    if row.achievement is None:
        raise ValidationError("请院所先指明用哪一项成果对接，再转入对接。")
    if contact.organisation_id != row.organisation_of(side).pk or contact.withdrawn_at:
        raise ValidationError("请选择本单位的联系人。")
    if not consents:
        raise ValidationError("转入对接需要联系人同意把联系方式提供给对方，请勾选同意。")
    prefix = _prefix(side)
    now = timezone.now()
    values: dict[str, Any] = {f"{prefix}_agreed_at": now, f"{prefix}_agreed_by": by, f"{prefix}_contact": contact}
    if side == Side.FIRM and row.is_enquiry:
        values["demand"] = _checked_demand(row, demand)
    if side == row.recipient_side:
        mark_answered(row, by=by)
    transition(
        row,
        when={"status": row.status},
        values=values,
        refusal="状态刚被改变，请刷新后再看。",
        action="同意转入对接",
        by=by,
        changes={"side": [None, side]},
    )
    row = lock_approach(row)
    settle_approach_notices(row, people_of(row, side))
    if row.firm_agreed_at and row.institution_agreed_at:
        _dock(row, by=by)
    else:
        add_event(row, f"{Side(side).label}提出转入对接，等对方同意", by=by, side=side)
        event = f"agreed {side} {now.isoformat()}"
        notify_event(row, _other(side), "对方提出转入对接，请选择联系人并确认。", event)
    approach.refresh_from_db()
    return approach


@transaction.atomic
def take_back_agreement(approach: Approach, *, by: User) -> None:
    """The user's side takes its agreement back while the other has not agreed. Raises as `agree_to_dock`."""
    row = lock_approach(approach)
    side = acting_side(row, by)
    _require_open(row)
    prefix = _prefix(side)
    values: dict[str, Any] = {f"{prefix}_agreed_at": None, f"{prefix}_agreed_by": None, f"{prefix}_contact": None}
    transition(
        row,
        when={f"{prefix}_agreed_at__isnull": False, "status__in": Approach.OPEN},
        values=values,
        refusal="贵单位没有提出转入对接。",
        action="收回转入对接",
        by=by,
        changes={"side": [side, None]},
    )
    add_event(row, f"{Side(side).label}收回了转入对接的提议", by=by, side=side)
    approach.refresh_from_db()


@transaction.atomic
def name_firm(approach: Approach, *, by: User) -> None:
    """The anonymous firm agrees that the institution of this approach reads its name. It cannot be taken back."""
    row = lock_approach(approach)
    if row.firm_id not in by.scope.firm_ids:
        raise PermissionDenied("只有企业自己可以公开名称。")
    transition(
        row,
        when={"is_anonymous": True, "named_at": None},
        values={"named_at": timezone.now()},
        refusal="名称已经公开。",
        action="同意公开企业名称",
        by=by,
    )
    add_event(row, "企业同意公开名称", by=by, side=Side.FIRM)
    notify_event(row, Side.INSTITUTION, "企业同意公开名称，请打开查看。", "named")
    approach.refresh_from_db()


def _dock(row: Approach, *, by: User) -> None:
    assert row.achievement and row.firm_agreed_by and row.institution_agreed_by  # both agreed
    demand = row.demand or _private_demand(row, row.firm_agreed_by)
    match = create_manual_match(row.achievement, demand, by=by, title=RUN_TITLE)
    follow_up_agreement(match, _agreements(row), by=by)
    now = timezone.now()
    transition(
        row,
        when={"status": row.status},
        values={"status": Status.DOCKING, "match": match, "demand": demand, "named_at": row.named_at or now},
        refusal="状态刚被改变，请刷新后再看。",
        action="主动对接转入对接",
        by=by,
        changes={"status": [row.status, Status.DOCKING]},
    )
    record("来自主动对接", match, by=by, changes={"approach": [None, row.public_id]})
    add_event(row, "双方同意，已转入对接；联系方式在对接页面查看", by=by)


def _agreements(row: Approach) -> list[OwnAgreement]:
    assert row.firm_agreed_by and row.institution_agreed_by and row.firm_contact and row.institution_contact
    willing, account = SideStatement.Stance.WILLING, SideStatement.Capacity.ACCOUNT
    firm = Word(Side.FIRM, willing, account, by=row.firm_agreed_by, said_at=row.firm_agreed_at)
    institution = Word(
        Side.INSTITUTION, willing, account, by=row.institution_agreed_by, said_at=row.institution_agreed_at
    )
    return [OwnAgreement(firm, row.firm_contact), OwnAgreement(institution, row.institution_contact)]


def _private_demand(row: Approach, by: User) -> Demand:
    assert row.achievement
    values = PrivateDemand(
        firm=row.firm,
        title=f"引进“{row.achievement.title[:150]}”",
        problem=row.text,
        industry=row.achievement.industry,
        contact=row.firm_contact,
        alias=row.public_alias if row.is_anonymous else "",
    )
    return create_private_demand(values, by=by)


def _checked_demand(row: Approach, demand: Demand | None) -> Demand | None:
    if demand is None:
        return None
    if not Demand.objects.open().filter(pk=demand.pk, firm=row.firm).exists():
        raise ValidationError("请选择贵单位已发布、没有解决的需求，或者不选。")
    return demand


def _require_open(row: Approach) -> None:
    if not row.is_open:
        raise ValidationError("现在是“%(status)s”，不能再转入对接。" % {"status": row.get_status_display()})


def _prefix(side: str) -> str:
    return "firm" if side == Side.FIRM else "institution"


def _other(side: str) -> str:
    return Side.INSTITUTION if side == Side.FIRM else Side.FIRM
