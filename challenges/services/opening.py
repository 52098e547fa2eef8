"""Opening after the deadline by two persons, with a record; and what may be read of bids from then on."""

import logging
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Case, IntegerField, Prefetch, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from challenges.bid_content import Content
from challenges.models import Bid, BidFile, BidMember, Challenge, Submission
from challenges.permissions import bids_on, may_open, owns_challenge
from challenges.sealing import SealBroken, open_and_verify, open_bytes
from challenges.sent_texts import write_call_sentence
from challenges.services.notifications import notify_bidders, notify_city, notify_firm
from challenges.services.steps import lock_challenge, move_challenge

log = logging.getLogger(__name__)
Status = Challenge.Status


class OpenedBid(NamedTuple):
    """A bid as it was handed in. `content` is None if the seal is broken: it is not what the receipt says."""

    bid: Bid
    submission: Submission
    content: Content | None


@transaction.atomic
def ask_opening(challenge: Challenge, *, by: User) -> None:
    """The first of the two: asks another to open with them. Raises PermissionDenied, ValidationError."""
    _require_opener(challenge, by)
    transition(
        challenge,
        when={"status": Status.PUBLISHED, "opening_asked_by": None, "closes_at__lte": Now()},
        values={"opening_asked_by": by},
        refusal=_refusal,
        action="发起开标",
        by=by,
    )
    text = f"榜单 {challenge.list_number} 已截止，{by.name or by.username}发起开标，请您一起开标。"
    notify_city(challenge, text, "opening")
    text = write_call_sentence("opening_asked", 榜单号=challenge.list_number, 发起人=by.name or by.username)
    notify_firm(challenge, text, "opening")


@transaction.atomic
def open_bids(challenge: Challenge, *, by: User) -> int:
    """开标 by the second person: after the deadline, once. Returns the number of bids; without any the call has failed.

    The state is changed by one UPDATE that compares the clock of the database with the deadline; it waits for whoever
    is handing in. Raises PermissionDenied, ValidationError.
    """
    _require_opener(challenge, by)
    row = lock_challenge(challenge)
    first = row.opening_asked_by
    if first is None:
        raise ValidationError("请先由另一位发起开标；开标要两个人一起。")
    if first.pk == by.pk:
        raise ValidationError("开标是您发起的，请另一位专员或企业的同事点“一起开标”。")
    if not (by.scope.is_city or first.scope.is_city):
        raise ValidationError("两个人里至少有一位市级专员。")
    bids = list(Bid.objects.in_race().filter(challenge=row).select_related("lead").order_by("pk"))
    move_challenge(
        challenge,
        Status.PUBLISHED,
        Status.REVIEW,
        action="开标",
        by=by,
        when={"closes_at__lte": Now(), "opened_at": None},
        changes={"count": [None, len(bids)]},
        opened_at=Now(),
        opened_with=by,
        opened_count=len(bids),
    )
    challenge.refresh_from_db()
    _settle_members(bids)
    _enter_submissions(bids)
    number = challenge.list_number
    text = write_call_sentence("opened", 榜单号=number, 份数=str(len(bids)))
    notify_bidders(challenge, text, "opened")
    if bids:
        notify_firm(challenge, text, "opened")
    else:
        notify_firm(challenge, write_call_sentence("nothing_opened", 榜单号=number), "opened")
        notify_city(challenge, f"榜单 {number} 已开标，没有收到方案。请按流标结束。", "opened")
    return len(bids)


def _settle_members(bids: list[Bid]) -> None:
    """From now on a bid has the members that its submission names: who was invited after it never took part."""
    for bid in bids:
        content = _opened(bid).content
        if content is not None:
            others = bid.members.active().exclude(organisation__public_id__in=content["members"])
            others.update(removed_at=timezone.now())


def _enter_submissions(bids: list[Bid]) -> None:
    """What was handed in goes into the trail only now: before, the trail would have told who bids."""
    for bid in bids:
        submission = bid.current
        if submission is not None:
            changes = {"digest": [None, submission.digest], "sealed_at": [None, submission.sealed_at.isoformat()]}
            record("递交揭榜方案", bid, by=submission.sealed_by, changes=changes)


def opened_bids(challenge: Challenge, user: User) -> list[OpenedBid]:
    """The bids in the order of their scores, for city staff, auditors and the firm. Empty before the opening."""
    partners = BidMember.objects.active().filter(is_lead=False).select_related("organisation")
    ranked = Bid.objects.opened_for(user).filter(challenge=challenge).select_related("lead", "challenge")
    ranked = ranked.prefetch_related(Prefetch("members", partners, to_attr="partners"))
    last = Case(When(score=None, then=Value(1)), default=Value(0), output_field=IntegerField())
    return [_opened(bid) for bid in ranked.order_by(last, "-score", "pk")]


def read_opened(bid: Bid) -> OpenedBid:
    """For callers that have checked who reads. Raises PermissionDenied before the opening."""
    if bid.challenge.opened_at is None:
        raise PermissionDenied("还没有开标。")
    return _opened(bid)


def read_own(bid: Bid) -> OpenedBid | None:
    """What the bidder itself has handed in. The caller has checked that the reader is a member."""
    submission = bid.current
    return None if submission is None else _opened(bid)


def _opened(bid: Bid) -> OpenedBid:
    submission = bid.current
    assert submission is not None  # only bids in the race are read
    try:
        return OpenedBid(bid, submission, open_and_verify(submission.cipher, submission.digest))
    except SealBroken:
        log.error("the seal of submission %s is broken", submission.public_id)
        return OpenedBid(bid, submission, None)


def file_content(file: BidFile) -> bytes:
    """The plain content of an attachment. The caller has checked who reads. Raises FileNotFoundError, SealBroken."""
    with file.file.open("rb") as stored:
        return open_bytes(stored.read())


def handed_in_files(opened: OpenedBid) -> list[tuple[BidFile, str]]:
    """(file, its name) of what was handed in."""
    names = {entry["id"]: entry["name"] for entry in (opened.content or {}).get("files", [])}
    files = opened.bid.files.filter(public_id__in=names)
    return [(file, names[file.public_id]) for file in files]


def _require_opener(challenge: Challenge, by: User) -> None:
    if not may_open(by, challenge):
        raise PermissionDenied("开标由市级专员和另一位专员或发榜企业一起办理。")
    if by.scope.is_city and owns_challenge(by, challenge):
        raise PermissionDenied("您也是发榜企业的人员，应当回避。")
    if bids_on(by, challenge):
        raise PermissionDenied("您也是揭榜单位的人员，应当回避。")


def _refusal(row: Challenge) -> str:
    if row.status == Status.PUBLISHED and row.opening_asked_by_id:
        return "已经有人发起开标，请点“一起开标”。"
    if row.status == Status.PUBLISHED:
        return "还没有到揭榜截止时间，不能开标。"
    return f"这一榜现在是“{row.state_label}”，不能开标。"
