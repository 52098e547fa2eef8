"""Propose, confirm, refuse and end mandates."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from accounts.services.contacts import end_shares
from audit.services import record
from audit.transitions import constraint_message, transition
from brokers.models import Agency, Broker
from core.file_validation import CONTENT_TYPES, checked_upload
from core.plain_text import clean_reason
from mandates.models import LONGEST_TERM, Mandate, ReplacedDocument, Right
from mandates.permissions import (
    acting_side,
    is_responsible_staff,
    represents_agent,
    represents_client,
    require_only_side,
)
from mandates.services import notifications

Side, Status, Basis = Mandate.Side, Mandate.Status, Mandate.Basis
CLIENT_KINDS = (Organisation.Kind.FIRM, Organisation.Kind.INSTITUTION)
MOST_PROPOSED = 30
"""Unanswered proposals of one agent: who asks every firm of the city is stopped here."""


@transaction.atomic
def propose_mandate(
    *,
    client: Organisation,
    agent: Broker | Agency,
    rights: Collection[str],
    purpose: str,
    ends_on: date,
    by: User,
    starts_on: date | None = None,
    contact: Contact | None = None,
    document: tuple[str, bytes] | None = None,
) -> Mandate:
    """One side proposes; the other has to confirm. `document`: name and content of the signed paper.

    contact: chosen by the client, whose person has agreed. Raises PermissionDenied unless `by` acts for exactly one of
    the sides, ValidationError for an agent without a valid certificate, a wrong scope or term, or an open mandate.
    """
    is_client, is_agent = represents_client(client, by), represents_agent(agent, by)
    if is_client == is_agent:
        raise PermissionDenied("委托由委托方或受托方提出，同时属于双方的人员不能办理。")
    _check_agent(agent)
    mandate = Mandate(
        client=client,
        broker=agent if isinstance(agent, Broker) else None,
        agency=agent if isinstance(agent, Agency) else None,
        rights=sorted(rights, key=list(Right.values).index) if set(rights) <= set(Right.values) else [],
        purpose=purpose,
        starts_on=starts_on or timezone.localdate(),
        ends_on=ends_on,
        contact=contact if is_client else None,
        proposed_side=Side.CLIENT if is_client else Side.AGENT,
        proposed_by=by,
    )
    _check_terms(mandate)
    _close_expired(Mandate.objects.expired().filter(client=client, broker=mandate.broker, agency=mandate.agency))
    waiting = Mandate.objects.proposed().filter(broker=mandate.broker, agency=mandate.agency, proposed_side=Side.AGENT)
    if is_agent and waiting.count() >= MOST_PROPOSED:
        raise ValidationError("已有 %(most)d 份委托在等对方确认，请先等答复或撤回。" % {"most": MOST_PROPOSED})
    mandate.full_clean()
    try:
        with transaction.atomic():
            mandate.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Mandate)) from None
    record("提出委托", mandate, by=by, changes=_terms(mandate))
    if document:
        add_document(mandate, name=document[0], content=document[1], by=by)
    notifications.notify_proposed(mandate)
    return mandate


@transaction.atomic
def add_document(mandate: Mandate, *, name: str, content: bytes, by: User) -> None:
    """Store or replace the signed 委托书, while the mandate waits or is in force; an earlier one is kept.

    The type is read from the content. In force, the other side hears of it. What staff have checked is not replaced by
    the agent, who could put another paper in its place. Raises PermissionDenied, ValidationError.
    """
    side = acting_side(mandate, by)
    name, kind = checked_upload(content, name)
    row = Mandate.objects.with_sides().select_for_update(of=("self",)).get(pk=mandate.pk)
    if row.status not in Mandate.OPEN or row.is_expired:
        raise ValidationError("这份委托现在是“%(now)s”，不能再换委托书。" % {"now": row.state_label})
    if row.basis == Basis.DOCUMENT and side == Side.AGENT:
        raise ValidationError("这份委托书科技部门已经核对，受托方不能再换。请委托方上传，或者终止后重新提出委托。")
    if row.file:
        ReplacedDocument.objects.create(
            mandate=row,
            replaced_by=by,
            **{field: getattr(row, field) for field in ("file", "file_name", "file_type", "file_sha256", "filed_by")},
        )
    row.file.save(f"{secrets.token_hex(16)}.{kind}", ContentFile(content), save=False)
    earlier, row.file_name, row.file_type = row.file_name or None, name, CONTENT_TYPES[kind]
    row.file_sha256, row.filed_by = hashlib.sha256(content).hexdigest(), by
    row.save(update_fields=["file", "file_name", "file_type", "file_sha256", "filed_by"])
    record("上传委托书", row, by=by, changes={"file": [earlier, name]})
    mandate.refresh_from_db()
    if row.status == Status.CONFIRMED:
        notifications.notify_filed(row, side, is_first=earlier is None)
    elif row.proposed_side == Side.AGENT:
        notifications.notify_document(row)


@transaction.atomic
def confirm_mandate(mandate: Mandate, *, by: User, contact: Contact | None = None) -> None:
    """The other side agrees with its own account: in force from its first day on.

    contact: chosen by the client. Raises PermissionDenied for the side that proposed, ValidationError if it is no
    longer waiting.
    """
    side = _answering_side(mandate)
    require_only_side(mandate, by, side)
    _check_agent(mandate.agent)
    chosen = contact if side == Side.CLIENT else mandate.contact
    if chosen is not None and chosen.organisation_id != mandate.client_id:
        raise ValidationError({"contact": "请选择本单位的联系人。"})
    if side == Side.CLIENT and Right.CONTACT in mandate.rights and chosen is None:
        raise ValidationError({"contact": "委托范围里有“查看联系人”，请选择一位本人同意的联系人。"})
    _confirm(mandate, Basis.ACCOUNT, by, {"contact": chosen})
    notifications.notify_answered(mandate, "confirmed")


@transaction.atomic
def confirm_by_document(mandate: Mandate, *, by: User) -> None:
    """Staff have compared the signed document of a client that has no account. Raises PermissionDenied,
    ValidationError if there is no document, or if the client can confirm itself."""
    if not is_responsible_staff(mandate.client, by) or mandate.side_of(by.scope):
        raise PermissionDenied("书面委托书由委托方所在区市县的专员核对。")
    if mandate.proposed_side != Side.AGENT or not mandate.file:
        raise ValidationError("还没有委托书可以核对，请受托方先上传签字盖章的委托书。")
    if notifications.people_of_client(mandate.client):
        raise ValidationError("委托方有可用的账号，请由委托方自己确认。")
    _check_agent(mandate.agent)
    _confirm(mandate, Basis.DOCUMENT, by, {})
    notifications.notify_answered(mandate, "document_checked")


@transaction.atomic
def refuse_mandate(mandate: Mandate, *, by: User, reason: str) -> None:
    """The other side does not agree, with a reason."""
    side = _answering_side(mandate)
    require_only_side(mandate, by, side)
    reason = clean_reason(reason, "暂时不需要委托")
    _close(mandate, Status.REFUSED, side, by, reason, when=Status.PROPOSED, action="不同意委托")
    notifications.notify_answered(mandate, "refused", reason=reason)


@transaction.atomic
def withdraw_mandate(mandate: Mandate, *, by: User) -> None:
    """The side that proposed takes it back before the other answers."""
    if acting_side(mandate, by) != mandate.proposed_side:
        raise PermissionDenied("只有提出的一方可以撤回。")
    side = mandate.proposed_side
    _close(mandate, Status.WITHDRAWN, side, by, "", when=Status.PROPOSED, action="撤回委托")
    notifications.settle_mandate_notices(mandate)


@transaction.atomic
def end_mandate(mandate: Mandate, *, by: User, reason: str = "") -> None:
    """The client ends it at once, without having to say why; the agent and staff with a reason.

    Every right ends with the next request. What was written stays with the client.
    """
    side: str = mandate.side_of(by.scope)
    if not side and is_responsible_staff(mandate.client, by):
        side = Side.STAFF
    if not side:
        raise PermissionDenied("委托由委托方、受托方或委托方所在区市县的专员终止。")
    if side != Side.CLIENT or reason.strip():
        reason = clean_reason(reason, "人员变动，不能继续办理")
    _close(mandate, Status.ENDED, side, by, reason, when=Status.CONFIRMED, action="终止委托")
    end_shares(mandate.about, by=by)
    text = "ended_with_reason" if reason else "ended"
    notifications.notify_closed(mandate, text, besides=side, reason=reason)


@transaction.atomic
def extend_mandate(mandate: Mandate, *, ends_on: date, by: User) -> None:
    """The client puts the last day off, with the same rights: so that nothing stands still between two mandates. The
    agent hears of it, and may end it. Raises PermissionDenied, ValidationError by field."""
    require_only_side(mandate, by, Side.CLIENT)
    if mandate.is_expired:
        raise ValidationError("这份委托的期限已过，请重新委托。")
    if ends_on <= mandate.ends_on:
        raise ValidationError(
            {"ends_on": f"新的结束日期 {ends_on} 不晚于现在的 {mandate.ends_on}。要提前结束请终止委托。"}
        )
    if ends_on - timezone.localdate() > LONGEST_TERM:
        raise ValidationError({"ends_on": "从今天算起最长三年，到期可以再延长。"})
    _check_agent(mandate.agent)
    before = mandate.ends_on
    transition(
        mandate,
        when={"status": Status.CONFIRMED, "ends_on": before},
        values={"ends_on": ends_on},
        refusal=lambda row: f"这份委托现在是“{row.state_label}”，到 {row.ends_on} 为止。请刷新后再看。",
        action="延长委托",
        by=by,
        changes={"ends_on": [before.isoformat(), ends_on.isoformat()]},
    )
    notifications.notify_extended(mandate)


def end_mandates_of(broker: Broker, *, by: User) -> None:
    """All of a broker whose data is deleted. The clients hear of it."""
    for mandate in Mandate.objects.filter(broker=broker, status__in=Mandate.OPEN).with_sides():
        _close(mandate, Status.ENDED, Side.STAFF, by, "受托方已注销", when=mandate.status, action="终止委托")
        end_shares(mandate.about, by=by)
        notifications.notify_closed(mandate, "agent_gone", besides=Side.AGENT)


def close_expired_mandates() -> int:
    """Mark what has passed its last day, tell both sides, end the shares of contacts. Returns how many.

    Rights end by the date itself; this only cleans up. Safe to run twice.
    """
    return _close_expired(Mandate.objects.expired())


def remind_of_ending(days: int = 14) -> int:
    """Tell both sides once that a mandate ends within so many days. Returns how many mandates are near their end."""
    today = timezone.localdate()
    ending = Mandate.objects.in_force().filter(ends_on__lte=today + timedelta(days=days)).with_sides()
    for mandate in ending:
        notifications.notify_ending(mandate)
    return len(ending)


def _close_expired(rows: Any) -> int:
    number = 0
    for mandate in rows.with_sides():
        try:
            with transaction.atomic():
                _close(mandate, Status.ENDED, Side.TERM, None, "", when=mandate.status, action="委托到期")
                end_shares(mandate.about, by=None)
                notifications.notify_closed(mandate, "expired", besides=Side.TERM)
        except ValidationError:
            continue  # another worker, or one of the sides, has closed it meanwhile
        number += 1
    return number


def _answering_side(mandate: Mandate) -> str:
    return Side.CLIENT if mandate.proposed_side == Side.AGENT else Side.AGENT


def _confirm(mandate: Mandate, basis: str, by: User, values: dict[str, Any]) -> None:
    if mandate.is_expired:
        raise ValidationError("这份委托的期限已过，请重新提出。")
    transition(
        mandate,
        when={"status": Status.PROPOSED},
        values={
            "status": Status.CONFIRMED,
            "basis": basis,
            "confirmed_at": timezone.now(),
            "confirmed_by": by,
            **values,
        },
        refusal=lambda row: f"这份委托现在是“{row.state_label}”，不能再确认。",
        action="确认委托",
        by=by,
        changes={"status": [Status.PROPOSED, Status.CONFIRMED], "basis": [None, basis]},
    )


def _close(mandate: Mandate, status: str, side: str, by: User | None, reason: str, *, when: str, action: str) -> None:
    transition(
        mandate,
        when={"status": when},
        values={
            "status": status,
            "closed_at": timezone.now(),
            "closed_by": by,
            "closed_side": side,
            "closed_reason": reason,
        },
        refusal=lambda row: f"这份委托现在是“{row.state_label}”，请刷新后再看。",
        action=action,
        by=by,
        changes={"status": [when, status]} | ({"reason": [None, reason]} if reason else {}),
    )


def _check_agent(agent: Broker | Agency) -> None:
    if isinstance(agent, Broker):
        if not Broker.objects.certified().filter(pk=agent.pk).exists():
            raise ValidationError("“%(agent)s”的证书已过期或已停止执业，不能接受委托。" % {"agent": agent})
        return
    if not Agency.objects.listed().filter(pk=agent.pk).exists():
        raise ValidationError("“%(agent)s”还没有通过核验，不能接受委托。" % {"agent": agent})


def _check_terms(mandate: Mandate) -> None:
    client = mandate.client
    if client.kind not in CLIENT_KINDS or not client.is_active:
        raise ValidationError({"client": "只有启用的企业和高校院所可以委托。"})
    if not mandate.rights:
        raise ValidationError({"rights": "请至少选择一项委托范围。"})
    if client.kind != Organisation.Kind.FIRM and {Right.POST, Right.NAMED} & set(mandate.rights):
        raise ValidationError({"rights": "“发布需求”只用于企业；院所的成果由院所自己登记。"})
    if Right.NAMED in mandate.rights and Right.POST not in mandate.rights:
        raise ValidationError({"rights": "“以企业名称公开”要同时选“发布和修改需求”。"})
    if mandate.ends_on < timezone.localdate():
        raise ValidationError({"ends_on": f"结束日期 {mandate.ends_on} 已经过去，请选择今后的日期。"})
    if mandate.ends_on - mandate.starts_on > LONGEST_TERM:
        raise ValidationError({"ends_on": "一份委托最长三年，到期可以再委托。"})
    if mandate.contact is not None and mandate.contact.organisation_id != client.pk:
        raise ValidationError({"contact": "请选择本单位的联系人。"})
    needs_contact = Right.CONTACT in mandate.rights and mandate.proposed_side == Side.CLIENT
    if needs_contact and mandate.contact is None:
        raise ValidationError({"contact": "选了“查看联系人”，请选择一位本人同意的联系人。"})


def _terms(mandate: Mandate) -> dict[str, Any]:
    return {
        "rights": [None, mandate.rights],
        "starts_on": [None, mandate.starts_on.isoformat()],
        "ends_on": [None, mandate.ends_on.isoformat()],
    }
