"""Agree on a commission for a deal, change it together, and tell what was paid. Each side speaks for itself."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message, transition
from brokerage.commission_sums import commission_sums
from brokerage.models import Commission, CommissionPayment
from core.plain_text import clean_reason
from deals.models import Deal
from mandates.models import Mandate
from mandates.permissions import acting_side, require_only_side
from mandates.services.notifications import people_of_agent, people_of_client
from notices.models import NoticeKind
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence

Status, Side = Commission.Status, Mandate.Side


@transaction.atomic
def propose_commission(deal: Deal, mandate: Mandate, *, by: User, **terms: Any) -> Commission:
    """One side of the mandate proposes for a deal of its client.

    The mandate may have ended since: what was earned under it is still agreed. Raises PermissionDenied for others,
    ValidationError for a deal that is not the client's, or for terms that do not hold together.
    """
    side = acting_side(mandate, by)
    require_only_side(mandate, by, side)
    if mandate.client_id not in (deal.seller_id, deal.buyer_id):
        raise ValidationError("这项成交的双方里没有委托方，不能约定佣金。")
    if mandate.confirmed_at is None:
        raise ValidationError("委托还没有双方确认，确认后才能约定佣金。")
    if Commission.objects.open().filter(deal=deal, mandate=mandate).exists():
        raise ValidationError("这项成交已有一份佣金约定。要改的，请打开那一份，提出改约定。")
    commission = Commission(deal=deal, mandate=mandate, proposed_side=side, proposed_by=by, **terms)
    commission.full_clean()
    try:
        with transaction.atomic():
            commission.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Commission)) from None
    record("提出佣金约定", commission, by=by, changes={"deal": [None, deal.name]})
    _tell(commission, _other(side), "proposed", "proposed")
    return commission


@transaction.atomic
def propose_change(commission: Commission, *, by: User, **terms: Any) -> Commission:
    """Either side proposes other terms in place of agreed ones, which hold until the other side agrees.

    Raises PermissionDenied for others, ValidationError if they are paid already, if nothing is changed, or if a change
    waits.
    """
    mandate = commission.mandate
    side = acting_side(mandate, by)
    require_only_side(mandate, by, side)
    row = Commission.objects.select_for_update(of=("self",)).get(pk=commission.pk)
    _require_changeable(row)
    if all(getattr(row, name) == value for name, value in terms.items()):
        raise ValidationError("和现在的约定一样，没有改动。")
    sides = {"proposed_side": side, "proposed_by": by}
    change = Commission(deal=row.deal, mandate=mandate, previous=row, status=Status.CHANGE, **sides, **terms)
    change.full_clean()  # also that no other change waits; the row is locked, so nobody proposes one meanwhile
    change.save(force_insert=True)
    record("提出改佣金约定", change, by=by, changes={"deal": [None, row.deal.name]})
    _tell(change, _other(side), "change_proposed", "proposed")
    return change


def is_paid(commission: Commission) -> bool:
    """Whether all that is owed so far was paid, as both sides say."""
    sums = commission_sums(commission)
    return bool(sums.due_wan) and not sums.open_wan


def _require_changeable(agreed: Commission) -> None:
    if agreed.status != Status.AGREED:
        raise ValidationError(f"这份佣金约定现在是“{agreed.get_status_display()}”，双方同意的才能改。")
    if is_paid(agreed):
        raise ValidationError("按现在的约定已经付清，不能再改。")


@transaction.atomic
def answer_commission(commission: Commission, *, agree: bool, by: User, reason: str = "") -> None:
    """The other side agrees, or refuses with a reason. Agreed changes take the place of the earlier terms."""
    side = _other(commission.proposed_side)
    require_only_side(commission.mandate, by, side)
    reason = "" if agree else clean_reason(reason, "比例高于约定")
    status = Status.AGREED if agree else Status.REFUSED
    if agree and commission.previous is not None:
        _supersede(commission.previous, commission, by)
    _decide(commission, status, by, "答复佣金约定", reason)
    _tell(commission, commission.proposed_side, "agreed" if agree else "refused", "answered", reason=reason)


def _supersede(earlier: Commission, change: Commission, by: User) -> None:
    """The payments go over to the terms that hold, so that what was paid is not owed again."""
    row = Commission.objects.select_for_update(of=("self",)).get(pk=earlier.pk)
    _require_changeable(row)
    transition(
        row,
        when={"status": Status.AGREED},
        values={"status": Status.SUPERSEDED},
        refusal=lambda now: f"原来的约定现在是“{now.get_status_display()}”，请刷新后再看。",
        action="改佣金约定",
        by=by,
        changes={"status": [Status.AGREED, Status.SUPERSEDED]},
    )
    CommissionPayment.objects.filter(commission=row).update(commission=change)


@transaction.atomic
def withdraw_commission(commission: Commission, *, by: User) -> None:
    require_only_side(commission.mandate, by, commission.proposed_side)
    _decide(commission, Status.WITHDRAWN, by, "撤回佣金约定", "")


@transaction.atomic
def tell_payment(commission: Commission, *, amount_wan: Decimal, paid_on: date, by: User) -> CommissionPayment:
    """One side says what was paid; it counts when the other confirms it."""
    side = acting_side(commission.mandate, by)
    require_only_side(commission.mandate, by, side)
    row = Commission.objects.select_for_update().get(pk=commission.pk)
    if row.status != Status.AGREED:
        raise ValidationError("双方同意佣金约定以后，才能记录支付。")
    if paid_on > timezone.localdate():
        raise ValidationError({"paid_on": f"支付日期 {paid_on} 在今后，请填写已经支付的日期。"})
    payment = CommissionPayment(commission=row, amount_wan=amount_wan, paid_on=paid_on, told_side=side, told_by=by)
    payment.full_clean()
    payment.save(force_insert=True)
    record("记录佣金支付", commission, by=by)
    _tell(commission, _other(side), "paid", f"paid {payment.pk}")
    return payment


@transaction.atomic
def confirm_payment(payment: CommissionPayment, *, by: User) -> None:
    commission = payment.commission
    require_only_side(commission.mandate, by, _other(payment.told_side))
    transition(
        payment,
        when={"confirmed_at": None, "withdrawn_at": None},
        values={"confirmed_at": timezone.now(), "confirmed_by": by},
        refusal="这一笔已经确认过，或者对方已经撤回。",
        action="确认佣金支付",
        by=by,
    )
    settle_notices(commission.about, [NoticeKind.BROKER], [by.pk])
    _tell(commission, payment.told_side, "confirmed", f"confirmed {payment.pk}")


@transaction.atomic
def withdraw_payment(payment: CommissionPayment, *, by: User) -> None:
    """The side that recorded it takes it back, while the other has not confirmed it."""
    commission = payment.commission
    require_only_side(commission.mandate, by, payment.told_side)
    transition(
        payment,
        when={"confirmed_at": None, "withdrawn_at": None},
        values={"withdrawn_at": timezone.now()},
        refusal="这一笔对方已经确认，或者已经撤回。",
        action="撤回佣金支付",
        by=by,
    )
    _tell(commission, _other(payment.told_side), "payment_withdrawn", f"withdrawn {payment.pk}")


def may_agree(deal: Deal, by: User) -> list[Mandate]:
    """The confirmed mandates, also ended ones, under which the user's side may propose a commission for this deal."""
    parties = [pk for pk in (deal.seller_id, deal.buyer_id) if pk]
    confirmed = Mandate.objects.visible_to(by).filter(client__in=parties, confirmed_at__isnull=False).with_sides()
    taken = set(Commission.objects.open().filter(deal=deal).values_list("mandate", flat=True))
    works_on_it = [row for row in confirmed if row.pk not in taken and row.side_of(by.scope)]
    agents = {deal.broker_id, deal.agency_id} - {None}
    return [row for row in works_on_it if row.broker_id in agents or row.agency_id in agents]


