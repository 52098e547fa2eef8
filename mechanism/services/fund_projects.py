"""What the managers of a fund do with an achievement, a company or a pair: look at it, move on, invest, give up."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from audit.transitions import constraint_message, transition
from core.plain_text import clean_required_text
from matching.models import Match
from mechanism.confirmation_subjects import ask_named_parties
from mechanism.models import Fund, FundProject, FundProjectStep, Investment, Venture

Stage = FundProject.Stage
MAX_NOTE = 300


def achievements_seeking_funds() -> QuerySet[Achievement]:
    """Published achievements whose owner says how much money they need."""
    return Achievement.objects.on_offer().filter(funds_needed_wan__gt=0)


def find_venture(words: str) -> Venture:
    """The running company with this full name or credit code, which its parties have confirmed. A fund that asks knows
    the company; there is no list of all of them. Raises ValidationError."""
    rows = Venture.objects.active().confirmed_by_all_parties()
    venture = rows.filter(Q(name=words) | Q(credit_code=words)).first() if words else None
    if venture is None:
        raise ValidationError(
            f"没有登记“{words[:60]}”这家孵化企业（或当事方还没有确认）。请写公司全称或 18 位统一社会信用代码。"
        )
    return venture


def pairs_for_funds(user: User) -> QuerySet[Match]:
    """Pairs that the user sees anyway and whose two sides have agreed to talk: both names are known to both."""
    rows = Match.objects.visible_to(user).filter(follow_up__agreed_at__isnull=False)
    return rows.select_related("achievement__institution", "demand__firm", "follow_up")


def require_manager(fund: Fund, by: User) -> None:
    if not Fund.objects.worked_on_by(by).filter(pk=fund.pk).exists():
        raise PermissionDenied("只有基金管理机构的人员可以这样做。")


@transaction.atomic
def mark_seen(fund: Fund, subject: Achievement | Venture | Match, *, by: User) -> FundProject:
    """看过: begin to follow an achievement that seeks money, a company, or a pair in talks.

    Raises PermissionDenied, ValidationError.
    """
    require_manager(fund, by)
    if not Fund.objects.active().filter(pk=fund.pk).exists():
        raise ValidationError(f"“{fund}”不在存续期内，不能再看新项目。")
    if isinstance(subject, Achievement):
        if not achievements_seeking_funds().filter(pk=subject.pk).exists():
            raise ValidationError(f"“{subject}”现在没有公开寻求资金。")
        about: dict[str, Any] = {"achievement": subject}
    elif isinstance(subject, Venture):
        about = {"venture": find_venture(subject.name)}
    else:
        if not pairs_for_funds(by).filter(pk=subject.pk).exists():
            raise PermissionDenied("您不能查看这个配对，或双方还没有同意对接。")
        about = {"match": subject}
    try:
        with transaction.atomic():
            project = FundProject.objects.create(fund=fund, **about)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, FundProject)) from None
    _add_step(project, "", by)
    return project


@transaction.atomic
def advance_project(project: FundProject, *, note: str, by: User) -> None:
    """To 尽调, then to 投决. Raises PermissionDenied, ValidationError."""
    require_manager(project.fund, by)
    before = project.stage
    after = FundProject.NEXT.get(Stage(before)) if before in FundProject.NEXT else None
    if after is None or after == Stage.INVESTED:
        raise ValidationError(f"这个项目{project.get_stage_display()}，不能再往下一步。")
    _move(project, before, after, note[:MAX_NOTE], by)


@transaction.atomic
def drop_project(project: FundProject, *, reason: str, by: User) -> None:
    """放弃, with a reason. Raises PermissionDenied, ValidationError."""
    require_manager(project.fund, by)
    reason = clean_required_text(reason, "请写明放弃的原因。", MAX_NOTE)
    if project.stage in (Stage.INVESTED, Stage.DROPPED):
        raise ValidationError(f"这个项目{project.get_stage_display()}，不能再改。")
    _move(project, project.stage, Stage.DROPPED, reason, by, dropped_reason=reason)


@transaction.atomic
def invest_in_project(project: FundProject, *, amount_wan: Decimal, invested_on: date, by: User) -> Investment:
    """投资, after 投决: an investment like any other, which the named parties are asked to confirm: the institution of
    an achievement, the company, or both sides of a pair.

    Raises PermissionDenied, ValidationError.
    """
    require_manager(project.fund, by)
    decided_on = project.stage_on
    if not decided_on <= invested_on <= timezone.localdate():
        raise ValidationError("“投资日期”应在投决日期到今天之间。")
    if amount_wan > project.fund.subscribed_wan:
        raise ValidationError("“投资金额”超过了基金的认缴规模，请核对单位（万元）。")
    investment = Investment(
        fund=project.fund,
        **_target_of(project),
        amount_wan=amount_wan,
        invested_on=invested_on,
        recorded_by=by,
    )
    investment.full_clean(exclude=["fund", "achievement", "firm"])
    investment.save(force_insert=True)
    _move(project, Stage.COMMITTEE, Stage.INVESTED, f"{amount_wan} 万元", by, investment=investment)
    ask_named_parties(investment, by=by)
    return investment


def _target_of(project: FundProject) -> dict[str, Any]:
    """In what an investment is made."""
    if project.venture is not None:
        company = project.venture.organisation
        return {"firm": company} if company else {"target": project.venture.name}
    if project.match is not None:
        return {"achievement": project.match.achievement, "firm": project.match.demand.firm}
    return {"achievement": project.achievement}


def _move(project: FundProject, before: str, after: str, note: str, by: User, **values: Any) -> None:
    transition(
        project,
        when={"stage": before},
        values={"stage": after, "stage_on": timezone.localdate()} | values,
        refusal=lambda row: f"这个项目{row.get_stage_display()}，不能这样改。请刷新页面查看。",
        action="推进基金项目",
        by=by,
        changes={"stage": [before, after]},
    )
    _add_step(project, note, by)


def _add_step(project: FundProject, note: str, by: User) -> None:
    FundProjectStep.objects.create(project=project, stage=project.stage, note=note.strip(), by=by)
    if project.stage == Stage.SEEN:
        record("开始看基金项目", project, by=by)
