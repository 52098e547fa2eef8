"""Deleting the data of a person in what the offices of institutions keep.

What accounts and proofs of consent need stays without the name: a decided share with a masked name, a consent as a
keyed hash.
"""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import ERASED_NAME, Contact, User
from audit.services import record
from challenges.models import Bid
from challenges.services.persons import hide_person
from core.masking import mask_name
from correspondence.models import CompleterLetter, Handover
from correspondence.services.letters import stop_letters
from deals.models import IncomeCase, IncomeShare, PriceObjection
from drafting.models import DocumentDraft
from drafting.services.persons import erase_person, replace_names
from members.recipients import tell_members
from portfolio.models import CompleterConsent
from portfolio.services.consents import end_consent

ACTION = "删除个人信息"
CLOSED_ANSWER = "（已按本人要求删除）"


def erase_share(share: IncomeShare, _name: str, by: User) -> None:
    """A decided share is evidence of a payment and stays with a masked name; any other is deleted."""
    case = IncomeCase.objects.select_for_update(of=["self"]).get(pk=share.case_id)
    if case.status == IncomeCase.Status.DECIDED:
        masked, rows = mask_name(share.name), IncomeShare.objects.filter(case=case, part=share.part)
        if rows.filter(name=masked).exclude(pk=share.pk).exists():
            masked = f"{masked}{share.pk}"
        IncomeShare.objects.filter(pk=share.pk).update(name=masked, user=None, issue=share.issue + 1)
    else:
        IncomeShare.objects.filter(pk=share.pk).delete()
    if case.is_draft:
        text = f"“{case.title[:60]}”里有人要求删除个人信息，这份份额已删去。请重新核对分配。"
        tell_members(case.institution, text, event=f"erased share {share.pk}")
    record(ACTION, case, by=by)


def erase_objection(objection: PriceObjection, name: str, by: User) -> None:
    """The objection and its answer stay, because the publicity must show them; who raised it goes."""
    names = [name, *(each for each in (objection.contact, objection.who) if len(each) > 1)]
    text, outcome = (replace_names(each, names)[:500] for each in (objection.text, objection.outcome))
    values = {"who": ERASED_NAME, "contact": "", "text": text, "outcome": outcome}
    PriceObjection.objects.filter(pk=objection.pk).update(**values)
    record(ACTION, objection.publicity.deal, by=by, changes={"objection": [None, ERASED_NAME]})


def erase_in_draft(draft: DocumentDraft, name: str, by: User) -> None:
    erase_person(draft, name, by=by)


def erase_handover(handover: Handover, name: str, by: User) -> None:
    """The answer goes, also from one that the office has sent on; an open link ends."""
    row = Handover.objects.select_for_update(of=["self"]).get(pk=handover.pk)
    row.note, row.decision_note = (replace_names(text, [name])[:300] for text in (row.note, row.decision_note))
    row.text = CLOSED_ANSWER if row.text else ""
    row.times, row.place, row.fingerprint, row.issue = [], "", "", row.issue + 1
    if row.is_open:
        row.revoked_at = timezone.now()
    row.save()
    record(ACTION, row, by=by)


def erase_consent(consent: CompleterConsent, name: str, by: User) -> None:
    """A consent ends; the hash and the days stay as the proof that it was given and withdrawn."""
    end_consent(consent, name, by=by)
    record(ACTION, consent, by=by)


def erase_letters(contact: Contact, _name: str, by: User) -> None:
    """No more letters are sent, and which were sent is forgotten."""
    stop_letters(contact, by=None)
    CompleterLetter.objects.filter(contact=contact).delete()
    record(ACTION, contact, by=by)


def erase_in_bid(bid: Bid, name: str, by: User) -> None:
    """What was handed in stays as its receipt says; the draft and all pages no longer have the name."""
    hide_person(bid, name, by=by)


OFFICE_ERASERS: dict[str, Callable[[Any, str, User], None]] = {
    "share": erase_share,
    "objection": erase_objection,
    "draft": erase_in_draft,
    "handover": erase_handover,
    "consent": erase_consent,
    "letter": erase_letters,
    "bid": erase_in_bid,
}
