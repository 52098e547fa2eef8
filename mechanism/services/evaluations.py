"""成果评价: invite experts without a reason for recusal, collect independent marks, finish with a conclusion."""

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import represents_institution
from audit.services import record
from audit.transitions import transition
from mechanism.evaluation import MarkSummary, RecusalFacts, recusal_reasons, summarise_marks
from mechanism.models import VALUES, Evaluation, Expert, Opinion
from mechanism.services.measures import require_city_staff

DEFAULT_DAYS = 14
PUBLICATION = ("published_at", "published_by")
DEFAULT_WEIGHTS: dict[str, tuple[int, ...]] = {
    Achievement.Category.BASIC: (50, 20, 5, 15, 10),
    Achievement.Category.APPLIED: (15, 35, 35, 10, 5),
    Achievement.Category.SOFT_SCIENCE: (30, 10, 20, 30, 10),
}
"""Percent per value in the order of VALUES, where the city's package has no others. City staff can change them for each
evaluation before it is opened."""


def default_due_date() -> date:
    return timezone.localdate() + timedelta(days=DEFAULT_DAYS)


def default_weights(category: str) -> dict[str, int]:
    """{value: percent} for a category of achievements."""
    weights = settings.CITY.evaluation_weights.get(category, DEFAULT_WEIGHTS[category])
    return dict(zip(VALUES, weights, strict=True))


def recusal_facts(expert: Expert, achievement: Achievement) -> RecusalFacts:
    """What the registry knows about an expert and an achievement. Names are compared literally."""
    institution = achievement.institution
    units = [institution.name, institution.short_name, *achievement.partner_names.replace("；", ";").split(";")]
    completers = set(achievement.completers.values_list("name", flat=True)) | {achievement.lead_person}
    others = Achievement.objects.exclude(pk=achievement.pk).filter(
        Q(completers__name=expert.name) | Q(lead_person=expert.name)
    )
    worked_with = set(others.values_list("completers__name", flat=True)) | set(
        others.values_list("lead_person", flat=True)
    )
    own = [expert.unit, *([expert.organisation.name] if expert.organisation else [])]
    return RecusalFacts(
        expert.name,
        own,
        [unit.strip() for unit in units if unit.strip()],
        completers,
        worked_with - {None, expert.name},
    )


def find_recusal_reasons(expert: Expert, achievement: Achievement) -> list[str]:
    return recusal_reasons(recusal_facts(expert, achievement))


@transaction.atomic
def open_evaluation(
    achievement: Achievement,
    *,
    experts: list[Expert],
    by: User,
    weights: dict[str, int] | None = None,
    due_on: date | None = None,
) -> Evaluation:
    """Open an evaluation and invite the experts. `weights`: percent per value, sum 100.

    Raises PermissionDenied, or ValidationError for fewer than three experts or a reason for recusal.
    """
    require_city_staff(by)
    check_experts(achievement, experts)
    weights = weights or default_weights(achievement.category)
    evaluation = Evaluation(
        achievement=achievement,
        due_on=due_on or default_due_date(),
        opened_by=by,
        **{f"{value}_weight": weight for value, weight in weights.items()},
    )
    evaluation.full_clean()
    try:
        with transaction.atomic():
            evaluation.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError("“%(item)s”正在评价。" % {"item": achievement}) from error
    Opinion.objects.bulk_create(Opinion(evaluation=evaluation, expert=expert) for expert in experts)
    record("发起成果评价", evaluation, by=by, changes={"experts": [None, len(experts)]})
    return evaluation


@transaction.atomic
def invite_expert(evaluation: Evaluation, *, expert: Expert, by: User) -> Opinion:
    """Invite a further expert. Raises PermissionDenied, or ValidationError as `open_evaluation`."""
    require_city_staff(by)
    row = _locked(evaluation)
    if reasons := find_recusal_reasons(expert, row.achievement):
        raise ValidationError("%(expert)s应当回避：%(why)s。" % {"expert": expert, "why": "；".join(reasons)})
    opinion, created = Opinion.objects.get_or_create(evaluation=row, expert=expert)
    if not created:
        raise ValidationError("已邀请过%(expert)s。" % {"expert": expert})
    record("增加评价专家", row, by=by, changes={"expert": [None, expert.pk]})
    return opinion


@transaction.atomic
def submit_marks(opinion: Opinion, *, marks: dict[str, int], reasons: dict[str, str]) -> None:
    """Store the marks of an expert: 0–100 for each value, each with a reason.

    The expert is not signed in: only they know the code of `opinion`. Who marks declares to have no relation to the
    achievement; the caller has asked for it. Raises ValidationError for a missing mark or
    reason, for a finished evaluation, and if the expert has answered already.
    """
    row = _open_opinion(opinion)
    for value, label in VALUES.items():
        mark = marks.get(value)
        if not isinstance(mark, int) or not 0 <= mark <= 100:
            raise ValidationError("“%(value)s”请填 0–100 的整数。" % {"value": label})
        if len(reasons.get(value, "").strip()) < 5:
            raise ValidationError("“%(value)s”请写一句理由（不少于 5 个字）。" % {"value": label})
    Opinion.objects.filter(pk=row.pk).update(
        status=Opinion.Status.MARKED,
        answered_at=timezone.now(),
        declared_at=timezone.now(),
        reasons={value: reasons[value].strip()[:500] for value in VALUES},
        **{value: marks[value] for value in VALUES},
    )
    record("专家评价", row.evaluation, by=None, changes={"opinion": [None, row.pk]})
    opinion.refresh_from_db()


