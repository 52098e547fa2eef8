"""Asking the parties of a record, and their answers. A statement binds only its speaker.

A change of the facts expires the answers (`ask_parties`), and even without it they no longer match the hash that the
database computes. Silence is no answer; the staff cannot answer for a party.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from deals.confirmation_subjects import SUBJECTS, ConfirmableSubject, NamedParty, subject_of
from deals.models import Confirmation, Deal
from deals.permissions import represents_party
from deals.services import confirmation_links, confirmation_notices

Status, Capacity, Decision = Confirmation.Status, Confirmation.Capacity, Confirmation.Decision
MIN_TEXT = 4
TWO_SIDED = ("seller", "buyer", "one", "other")
ANSWERABLE = (Status.PENDING, Status.PROVEN, Status.OBJECTED)


# --- Asking -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def ask_parties(row: Model, *, by: User | None) -> list[Confirmation]:
    """Ask each named party about the present facts of `row`; returns the new confirmations.

    Answers to the same facts stay, all others expire. The organisation of the author counts as confirming by the
    record itself, but only the one to which the author belongs, and never two sides by one person.
    """
    return ask_parties_of_many([row], by=by)


@transaction.atomic
def ask_parties_of_many(
    rows: Iterable[Model], *, by: User | None, together: confirmation_notices.Together | None = None
) -> list[Confirmation]:
    """`ask_parties` for rows of one model, with one notice for each party; `together`: also with earlier rows."""
    rows = list(rows)
    if not rows:
        return []
    subject = subject_of(rows[0])
    current = _current_by_row(subject, rows)
    new: list[Confirmation] = []
    for row in subject.rows().filter(pk__in=[row.pk for row in rows]):
        stored = current.get(row.pk, {})
        parties = subject.parties(row) if subject.matter(row) else []
        kept = {party.role for party in parties if _is_same(stored.get(party.role), party, row, subject)}
        expired = [old for role, old in stored.items() if role not in kept]
        was_counted = _did_stand(stored)
        expire_confirmations(expired)
        asked = [_new(subject, row, party, by) for party in parties if party.role not in kept]
        _confirm_by_authoring(subject, asked, by)
        new += asked
        if expired and was_counted:
            after_answer(subject, row, by, was_counted=True)
    Confirmation.objects.bulk_create(new, batch_size=500)
    for confirmation in new:
        if not confirmation.is_pending:
            after_answer(subject, subject.rows().get(pk=confirmation.subject_id), by, was_counted=False)
    confirmation_links.send_first_links(new)
    confirmation_notices.tell_parties(new, by, together)
    return new


def expire_confirmations(confirmations: Iterable[Confirmation]) -> None:
    pks = [confirmation.pk for confirmation in confirmations]
    expired = Confirmation.objects.filter(pk__in=pks).exclude(status=Status.EXPIRED)
    expired.update(status=Status.EXPIRED, link_hash="", link_expires_at=None)
    confirmation_notices.withdraw(confirmations)


def _current_by_row(subject: ConfirmableSubject, rows: list[Model]) -> dict[int, dict[str, Confirmation]]:
    stored: dict[int, dict[str, Confirmation]] = {}
    of_rows = Confirmation.objects.filter(subject=subject.label, subject_id__in=[row.pk for row in rows])
    for confirmation in of_rows.current().select_for_update():
        stored.setdefault(confirmation.subject_id, {})[confirmation.role] = confirmation
    return stored


def _is_same(old: Confirmation | None, party: NamedParty, row: Any, subject: ConfirmableSubject) -> bool:
    return (
        old is not None
        and old.facts_hash == row.facts_hash
        and old.organisation_id == (party.organisation.pk if party.organisation else None)
        and old.broker_id == (party.broker.pk if party.broker else None)
        and (old.matter == subject.matter(row) or not old.is_pending)
    )


def _did_stand(stored: dict[str, Confirmation]) -> bool:
    sides = [confirmation for role, confirmation in stored.items() if role in TWO_SIDED]
    return bool(sides) and all(confirmation.is_standing for confirmation in sides)


def _new(subject: ConfirmableSubject, row: Any, party: NamedParty, by: User | None) -> Confirmation:
    return Confirmation(
        subject=subject.label,
        subject_id=row.pk,
        matter=subject.matter(row),
        role=party.role,
        organisation=party.organisation,
        broker=party.broker,
        named_as=party.name,
        title=subject.title(row)[:200],
        facts=subject.facts(row, party.role),
        facts_hash=row.facts_hash,
        asked_by=by,
    )


def _confirm_by_authoring(subject: ConfirmableSubject, asked: list[Confirmation], by: User | None) -> None:
    """The author's own side has said what it wrote. With a named broker each side has to say something about him."""
    roles = {confirmation.role for confirmation in asked}
    if by is None or "broker" in roles or any(confirmation.matter == "listed" for confirmation in asked):
        return
    own = [confirmation for confirmation in asked if represents_party(by, confirmation)]
    answered = Confirmation.objects.filter(
        subject=subject.label,
        subject_id__in=[confirmation.subject_id for confirmation in own],
        role__in=TWO_SIDED,
        answered_by=by,
        status=Status.CONFIRMED,
    )
    if own and not answered.exists():
        first = own[0]
        first.status, first.capacity, first.answered_by = Status.CONFIRMED, Capacity.AUTHOR, by
        first.confirmed_at = timezone.now()


# --- Answers ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def confirm(confirmation: Confirmation, *, by: User, confirms_broker: bool = False) -> None:
    """已确认, by a user of the party. Lifts what the party objected before.

    Raises PermissionDenied, ValidationError if the facts have changed, the party has answered already, or the same
    person answered for the other side.
    """
    _require_party(confirmation, by)
    capacity = Capacity.PERSON if confirmation.broker_id else Capacity.OFFICER
    _answer(
        confirmation,
        by=by,
        values={"answered_by": by, "capacity": capacity, "confirms_broker": confirms_broker, "person": by.name[:30]}
        | _confirmed(),
    )


