"""Load an award counted from the demo contracts, and two evaluations: one finished, one waiting for experts."""

from datetime import timedelta

from django.utils import timezone

from achievements.models import Achievement
from mechanism.models import VALUES, Evaluation, Expert, Honour
from mechanism.services.evaluations import finish_evaluation, open_evaluation, submit_marks
from mechanism.services.honours import publicise_honour, score_honour
from portal.demo.people import DemoContext

EXPERTS = (
    ("苏望野", "辽东湾工程技术研究院（演示）", "研究员"),
    ("韩砚秋", "北岸装备检测中心（演示）", "正高级工程师"),
    ("陆见深", "渤海产业经济研究所（演示）", "教授"),
    ("秦未央", "沈阳先进材料研究院（演示）", "研究员"),
    ("邱听澜", "青岛海工设计院（演示）", "正高级工程师"),
)
RULE = (
    "一、从登记的技术合同计分，不设推荐和评审打分。\n"
    "二、买卖双方都要在平台上确认合同和技术经纪人的作用。\n"
    "三、名单公示不少于 7 天，任何登录用户都可以提出异议；异议成立的合同不计分。\n"
    "四、公布前按登记的最新情况重新计算一次，注销的合同不计分。"
)
MARKS = ((62, 84, 78, 70, 40), (58, 80, 88, 66, 45), (71, 76, 55, 74, 38))
REASONS = {
    "science": "机理解释清楚，原创性中等",
    "technology": "关键指标有检测报告支持",
    "economy": "同类产品价格下行，收益要看首批用户",
    "society": "减少返修和废料，有示范意义",
    "culture": "与地方产业传统有联系",
}
CONCLUSION = "技术成熟、指标有据，建议先在一家企业中试，再谈许可范围；专家对经济价值看法不一，签约前请补一份成本测算。"


def load_honours(demo: DemoContext) -> int:
    """Create them unless an award exists. Returns how many rows were created."""
    if Honour.objects.exists():
        return 0
    today = timezone.localdate()
    honour = Honour.objects.create(
        name=f"{today.year} 年度优秀技术经纪人",
        kind=Honour.Kind.BROKER,
        rule_text=RULE,
        first_on=today - timedelta(days=365),
        last_on=today - timedelta(days=1),
        settled_days=30,
        is_received_only=False,
        least_pairs=1,
        places=3,
    )
    if any(candidate.qualifies for candidate in score_honour(honour, as_of=today)):
        publicise_honour(honour, objections_until=today + timedelta(days=14), by=demo.city)
    experts = [Expert.objects.create(name=name, unit=unit, position=position) for name, unit, position in EXPERTS]
    finished, waiting = Achievement.objects.on_offer().filter(stage=Achievement.Stage.MIDDLE).order_by("pk")[:2]
    evaluation = open_evaluation(finished, experts=experts[:3], by=demo.city)
    for opinion, marks in zip(evaluation.opinions.order_by("pk"), MARKS, strict=True):
        submit_marks(opinion, marks=dict(zip(VALUES, marks, strict=True)), reasons=REASONS)
    finish_evaluation(evaluation, conclusion=CONCLUSION, by=demo.city)
    open_evaluation(waiting, experts=experts[1:4], by=demo.city)
    return 1 + len(experts) + Evaluation.objects.count()
