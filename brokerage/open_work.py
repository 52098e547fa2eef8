"""Sources of open work (待办): requests, commissions and cases to answer, pages to review, late requests."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.names import name_for
from brokerage.commission_sums import commission_sums
from brokerage.models import Commission, CommissionPayment, HelpRequest, ProfileCase, ProfileRevision
from brokerage.models.help_request import is_asked
from mandates.models import Mandate
from open_work.sources import Clock, OpenWork

OWN = "本单位"
MOST_COMMISSIONS = 200
"""What is owed is computed for each."""


def brokerage_work(user: User) -> list[OpenWork]:
    scope = user.scope
    works = []
    if scope.is_broker:
        works += [_requests_to_answer(user), _requests_in_hand(user)]
    if scope.is_broker or scope.firm_ids or scope.institution_ids:
        works += [_commissions(user), _payments_to_confirm(user), _commissions_past_their_day(user)]
    if scope.firm_ids or scope.institution_ids:
        works.append(_cases(user))
    if scope.is_city or scope.is_district:
        works.append(_late_requests(user))
    if scope.is_city:
        works.append(_revisions())
    return works


def _requests_to_answer(user: User) -> OpenWork:
    """Those sent to the user or the agency; requests to any broker wait for nobody in particular."""
    rows = HelpRequest.objects.filter(is_asked(user.scope)).awaiting_answer().with_rows()
    return OpenWork(
        "help-to-answer",
        "待答复的“帮我找”",
        rows,
        Clock("asked_at", due="answer_due_on"),
        reverse("help_requests"),
        "答复",
        "您",
        _request_page,
        title_of=lambda row: f"{name_for(row.asker, user, row)}：{row}",
    )


def _requests_in_hand(user: User) -> OpenWork:
    """Taken by the user, without a mandate that runs or waits: the asker expects the next step."""
    rows = HelpRequest.objects.filter(taken_by__user=user.pk, status=HelpRequest.Status.TAKEN)
    return OpenWork(
        "help-in-hand",
        "已接受、待继续的“帮我找”",
        rows.exclude(mandate__status__in=Mandate.OPEN).with_rows(),
        Clock("answered_at", workdays=5),
        reverse("help_requests"),
        "请对方委托，或者办结",
        "您",
        _request_page,
        title_of=lambda row: f"{name_for(row.asker, user, row)}：{row}",
    )


def _late_requests(user: User) -> OpenWork:
    rows = HelpRequest.objects.visible_to(user).late().with_rows()
    return OpenWork(
        "help-late",
        "逾期没有答复的“帮我找”",
        rows,
        Clock("asked_at", due="answer_due_on"),
        reverse("help_requests"),
        "督促",
        "被请的技术经纪人",
        _request_page,
        is_watched=True,
    )


def _commissions(user: User) -> OpenWork:
    given, held = (rows.values("pk") for rows in (Mandate.objects.given_by(user), Mandate.objects.held_by(user)))
    asked = Q(mandate__in=given, proposed_side="agent") | Q(mandate__in=held, proposed_side="client")
    rows = Commission.objects.filter(asked, status__in=Commission.WAITING).select_related("deal")
    return OpenWork(
        "commissions-to-answer",
        "待答复的佣金约定",
        rows,
        Clock("proposed_at"),
        reverse("deals"),
        "答复",
        OWN,
        lambda row: reverse("commission", args=[row.public_id]),
        title_of=lambda row: str(row.deal),
    )


def _payments_to_confirm(user: User) -> OpenWork:
    """Payments that the other side has recorded."""
    given, held = (rows.values("pk") for rows in (Mandate.objects.given_by(user), Mandate.objects.held_by(user)))
    asked = Q(commission__mandate__in=given, told_side="agent") | Q(commission__mandate__in=held, told_side="client")
    return OpenWork(
        "commission-payments-to-confirm",
        "待核对的佣金支付",
        CommissionPayment.objects.waiting().filter(asked).select_related("commission__deal"),
        Clock("told_at"),
        reverse("deals"),
        "核对并确认",
        OWN,
        lambda row: reverse("commission", args=[row.commission.public_id]),
        title_of=lambda row: str(row.commission.deal),
    )


def _commissions_past_their_day(user: User) -> OpenWork:
    """Agreed for a day that has passed, with something owed that both sides do not yet say was paid."""
    candidates = Commission.objects.visible_to(user).past_their_day().prefetch_related("payments")
    own = Q(mandate__in=Mandate.objects.given_by(user).values("pk")) | Q(
        mandate__in=Mandate.objects.held_by(user).values("pk")
    )
    owed = [row.pk for row in candidates.filter(own)[:MOST_COMMISSIONS] if commission_sums(row).open_wan > 0]
    return OpenWork(
        "commissions-past-day",
        "约定日期已过、没有付清的佣金",
        Commission.objects.filter(pk__in=owed).select_related("deal"),
        Clock("answered_at", due="due_on"),
        reverse("deals"),
        "付款并记录，或请对方核对",
        OWN,
        lambda row: reverse("commission", args=[row.public_id]),
        title_of=lambda row: str(row.deal),
    )


def _cases(user: User) -> OpenWork:
    scope = user.scope
    own = scope.firm_ids | scope.institution_ids
    silent = Q(contract__seller__in=own, seller_agreed_at=None) | Q(contract__buyer__in=own, buyer_agreed_at=None)
    recent = timezone.now() - timedelta(days=60)
    rows = ProfileCase.objects.kept().filter(silent, made_at__gt=recent).select_related("contract")
    return OpenWork(
        "cases-to-consent",
        "请决定是否公开的案例",
        rows,
        Clock("made_at"),
        reverse("case_consents"),
        "决定",
        OWN,
        lambda row: reverse("case_consents"),
        title_of=lambda row: str(row.contract),
    )


def _revisions() -> OpenWork:
    rows = ProfileRevision.objects.pending().select_related("profile__broker", "profile__agency__organisation")
    return OpenWork(
        "profiles-to-review",
        "待审核的经纪人主页",
        rows,
        Clock("proposed_at"),
        reverse("admin:brokerage_profilerevision_changelist"),
        "审核",
        "市级专员",
        lambda row: reverse("admin:brokerage_profilerevision_change", args=[row.pk]),
    )


def _request_page(row: HelpRequest) -> str:
    return reverse("help_request", args=[row.public_id])
