"""Bids: institutions and agencies draft together, each accepts its own part, the lead hands in, sealed.

Nothing here writes to the audit trail, which others read: who bids, and what, is entered in it at the opening.
After the deadline only the text of the draft can still be saved, so that nothing typed is lost.
"""

import hashlib
import secrets
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Organisation, User
from achievements.models import Achievement
from audit.transitions import constraint_message
from challenges.bid_content import Content, cleaned_content, empty_content, missing_parts, part_digest
from challenges.models import Bid, BidFile, BidMember, Challenge, Submission
from challenges.models.bid import own_organisations
from challenges.related_bidders import relation_to_firm
from challenges.sealing import open_content, open_text, seal_bytes, seal_content, seal_text, seal_with_receipt
from challenges.sent_texts import write_call_sentence
from challenges.services.notifications import notify_bid
from challenges.services.opening import read_own
from core.file_validation import CONTENT_TYPES, checked_upload

MAX_FILES = 20
MAX_MEMBERS = 8
LATE = "submission_in_time"
"""The constraint that the trigger names for what is handed in or withdrawn after the deadline."""
MEMBER_KINDS = (Organisation.Kind.INSTITUTION, Organisation.Kind.AGENCY)


class BidIsLate(ValidationError):
    """The deadline has passed by the clock of the database; the draft is kept."""

    def __init__(self, challenge: Challenge) -> None:
        closed_at = date_format(timezone.localtime(challenge.closes_at), "Y年n月j日 H:i")
        super().__init__(
            f"揭榜已在{closed_at} 截止，没有递交。您写的内容都保存在草稿里，只有本单位和联合单位能看到，可以复制。"
        )


# --- Drafting --------------------------------------------------------------------------------------------------------
@transaction.atomic
def start_bid(challenge: Challenge, *, lead: Organisation, by: User) -> Bid:
    """A draft of an institution or agency that the user acts for. Raises PermissionDenied, ValidationError.

    An agency begins it until an institution that it has invited takes the lead: only that one can hand it in.
    """
    if lead.pk not in own_organisations(by):
        raise PermissionDenied("您不能以这个单位的名义揭榜。")
    if not Challenge.objects.taking_bids().filter(pk=challenge.pk).exists():
        raise ValidationError("这一榜现在不接受揭榜。")
    _refuse_related(challenge, lead)
    try:
        with transaction.atomic():
            bid = Bid.objects.create(challenge=challenge, lead=lead, started_by=by, draft=seal_content(empty_content()))
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Bid)) from None
    BidMember.objects.create(bid=bid, organisation=lead, is_lead=True, invited_by=by)
    return bid


def read_draft(bid: Bid, by: User) -> Content:
    """The draft, for its members only. Raises PermissionDenied."""
    require_member(bid, by)
    return open_content(bid.draft)


@transaction.atomic
def save_bid(bid: Bid, *, values: Content, revision: int, by: User) -> None:
    """Save the draft if nobody has changed it since `revision`. Raises PermissionDenied, ValidationError."""
    require_member(bid, by)
    row = _locked(bid)
    content = cleaned_content(values | _kept(row, values), row.challenge)
    own = Achievement.objects.visible_to(by).filter(public_id__in=content["achievements"])
    content["achievements"] = list(own.order_by("pk").values_list("public_id", flat=True))
    changed = Bid.objects.filter(pk=row.pk, revision=revision).update(
        draft=seal_content(content), revision=revision + 1, changed_at=timezone.now()
    )
    if not changed:
        raise ValidationError(
            "联合单位的同事刚刚保存过，您这一次没有保存。请复制您改动的内容，刷新页面后再改。", code="stale"
        )
    _ask_again_for_changed_parts(row, content, revision + 1, by)
    bid.refresh_from_db()


