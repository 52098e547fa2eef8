"""What parties of contracts are sent: the link to confirm, the letter about an overdue instalment, and sentences of
their notices. A sentence names no amount."""

from notices.texts.declared import NoticeTexts, Placeholder, SentText, Use

GROUP = "成交和付款"
LETTER_TEXTS = (
    SentText(
        "deals.confirmation_link",
        "请核对：登记为当事方",
        GROUP,
        "请核对：有人把贵单位登记为当事方",
        "您好：\n\n有人在“{平台}”登记了一项记录，写明贵单位（{单位}）是{身份}。\n"
        "请打开下面的页面核对，确认或者提出异议。在贵单位确认之前，它不计入统计，也不以贵单位名义公开。\n\n{核对链接}\n\n"
        "链接 {天数} 天内有效，只供贵单位使用，请不要转发。",
        {
            "平台": Placeholder("平台名称", "科技成果供需对接平台"),
            "单位": Placeholder("被登记的单位", "示例机械有限公司"),
            "身份": Placeholder("登记成什么", "受让方"),
            "核对链接": Placeholder("不用登录就能核对的网址", "（发出时是这家单位自己的网址）"),
            "天数": Placeholder("链接几天内有效", "30"),
        },
        ("单位", "身份", "核对链接"),
    ),
    SentText(
        "deals.payment_letter",
        "付款提醒函（催付函）",
        GROUP,
        "付款提醒函",
        "{欠付情况}\n"
        "请贵单位核对，并在{付款期限}前安排支付。已经付款的，请在平台上记录到账并附凭证；对金额、日期或付款条件有不同意见的，"
        "请与合同另一方协商，也可以在平台上提出异议。\n{说明}\n感谢贵单位对科技成果转化工作的支持。",
        {
            "欠付情况": Placeholder(
                "合同、约定的日期和金额、还没有支付的金额",
                "贵单位与示例大学于2026年3月1日签订的技术合同“焊接机器人技术许可”，"
                "付款计划约定在2026年9月1日前支付 50 万元。截至2026年10月8日，平台记录中这一期还有 50 万元没有支付。",
            ),
            "付款期限": Placeholder("请在哪天前付", "2026年10月23日"),
            "说明": Placeholder("发函人加的一句话", "发票已于 9 月寄出。"),
            "合同": Placeholder("合同名称", "焊接机器人技术许可"),
            "应付日期": Placeholder("约定在哪天前付", "2026年9月1日"),
            "发函单位": Placeholder("谁发函", "示例大学"),
        },
        ("欠付情况", "付款期限"),
        line="请核对：合同“{合同}”有一期款项已过应付日期（{应付日期}），{发函单位}发来催付函。",
        use=Use.PAGE,
        note="函件的标题和正文，网页和下载的 Word 都用它；抬头、落款和编号由平台写。Word 的版式由 Word 模板定。"
        "已经发出的不变。",
    ),
)
_text = NoticeTexts("deals", GROUP)
RECORD = ("哪类记录", "技术合同")
NAMED = ("记录的名称", "焊接机器人技术许可")
DEAL = ("成交的名称", "焊接机器人技术许可")
ADDRESSEE = ("贵单位或您", "贵单位")
ROLE = ("登记成什么", "受让方")
NOTICE_TEXTS = (
    _text(
        "confirmation_asked",
        "被登记为当事方",
        "有人把{对象}登记为{身份}：{类别}“{名称}”。请核对，确认或提出异议；确认以前不计入统计。",
        对象=ADDRESSEE,
        身份=ROLE,
        类别=RECORD,
        名称=NAMED,
    ),
    _text(
        "confirmations_asked",
        "多项记录等确认",
        "有 {项数} 项记录写着贵单位，请逐项核对，确认或提出异议。",
        项数=("几项", "5"),
    ),
    _text(
        "confirmation_reminder",
        "提醒确认",
        "还等{对象}确认：{类别}“{名称}”。不确认就不计入统计；不对的请提出异议。",
        对象=ADDRESSEE,
        类别=RECORD,
        名称=NAMED,
    ),
    _text(
        "confirmation_answered",
        "当事方已确认或提出异议",
        "{身份}{结果}：{类别}“{名称}”。",
        身份=ROLE,
        结果=("已确认或提出异议", "已确认"),
        类别=RECORD,
        名称=NAMED,
    ),
    _text(
        "objection_decided",
        "异议的处理结果",
        "贵单位对“{名称}”的异议：{结果}。{说明}",
        名称=NAMED,
        结果=("怎么处理的", "维持登记"),
        说明=("处理的说明", "以登记部门核对为准。"),
    ),
    _text(
        "confirmation_proven",
        "由凭证证明",
        "“{名称}”由凭证证明，写明贵单位是{身份}；不对的请提出异议。",
        名称=NAMED,
        身份=ROLE,
    ),
    _text("contract_registered", "合同已认定登记", "合同“{名称}”已认定登记。", 名称=("合同名称", "焊接机器人技术许可")),
    _text(
        "evidence_refused",
        "凭证核实不符",
        "登记部门核实“{名称}”的{凭证}，结果是不符：{说明}",
        名称=DEAL,
        凭证=("核实了什么", "到账凭证"),
        说明=("哪里不符", "付款方不是合同的受让方。"),
    ),
    _text(
        "price_objected",
        "价格公示收到异议",
        "“{名称}”的价格公示收到异议，请在 {截止} 前处理；处理以前不能签约。",
        名称=DEAL,
        截止=("在哪天前处理", "2026-10-31"),
    ),
    _text(
        "price_objection_settled",
        "价格公示的异议已处理",
        "您对“{名称}”价格公示的异议已经处理：{结果}",
        名称=DEAL,
        结果=("处理的结果", "补充了评估依据。"),
    ),
)
TEXTS = LETTER_TEXTS + NOTICE_TEXTS
