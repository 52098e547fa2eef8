"""Results of trials of the demo: confirmed with a proposal for the maturity, waiting, disputed; a public evaluation."""

from decimal import Decimal

from achievements.models import Achievement
from mechanism.models import Base, BaseRequest, Evaluation, TrialResult
from mechanism.services.evaluations import publish_evaluation
from mechanism.services.trials import (
    TrialValues,
    confirm_result,
    dispute_result,
    maturity_hindrance,
    propose_maturity,
    record_result,
)
from portal.demo.dataset import day, moment
from portal.demo.people import DemoContext
from taxonomy.models import MaturityScale

REACHED, PARTLY = TrialResult.Outcome.REACHED, TrialResult.Outcome.PARTLY


def load_trials(demo: DemoContext) -> None:
    """Runs once, after the bases are loaded. The operators have no users, so the city speaks for the bases."""
    if TrialResult.objects.exists() or not Base.objects.exists():
        return
    summary = "放大到 50 公斤级，连续三批，批间偏差在要求以内。"
    data = "收率：92.4%（50 公斤级，3 批）\n批间偏差：1.8%\n能耗：比小试低 11%"
    confirmed = _request(demo, "dicp", 0)
    level = (confirmed.achievement.maturity_level or 5) + 1 if confirmed.achievement else None
    values = TrialValues(REACHED, day(-9), summary, data, Decimal("18.60"), MaturityScale.TRL9, level)
    result = record_result(confirmed, values, by=demo.city)
    confirm_result(result, version=result.version, is_public=True, by=demo.people["dicp"])
    if not maturity_hindrance(result):
        propose_maturity(result, by=demo.people["dicp"])
    waiting = record_result(
        _request(demo, "dut", 3), TrialValues(PARTLY, day(-3), "短堆测试 200 小时，衰减略高于要求。"), by=demo.city
    )
    disputed = record_result(
        _request(demo, "dmu", 4), TrialValues(REACHED, day(-6), "海试两轮，数据完整。"), by=demo.people["dmu"]
    )
    dispute_result(disputed, version=disputed.version, reason="第二轮海况不足三级，请补充说明。", by=demo.city)
    for row, days in ((result, 8), (waiting, 2), (disputed, 5)):
        TrialResult.objects.filter(pk=row.pk).update(recorded_at=moment(-days))
    _publish_evaluation(demo)


def _request(demo: DemoContext, who: str, base: int) -> BaseRequest:
    """An accepted request of an institution for one of its achievements, with a period in the past."""
    bases = list(Base.objects.filter(kind=Base.Kind.PILOT).order_by("pk"))
    organisation = demo.organisations[who]
    known = Achievement.objects.on_offer().filter(institution=organisation)
    levelled = known.filter(maturity_scale=MaturityScale.TRL9, maturity_level__lt=8)
    return BaseRequest.objects.create(
        base=bases[base % len(bases)],
        organisation=organisation,
        achievement=levelled.order_by("pk").first() or known.order_by("pk").first(),
        what="放大验证，三批，取批间偏差和收率。",
        wanted_from=day(-40),
        wanted_to=day(-12),
        status=BaseRequest.Status.ACCEPTED,
        asked_by=demo.people[who],
        asked_at=moment(-60),
        answer="可以安排。",
        answered_by=demo.city,
        answered_at=moment(-57),
    )


def _publish_evaluation(demo: DemoContext) -> None:
    for evaluation in Evaluation.objects.finished().select_related("achievement__institution"):
        officers = evaluation.achievement.institution.memberships.filter(user__is_active=True)
        officer = officers.select_related("user").order_by("pk").first()
        if officer:
            publish_evaluation(evaluation, is_public=True, by=officer.user)
