"""From a demand to a published call: the firm writes and agrees, the district checks, the city publishes."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message
from challenges.models import Challenge, ChallengeIndicator, ChallengeMilestone
from challenges.permissions import require_checker, require_city, require_firm, require_writer
from challenges.sent_texts import write_call_sentence
from challenges.services.notifications import notify_city, notify_district, notify_firm
from challenges.services.steps import lock_challenge, move_challenge
from core.plain_text import clean_reason
from demands.masking import find_firm_mention, identifying_names
from demands.models import Demand
from demands.permissions import manages, owns
from demands.services.lifecycle import put_on_challenge

Status = Challenge.Status
LEAST_DAYS = 10
"""Days from the publication to the deadline."""
USUAL_DAYS = 45
CLOSING_TIME = time(17)
MOST_LINES = 12
MASKED_TEXTS = ("title", "problem", "offers", "conditions")
TEXTS = (
    *(*MASKED_TEXTS, "prize_wan", "total_wan", "closes_at", "publicity_workdays"),
    *("industry_weight", "basis_weight", "technology_weight", "finance_weight"),
)


def refusal_to_start(demand: Demand) -> str:
    """Why a call cannot be written for the demand; empty if it can."""
    if demand.is_private:
        return "这项需求不公开，不能发榜。"
    if demand.status not in (*Demand.OPEN, Demand.Status.CHALLENGE):
        return f"需求现在是“{demand.get_status_display()}”，公开的需求才能发榜。"
    if Challenge.objects.filter(demand=demand, status__in=Challenge.LIVE).exists():
        return "这项需求已经在发榜。"
    return ""


@transaction.atomic
def start_challenge(demand: Demand, *, by: User, previous: Challenge | None = None) -> Challenge:
    """A draft of a call, prefilled from the demand, or from a call that ended without a winner.

    Raises PermissionDenied, ValidationError.
    """
    if not (owns(by, demand.firm) or manages(by, demand.firm)):
        raise PermissionDenied("这项需求不在您的管理范围内。")
    demand = Demand.objects.select_for_update(no_key=True, of=("self",)).select_related("firm").get(pk=demand.pk)
    if refusal := refusal_to_start(demand):
        raise ValidationError(refusal)
    closes_on = timezone.localdate() + timedelta(days=USUAL_DAYS)
    budget = demand.budget_min_wan or demand.budget_max_wan or Decimal(10)
    row = Challenge(
        demand=demand,
        previous=previous,
        title=demand.title[:120],
        problem=demand.problem,
        offers=demand.conditions[:1000],
        conditions="高校、院所，或者几家联合，市内市外都可以",
        prize_wan=max(budget, Decimal(1)),
        total_wan=demand.budget_max_wan if demand.budget_max_wan and demand.budget_max_wan >= budget else None,
        closes_at=timezone.make_aware(datetime.combine(closes_on, CLOSING_TIME)),
        written_by=by,
    )
    if previous is not None:
        for name in (*TEXTS[:6], *TEXTS[7:]):
            setattr(row, name, getattr(previous, name))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Challenge)) from None
    _copy_parts(row, demand, previous)
    record("起草榜单", row, by=by)
    return row


def _copy_parts(row: Challenge, demand: Demand, previous: Challenge | None) -> None:
    indicators = previous.indicators.all() if previous else demand.indicators.all()
    names = ("name", "comparison", "value", "value_to", "unit", "condition", "order")
    extra = ("present", "acceptance") if previous else ()
    ChallengeIndicator.objects.bulk_create(
        ChallengeIndicator(challenge=row, **{name: getattr(indicator, name) for name in (*names, *extra)})
        for indicator in indicators[:MOST_LINES]
    )
    for milestone in previous.milestones.all() if previous else ():
        ChallengeMilestone.objects.create(
            challenge=row,
            month=milestone.month,
            title=milestone.title,
            standard=milestone.standard,
            percent=milestone.percent,
        )


@transaction.atomic
def save_challenge(
    challenge: Challenge,
    *,
    values: dict[str, Any],
    indicators: Sequence[dict[str, Any]],
    milestones: Sequence[dict[str, Any]],
    by: User,
) -> None:
    """Replace the terms of a draft (`values`: fields of TEXTS), its indicators and its milestones.

    Raises PermissionDenied, ValidationError.
    """
    require_writer(by, challenge)
    row = lock_challenge(challenge)
    if row.status != Status.DRAFT:
        raise ValidationError(f"这一榜现在是“{row.state_label}”，不能再改。发布后的变动请发补充公告。")
    for name in TEXTS:
        setattr(row, name, values[name])
    row.full_clean(exclude=["demand", "previous", "winner", "deal"])
    row.save(update_fields=TEXTS)
    if len(indicators) > MOST_LINES or len(milestones) > MOST_LINES:
        raise ValidationError(f"指标和里程碑各不超过 {MOST_LINES} 条，请合并。")
    row.indicators.all().delete()
    row.milestones.all().delete()
    parts = [ChallengeIndicator(challenge=row, order=number, **line) for number, line in enumerate(indicators, 1)]
    steps = [ChallengeMilestone(challenge=row, **line) for line in milestones]
    for part in (*parts, *steps):
        part.full_clean(exclude=["challenge"])
    ChallengeIndicator.objects.bulk_create(parts)
    ChallengeMilestone.objects.bulk_create(steps)
    record("修改榜单", row, by=by)
    challenge.refresh_from_db()


def missing_parts(challenge: Challenge) -> list[str]:
    """What a call still lacks, as sentences."""
    sentences = []
    if not challenge.indicators.exists():
        sentences.append("还没有技术指标，请至少写一条，带数值和单位，并写明怎样验收。")
    elif unclear := [row.name for row in challenge.indicators.all() if not row.acceptance]:
        sentences.append(f"指标“{'”“'.join(unclear)}”还没有写怎样验收。")
    percents = [row.percent for row in challenge.milestones.all()]
    if not percents:
        sentences.append("还没有里程碑，请至少写一个，写明第几个月、做到什么、付榜金的百分之几。")
    elif sum(percents) != 100:
        sentences.append(f"各里程碑付款合计 {sum(percents)}%，应为 100%。")
    if challenge.closes_at < timezone.now() + timedelta(days=LEAST_DAYS):
        sentences.append(f"揭榜截止离今天不足 {LEAST_DAYS} 天，请改晚一些，让院所来得及写方案。")
    return sentences + exposing_texts(challenge)


def exposing_texts(challenge: Challenge) -> list[str]:
    """Where an anonymous firm is named in a text of its own call."""
    if not challenge.is_masked:
        return []
    names = identifying_names(challenge.demand)
    labels = {field.name: str(field.verbose_name) for field in Challenge._meta.fields}
    texts = [(labels[name], getattr(challenge, name)) for name in MASKED_TEXTS]
    for row in challenge.indicators.all():
        texts.append((f"指标“{row.name}”", f"{row.name} {row.condition} {row.acceptance} {row.present} {row.text}"))
    texts += [(f"里程碑“{row.title}”", f"{row.title} {row.standard}") for row in challenge.milestones.all()]
    return [
        f"{label}里写着“{mention}”，能认出匿名的企业，请改成“本企业”。"
        for label, text in texts
        if (mention := find_firm_mention(text, names))
    ]


@transaction.atomic
def submit_challenge(challenge: Challenge, *, agrees: bool, by: User) -> None:
    """The firm agrees to the call as it stands; the district checks it next.

    Raises PermissionDenied, or ValidationError with one message for each thing that is missing.
    """
    require_firm(by, challenge)
    row = lock_challenge(challenge)
    if not agrees:
        raise ValidationError("请勾选：同意按这些条款公开发榜，并知道开标以后公开企业名称。")
    if missing := missing_parts(row):
        raise ValidationError(missing)
    now = timezone.now()
    move_challenge(
        challenge,
        Status.DRAFT,
        Status.CHECKING,
        action="企业同意发榜",
        by=by,
        agreed_by=by,
        agreed_at=now,
        return_reason="",
    )
    notify_district(challenge, f"“{challenge.public_title[:60]}”请核对，通过后由市里发榜。", f"in {now:%m%d%H%M%S}")


@transaction.atomic
def approve_challenge(challenge: Challenge, *, by: User) -> None:
    """核对通过, by the district or the city. Raises PermissionDenied, ValidationError."""
    require_checker(by, challenge)
    if missing := missing_parts(lock_challenge(challenge)):
        raise ValidationError(missing)
    now = timezone.now()
    move_challenge(challenge, Status.CHECKING, Status.CHECKED, action="核对榜单", by=by, checked_by=by, checked_at=now)
    notify_city(challenge, f"“{challenge.public_title[:60]}”已核对，请发布。", f"checked {now:%m%d%H%M%S}")


@transaction.atomic
def return_challenge(challenge: Challenge, *, reason: str, by: User) -> None:
    """Back to the firm with a reason, before the publication. Raises PermissionDenied, ValidationError."""
    require_checker(by, challenge)
    reason = clean_reason(reason, "指标“处理量”没有单位")
    before = challenge.status if challenge.status == Status.CHECKED else Status.CHECKING
    move_challenge(
        challenge,
        before,
        Status.DRAFT,
        action="退回榜单",
        by=by,
        changes={"reason": [None, reason]},
        return_reason=reason,
        checked_by=None,
        checked_at=None,
        agreed_by=None,
        agreed_at=None,
    )
    text = write_call_sentence("returned", 榜单=challenge.public_title[:60], 原因=reason[:200])
    notify_firm(challenge, text, f"returned {challenge.status_at:%m%d%H%M%S}")


@transaction.atomic
def publish_challenge(challenge: Challenge, *, by: User) -> None:
    """发榜: the list number is assigned, the terms are fixed, the demand leaves the matching.

    Raises PermissionDenied, ValidationError.
    """
    require_city(by, challenge)
    row = lock_challenge(challenge)
    if missing := missing_parts(row):
        raise ValidationError(missing)
    now = timezone.now()
    year, place = _next_list_number()
    move_challenge(
        challenge,
        Status.CHECKED,
        Status.PUBLISHED,
        action="发布榜单",
        by=by,
        changes={"list_place": [None, place], "closes_at": [None, row.closes_at.isoformat()]},
        published_by=by,
        published_at=now,
        list_year=year,
        list_place=place,
        announced_closes_at=row.closes_at,
    )
    put_on_challenge(row.demand, by=by)
    text = write_call_sentence("published", 榜单=challenge.public_title[:60], 榜单号=challenge.list_number)
    notify_firm(challenge, text, "published")


def _next_list_number() -> tuple[int, int]:
    """The next number of the year; publications wait for each other, so that no number is used twice or skipped."""
    year = timezone.localdate().year
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('challenges list number'))")
    last = Challenge.objects.filter(list_year=year).aggregate(last=Max("list_place"))["last"]
    return year, (last or 0) + 1
