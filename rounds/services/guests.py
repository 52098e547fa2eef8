"""Guests of a round: listing, inviting, reminding and withdrawing. Answers are in `invitation_answers`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import Organisation, Region, User
from audit.services import record, record_many
from rounds.models import DockingRound, GuestMessage, Party
from rounds.services import invitations
from rounds.services.guest_places import free_place
from rounds.services.guest_reach import WayCounts, reach_of
from rounds.services.late_answers import is_planned

Answer = Party.Answer
Kind = Organisation.Kind
INVITING_STATUSES = (DockingRound.Status.GATHERING, DockingRound.Status.SCHEDULED, DockingRound.Status.RUNNING)
"""Statuses of a round in which guests are invited."""


def manages_guest(by: User, organisation: Organisation) -> bool:
    """City staff manage all guests, district staff the firms of their own district."""
    if by.scope.is_city:
        return True
    return organisation.kind == Kind.FIRM and organisation.stat_region_id in by.scope.region_ids


def add_party(docking_round: DockingRound, organisation: Organisation, *, by: User, team: str = "") -> Party:
    """List a firm, or a team of an institution; a withdrawn party is listed again.

    Raises PermissionDenied outside the own district, ValidationError for duplicates, for other kinds of organisations,
    or if the round is over.
    """
    _check_manages(by, organisation)
    _check_open(docking_round)
    side = party_side(organisation)
    team = team.strip()[:60]
    if side == Party.Side.FIRM and team:
        raise ValidationError("只有院校分团队参加，企业请不要填写团队。")
    with transaction.atomic():
        again = Party.objects.filter(
            docking_round=docking_round, organisation=organisation, team=team, answer=Answer.WITHDRAWN
        )
        if again.update(answer=Answer.LISTED, withdrawn_reason="", invited_at=None, invited_by=None, letter=""):
            party = Party.objects.get(docking_round=docking_round, organisation=organisation, team=team)
            record("重新列入参会名单", party, by=by, changes={"answer": [Answer.WITHDRAWN, Answer.LISTED]})
            return party
        party = Party(docking_round=docking_round, organisation=organisation, team=team, side=side)
        try:
            with transaction.atomic():
                party.save(force_insert=True)
        except IntegrityError as error:
            raise ValidationError("“%(party)s”已在参会名单中。" % {"party": party}) from error
        record("列入参会名单", party, by=by, changes={"round": [None, docking_round.name]})
    return party


def add_parties(docking_round: DockingRound, organisations: Collection[Organisation], *, by: User) -> list[Party]:
    """List many organisations without teams and return the new parties; parties already listed stay unchanged. The
    number of queries is fixed. Raises as `add_party`."""
    for organisation in organisations:
        _check_manages(by, organisation)
    _check_open(docking_round)
    there = dict(
        Party.objects.filter(docking_round=docking_round, organisation__in=organisations, team="").values_list(
            "organisation_id", "answer"
        )
    )
    relisted = [
        add_party(docking_round, organisation, by=by)
        for organisation in organisations
        if there.get(organisation.pk) == Answer.WITHDRAWN
    ]
    with transaction.atomic():
        new = [
            Party(docking_round=docking_round, organisation=organisation, side=party_side(organisation))
            for organisation in organisations
            if organisation.pk not in there
        ]
        Party.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)  # another user may add the same party
        made = list(
            Party.objects.filter(public_id__in=[party.public_id for party in new]).select_related("organisation")
        )
        record_many("列入参会名单", {party: {"round": [None, docking_round.name]} for party in made}, by=by)
    return [*relisted, *made]


@dataclass
class InvitationResult(WayCounts):
    """Number of invited parties by way, and a text for each refused one."""

    refused: list[str] = field(default_factory=list)

    @property
    def to_print(self) -> int:
        """Parties without a mail address: their letters are to be printed, too."""
        return self.noticed + self.to_call

    @property
    def sentence(self) -> str:
        words = f"已邀请 {super().sentence}。"
        if self.to_print:
            words += f"没有邮箱的 {self.to_print} 家，邀请函在“会议材料”里打印。"
        return words + "".join(self.refused)


@transaction.atomic
def invite_parties(parties: Iterable[Party], *, by: User) -> InvitationResult:
    """Invite the listed parties, each by its way (`guest_reach`). Parties already invited stay unchanged. The number of
    queries is fixed.

    Raises PermissionDenied outside the own district, ValidationError if the round does not invite now.
    """
    ids = [party.pk for party in parties]
    locked = Party.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    rows = list(locked.select_related("organisation", "docking_round__host"))
    done = InvitationResult()
    for party in rows:
        _check_manages(by, party.organisation)
        _check_inviting(party.docking_round)
        if party.answer == Answer.WITHDRAWN:
            done.refused.append("%(party)s：已撤回，请先重新列入名单。" % {"party": party})
    asked = [party for party in rows if party.answer == Answer.LISTED]
    if not asked:
        return done
    reach, now = reach_of(asked), timezone.now()
    for each in reach:
        party = each.party
        party.answer, party.invited_at, party.invited_by = Answer.INVITED, now, by
        party.letter = Party.Letter.MAIL if each.way == GuestMessage.Way.MAIL else Party.Letter.PAPER
    Party.objects.bulk_update(asked, ["answer", "invited_at", "invited_by", "letter"], batch_size=500)
    counts = invitations.send_invitations(asked, by, reach)
    done.mailed, done.noticed, done.to_call = counts.mailed, counts.noticed, counts.to_call
    changes = {"answer": [Answer.LISTED, Answer.INVITED]}
    record_many("邀请参会", {party: changes | {"letter": [None, party.letter]} for party in asked}, by=by)
    return done


@transaction.atomic
def remind_parties(parties: Iterable[Party], *, by: User) -> WayCounts:
    """Remind parties that have not answered though they can, and were neither invited nor reminded within
    GUEST_REMIND_DAYS. Returns how many by way: those without address and account are to be telephoned.

    The rows are locked, so simultaneous calls remind each party once. Raises as `invite_parties`.
    """
    ids = [party.pk for party in parties]
    locked = Party.objects.select_for_update(of=("self",)).to_be_reminded().filter(pk__in=ids).order_by("pk")
    due = list(locked.select_related("organisation", "docking_round__host"))
    for party in due:
        _check_manages(by, party.organisation)
        _check_inviting(party.docking_round)
    if not due:
        return WayCounts()
    Party.objects.filter(pk__in=[party.pk for party in due]).update(reminded_at=timezone.now())
    counts = invitations.send_reminders(due, by)
    days = settings.GUEST_REMIND_DAYS
    record_many("提醒答复邀请", {party: {"not_again_within_days": [None, days]} for party in due}, by=by)
    return counts


def guests_to_remind(docking_round: DockingRound, user: User, region: Region | None = None) -> QuerySet[Party]:
    """Whom a reminder goes to now: the same rows for the number on the button and for sending."""
    due = Party.objects.managed_by(user).filter(docking_round=docking_round).to_be_reminded()
    return due.filter(organisation__stat_region=region, side=Party.Side.FIRM) if region else due


@transaction.atomic
def withdraw_party(party: Party, *, reason: str, by: User) -> None:
    """Take a party off the list; its invitation code becomes invalid. Raises PermissionDenied, ValidationError without
    a reason or if one of its people has checked in."""
    _check_manages(by, party.organisation)
    reason = reason.strip()[:200]
    if not reason:
        raise ValidationError("请说明撤回的原因。")
    row = Party.objects.select_for_update().get(pk=party.pk)
    if row.answer == Answer.WITHDRAWN:
        raise ValidationError("“%(party)s”已经撤回过了。" % {"party": party})
    if row.attendees.filter(checked_in_at__isnull=False).exists():
        raise ValidationError("“%(party)s”已经签到，不能撤回。" % {"party": party})
    before = row.answer
    Party.objects.filter(pk=row.pk).update(
        answer=Answer.WITHDRAWN, withdrawn_reason=reason, answered_at=None, answered_by=None, revision=F("revision") + 1
    )
    party.refresh_from_db()
    invitations.withdraw_invitation_notices(party)
    if before == Answer.COMING:
        free_place(party, by=by, is_planned=is_planned(party.docking_round))
    record("撤回参会邀请", party, by=by, changes={"answer": [before, Answer.WITHDRAWN], "reason": [None, reason]})


def mark_letters_printed(parties: Iterable[Party], *, by: User) -> int:
    """Mark the letters of these parties as printed. Returns how many were waiting for it."""
    waiting = list(Party.objects.to_be_printed().filter(pk__in=[party.pk for party in parties]).order_by("pk"))
    for party in waiting:
        _check_manages(by, party.organisation)
    with transaction.atomic():
        done = Party.objects.to_be_printed().filter(pk__in=[party.pk for party in waiting])
        count = done.update(letter=Party.Letter.PRINTED)
        record_many("打印邀请函", {party: {"letter": ["paper", "printed"]} for party in waiting}, by=by)
    return count


def party_side(organisation: Organisation) -> str:
    """Return the side of an organisation. Raises ValidationError if it is neither a firm nor an institution."""
    if organisation.kind not in (Kind.FIRM, Kind.INSTITUTION):
        raise ValidationError(
            "“%(name)s”是%(kind)s，参会单位只能是企业或院校。"
            % {"name": organisation, "kind": organisation.get_kind_display()}
        )
    return Party.Side.FIRM if organisation.kind == Kind.FIRM else Party.Side.INSTITUTION


def _check_manages(by: User, organisation: Organisation) -> None:
    if not manages_guest(by, organisation):
        raise PermissionDenied("“%(name)s”不在您的管理范围内。" % {"name": organisation})


def _check_open(docking_round: DockingRound) -> None:
    if docking_round.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束，不能再改参会名单。" % {"round": docking_round})


def _check_inviting(docking_round: DockingRound) -> None:
    if docking_round.status not in INVITING_STATUSES:
        raise ValidationError(
            "“%(round)s”现在是“%(status)s”，不能邀请；活动发布以后、结束以前才能邀请。"
            % {"round": docking_round, "status": docking_round.get_status_display()}
        )
