"""Check-in on the day: arrivals, absences and walk-in guests.

Devices work offline and send their steps later. Each step carries a key made by the device and is applied once; `at`,
the time of the step, may lie in the past. If two desks check in the same person, the first one to arrive here counts
and the second gets an error that names the first.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from accounts.models import Organisation, Region, User
from accounts.services.organisations import add_organisation
from audit.services import record
from rounds.models import Attendee, DockingRound, Meeting, Party

Status = DockingRound.Status
EVENT_DAY_STATUSES = (Status.SCHEDULED, Status.RUNNING)
MAX_SYNC_DELAY = timedelta(hours=24)
"""How far in the past a step may lie when it arrives."""
MAX_PARTY_CHECK_INS = 200


class AlreadyCheckedIn(ValidationError):
    """Another desk has checked this person in; the message names who and when."""


@transaction.atomic
def check_in(attendee: Attendee, *, by: User, key: UUID | None = None, at: datetime | None = None) -> Attendee:
    """Check in one person; a party that was absent or had not answered is then coming.

    Raises AlreadyCheckedIn if another desk was first, PermissionDenied, ValidationError.
    """
    party = attendee.party
    _check_may_receive(party, by)
    at = clamp_moment(at)
    check_round_in_progress(party.docking_round, at)
    if key and Attendee.objects.filter(check_in_key=key).exclude(pk=attendee.pk).exists():
        raise ValidationError("这一步已用来给另一位签到，请重新扫码。")
    came = Attendee.objects.filter(pk=attendee.pk, checked_in_at=None).update(
        checked_in_at=at, checked_in_by=by, check_in_key=key
    )
    attendee.refresh_from_db()
    if came:
        _mark_arrived(party, by=by)
        record("签到", attendee, by=by, changes={"checked_in_at": [None, at.isoformat()]})
    elif key is None or attendee.check_in_key != key:
        raise AlreadyCheckedIn(
            "%(name)s已于 %(time)s 由%(who)s签到，这一次没有重复记录。"
            % {
                "name": attendee.name,
                "time": f"{localtime(attendee.checked_in_at):%H:%M}",
                "who": attendee.checked_in_by or "其他工作人员",
            }
        )
    return attendee


@transaction.atomic
def undo_check_in(attendee: Attendee, *, by: User, key: UUID) -> bool:
    """Undo a check-in of the own desk; `key` is the key of that check-in. Returns False if there is none."""
    _check_may_receive(attendee.party, by)
    before = attendee.checked_in_at
    undone = Attendee.objects.filter(pk=attendee.pk, check_in_key=key).update(
        checked_in_at=None, checked_in_by=None, check_in_key=None
    )
    attendee.refresh_from_db()
    if undone:
        record("撤销签到", attendee, by=by, changes={"checked_in_at": [before and before.isoformat(), None]})
    return bool(undone)


@transaction.atomic
def check_in_party(party: Party, *, by: User, key: UUID | None = None, at: datetime | None = None) -> list[Attendee]:
    """Check in all people of a party who are not here yet and return them. Idempotent for the same key."""
    _check_may_receive(party, by)
    people = list(party.attendees.all()[:MAX_PARTY_CHECK_INS])
    if not people:
        raise ValidationError("“%(party)s”还没有登记参会人员，请填写到场人员的姓名。" % {"party": party})
    came = []
    for person in people:
        person.party = party
        try:
            check_in(person, by=by, key=key and uuid5(key, person.public_id), at=at)
        except AlreadyCheckedIn:
            continue
        came.append(person)
    return came


def add_walk_in(
    docking_round: DockingRound,
    *,
    name: str,
    by: User,
    position: str = "",
    party: Party | None = None,
    organisation: str = "",
    region: Region | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> Attendee:
    """Add a person who was not expected and check them in: for a `party` of the round, or for an organisation by name.

    A firm that is not registered is created with `region` as its district. Idempotent for the same key; two desks that
    add the same firm create one party. Raises PermissionDenied, ValidationError.
    """
    done = key and Attendee.objects.filter(check_in_key=key, party__docking_round=docking_round).first()
    if done:
        return done
    try:
        with transaction.atomic():
            party = party or _walk_in_party(docking_round, organisation, region, by)
            if party.docking_round_id != docking_round.pk:
                raise ValidationError("这个单位不在这次活动的名单上。")
            _check_may_receive(party, by)
            at = clamp_moment(at)
            check_round_in_progress(docking_round, at)
            person = Attendee(
                party=party, name=name, position=position, checked_in_at=at, checked_in_by=by, check_in_key=key
            )
            person.full_clean(exclude=["party"])
            person.save(force_insert=True)
            _mark_arrived(party, by=by)
            record("现场报到", person, by=by, changes={"party": [None, str(party)]})
            return person
    except IntegrityError:
        done = key and Attendee.objects.filter(check_in_key=key).first()
        if done:
            return done
        raise


@transaction.atomic
def mark_absent(party: Party, *, by: User) -> bool:
    """Mark a party as absent; its later meetings become free for others. Returns False if it was absent before.

    Raises ValidationError while one of its meetings is in progress, PermissionDenied.
    """
    _check_may_receive(party, by)
    now = timezone.now()
    check_round_in_progress(party.docking_round, now)
    row = Party.objects.select_for_update().get(pk=party.pk)  # begin_meeting locks the same row
    if Meeting.objects.of(row).filter(status=Meeting.Status.BEGUN).exists():
        raise ValidationError("“%(party)s”正在洽谈，洽谈结束后再记为未到。" % {"party": party})
    if row.answer != Party.Answer.COMING:
        raise ValidationError("“%(party)s”没有答复参加，不需要记为未到。" % {"party": party})
    changed = Party.objects.filter(pk=party.pk, absent_at=None).update(absent_at=now)
    party.refresh_from_db()
    if changed:
        record("记为未到", party, by=by, changes={"absent_at": [None, now.isoformat()]})
    return bool(changed)


@transaction.atomic
def mark_returned(party: Party, *, by: User) -> bool:
    """Clear the absence of a party; places given to others stay theirs. Returns False if it was not absent."""
    _check_may_receive(party, by)
    check_round_in_progress(party.docking_round, timezone.now())
    return _clear_absence(party, by=by)


def clamp_moment(at: datetime | None) -> datetime:
    """Return `at` limited to the last 24 hours, or now if it is None."""
    now = timezone.now()
    return now if at is None else min(max(at, now - MAX_SYNC_DELAY), now)


def has_day_come(docking_round: DockingRound) -> bool:
    """Whether steps of the day may be taken today: it runs, or is scheduled for today or earlier."""
    if docking_round.status == Status.SCHEDULED:
        return localdate() >= localdate(docking_round.starts_at)
    return docking_round.status == Status.RUNNING


def check_round_in_progress(docking_round: DockingRound, at: datetime) -> None:
    """Raise ValidationError unless steps of the day may be recorded. Steps taken before the round closed are accepted
    after it."""
    columns = DockingRound.objects.values_list("status", "starts_at")
    status, starts_at = columns.get(pk=docking_round.pk)
    if status == Status.SCHEDULED and localdate(at) < localdate(starts_at):
        raise ValidationError(
            "“%(round)s”定在 %(day)s，到当天才能办理现场事项。"
            % {"round": docking_round, "day": localdate(starts_at).isoformat()}
        )
    if status in EVENT_DAY_STATUSES:
        return
    if status == Status.CLOSED and docking_round.closed_at and at <= docking_round.closed_at:
        return
    if status in (Status.PREPARING, Status.GATHERING):
        raise ValidationError(
            "“%(round)s”还没有开始，请由市级专员发布日程或开始活动后再办理。" % {"round": docking_round}
        )
    words = "已经取消" if status == Status.CANCELLED else "已经结束"
    raise ValidationError("“%(round)s”%(words)s，不能再办理现场事项。" % {"round": docking_round, "words": words})


def _check_may_receive(party: Party, by: User) -> None:
    if by.scope.is_city:
        return
    if not by.scope.is_district or not Party.objects.received_by(by).filter(pk=party.pk).exists():
        raise PermissionDenied("只有市级专员和这个单位所在区县的专员可以办理。")


def _mark_arrived(party: Party, *, by: User) -> None:
    now = timezone.now()
    answered = Party.objects.filter(pk=party.pk).exclude(answer=Party.Answer.COMING)
    before = party.get_answer_display()
    if answered.update(answer=Party.Answer.COMING, answered_at=now):
        record("到场即参加", party, by=by, changes={"answer": [before, str(Party.Answer.COMING.label)]})
    _clear_absence(party, by=by)


def _clear_absence(party: Party, *, by: User) -> bool:
    before = Party.objects.values_list("absent_at", flat=True).get(pk=party.pk)
    changed = Party.objects.filter(pk=party.pk, absent_at__isnull=False).update(absent_at=None)
    party.refresh_from_db()
    if changed:
        record("恢复到场", party, by=by, changes={"absent_at": [before and before.isoformat(), None]})
    return bool(changed)


def _walk_in_party(docking_round: DockingRound, organisation: str, region: Region | None, by: User) -> Party:
    name = organisation.strip()
    if not name:
        raise ValidationError({"organisation": "请填写单位名称。"})
    kinds = (Organisation.Kind.FIRM, Organisation.Kind.INSTITUTION)
    known = Organisation.objects.filter(kind__in=kinds, is_active=True)
    known_organisation = known.filter(name=name).first()
    if known_organisation is None:
        short = list(known.filter(short_name=name)[:2])
        known_organisation = short[0] if len(short) == 1 else None
    if known_organisation is None:
        if region is None:
            raise ValidationError(
                {
                    "region": "名录里没有“%(name)s”。企业请选择所在区市县，系统会登记为新企业；院校请先由市级专员登记。"
                    % {"name": name}
                }
            )
        known_organisation = add_organisation(name, kind=Organisation.Kind.FIRM, stat_region=region, by=by)
    side = Party.Side.FIRM if known_organisation.kind == Organisation.Kind.FIRM else Party.Side.INSTITUTION
    now = timezone.now()
    party, made = Party.objects.get_or_create(
        docking_round=docking_round,
        organisation=known_organisation,
        team="",
        defaults={"side": side, "is_walk_in": True, "answer": Party.Answer.COMING, "answered_at": now},
    )
    if made:
        record("现场增加参会单位", party, by=by, changes={"organisation": [None, known_organisation.name]})
    return party