@transaction.atomic
def recuse_expert(opinion: Opinion, *, reason: str) -> None:
    """回避, declared by the expert. Raises ValidationError without a reason, or if the expert has answered already."""
    row = _open_opinion(opinion)
    if not reason.strip():
        raise ValidationError("请说明回避的原因，例如与完成人是亲属。")
    Opinion.objects.filter(pk=row.pk).update(
        status=Opinion.Status.RECUSED, recused_reason=reason.strip()[:200], answered_at=timezone.now()
    )
    record("专家回避", row.evaluation, by=None, changes={"opinion": [None, row.pk]})
    opinion.refresh_from_db()


@transaction.atomic
def finish_evaluation(evaluation: Evaluation, *, conclusion: str, by: User) -> None:
    """Finish with a conclusion. Raises PermissionDenied, or ValidationError if marks or the conclusion are missing."""
    require_city_staff(by)
    row = _locked(evaluation)
    given = row.opinions.filter(status=Opinion.Status.MARKED).count()
    if given < row.least_marks:
        raise ValidationError(
            "已有 %(given)d 位专家评价，至少需要 %(least)d 位，请催办或增加专家。"
            % {"given": given, "least": row.least_marks}
        )
    if not conclusion.strip():
        raise ValidationError("请写明评价结论。")
    Evaluation.objects.filter(pk=row.pk).update(
        status=Evaluation.Status.FINISHED, conclusion=conclusion.strip()[:2000], finished_at=timezone.now()
    )
    record("完成成果评价", row, by=by, changes={"status": [row.status, Evaluation.Status.FINISHED]})
    evaluation.refresh_from_db()


@transaction.atomic
def cancel_evaluation(evaluation: Evaluation, *, reason: str, by: User) -> None:
    """Raises PermissionDenied, or ValidationError without a reason or if the evaluation has ended."""
    require_city_staff(by)
    row = _locked(evaluation)
    if not reason.strip():
        raise ValidationError("取消评价请说明原因。")
    Evaluation.objects.filter(pk=row.pk).update(status=Evaluation.Status.CANCELLED)
    record("取消成果评价", row, by=by, changes={"reason": [None, reason.strip()[:200]]})
    evaluation.refresh_from_db()


def publish_evaluation(evaluation: Evaluation, *, is_public: bool, by: User) -> None:
    """Let everybody read grade, day, organiser and number of experts on the achievement's page, or take it back.

    By the institution of the achievement: the report is its own. Raises PermissionDenied, ValidationError.
    """
    if not represents_institution(evaluation.achievement, by):
        raise PermissionDenied("评价结果是否公开由成果完成单位决定。")
    values = {"published_at": timezone.now(), "published_by": by} if is_public else dict.fromkeys(PUBLICATION)
    transition(
        evaluation,
        when={"status": Evaluation.Status.FINISHED, "published_at__isnull": is_public},
        values=values,
        refusal="评价完成以后才能公开，或者已经是这样了。请刷新页面查看。",
        action="公开评价结果" if is_public else "撤下评价结果",
        by=by,
        changes={"is_public": [not is_public, is_public]},
    )


def evaluation_result(evaluation: Evaluation) -> MarkSummary | None:
    """Means and spread of a finished evaluation; None before, so that nobody sees any mark."""
    if evaluation.status != Evaluation.Status.FINISHED:
        return None
    given = evaluation.opinions.filter(status=Opinion.Status.MARKED)
    return summarise_marks(evaluation.weights, [opinion.marks for opinion in given])


def check_experts(achievement: Achievement, experts: list[Expert]) -> None:
    """Raises ValidationError for fewer than three experts, reasons for recusal, and experts who are not active."""
    if len({expert.pk for expert in experts}) < 3:
        raise ValidationError("请至少选择三位专家。")
    faults = [
        "%(expert)s应当回避：%(why)s" % {"expert": expert, "why": "；".join(reasons)}
        for expert in experts
        if (reasons := find_recusal_reasons(expert, achievement))
    ]
    faults += ["%(expert)s已不在可邀请之列" % {"expert": expert} for expert in experts if not expert.is_active]
    if faults:
        raise ValidationError(faults)


def _open_opinion(opinion: Opinion) -> Opinion:
    row = Opinion.objects.select_for_update(of=["self"]).select_related("evaluation__achievement").get(pk=opinion.pk)
    if row.evaluation.status != Evaluation.Status.ASKING:
        raise ValidationError("这项评价已经结束，谢谢您。")
    if row.status != Opinion.Status.ASKED:
        raise ValidationError("您已经答复过，不能再改；需要更正请联系市科技局。")
    return row


def _locked(evaluation: Evaluation) -> Evaluation:
    row = (
        Evaluation.objects.select_for_update(of=["self"])
        .select_related("achievement__institution")
        .get(pk=evaluation.pk)
    )
    if row.status != Evaluation.Status.ASKING:
        raise ValidationError("这项评价已经结束。")
    return row
