"""续期核对: the office asks, completers answer by link, the office decides field by field."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import represents_institution
from achievements.services.publication import renew_achievement
from achievements.services.revisions import pending_revision
from audit.revisions import version_of
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from notices.services.single_mails import SingleMail, send_single_mails
from notices.texts.writing import TextWriter, WrittenText
from portfolio.models import RenewalAnswer, RenewalCampaign, RenewalRequest
from portfolio.renewal_links import link_of, recipient_of
from portfolio.services.proposed_values import apply_values

Status = RenewalAnswer.Status
LONGEST = timedelta(days=90)
MOST_AT_ONCE = 500
REMIND_BEFORE = timedelta(days=3)


@transaction.atomic
def start_campaign(
    achievements: Iterable[Achievement], *, audience: str, closes_on: date, note: str = "", by: User
) -> RenewalCampaign:
    """Ask about registered achievements of one institution, with one link for each lead or college.

    Raises PermissionDenied for another institution's achievement; ValidationError if nothing can be asked about, for
    achievements without the name or college that the audience needs, or if another campaign still asks about one.
    """
    rows = list(achievements)
    _check_asked(rows, audience, by)
    today = timezone.localdate()
    if not today <= closes_on <= today + LONGEST:
        raise ValidationError({"closes_on": f"截止日期要在今天以后、{LONGEST.days} 天以内。"})
    campaign = RenewalCampaign(
        institution=rows[0].institution, audience=audience, closes_on=closes_on, note=note, made_by=by
    )
    campaign.full_clean()
    campaign.save()
    by_college = audience == RenewalCampaign.Audience.COLLEGES
    groups: dict[str, list[Achievement]] = defaultdict(list)
    for row in rows:
        groups[row.college if by_college else row.lead_person].append(row)
    try:
        with transaction.atomic():
            for name, asked in groups.items():
                request = RenewalRequest.objects.create(campaign=campaign, college=name if by_college else "")
                RenewalAnswer.objects.bulk_create(RenewalAnswer(request=request, achievement=row) for row in asked)
    except IntegrityError:  # two campaigns at the same time
        raise ValidationError("选中的成果里有正在核对的，请刷新页面再选。") from None
    record("发起续期核对", campaign, by=by, changes={"count": [None, len(rows)]})
    return campaign


def _check_asked(rows: list[Achievement], audience: str, by: User) -> None:
    if not rows:
        raise ValidationError("请先勾选要核对的成果。")
    if len(rows) > MOST_AT_ONCE:
        raise ValidationError(f"一次最多核对 {MOST_AT_ONCE} 项，请分几次。")
    if any(not represents_institution(row, by) for row in rows):
        raise PermissionDenied("选中的成果里有不是您单位的。")
    if len({row.institution_id for row in rows}) > 1:
        raise ValidationError("一次只能核对一个单位的成果，请按单位筛选后再选。")
    unfit = [row for row in rows if row.status not in Achievement.REVISABLE]
    if unfit:
        raise ValidationError(f"“{unfit[0]}”现在是“{unfit[0].get_status_display()}”，只有已入库的成果可以核对。")
    nameless = [row for row in rows if not row.college] if audience == RenewalCampaign.Audience.COLLEGES else []
    if nameless:
        raise ValidationError(f"{len(nameless)} 项没有写学院，例如“{nameless[0]}”。请先补学院，或发给负责人。")
    open_rows = RenewalAnswer.objects.undecided().filter(achievement__in=rows).select_related("achievement")
    if busy := open_rows.first():
        raise ValidationError(f"“{busy.achievement}”已在另一次续期核对里，请先处理或结束那一次。")


def revoke_link(request: RenewalRequest, *, by: User) -> None:
    """The link opens nothing any more; what was not answered is closed."""
    _check_office(request.campaign, by)
    transition(
        request,
        when={"revoked_at": None},
        values={"revoked_at": timezone.now()},
        refusal="这个链接已经作废。",
        action="作废续期链接",
        by=by,
    )


def replace_link(request: RenewalRequest, *, by: User) -> None:
    """A new link: the earlier one is void, for example because it was passed on."""
    _check_office(request.campaign, by)
    transition(
        request,
        when={"issue": request.issue},
        values={"issue": request.issue + 1, "revoked_at": None},
        refusal="同事刚刚换过链接，请刷新页面。",
        action="更换续期链接",
        by=by,
    )


@transaction.atomic
def end_campaign(campaign: RenewalCampaign, *, by: User) -> int:
    """Close what nobody has answered and void all links. Answers still wait for the office. Returns how many closed."""
    _check_office(campaign, by)
    now = timezone.now()
    closed = RenewalAnswer.objects.undecided().filter(request__campaign=campaign, status=Status.WAITING)
    keys = list(closed.values_list("pk", flat=True))
    number = RenewalAnswer.objects.filter(pk__in=keys, decided_at=None, status=Status.WAITING).update(
        decided_at=now, decided_by=by, decision="没有答复，已结束"
    )
    campaign.requests.filter(revoked_at=None).update(revoked_at=now)
    record("结束续期核对", campaign, by=by, changes={"count": [None, number]})
    return number


# --- By link -----------------------------------------------------------------------------------------------------
@transaction.atomic
def answer(
    answer: RenewalAnswer, status: str, *, request: RenewalRequest, after: dict[str, Any] | None = None, note: str = ""
) -> None:
    """Store what the person of the link says. It may be changed until the office has decided.

    Raises ValidationError if there is nothing to correct, no reason for an end, or the office has decided.
    """
    if answer.request_id != request.pk or status not in {Status.VALID, Status.CORRECTED, Status.ENDED}:
        raise PermissionDenied
    if status == Status.CORRECTED and not after:
        raise ValidationError("没有改动。如果内容都对，请点“仍有效”。")
    if status == Status.ENDED:
        note = clean_required_text(note, "请写明为什么不再转化，例如“专利已转让”。", 300, name="说明")
    checked = RenewalAnswer(request=request, achievement=answer.achievement, note=note)
    checked.clean_fields(exclude=["request", "achievement"])
    transition(
        answer,
        when={"decided_at": None},
        values={
            "status": status,
            "after": after or {} if status == Status.CORRECTED else {},
            "note": checked.note,
            "answered_at": timezone.now(),
        },
        refusal="单位已经处理过这一项，不能再改。需要更正请联系单位的成果管理部门。",
        action="答复续期核对",
        by=None,
        changes={"answer": [None, Status(status).label]},
    )


# --- Decisions of the office -------------------------------------------------------------------------------------
def accept_valid(answers: Iterable[RenewalAnswer], *, by: User) -> tuple[int, list[str]]:
    """Renew every achievement that was said to be valid. Returns how many, and why the others were not."""
    number, refused = 0, []
    for row in answers:
        _check_office(row.request.campaign, by)
        if row.status != Status.VALID:
            continue
        try:
            with transaction.atomic():
                _decide(row, "已续期", by)
                renew_achievement(row.achievement, by=by)
            number += 1
        except ValidationError as error:
            refused += error.messages
    return number, refused


@transaction.atomic
def accept_fields(answer: RenewalAnswer, names: Collection[str], *, by: User, seen: str) -> bool:
    """Take over those of the corrected fields, renew the achievement, and leave the others out.

    `seen` is the `version_of` the achievement that the page showed. Returns whether a part waits for the city.
    """
    _check_office(answer.request.campaign, by)
    current = Achievement.objects.get(pk=answer.achievement_id)
    if seen != version_of(current, pending_revision(current)):
        raise ValidationError("这项成果刚刚被改过。请核对下面最新的内容，再处理一次。")
    chosen = {name: value for name, value in answer.after.items() if name in names}
    left = len(answer.after) - len(chosen)
    _decide(answer, f"采纳 {len(chosen)} 处" + (f"，{left} 处没有采纳" if left else ""), by)
    waits = bool(chosen) and apply_values(current, chosen, by=by, seen=seen)
    renew_achievement(current, by=by)
    return waits


def set_aside(answer: RenewalAnswer, *, by: User, reason: str) -> None:
    """Decide without a change: the answer is not taken over, or it was dealt with otherwise."""
    _check_office(answer.request.campaign, by)
    reason = clean_required_text(reason, "请写明怎么处理的，例如“已电话核对，不改”。", 80, name="说明")
    _decide(answer, reason, by)


def _decide(answer: RenewalAnswer, decision: str, by: User) -> None:
    transition(
        answer,
        when={"decided_at": None, "answered_at": answer.answered_at, "status": answer.status},
        values={"decided_at": timezone.now(), "decided_by": by, "decision": decision},
        refusal="这条答复刚刚被改过或处理过。请刷新页面，看过最新的内容再处理。",
        action="处理续期答复",
        by=by,
        changes={"answer": [answer.get_status_display(), decision]},
    )


def _check_office(campaign: RenewalCampaign, by: User) -> None:
    if campaign.institution_id not in by.scope.institution_ids:
        raise PermissionDenied("这不是您单位的续期核对。")


# --- Mail and reminders ------------------------------------------------------------------------------------------
def message_of(
    request: RenewalRequest, achievements: list[Achievement], writer: TextWriter | None = None
) -> WrittenText:
    """What the office sends with the link, by mail or a messenger. `writer`: for many requests."""
    campaign, closes = request.campaign, request.campaign.closes_on
    what = f"“{achievements[0].title}”" if len(achievements) == 1 else f"{len(achievements)} 项成果"
    values = {
        "称呼": recipient_of(request, achievements),
        "平台": settings.SITE["name"],
        "内容": what,
        "截止": f"{closes.year} 年 {closes.month} 月 {closes.day} 日",
        "说明": campaign.note,
        "链接": link_of(request),
        "院校": str(campaign.institution),
    }
    return (writer or TextWriter("portfolio.renewal")).write(values)


def mail_link(request: RenewalRequest, *, by: User | None) -> bool:
    """Mail the link to the contact of the achievements, if the contact is the person in charge and has an address."""
    answers = request.answers.undecided().filter(status=Status.WAITING).select_related("achievement__contact")
    achievements = [row.achievement for row in answers]
    if not achievements or request.revoked_at or request.campaign.is_over or request.college:
        return False
    contacts = (row.contact for row in achievements if row.contact and row.contact.name == row.lead_person)
    address = next(
        (contact.email for contact in contacts if contact.email and contact.consented_at and not contact.withdrawn_at),
        "",
    )
    if not address:
        return False
    written = message_of(request, achievements)
    send_single_mails([SingleMail(address, written.subject, written.body)])
    RenewalRequest.objects.filter(pk=request.pk).update(reminded_at=timezone.now())
    record("发送续期链接", request, by=by)
    return True


def remind_due() -> int:
    """Mail once more, REMIND_BEFORE the last day, to those who have not answered. Returns how many mails."""
    today = timezone.localdate()
    waiting = RenewalRequest.objects.filter(
        answers__status=Status.WAITING,
        answers__decided_at=None,
        revoked_at=None,
        campaign__closes_on__gte=today,
        campaign__closes_on__lte=today + REMIND_BEFORE,
    ).exclude(reminded_at__date__gt=today - REMIND_BEFORE)
    return sum(mail_link(row, by=None) for row in waiting.select_related("campaign__institution").distinct())
