"""What applicants, bases and those who raised an obstacle are told, each in one sentence."""

from notices.texts.declared import NoticeTexts, SentText

SUBSIDIES, BASES, OTHERS = "专项资金", "中试和验证", "评价和堵点"


def _text(event: str, name: str, group: str, sentence: str, **fields: tuple[str, str]) -> SentText:
    return NoticeTexts("mechanism", group)(event, name, sentence, **fields)


PROJECT = ("项目名称", "焊接机器人中试")
REASON = ("填写的原因，单位会看到", "请补充检测报告。")
MONEY = ("多少万元", "50")
DAY = ("哪一天", "2026年10月31日")
ITEM = ("成果名称", "海洋平台焊接机器人")
BASE = ("基地名称", "海洋装备中试基地")
OBSTACLE = ("堵点的标题", "检测设备不对外开放")
TEXTS = (
    _text("subsidy_accepted", "申报已受理", SUBSIDIES, "“{项目}”已受理，进入专家评审。", 项目=PROJECT),
    _text(
        "subsidy_returned",
        "申报要补正",
        SUBSIDIES,
        "“{项目}”要补正，请在{截止}前改好再提交：{原因}",
        项目=PROJECT,
        截止=DAY,
        原因=REASON,
    ),
    _text(
        "subsidy_publicised",
        "拟支持，公示",
        SUBSIDIES,
        "“{项目}”拟支持 {金额} 万元，公示到{截止}。",
        项目=PROJECT,
        金额=MONEY,
        截止=DAY,
    ),
    _text("subsidy_refused", "不予支持", SUBSIDIES, "“{项目}”不予支持：{原因}", 项目=PROJECT, 原因=REASON),
    _text(
        "subsidy_revoked",
        "异议成立，不再支持",
        SUBSIDIES,
        "“{项目}”公示期间异议成立，不再支持：{原因}",
        项目=PROJECT,
        原因=REASON,
    ),
    _text(
        "subsidy_confirmed",
        "已立项",
        SUBSIDIES,
        "“{项目}”已立项，请在{截止}前完成并申请验收。",
        项目=PROJECT,
        截止=DAY,
    ),
    _text(
        "subsidy_paid", "拨付", SUBSIDIES, "“{项目}”拨付了 {金额} 万元（{日期}）。", 项目=PROJECT, 金额=MONEY, 日期=DAY
    ),
    _text(
        "subsidy_checked",
        "验收结果",
        SUBSIDIES,
        "“{项目}”{结果}：{原因}",
        项目=PROJECT,
        结果=("验收的结果", "验收通过"),
        原因=REASON,
    ),
    _text(
        "subsidy_report_returned",
        "验收申请要补充",
        SUBSIDIES,
        "“{项目}”的验收申请要补充：{原因}",
        项目=PROJECT,
        原因=REASON,
    ),
    _text(
        "subsidy_recovered",
        "收回",
        SUBSIDIES,
        "“{项目}”收回 {金额} 万元（{日期}）：{原因}",
        项目=PROJECT,
        金额=MONEY,
        日期=DAY,
        原因=REASON,
    ),
    _text(
        "subsidy_recovery_struck",
        "收回录错，已划去",
        SUBSIDIES,
        "“{项目}”收回的 {金额} 万元录错了，已划去：{原因}",
        项目=PROJECT,
        金额=MONEY,
        原因=REASON,
    ),
    _text(
        "base_asked",
        "有单位申请使用基地",
        BASES,
        "{单位}申请使用“{基地}”：{内容}",
        单位=("申请的单位", "示例机械有限公司"),
        基地=BASE,
        内容=("要做什么", "做 200 小时耐久试验"),
    ),
    _text(
        "base_answered",
        "基地的答复",
        BASES,
        "“{基地}”{结果}您的申请：{答复}",
        基地=BASE,
        结果=("接受或谢绝", "接受"),
        答复=("基地写的话", "请与基地联系安排。"),
    ),
    _text(
        "trial_result",
        "试验有了结果",
        BASES,
        "{基地}的试验有了结果（{结果}），请核对确认。",
        基地=BASE,
        结果=("试验的结果", "达到要求"),
    ),
    _text("trial_confirmed", "试验结果已确认", BASES, "{基地}的试验结果，对方已确认。", 基地=BASE),
    _text("trial_objected", "对试验结果有异议", BASES, "对{基地}的试验结果有异议：{原因}", 基地=BASE, 原因=REASON),
    _text(
        "evaluation_accepted",
        "评价申请已受理",
        OTHERS,
        "“{成果}”的评价申请已受理，请 {人数} 位专家独立评价。",
        成果=ITEM,
        人数=("几位专家", "3"),
    ),
    _text(
        "evaluation_declined", "评价申请没有受理", OTHERS, "“{成果}”的评价申请没有受理：{原因}", 成果=ITEM, 原因=REASON
    ),
    _text("obstacle_answered", "堵点有了答复", OTHERS, "您提出的堵点有了答复，请看是否解决：{堵点}", 堵点=OBSTACLE),
    _text(
        "obstacle_recorded",
        "代单位记下的堵点",
        OTHERS,
        "{部门}按 {反映人} 反映的，代贵单位记下一条堵点，请核对：{堵点}",
        部门=("记录的部门", "示例区科技局"),
        反映人=("谁反映的", "李华"),
        堵点=OBSTACLE,
    ),
)
