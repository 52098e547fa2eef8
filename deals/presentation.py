"""What pages show of deals: the list by stage, and one deal with its sources, stages and sums."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum
from django.forms import Form
from django.urls import reverse

from accounts.models import User
from achievements.models import Achievement
from deals.models import Confirmation, Contract, Deal, Payment
from deals.stages import STAGE_ORDER
from demands.models import Demand
from matching.models import FollowUp

BADGES = {"failed": "b-no", "intent": "b-wait", "signed": "b-go"}


@dataclass(frozen=True)
class DealSource:
    """A record from which a deal came. `url` is empty if the reader may not open its page."""

    kind: str
    name: str
    url: str = ""


@dataclass(frozen=True)
class FormGroup:
    """Forms under one heading that is closed at first. `is_group`: several forms, of which few are used."""

    title: str
    forms: list[Form]
    is_group: bool = False

    @property
    def summary(self) -> str:
        """The titles of the forms of instruments, with those that are filled in."""
        return "、".join(f"{form.title}{'（已填写）' if form.instrument else ''}" for form in self.forms)


@dataclass(frozen=True)
class StageProgress:
    label: str
    is_done: bool
    is_current: bool


def visible_deals(user: User) -> QuerySet[Deal]:
    """The deals that the user may see, with what lists and pages show of them."""
    return Deal.objects.visible_to(user).with_pair().select_related("follow_up__owner")


def awaiting_own_confirmation(user: User) -> QuerySet[Confirmation]:
    """What the user's organisations, or the user as a broker, have to confirm, without contracts of official lists."""
    return Confirmation.objects.addressed_to(user).pending().exclude(matter="listed")


def deals_awaiting_confirmation(user: User) -> QuerySet[Deal]:
    """Deals of which the user has to confirm something."""
    waiting = awaiting_own_confirmation(user)
    paths = {
        "deals.deal": "pk",
        "deals.contract": "contracts",
        "deals.payment": "payments",
        "deals.landing": "landings",
    }
    condition = Q(pk__in=[])
    for subject, path in paths.items():
        condition |= Q(**{f"{path}__in": waiting.filter(subject=subject).values("subject_id")})
    return visible_deals(user).filter(pk__in=Deal.objects.filter(condition).values("pk"))


def stage_tabs(deals: QuerySet[Deal], user: User) -> list[tuple[str, str, int]]:
    """(value, label, number) of each stage that some deal has, after those that wait for the user."""
    counts = Counter(dict(deals.order_by().values_list("stage").annotate(Count("pk"))))
    waiting = deals_awaiting_confirmation(user).order_by().count()
    tabs = [("mine", "等我确认", waiting)] if waiting else []
    return tabs + [(value, str(label), counts[value]) for value, label in Deal.Stage.choices if counts[value]]


def stage_progress(deal: Deal) -> list[StageProgress]:
    current = STAGE_ORDER.index(deal.stage) if deal.stage in STAGE_ORDER else -1
    return [
        StageProgress(str(Deal.Stage(value).label), number < current, number == current)
        for number, value in enumerate(STAGE_ORDER)
    ]


def form_groups(forms: list[Form]) -> list[FormGroup]:
    """One group for each form, and one for all reform instruments, in front of the form that ends the deal."""
    groups = [FormGroup(form.title, [form]) for form in forms if not form.is_instrument]
    if instruments := [form for form in forms if form.is_instrument]:
        position = next((at for at, group in enumerate(groups) if group.forms[0].action == "fail"), len(groups))
        groups.insert(position, FormGroup("改革试点方式的约定", instruments, is_group=True))
    return groups


def stage_badge(deal: Deal) -> str:
    """The CSS class of the badge for the deal's stage."""
    return BADGES.get(deal.stage, "b-ok")


def deal_sources(deal: Deal, user: User) -> list[DealSource]:
    """The follow-up, the round of the meeting, the demand and the achievement of a deal, as far as it has them."""
    sources = []
    if deal.follow_up_id:
        is_visible = FollowUp.objects.visible_to(user).filter(pk=deal.follow_up_id).exists()
        url = reverse("follow_up", args=[deal.follow_up.public_id]) if is_visible else ""
        score = deal.follow_up.match.whole_score
        sources.append(DealSource("匹配与对接跟进", "匹配度 %(score)s" % {"score": score}, url))
    if deal.meeting_id:
        docking_round = deal.meeting.docking_round
        url = reverse("round_detail", args=[docking_round.public_id])
        sources.append(DealSource("洽谈", docking_round.name, url))
    if demand := deal.demand:
        is_visible = Demand.objects.visible_to(user).filter(pk=demand.pk).exists()
        url = reverse("demand_detail", args=[demand.public_id]) if is_visible else ""
        sources.append(DealSource("需求", demand.title, url))
    if achievement := deal.achievement:
        is_visible = Achievement.objects.visible_to(user).filter(pk=achievement.pk).exists()
        url = reverse("achievement_detail", args=[achievement.public_id]) if is_visible else ""
        sources.append(DealSource("成果", achievement.title, url))
    return sources


def deal_amounts(deal: Deal) -> list[tuple[str, Decimal | None]]:
    """(label, 万元) of the intended, signed, registered and received amounts, which are never added up.

    Registered and received are only what the parties have confirmed or an official list states.
    """
    registered = (
        Contract.objects.turnover().filter(deal=deal).aggregate(amount=Sum("amount_wan"), tech=Sum("tech_amount_wan"))
    )
    paid = Payment.objects.received().filter(deal=deal).aggregate(total=Sum("amount_wan"))["total"]
    return [
        ("意向金额", deal.intent_wan),
        ("签约金额", deal.signed_wan),
        ("登记成交额", registered["amount"]),
        ("核定技术交易额", registered["tech"]),
        ("到账金额", paid),
    ]