def _ask_again_for_changed_parts(row: Bid, content: Content, revision: int, by: User) -> None:
    """A part that reads differently from what its organisation accepted waits for its word again."""
    changed = [
        member for member in current_members(row).filter(accepted_at__isnull=False) if not has_accepted(member, content)
    ]
    BidMember.objects.filter(pk__in=[member.pk for member in changed]).update(
        accepted_by=None, accepted_at=None, accepted_digest=""
    )
    others = [member.organisation_id for member in changed if member.organisation_id not in own_organisations(by)]
    if others:
        text = write_call_sentence("part_changed", 榜单号=row.challenge.list_number)
        notify_bid(row, text, f"part {revision}", only=others)


def _kept(row: Bid, values: Content) -> dict[str, Any]:
    """Parts of organisations that are no longer members go."""
    members = set(current_members(row).values_list("organisation__public_id", flat=True))
    return {"parts": {name: part for name, part in (values.get("parts") or {}).items() if name in members}}


# --- Consortium ------------------------------------------------------------------------------------------------------
@transaction.atomic
def invite_member(bid: Bid, *, organisation: Organisation, by: User) -> BidMember:
    """The lead lets an institution or agency into the draft. Raises PermissionDenied, ValidationError."""
    _require_lead(bid, by)
    row = _locked(bid)
    _require_time(row)
    if organisation.kind not in MEMBER_KINDS or not organisation.is_active:
        raise ValidationError("联合单位请选择平台上的高校院所或服务机构。")
    if current_members(row).count() >= MAX_MEMBERS:
        raise ValidationError(f"联合体最多 {MAX_MEMBERS} 个单位。")
    _refuse_related(row.challenge, organisation)
    try:
        with transaction.atomic():
            member = BidMember.objects.create(bid=row, organisation=organisation, invited_by=by)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, BidMember)) from None
    text = write_call_sentence("invited", 榜单号=row.challenge.list_number)
    notify_bid(row, text, f"invited {member.public_id}", only=[organisation.pk])
    return member


@transaction.atomic
def take_lead(bid: Bid, *, organisation: Organisation, by: User) -> None:
    """An institution in the draft takes the lead from the agency that began it. Raises PermissionDenied,
    ValidationError; that it writes a draft of its own is said to nobody but itself."""
    if organisation.pk not in by.scope.institution_ids:
        raise PermissionDenied("由高校院所自己决定牵头。")
    row = _locked(bid)
    member = current_members(row).filter(organisation=organisation).first()
    if member is None:
        raise PermissionDenied("贵单位不在这份方案的联合体里。")
    _require_time(row)
    if row.lead.kind == Organisation.Kind.INSTITUTION:
        raise ValidationError(f"这份方案已由{row.lead}牵头。")
    row.members.active().filter(is_lead=True).update(is_lead=False)
    BidMember.objects.filter(pk=member.pk).update(is_lead=True)
    try:
        with transaction.atomic():
            Bid.objects.filter(pk=row.pk).update(lead=organisation, changed_at=timezone.now())
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Bid)) from None
    bid.refresh_from_db()
    text = write_call_sentence("lead_taken", 榜单号=row.challenge.list_number, 单位=str(organisation))
    notify_bid(row, text, f"lead {member.public_id}")


@transaction.atomic
def remove_member(member: BidMember, *, by: User) -> None:
    """A partner leaves, or the lead takes it out; both sides hear of it. What was handed in names its members, so it is
    withdrawn first. Raises PermissionDenied, ValidationError."""
    row = _locked(member.bid)
    is_own = member.organisation_id in own_organisations(by)
    if not is_own:
        _require_lead(row, by)
    _require_time(row)
    if member.is_lead:
        raise ValidationError("牵头单位不能退出；不再揭榜请撤回方案。")
    name = member.organisation
    if member.organisation.public_id in _handed_in_members(row):
        raise ValidationError(f"已递交的方案里写着{name}：请牵头单位先撤回递交的方案，再调整联合体，然后重新递交。")
    if not BidMember.objects.active().filter(pk=member.pk).update(removed_at=timezone.now()):
        raise ValidationError("这个单位已经退出。")
    Bid.objects.filter(pk=row.pk).update(revision=row.revision + 1, changed_at=timezone.now())
    number, event = row.challenge.list_number, f"left {member.public_id}"
    if is_own:
        notify_bid(row, write_call_sentence("member_left", 榜单号=number, 单位=str(name)), event)
    else:
        text = write_call_sentence("member_removed", 榜单号=number)
        notify_bid(row, text, event, only=[member.organisation_id], path=reverse("bids"))


