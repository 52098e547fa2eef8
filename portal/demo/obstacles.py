"""Obstacles of the demo in all states, and a report of a bureau that waits for the city's review."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from deals.models import Deal
from matching.models import FollowUp
from mechanism.models import Measure, Obstacle, ObstacleKind, Policy
from mechanism.services.bureau_reports import ReportLink, submit_report
from mechanism.services.obstacles import (
    Concern,
    answer_obstacle,
    assign_obstacle,
    judge_obstacle,
    publish_answer,
    raise_obstacle,
    withdraw_obstacle,
)
from mechanism.services.reported_obstacles import ReportedBy
from portal.demo.dataset import day, moment
from portal.demo.people import DemoContext

PUBLISHED = (
    (
        "dut", "权属", "职务成果作价入股，赋权和国资备案两边都要材料，先办哪一个说不清。", "jiaoyu",
        "高校作价入股是先赋权还是先办国资备案？",
        "先由学校按赋权办法公示并签协议，再凭协议办备案，材料不再重复提交。两个窗口已约定共用一份清单。", True,
    ),
    (
        "qiling", "资金", "首批试制要先垫设备款，补助要验收后才到，周转不开。", "caizheng",
        "试制补助能不能先拨一部分？",
        "符合条件的项目可以先拨三成，中期检查后再拨四成。申报时在申请表里勾选“预拨”。", True,
    ),
    (
        "xianxu", "审批", "中试线的环评和安评分两次报，前后差了两个月。", "gongxin",
        "中试线的环评、安评能不能一起受理？",
        "试点园区内的中试项目，两项评价同时受理、并联审查，由园区窗口一次收件。", False,
    ),
)  # fmt: skip
"""Who raised it, kind, text, office, question and answer as published, whether the raiser said it is solved."""


def load_obstacles(demo: DemoContext) -> None:
    """Runs once, after the deals and the mechanism are loaded."""
    if Obstacle.objects.exists():
        return
    kinds = {kind.name: kind for kind in ObstacleKind.objects.all()}
    policy = Policy.objects.published().order_by("pk").first()
    for number, (who, kind, text, office, question, answer, is_solved) in enumerate(PUBLISHED):
        row = _raised(demo, who, kinds[kind], text, Concern(policy=policy if number == 1 else None))
        _answered(demo, row, office, answer)
        if is_solved:
            judge_obstacle(row, is_solved=True, by=row.raised_by)
        publish_answer(row, text=question, answer=answer, by=demo.city)
        _backdate(row, 40 - 6 * number)
    _load_open(demo, kinds)
    _load_report(demo)


def _load_open(demo: DemoContext, kinds: dict[str, ObstacleKind]) -> None:
    """New, given, overdue, answered, not solved, withdrawn."""
    firm, office = demo.people["fanyue"], demo.people["dicp"]
    pair = FollowUp.objects.visible_to(demo.people["qiling"]).order_by("pk").first()
    deal = Deal.objects.visible_to(office).order_by("pk").first()
    new = _raised(
        demo, "qiling", kinds["定价"], "院校要求一次付清，我们想按销售额分成，没有参照。", Concern(follow_up=pair)
    )
    given = _raised(demo, "dicp", kinds["审批"], "向境外客户许可，技术出口登记不知道找哪个窗口。", Concern(deal=deal))
    assign_obstacle(given, solver=demo.organisations["gongxin"], handler=demo.people["gongxin"], by=demo.city)
    late = _raised(demo, "fanyue", kinds["资金"], "贷款要房产抵押，只有专利，银行不收。", Concern())
    assign_obstacle(late, solver=demo.organisations["caizheng"], by=demo.city)
    answered = _raised(demo, "dicp", kinds["人才"], "外聘工程师在企业和研究所两头交社保，系统不让。", Concern())
    _answered(demo, answered, "jiaoyu", "已与人社部门对接，兼职人员由聘用单位缴纳，研究所出具同意函即可。")
    unsolved = _raised(demo, "xianxu", kinds["政策"], "细则写“重点产业”，没有目录，申报时被退回两次。", Concern())
    _answered(demo, unsolved, "gongxin", "请对照年度重点产业指南申报。")
    judge_obstacle(unsolved, is_solved=False, reason="指南里仍没有列出细分领域。", by=unsolved.raised_by)
    dropped = _raised(demo, "fanyue", kinds["其他"], "登录后找不到中试基地的空档。", Concern())
    withdraw_obstacle(dropped, by=firm)
    _load_told(demo, kinds["资金"])
    agency = _raised(demo, "broker_an", kinds["中试"], "概念验证中心排队三个月，小试样品放不住。", Concern())
    for row, days in ((new, 1), (given, 6), (late, 25), (answered, 12), (unsolved, 18), (dropped, 9), (agency, 4)):
        _backdate(row, days)
    Obstacle.objects.filter(pk=late.pk).update(due_on=day(-5))


def _load_told(demo: DemoContext, kind: ObstacleKind) -> None:
    """A firm told the city by telephone; the city wrote it down, and it concerns 财政."""
    office = Organisation.objects.filter(memberships__user=demo.city, kind="city").first()
    firm = Organisation.objects.get(kind="firm", memberships__user=demo.people["xianxu"])
    if office is None:
        return
    raise_obstacle(
        organisation=firm,
        kind=kind,
        text="补助要先垫资再报销，小企业垫不起，问能不能分期拨付。",
        concern=Concern(about=demo.organisations["caizheng"]),
        reported=ReportedBy(office, "财务部李经理，电话", day(-2)),
        by=demo.city,
    )


def _load_report(demo: DemoContext) -> None:
    """工信 reports on its late measure with evidence and asks the city to confirm; the city has not reviewed it yet."""
    measure = Measure.objects.filter(organisation=demo.organisations["gongxin"]).open().order_by("pk").first()
    if measure is None:
        return
    submit_report(
        measure,
        text="已征集应用场景 17 个，首批清单会签完毕，请市里确认完成。",
        wants_finish=True,
        links=[ReportLink("首批应用场景清单（演示）", "https://example.invalid/scenes")],
        by=demo.people["gongxin"],
    )


def _raised(demo: DemoContext, who: str, kind: ObstacleKind, text: str, concern: Concern) -> Obstacle:
    by: User = demo.people[who]
    organisation = Organisation.objects.get(memberships__user=by)
    return raise_obstacle(organisation=organisation, kind=kind, text=text, by=by, concern=concern)


def _answered(demo: DemoContext, row: Obstacle, office: str, answer: str) -> None:
    assign_obstacle(row, solver=demo.organisations[office], by=demo.city)
    answer_obstacle(row, answer=answer, by=demo.people[office])


def _backdate(row: Obstacle, days: int) -> None:
    """Written directly: services only record the present moment."""
    row.refresh_from_db()
    steps = {"raised_at": moment(-days), "waits_from": moment(-days)}
    later = (("assigned_at", 1), ("answered_at", 4), ("judged_at", 5), ("published_at", 6))
    for name, after in later:
        if getattr(row, name):
            steps[name] = min(moment(min(after - days, 0), 10), timezone.now())
    if row.status == Obstacle.Status.UNSOLVED:
        steps["waits_from"] = steps["judged_at"]
    Obstacle.objects.filter(pk=row.pk).update(**steps)
    if row.due_on and row.status != Obstacle.Status.ASSIGNED:
        Obstacle.objects.filter(pk=row.pk).update(due_on=timezone.localdate(steps["assigned_at"]) + timedelta(days=14))
