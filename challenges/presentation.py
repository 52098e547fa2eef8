"""What the pages of a call show: how far it is, its indicators as scales, its milestones as parts of the prize."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import takewhile

from django.utils import timezone

from accounts.models import User
from challenges.models import Challenge, ChallengeIndicator, ChallengeMilestone
from core.workdays import workdays_text
from deals.models import Deal, DealStep, Instalment
from demands.masking import identifying_names, mask_firm

Status = Challenge.Status
DONE, NOW, LATER = "done", "now", "todo"
SIGNINGS: dict[str, str] = {
    Deal.Stage.INTENT: "已立项，双方商定合同以后签约",
    Deal.Stage.FAILED: "成交没有谈成，由市里撤销结果",
}
WIDTH = 480
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Station:
    """One of the stations of a call. `state`: done, now or todo; `words`: what happened, or will."""

    label: str
    state: str
    words: str
    on: date | None = None


def stations(challenge: Challenge) -> list[Station]:
    """From the demand to the acceptance; a call that ended without a winner stops where it ended."""
    row = challenge
    at = _place_of(row)
    opened = f"收到 {row.opened_count} 份方案" if row.opened_count is not None else "截止以后由两个人一起开标"
    choice = f"公示{workdays_text(row.publicity_workdays)}，期间可以提出异议"
    accepted_on = _accepted_on(row.deal)
    signing = "按里程碑付款" if row.is_signed or row.deal is None else SIGNINGS.get(row.deal.stage, "")
    named = [
        ("说出难题", "区里核过，公开成需求", row.demand.published_at),
        ("张榜征集", "面向市内外团队" if row.published_at else "发布后编榜单号", row.published_at),
        ("开标", opened, row.opened_at or (row.closes_at if row.published_at else None)),
        ("评榜", "专家评审，企业在推荐的方案里选定", row.chosen_at),
        ("公示", choice, row.awarded_at),
        ("签约立项", signing, signed_on(row) if row.is_signed else None),
        ("验收", "对照指标验收，结论已记录" if accepted_on else _last_milestone(row), accepted_on),
    ]
    if row.status in (Status.FAILED, Status.CLOSED):
        kept = [Station(label, DONE, words, _day(moment)) for label, words, moment in named[:at]]
        return [*kept, Station(str(row.get_status_display()), NOW, row.end_reason, _day(row.ended_at))]
    at = len(named) if accepted_on else at
    return [
        Station(label, DONE if place < at else NOW if place == at else LATER, words, _day(moment))
        for place, (label, words, moment) in enumerate(named)
    ]


def _place_of(row: Challenge) -> int:
    """The station at which the call is now."""
    if row.status == Status.PUBLISHED:
        return 2 if row.is_past_deadline else 1
    if row.status in (Status.FAILED, Status.CLOSED):
        return 3 if row.opened_at else 2 if row.published_at else 1
    if row.status == Status.SIGNED:
        return 6 if row.is_signed else 5
    places = {Status.REVIEW: 3, Status.RECOMMENDED: 3, Status.PUBLICISED: 4, Status.AWARDED: 5}
    return places.get(Status(row.status), 1)


def signed_on(row: Challenge) -> date | None:
    """The day on which the deal left 意向, for the last time."""
    steps = DealStep.objects.filter(deal=row.deal_id).order_by("-pk").values_list("stage", "on")
    beyond = [on for _stage, on in takewhile(lambda step: step[0] != Deal.Stage.INTENT, steps)]
    return beyond[-1] if beyond else None


def _last_milestone(row: Challenge) -> str:
    last = row.milestones.order_by("-month").first()
    return f"第 {last.month} 个月：{last.standard}" if last else "对照指标验收"


def _accepted_on(deal: Deal | None) -> date | None:
    instrument = getattr(deal, "open_challenge", None)
    return instrument.accepted_on if instrument is not None else None


def _day(moment: date | None) -> date | None:
    """The local day of a moment, or the day itself."""
    return timezone.localdate(moment) if isinstance(moment, datetime) else moment


@dataclass(frozen=True)
class Scale:
    """An indicator. `present`, `wanted`: lengths of their bars on the same scale; 0 where there is no number."""

    indicator: ChallengeIndicator
    present: int
    wanted: int

    @property
    def is_drawn(self) -> bool:
        return bool(self.present and self.wanted)


def scales(challenge: Challenge) -> list[Scale]:
    rows = list(challenge.indicators.all())
    if challenge.is_masked:
        names = identifying_names(challenge.demand)
        for row in rows:
            for field in ("name", "value", "value_to", "unit", "condition", "present", "acceptance"):
                setattr(row, field, mask_firm(getattr(row, field), names))
    return [_scale(row) for row in rows]


def _scale(row: ChallengeIndicator) -> Scale:
    present, wanted = _number(row.present), _number(row.value)
    if present is None or wanted is None or present <= 0 or wanted <= 0:
        return Scale(row, 0, 0)
    longest = max(present, wanted)
    return Scale(row, max(int(present / longest * WIDTH), 2), max(int(wanted / longest * WIDTH), 2))


def _number(text: str) -> Decimal | None:
    match = NUMBER.search(text.replace(",", ""))
    try:
        return Decimal(match[0]) if match else None
    except InvalidOperation:
        return None


@dataclass(frozen=True)
class StepPayment:
    """The instalment that a milestone is paid with."""

    due_on: date
    amount_wan: Decimal
    state: str

    @property
    def label(self) -> str:
        return str(Instalment.State(self.state).label)

    @property
    def is_paid(self) -> bool:
        return self.state == Instalment.State.PAID

    @property
    def is_overdue(self) -> bool:
        return self.state == Instalment.State.OVERDUE


def _payments_of(challenge: Challenge, reader: User) -> dict[int | None, StepPayment]:
    """{pk of the instalment: its payment}. One query."""
    today = timezone.localdate()
    rows = Instalment.objects.visible_to(reader).planned().filter(milestone__challenge=challenge).with_paid()
    return {row.pk: StepPayment(row.due_on, row.amount_wan, row.state_on(today)) for row in rows}


@dataclass(frozen=True)
class PaymentStep:
    """A milestone with its part of the prize. `before`: percent of the earlier ones, where its bar begins."""

    milestone: ChallengeMilestone
    title: str
    standard: str
    before: int
    amount_wan: Decimal
    payment: StepPayment | None = None


def payment_steps(challenge: Challenge, reader: User | None = None) -> list[PaymentStep]:
    """With the instalments of the contract that `reader` may see; without a reader, none."""
    payments = _payments_of(challenge, reader) if reader else {}
    names = identifying_names(challenge.demand) if challenge.is_masked else ()
    steps, before = [], 0
    for row in challenge.milestones.all():
        title, standard = mask_firm(row.title, names), mask_firm(row.standard, names)
        amount = row.amount_wan(challenge.prize_wan)
        steps.append(PaymentStep(row, title, standard, before, amount, payments.get(row.instalment_id)))
        before += row.percent
    return steps


def earlier_and_later(challenge: Challenge) -> tuple[Challenge | None, Challenge | None]:
    """The call that ended before this one was called again, and the published one that followed it."""
    later = Challenge.objects.public().filter(previous=challenge).with_firm().first()
    return challenge.previous, later


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def page_parts(challenge: Challenge, reader: User | None = None) -> dict[str, object]:
    """What public and own pages of a call have in common; with `reader`, also the payments that this one may see."""
    earlier, later = earlier_and_later(challenge)
    return {
        "challenge": challenge,
        "earlier": earlier,
        "later": later,
        "stations": stations(challenge),
        "scales": scales(challenge),
        "payment_steps": payment_steps(challenge, reader),
        "problem": challenge.public_text("problem"),
        "offers": lines_of(challenge.public_text("offers")),
        "conditions": lines_of(challenge.public_text("conditions")),
        "addenda": challenge.addenda.all(),
        "answered": challenge.questions.answered(),
    }