def _handed_in_members(row: Bid) -> list[str]:
    """Public ids of the organisations that the valid submission names."""
    handed_in = read_own(row)
    content = handed_in.content if handed_in else None
    return content.get("members", []) if content else []


@transaction.atomic
def accept_part(bid: Bid, *, organisation: Organisation, by: User) -> None:
    """An organisation accepts its own part as it stands. Raises PermissionDenied, ValidationError."""
    if organisation.pk not in own_organisations(by):
        raise PermissionDenied("您不能代表这个单位确认。")
    row = _locked(bid)
    _require_time(row)
    content = open_content(row.draft)
    if not content["parts"].get(organisation.public_id, {}).get("work"):
        raise ValidationError("请先写本单位承担的部分，保存以后再确认。")
    accepted = current_members(row).filter(organisation=organisation)
    digest = part_digest(content, organisation.public_id)
    if not accepted.update(accepted_by=by, accepted_at=timezone.now(), accepted_digest=digest):
        raise PermissionDenied("贵单位不在这份方案的联合体里。")


def current_members(bid: Bid) -> Any:
    return bid.members.active().select_related("organisation")


def has_accepted(member: BidMember, content: Content) -> bool:
    return member.accepted_digest == part_digest(content, member.organisation.public_id)


# --- Files -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def add_bid_file(bid: Bid, *, content: bytes, name: str, by: User) -> BidFile:
    """Store an attachment encrypted under a random name. Raises PermissionDenied, ValidationError."""
    require_member(bid, by)
    row = _locked(bid)
    _require_time(row)
    name, kind = checked_upload(content, name)
    digest = hashlib.sha256(content).hexdigest()
    kept = row.files.kept()
    if kept.filter(sha256=digest).exists():
        raise ValidationError(f"“{name}”已经上传过了。")
    if kept.count() >= MAX_FILES:
        raise ValidationError(f"一份方案最多 {MAX_FILES} 个附件，请先移除不需要的。")
    file = BidFile(
        bid=row,
        sealed_name=seal_text(name),
        content_type=CONTENT_TYPES[kind],
        size=len(content),
        sha256=digest,
        added_by=by,
    )
    file.file.save(f"{secrets.token_hex(16)}.sealed", ContentFile(seal_bytes(content)), save=False)
    file.save(force_insert=True)
    return file


@transaction.atomic
def remove_bid_file(file: BidFile, *, by: User) -> None:
    """Out of the draft; what was handed in keeps it. Raises PermissionDenied, ValidationError."""
    require_member(file.bid, by)
    _require_time(file.bid)
    if not BidFile.objects.kept().filter(pk=file.pk).update(removed_at=timezone.now()):
        raise ValidationError("这个附件已经移除了。")


# --- Handing in ------------------------------------------------------------------------------------------------------
def missing_of(bid: Bid) -> list[str]:
    """What keeps the draft from being handed in, for its members."""
    content = open_content(bid.draft)
    members = list(current_members(bid))
    named = [(member.organisation.public_id, str(member.organisation)) for member in members]
    sentences = missing_parts(content, bid.challenge, named)
    if bid.lead.kind != Organisation.Kind.INSTITUTION:
        sentences.append("还没有牵头的高校院所：请邀请一家，由它在方案页接过牵头，写好以后由它递交。")
    waiting = [str(member.organisation) for member in members if not has_accepted(member, content)]
    if len(members) > 1 and waiting:
        sentences.append(f"{'、'.join(waiting)}还没有确认自己承担的部分（改动以后要重新确认）。")
    return sentences


