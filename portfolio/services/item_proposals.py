"""修改建议: a college office or a completer proposes, the institution's office accepts field by field."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import represents_institution
from achievements.services.revisions import pending_revision
from audit.revisions import changed_values, decide, json_values, store, version_of
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_reason
from notices.models import NoticeKind
from notices.services import notify
from notices.services.notifications import NoticeDraft
from portfolio.delegated_items import delegated_items, delegation_for
from portfolio.models import ItemProposal
from portfolio.services.proposed_values import apply_values

Status = ItemProposal.Status
OPEN = (
    Achievement.Status.DRAFT,
    Achievement.Status.INSTITUTION_REVIEW,
    Achievement.Status.CITY_REVIEW,
    *Achievement.REVISABLE,
)
"""Statuses in which changes may be proposed."""


@transaction.atomic
def propose(achievement: Achievement, after: dict[str, Any], *, note: str = "", by: User) -> ItemProposal:
    """Store {field: value as JSON}, checked by the form. It replaces one's earlier proposal that still waits.

    Raises PermissionDenied without a delegation for this achievement; ValidationError if nothing differs.
    """
    current = delegated_items(by).select_for_update(of=("self",)).filter(pk=achievement.pk).first()
    if current is None:
        raise PermissionDenied("这项成果没有授权给您，可能刚被单位收回。")
    if current.status not in OPEN:
        raise ValidationError(f"“{current}”现在是“{current.get_status_display()}”，不再接受修改建议。")
    before, after = changed_values(json_values(current, after), after)
    if not after:
        raise ValidationError("没有改动。请先改好内容，再提交。")
    for earlier in ItemProposal.objects.pending().filter(achievement=current, proposed_by=by):
        decide(earlier, Status.WITHDRAWN, by=by, action="撤回修改建议", reason="被新的建议代替")
    delegation = delegation_for(by, current)
    proposal = ItemProposal(achievement=current, delegation=delegation, before=before, after=after, note=note)
    proposal.proposed_by = by
    proposal.clean_fields(exclude=["achievement", "delegation"])
    store(proposal)
    record("提出修改建议", current, by=by, changes={"fields": [None, [*after]]})
    return proposal


def withdraw_proposal(proposal: ItemProposal, *, by: User) -> None:
    """By the one who made it. Raises PermissionDenied, ValidationError."""
    if proposal.proposed_by_id != by.pk:
        raise PermissionDenied("这不是您提出的修改建议。")
    decide(proposal, Status.WITHDRAWN, by=by, action="撤回修改建议")


@transaction.atomic
def accept_proposal(proposal: ItemProposal, names: Collection[str], *, by: User, seen: str) -> bool:
    """Take over those of the proposed fields. `seen`: the `version_of` the achievement that the page showed.

    Returns whether a part waits for the city. Raises PermissionDenied, ValidationError.
    """
    _check_office(proposal, by)
    current = Achievement.objects.select_for_update(of=("self",)).get(pk=proposal.achievement_id)
    if seen != version_of(current, pending_revision(current)):
        raise ValidationError("这项成果刚刚被改过。请核对下面最新的内容，再处理一次。")
    chosen = {name: value for name, value in proposal.after.items() if name in names}
    if not chosen:
        raise ValidationError("没有勾选要采纳的内容。都不采纳的，请写明原因并点“不采纳”。")
    transition(
        proposal,
        when={"status": Status.PENDING},
        values={
            "status": Status.ACCEPTED,
            "accepted": list(chosen),
            "decided_by": by,
            "decided_at": timezone.now(),
        },
        refusal="这份建议刚刚被替换或处理过。请刷新页面，看过最新的内容再处理。",
        action="采纳修改建议",
        by=by,
        changes={"status": [Status.PENDING, Status.ACCEPTED]},
    )
    waits = apply_values(current, chosen, by=by, seen=seen)
    left = len(proposal.after) - len(chosen)
    _tell(proposal, f"采纳了您对“%s”的 {len(chosen)} 处修改" + (f"，{left} 处没有采纳" if left else ""))
    return waits


@transaction.atomic
def decline_proposal(proposal: ItemProposal, *, by: User, reason: str) -> None:
    """Nothing of it is taken over. Raises PermissionDenied, ValidationError without a reason."""
    _check_office(proposal, by)
    reason = clean_reason(reason, "数据还没有第三方检测报告")
    decide(proposal, Status.RETURNED, by=by, action="不采纳修改建议", reason=reason)
    _tell(proposal, "没有采纳您对“%s”的修改")


def _check_office(proposal: ItemProposal, by: User) -> None:
    if not represents_institution(proposal.achievement, by):
        raise PermissionDenied("这不是您单位的成果。")


def _tell(proposal: ItemProposal, text: str) -> None:
    item = proposal.achievement
    about = f"achievement {item.public_id}"
    path = reverse("delegated_item", args=[item.public_id])
    words = f"{item.institution}{text % item.title[:60]}。"
    key = f"{about} proposal {proposal.public_id}"
    notify([NoticeDraft(proposal.proposed_by_id, NoticeKind.PROGRESS, words, path, about, key)])