@transaction.atomic
def confirm_by_link(confirmation: Confirmation, *, person: str) -> None:
    """已确认 by the recorded contact of a party without users, who opened the link of this version."""
    person = clean_required_text(person, "请填写您的姓名。", 30, name="姓名")
    values = {"answered_by": None, "capacity": Capacity.LINK, "person": person}
    _answer(confirmation, by=None, values=values | _confirmed(), when=_by_link(confirmation))


@transaction.atomic
def object_to(confirmation: Confirmation, *, reason: str, text: str, by: User) -> None:
    """有异议, by a user of the party, also after it has confirmed. The record no longer counts from this moment.

    Raises PermissionDenied, ValidationError.
    """
    _require_party(confirmation, by)
    capacity = Capacity.PERSON if confirmation.broker_id else Capacity.OFFICER
    values = {"answered_by": by, "capacity": capacity, "person": by.name[:30]} | _objected(reason, text)
    _answer(confirmation, by=by, values=values, also_confirmed=True)


@transaction.atomic
def object_by_link(confirmation: Confirmation, *, reason: str, text: str, person: str) -> None:
    person = clean_required_text(person, "请填写您的姓名。", 30, name="姓名")
    values = {"answered_by": None, "capacity": Capacity.LINK, "person": person} | _objected(reason, text)
    _answer(confirmation, by=None, values=values, when=_by_link(confirmation))


def _confirmed() -> dict[str, Any]:
    return {"status": Status.CONFIRMED, "confirmed_at": timezone.now(), "link_hash": "", "link_expires_at": None}


def _objected(reason: str, text: str) -> dict[str, Any]:
    if reason not in Confirmation.Reason.values:
        raise ValidationError("请选择哪里不对。")
    text = clean_required_text(text, "请用一句话写明哪里不对，例如“本单位没有签过这份合同”。", 300, name="说明")
    if len(text) < MIN_TEXT:
        raise ValidationError("请用一句话写明哪里不对，至少 %(least)d 个字。" % {"least": MIN_TEXT})
    return {
        "status": Status.OBJECTED,
        "objected_at": timezone.now(),
        "reason": reason,
        "text": text,
        "decision": Decision.OPEN,
        "decision_text": "",
        "decided_by": None,
        "link_hash": "",
        "link_expires_at": None,
    }


def _by_link(confirmation: Confirmation) -> dict[str, Any]:
    """The link that was opened is still the last one sent, and nobody used it."""
    return {"link_hash": confirmation.link_hash, "link_expires_at__gt": timezone.now()}


def _answer(
    confirmation: Confirmation,
    *,
    by: User | None,
    values: dict[str, Any],
    when: dict[str, Any] | None = None,
    also_confirmed: bool = False,
) -> None:
    """One conditional UPDATE, after the record (and its deal) was locked so that answers run one after another."""
    subject = SUBJECTS[confirmation.subject]
    row = lock_record(confirmation)
    if row is None or row.facts_hash != confirmation.facts_hash:
        raise ValidationError("这项记录的内容刚有变化，请看最新的内容再答复。")
    was_counted = subject.counted().filter(pk=row.pk).exists()
    statuses = [*ANSWERABLE, *([Status.CONFIRMED] if also_confirmed else [])]
    before = confirmation.status
    transition(
        confirmation,
        when={"status__in": statuses, "facts_hash": row.facts_hash} | (when or {}),
        values=values,
        refusal=lambda latest: f"这项记录现在是“{latest.reader_status}”，不能这样答复，请刷新后再看。",
        action="答复当事方确认",
        by=by,
        changes={"status": [before, values["status"]], "person": [None, values["person"]]},
    )
    if values["status"] == Status.CONFIRMED:
        _lift_objections(confirmation)
    confirmation_notices.answered(confirmation)
    after_answer(subject, row, by, was_counted=was_counted)


def _lift_objections(confirmation: Confirmation) -> None:
    """An objection ends when who objected confirms."""
    own = Confirmation.objects.filter(
        subject=confirmation.subject,
        subject_id=confirmation.subject_id,
        organisation=confirmation.organisation_id,
        broker=confirmation.broker_id,
        role=confirmation.role,
    )
    own.blocking().update(decision=Decision.LIFTED)


def lock_record(confirmation: Confirmation) -> Any:
    """The record of a confirmation, locked after its deal; None if it no longer exists."""
    subject = SUBJECTS[confirmation.subject]
    if deal := subject.deal_of(confirmation.subject_id):
        Deal.objects.lock(deal)
    if subject.model is not Deal:
        subject.model._base_manager.select_for_update().filter(pk=confirmation.subject_id).values_list("pk").first()
    return subject.rows().filter(pk=confirmation.subject_id).first()


def after_answer(subject: ConfirmableSubject, row: Any, by: User | None, *, was_counted: bool) -> None:
    """Effects of an answer. The audit trail of the record says when it began or ceased to count.

    `row` is one of `subject.rows()`, read after the record was locked.
    """
    is_counted = subject.counted().filter(pk=row.pk).exists()
    if was_counted != is_counted:
        record(
            "计入统计" if is_counted else "不再计入统计", row, by=by, changes={"is_counted": [was_counted, is_counted]}
        )
    subject.after_answer(row, by, was_counted)


def _require_party(confirmation: Confirmation, by: User) -> None:
    if not represents_party(by, confirmation):
        raise PermissionDenied("只有被写明的单位或本人可以答复，工作人员不能代为确认。")