@transaction.atomic
def submit_bid(bid: Bid, *, by: User) -> Submission:
    """Seal the draft as it is and hand it in; an earlier one is replaced. The lead gets the digest as a receipt.

    The trigger of the INSERT compares the clock of the database with the deadline. Raises PermissionDenied,
    ValidationError with one message for each thing that is missing, BidIsLate.
    """
    _require_lead(bid, by)
    row = _locked(bid)
    if missing := missing_of(row):
        is_late = Challenge.objects.awaiting_opening().filter(pk=row.challenge_id).exists()
        raise BidIsLate(row.challenge) if is_late else ValidationError(missing)
    for member in current_members(row):
        _refuse_related(row.challenge, member.organisation)
    content = open_content(row.draft) | {
        "members": [member.organisation.public_id for member in current_members(row)],
        "lead": row.lead.public_id,
        "files": [
            {"id": file.public_id, "name": open_text(file.sealed_name), "sha256": file.sha256}
            for file in row.files.kept()
        ],
    }
    cipher, digest = seal_with_receipt(content)
    number = row.submissions.count() + 1
    try:
        with transaction.atomic():
            submission = Submission.objects.create(bid=row, number=number, cipher=cipher, digest=digest, sealed_by=by)
    except IntegrityError as error:
        if LATE in str(error):
            raise BidIsLate(row.challenge) from None
        raise
    submission.refresh_from_db()
    at = timezone.localtime(submission.sealed_at)
    text = write_call_sentence(
        "sealed", 榜单号=row.challenge.list_number, 时间=f"{at:%m月%d日 %H:%M:%S}", 指纹=digest[:16]
    )
    notify_bid(row, text, f"sealed {number}")
    return submission


@transaction.atomic
def withdraw_bid(bid: Bid, *, by: User) -> None:
    """Take back what was handed in, before the deadline; the draft stays. Raises PermissionDenied, ValidationError."""
    _require_lead(bid, by)
    row = _locked(bid)
    current = row.current
    if current is None:
        raise ValidationError("现在没有已递交的方案。")
    try:
        with transaction.atomic():
            Submission.objects.filter(pk=current.pk).update(withdrawn_at=timezone.now())
    except IntegrityError as error:
        if LATE in str(error):
            raise ValidationError("已经过了揭榜截止时间，不能再撤回。") from None
        raise
    text = write_call_sentence("withdrawn", 榜单号=row.challenge.list_number)
    notify_bid(row, text, f"withdrawn {current.number}")


# --- Who may ---------------------------------------------------------------------------------------------------------
def require_member(bid: Bid, by: User) -> None:
    if not Bid.objects.of(by).filter(pk=bid.pk).exists():
        raise PermissionDenied("这份方案与您的单位无关。")


def is_lead(bid: Bid, by: User) -> bool:
    return bid.lead_id in own_organisations(by)


def _require_lead(bid: Bid, by: User) -> None:
    if not is_lead(bid, by):
        raise PermissionDenied("这一步由牵头单位办理。")


def _require_time(bid: Bid) -> None:
    """By the clock of the database: whom and what a bid consists of is settled at the deadline."""
    if not Challenge.objects.taking_bids().filter(pk=bid.challenge_id).exists():
        raise ValidationError("已经过了揭榜截止时间，联合体和附件不能再变动。")


def _refuse_related(challenge: Challenge, organisation: Organisation) -> None:
    if relation_to_firm(challenge, organisation):
        raise ValidationError(f"{organisation}与发榜企业有关联，不能揭这一榜。登记有误的，请联系市科技部门更正。")


def _locked(bid: Bid) -> Bid:
    rows = Bid.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("challenge__demand__firm", "lead").get(pk=bid.pk)