def _decide(commission: Commission, status: str, by: User, action: str, reason: str) -> None:
    before = commission.status if commission.status in Commission.WAITING else Status.PROPOSED
    transition(
        commission,
        when={"status": before},
        values={"status": status, "answered_at": timezone.now(), "answered_by": by, "reason": reason},
        refusal=lambda row: f"这份佣金约定现在是“{row.get_status_display()}”，请刷新后再看。",
        action=action,
        by=by,
        changes={"status": [before, status]},
    )
    everybody = [*people_of_client(commission.mandate.client), *people_of_agent(commission.mandate.agent)]
    settle_notices(commission.about, [NoticeKind.BROKER], everybody)


def _other(side: str) -> str:
    if side not in (Side.CLIENT, Side.AGENT):
        raise PermissionDenied("佣金由委托方和受托方约定。")
    return Side.AGENT if side == Side.CLIENT else Side.CLIENT


def _tell(commission: Commission, side: str, text: str, event: str, *, reason: str = "") -> None:
    """`text`: of the declared ones of a commission (`brokerage.sent_texts`)."""
    mandate = commission.mandate
    words = write_sentence(f"brokerage.commission_{text}", {"成交": str(commission.deal), "原因": reason})
    people = people_of_client(mandate.client) if side == Side.CLIENT else people_of_agent(mandate.agent)
    path = reverse("commission", args=[commission.public_id])
    about = commission.about
    notify(NoticeDraft(person, NoticeKind.BROKER, words, path, about, f"{about} {event}") for person in people)
