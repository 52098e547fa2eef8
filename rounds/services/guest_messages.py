"""Messages to the guests of a round: all are sent here and kept with their way and state, which the outbox lists.

A guest without mail address and account is put on the call list instead of being counted as told.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Contact, User
from accounts.services.contacts import RevealedContact, reveal_contact
from audit.services import record
from notices.models import NoticeKind
from notices.services import SingleMail, notify, queue_single_mails, send_again
from notices.services.notifications import NoticeDraft
from rounds.models import DockingRound, GuestMessage, Party
from rounds.models.guest_message import GuestMessageQuerySet, failed_deliveries
from rounds.services.guest_reach import Reach, WayCounts, reach_of

State, Way, Outcome = GuestMessage.State, GuestMessage.Way, GuestMessage.Outcome


@dataclass(frozen=True)
class GuestText:
    """What one guest is told: `body` by mail or telephone, `line` in its account, with a link to `path`.

    `about` and `key`: as in `NoticeDraft`; without a key its users get no notice from here.
    """

    subject: str
    body: str
    line: str = ""
    path: str = ""
    about: str = ""
    key: str = ""


@transaction.atomic
def send_to_guests(
    texts: dict[Party, GuestText],
    *,
    kind: str,
    notice_kind: NoticeKind,
    by: User | None,
    reach: list[Reach] | None = None,
) -> WayCounts:
    """Tell each guest its text by its way and keep a `GuestMessage` of it. The number of queries is fixed.

    `reach`: of these parties, if it was read before.
    """
    reach = reach_of(list(texts)) if reach is None else reach
    now = timezone.now()
    rows = [
        GuestMessage(
            docking_round_id=each.party.docking_round_id,
            party=each.party,
            kind=kind,
            way=each.way,
            subject=texts[each.party].subject[:200],
            text=texts[each.party].body,
            notice_about=texts[each.party].about,
            notice_key=texts[each.party].key,
            made_at=now,
            made_by=by,
        )
        for each in reach
    ]
    GuestMessage.objects.bulk_create(rows, batch_size=500)
    _queue_mails(rows, reach)
    notify(
        NoticeDraft(person, notice_kind, text.line, text.path, text.about, text.key)
        for each in reach
        if (text := texts[each.party]).key and text.line
        for person in each.people
    )
    return WayCounts.of(row.way for row in rows)


def _queue_mails(rows: list[GuestMessage], reach: list[Reach]) -> None:
    pairs = [(row, address) for row, each in zip(rows, reach, strict=True) for address in each.addresses]
    mails = queue_single_mails(SingleMail(address, row.subject, row.text) for row, address in pairs)
    links: Any = GuestMessage.deliveries.through
    links.objects.bulk_create(
        [
            links(guestmessage_id=row.pk, delivery_id=mail.pk)
            for (row, _address), mail in zip(pairs, mails, strict=True)
        ],
        batch_size=500,
    )


# --- Counts and lists -------------------------------------------------------------------------------------------------
def outbox_rows(docking_round: DockingRound, user: User, *, kind: str = "", state: str = "") -> GuestMessageQuerySet:
    """The messages of a round that this user looks after, with their state; of each kind the last to each guest."""
    rows = GuestMessage.objects.managed_by(user).filter(docking_round=docking_round)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.last_of_each().with_state().with_failures()
    return rows.in_state(state) if state else rows


def outbox_counts(docking_round: DockingRound, user: User) -> dict[str, Counter[str]]:
    """{kind: {state: number of guests}}. The numbers of a kind add up to the guests that it was meant for."""
    counts: dict[str, Counter[str]] = {}
    for row in outbox_rows(docking_round, user).order_by().only("kind"):
        counts.setdefault(row.kind, Counter())[getattr(row, "state", "")] += 1
    return counts


def call_list(docking_round: DockingRound, user: User) -> GuestMessageQuerySet:
    """Whom to telephone, the oldest message first."""
    rows = outbox_rows(docking_round, user).to_call()
    rows = rows.exclude(party__answer=Party.Answer.WITHDRAWN)
    return rows.select_related("party__organisation__stat_region", "docking_round").order_by("calls", "made_at", "pk")


def counts_of_key(key: str) -> WayCounts:
    """By which way the messages whose notice key begins with `key` went."""
    return WayCounts.of(GuestMessage.objects.filter(notice_key__startswith=key).values_list("way", flat=True))


# --- Once more --------------------------------------------------------------------------------------------------------
@transaction.atomic
def resend(message: GuestMessage, *, by: User) -> int:
    """Send again, once, what of this message has failed. Returns how many deliveries. Raises PermissionDenied, and
    ValidationError if nothing failed or it was sent again before: then only a call helps."""
    _check_manages(message, by)
    row = GuestMessage.objects.select_for_update(of=("self",)).with_state().get(pk=message.pk)
    if getattr(row, "state", "") not in GuestMessage.UNREACHED:
        raise ValidationError("这条消息现在是“%(now)s”，不用再发。" % {"now": row.state_text})
    failed = list(failed_deliveries(row).filter(resends=0))
    if not failed:
        raise ValidationError("已经再发过一次，还是没有送到，请打电话。")
    for delivery in failed:
        send_again(delivery, by=by)
    record("再发一次", row.party, by=by, changes={"resent": [None, row.get_kind_display()]})
    return len(failed)


# --- Telephone --------------------------------------------------------------------------------------------------------
def open_number(message: GuestMessage, contact: Contact, *, by: User) -> RevealedContact:
    """The contact in full, for a call; the audit trail keeps who opened it and why. Raises as `reveal_contact`."""
    _check_manages(message, by)
    if contact.organisation_id != message.party.organisation_id:
        raise PermissionDenied("这个联系人不是这家单位的。")
    reason = "为“%(round)s”打电话：%(kind)s" % {
        "round": message.docking_round.name,
        "kind": message.get_kind_display(),
    }
    return reveal_contact(contact, by=by, reason=reason)


@transaction.atomic
def record_call(message: GuestMessage, *, outcome: str, by: User, note: str = "") -> None:
    """Keep what a call brought. 没接通 leaves the guest on the list. Raises PermissionDenied, ValidationError."""
    _check_manages(message, by)
    if outcome not in Outcome.values:
        raise ValidationError("请选择电话的结果。")
    rows = GuestMessage.objects.select_for_update(of=("self",)).select_related("party__organisation", "docking_round")
    row = rows.get(pk=message.pk)
    if row.outcome not in ("", Outcome.NO_REPLY):
        raise ValidationError(
            "%(who)s已记下：%(outcome)s，没有覆盖。"
            % {"who": row.called_by or "同事", "outcome": row.get_outcome_display()}
        )
    GuestMessage.objects.filter(pk=row.pk).update(
        outcome=outcome, outcome_note=note.strip()[:200], calls=F("calls") + 1, called_at=timezone.now(), called_by=by
    )
    message.refresh_from_db()
    record("记录电话结果", row.party, by=by, changes={"call": [row.get_kind_display(), message.get_outcome_display()]})


def _check_manages(message: GuestMessage, by: User) -> None:
    may = by.scope.is_city or by.scope.is_district
    if not may or not Party.objects.managed_by(by).filter(pk=message.party_id).exists():
        raise PermissionDenied("“%(party)s”不在您的管理范围内。" % {"party": message.party})
