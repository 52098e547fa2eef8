"""Open work (待办) of challenges: of the firm, the district, the city and those who bid together."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from challenges.models import Bid, BidMember, Challenge, ChallengeObjection, ChallengeQuestion
from challenges.models.bid import own_organisations
from challenges.services.milestone_payments import awaiting_acceptance, is_work_over
from deals.models import Deal
from demands.models import Demand
from open_work.sources import Clock, OpenWork

Status = Challenge.Status
MOST_SIGNED = 100
CITY, DISTRICT, FIRM, BIDDER = "市级专员", "区县专员", "发榜企业", "揭榜单位"


def challenge_work(user: User) -> list[OpenWork]:
    scope = user.scope
    works = []
    if scope.sees_all or scope.is_district:
        works.append(_of_staff(user, "challenges-to-check", "待核对的榜单", Status.CHECKING, "核对榜单", 5, DISTRICT))
        works += [_without_call(user, is_watched=True), _to_record_signing(user)]
    if scope.sees_all:
        works += _of_city(user)
    if scope.firm_ids:
        works += _of_firm(user)
    if own_organisations(user):
        works += _of_bidder(user)
    return works


def _rows(user: User) -> Any:
    return Challenge.objects.managed_by(user).with_firm()


def _can_be_won() -> Q:
    """Of opened calls in review or before the choice: some bid is still in the race. Else only the city can go on."""
    bids = Bid.objects.filter(challenge=OuterRef("pk"), excluded_reason="")
    has_bid, has_recommended = Exists(bids.in_race()), Exists(bids.filter(is_recommended=True))
    return Q(status=Status.REVIEW) & Q(has_bid) | Q(status=Status.RECOMMENDED) & Q(has_recommended)


def _staff_page(row: Challenge) -> str:
    return reverse("admin:challenges_page", args=[row.public_id])


def _without_call(user: User, *, is_watched: bool) -> OpenWork:
    """Demands that were sent to 揭榜挂帅, as after a review without a match, and of which nobody has written a call."""
    scope = user.scope
    rows = Demand.objects.managed_by(user) if is_watched else Demand.objects.filter(firm__in=scope.firm_ids)
    rows = rows.filter(status=Demand.Status.CHALLENGE).exclude(challenges__status__in=Challenge.LIVE)
    return OpenWork(
        "demands-without-call-watched" if is_watched else "demands-without-call",
        "转揭榜挂帅、还没有榜单的需求",
        rows.select_related("firm"),
        Clock("status_changed_at", workdays=15),
        reverse("own_challenges"),
        "起草榜单",
        FIRM,
        lambda row: reverse("demand_detail", args=[row.public_id]),
        is_watched=is_watched,
    )


def _of_staff(
    user: User, key: str, label: str, status: str, action: str, workdays: int, owner: str, rows: Any = None
) -> OpenWork:
    return OpenWork(
        key,
        label,
        _rows(user).filter(status=status) if rows is None else rows,
        Clock("status_at", workdays=workdays),
        reverse("admin:challenges_challenge_changelist") + f"?status__exact={status}",
        action,
        owner,
        _staff_page,
        title_of=lambda row: row.public_title,
        is_watched=owner == DISTRICT and not user.scope.is_district,
    )


def _to_record_signing(user: User) -> OpenWork:
    """Deals of calls at 意向: staff record what the two sides have signed, as nobody else follows such a deal."""
    rows = _rows(user).filter(status=Status.SIGNED, deal__stage=Deal.Stage.INTENT)
    return OpenWork(
        "challenges-to-record",
        "榜单成交、待记录签约的项目",
        rows.select_related("deal"),
        Clock("status_at", workdays=20),
        reverse("deals") + "?show=intent",
        "双方签约后记录",
        DISTRICT,
        lambda row: reverse("deal", args=[row.deal.public_id]),
        title_of=lambda row: row.deal.name,
        is_watched=not user.scope.is_district,
    )


def _of_city(user: User) -> list[OpenWork]:
    rows = _rows(user)
    over = rows.filter(status=Status.PUBLICISED, public_until__lt=timezone.localdate())
    over = over.exclude(objections__status=ChallengeObjection.Status.OPEN)
    objections = ChallengeObjection.objects.waiting().select_related("challenge")
    lost = rows.filter(status=Status.SIGNED, deal__stage=Deal.Stage.FAILED)
    in_review = rows.filter(_can_be_won(), status=Status.REVIEW)
    return [
        _of_staff(user, "challenges-to-publish", "待发布的榜单", Status.CHECKED, "发布榜单", 3, CITY),
        OpenWork(
            "challenges-to-open",
            "截止待开标的榜单",
            rows.awaiting_opening(),
            Clock("closes_at", workdays=3),
            reverse("admin:challenges_challenge_changelist") + "?status__exact=published",
            "开标",
            CITY,
            _staff_page,
            title_of=lambda row: row.public_title,
        ),
        _of_staff(user, "challenges-in-review", "评审中的榜单", Status.REVIEW, "办理评审", 20, CITY, in_review),
        OpenWork(
            "challenges-to-fail",
            "没有方案可选、待按流标结束的榜单",
            rows.filter(~_can_be_won(), status__in=[Status.REVIEW, Status.RECOMMENDED]),
            Clock("status_at", workdays=5),
            reverse("admin:challenges_challenge_changelist") + "?status__in=review,recommended",
            "按流标结束",
            CITY,
            _staff_page,
            title_of=lambda row: row.public_title,
        ),
        _of_staff(user, "challenges-to-award", "公示期满待确认的榜单", Status.PUBLICISED, "确认揭榜方", 3, CITY, over),
        _of_staff(user, "challenges-lost", "成交未成、待撤销结果的榜单", Status.SIGNED, "撤销结果", 10, CITY, lost),
        OpenWork(
            "challenge-objections",
            "待处理的揭榜结果异议",
            objections,
            Clock("made_at", workdays=5),
            reverse("admin:challenges_challenge_changelist") + "?status__exact=publicised",
            "处理异议",
            CITY,
            lambda row: _staff_page(row.challenge),
            title_of=lambda row: row.text[:60],
        ),
    ]


def _of_firm(user: User) -> list[OpenWork]:
    rows = Challenge.objects.filter(demand__firm__in=user.scope.firm_ids).with_firm()
    questions = ChallengeQuestion.objects.waiting().filter(challenge__demand__firm__in=user.scope.firm_ids)

    def work(key: str, label: str, status: str, action: str, workdays: int, condition: Q | None = None) -> OpenWork:
        return OpenWork(
            key,
            label,
            rows.filter(condition or Q(), status=status),
            Clock("status_at", workdays=workdays),
            reverse("own_challenges"),
            action,
            FIRM,
            lambda row: reverse("own_challenge", args=[row.public_id]),
            title_of=lambda row: row.title,
        )

    return [
        _without_call(user, is_watched=False),
        work("challenge-drafts", "没有提交的榜单", Status.DRAFT, "写好并提交", 15),
        OpenWork(
            "challenge-questions",
            "待答复的榜单提问",
            questions.select_related("challenge"),
            Clock("asked_at", workdays=3),
            reverse("own_challenges"),
            "答复提问",
            FIRM,
            lambda row: reverse("own_challenge", args=[row.challenge.public_id]) + "#questions",
            title_of=lambda row: row.text[:60],
        ),
        OpenWork(
            "challenges-to-open-with",
            "等您一起开标的榜单",
            rows.awaiting_opening().filter(opening_asked_by__isnull=False).exclude(opening_asked_by=user.pk),
            Clock("closes_at", workdays=3),
            reverse("own_challenges"),
            "一起开标",
            FIRM,
            lambda row: reverse("own_challenge", args=[row.public_id]),
            title_of=lambda row: row.title,
        ),
        work("challenges-to-choose", "待选定揭榜方的榜单", Status.RECOMMENDED, "选定揭榜方", 10, _can_be_won()),
        work("challenges-to-sign", "待签约的榜单", Status.AWARDED, "签约立项", 20),
        _to_accept(user),
    ]


def _to_accept(user: User) -> OpenWork:
    """Signed calls whose last milestone is over by the contract, and of which no acceptance is recorded."""
    ids = [row.pk for row in awaiting_acceptance(user.scope.firm_ids)[:MOST_SIGNED] if is_work_over(row)]
    return OpenWork(
        "challenges-to-accept",
        "待验收的榜单",
        Challenge.objects.filter(pk__in=ids).with_firm().select_related("deal"),
        Clock("status_at"),
        reverse("own_challenges"),
        "验收并记录结论",
        FIRM,
        lambda row: reverse("deal", args=[row.deal.public_id]),
        title_of=lambda row: row.title,
    )


def _of_bidder(user: User) -> list[OpenWork]:
    open_calls = Challenge.objects.taking_bids()
    members = (
        BidMember.objects.active()
        .filter(organisation__in=own_organisations(user), bid__challenge__in=open_calls)
        .select_related("bid__challenge", "organisation")
    )
    members = members.annotate(closes_on=F("bid__challenge__closes_at__date"))

    def work(key: str, label: str, rows: Any, action: str) -> OpenWork:
        return OpenWork(
            key,
            label,
            rows,
            Clock("invited_at", due="closes_on"),
            reverse("bids"),
            action,
            BIDDER,
            lambda row: reverse("bid", args=[row.bid.public_id]),
            title_of=lambda row: f"榜单 {row.bid.challenge.list_number}",
        )

    return [
        work(
            "bids-to-join", "待确认的联合揭榜", members.filter(is_lead=False, accepted_at=None), "写好承担的部分并确认"
        ),
        work("bids-to-hand-in", "没有递交的揭榜方案", members.filter(is_lead=True, bid__submissions=None), "递交方案"),
    ]
