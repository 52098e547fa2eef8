"""Steps shared by the services of follow-ups: lock, change status, change owner, close, share contacts.

A service locks the row of the follow-up first, so that two sides answering at the same moment see each other's answer.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from accounts.services.contacts import end_shares, share_contact
from audit.services import record
from audit.transitions import transition
from demands.permissions import manages
from matching.models import BrokerRequest, FollowUp, FollowUpStep, Question
from matching.services.notifications import notify_closed, notify_new_owner

Side = Question.Side
State = FollowUp.Status


def may_manage_follow_up(follow_up: FollowUp, by: User) -> bool:
    """City staff, the officers of the firm's district, and the owner."""
    return manages(by, follow_up.match.demand.firm) or follow_up.owner_id == by.pk


def require_may_manage(follow_up: FollowUp, by: User) -> None:
    if not may_manage_follow_up(follow_up, by):
        raise PermissionDenied("“%(match)s”不由您跟进。" % {"match": follow_up.match.achievement})


def lock_follow_up(pk: int) -> FollowUp:
    """Return the row, locked until the transaction ends."""
    rows = FollowUp.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("match__demand__firm", "match__achievement__institution").get(pk=pk)


def read_again(follow_up: FollowUp) -> None:
    """Read the columns of a follow-up anew. Which match it is of never changes: that is kept as it was read.

    For changes that leave the match as it is.
    """
    follow_up.refresh_from_db(fields=[row.name for row in FollowUp._meta.concrete_fields if row.name != "match"])


def change_status(follow_up: FollowUp, status: str, *, by: User | None, note: str = "", **values: Any) -> None:
    """Set the status of a locked follow-up, with a history entry and an audit record. `values`: further columns."""
    before, match = follow_up.status, follow_up.match
    transition(
        follow_up,
        when={"status": before},
        values={"status": status, **values},
        refusal="这项对接的状态刚被改变，请刷新后再看。",
        action="更新对接状态",
        by=by,
        changes={"status": [before, status]},
    )
    follow_up.match = match  # that of a follow-up is always the same, and the transition has forgotten it
    FollowUpStep.objects.create(
        follow_up=follow_up, status=status, note=note.strip()[:1000], next_on=follow_up.next_on, by=by
    )


def close_locked(
    follow_up: FollowUp,
    reason: str,
    *,
    by: User | None,
    note: str = "",
    by_side: str = "",
    refused_at: datetime | None = None,
) -> None:
    """Close a locked follow-up; the contacts given for it are no longer shown, and open questions end.

    `by_side`: the side that refused at `refused_at`, empty if staff close it. Words said before do not open it again.
    """
    now = timezone.now()
    values = {
        "closed_reason": reason,
        "closed_note": note.strip()[:300],
        "closed_at": now,
        "closed_by_side": by_side,
        "consent_since": refused_at or now,
        "intent_asked_at": None,
    }
    change_status(follow_up, State.CLOSED, by=by, note=note, **values)
    follow_up.requests.open().update(ended_at=now)
    end_shares(follow_up.about, by=by)
    notify_closed(follow_up, by)


def change_owner(follow_up: FollowUp, owner: User, *, by: User) -> None:
    """Give a locked follow-up to another owner, who may see the contacts once both sides are willing."""
    before = follow_up.owner
    FollowUp.objects.filter(pk=follow_up.pk).update(owner=owner)
    follow_up.owner = owner
    FollowUpStep.objects.create(
        follow_up=follow_up,
        status=follow_up.status,
        by=by,
        next_on=follow_up.next_on,
        note="由%(before)s交给%(after)s跟进" % {"before": before, "after": owner},
    )
    record("更换跟进人", follow_up, by=by, changes={"owner": [str(before), str(owner)]})
    notify_new_owner(follow_up, owner, by)
    if follow_up.is_agreed:
        share_contacts_with_users(follow_up, [owner], by=by)


def transfer_to_broker(request: BrokerRequest, *, by: User) -> None:
    """A broker accepted the request: they become the owner of the running follow-up of the match."""
    row = FollowUp.objects.filter(match=request.match_id, status__in=FollowUp.RUNNING).first()
    if row is not None:
        change_owner(lock_follow_up(row.pk), by, by=by)


def share_contacts(follow_up: FollowUp, *, by: User | None) -> None:
    """Share the contact that each side named, if any, with the other side and with the owner."""
    others: dict[str, Organisation] = {
        Side.FIRM: follow_up.match.achievement.institution,
        Side.INSTITUTION: follow_up.match.demand.firm,
    }
    for side, contact in _named_contacts(follow_up):
        share_contact(contact, with_=others[side], about=follow_up.about, by=by)
    share_contacts_with_users(follow_up, [follow_up.owner], by=by)


def share_contacts_with_users(follow_up: FollowUp, users: Iterable[User], *, by: User | None) -> None:
    for _side, contact in _named_contacts(follow_up):
        for user in users:
            share_contact(contact, with_=user, about=follow_up.about, by=by)


def _named_contacts(follow_up: FollowUp) -> list[tuple[str, Contact]]:
    """The side and the contact of each response that names one."""
    responses = follow_up.responses.exclude(contact=None).select_related("contact")
    return [(response.side, response.contact) for response in responses if response.contact]
