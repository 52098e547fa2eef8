"""A pair whose sides have agreed between themselves, without a review: an approach (主动对接) that both continue."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Contact, User
from matching.models import FollowUp, Match
from matching.services.follow_up_status import lock_follow_up
from matching.services.meeting_decisions import lock_match
from matching.services.meeting_results import open_follow_up
from matching.services.side_responses import accept_willing
from matching.services.statements import Word


@dataclass(frozen=True)
class OwnAgreement:
    """愿意 of one side in its own words, and the contact that agrees to be named to the other side."""

    word: Word
    contact: Contact
    note: str = ""


@transaction.atomic
def follow_up_agreement(match: Match, agreements: Iterable[OwnAgreement], *, by: User) -> FollowUp:
    """Store the own words of both sides and open their talks; the caller has checked who speaks.

    A match of the engine and its follow-up are continued; nothing changes if both sides already talk. Raises
    NoOwnerAvailable, and ValidationError if one user speaks for both sides or a word does not count any more.
    """
    match = lock_match(match.pk)
    row = FollowUp.objects.filter(match=match).first()
    row = lock_follow_up(row.pk) if row else open_follow_up(match, by=by, why="主动对接后")
    if row.is_agreed:
        return row
    for agreement in sorted(agreements, key=lambda item: item.word.said_at or item.word.side):
        response = row.responses.get(side=agreement.word.side)
        accept_willing(row, response, agreement.word, contact=agreement.contact, note=agreement.note)
        row.refresh_from_db()
    if not row.is_agreed:
        raise ValidationError("其中一方表示同意以后，这对成果和需求的对接被结束过。请双方重新提出转入对接。")
    return row
