"""What firms, institutions and brokers are told about matches and talks: mails, and sentences of their notices."""

from notices.texts.declared import USUAL_ENDING, Placeholder, SentText, notice_text

GROUP = "匹配和跟进"
LINK = Placeholder("不用登录就能答复的网址", "（发出时是各家自己的网址）")
MAIL_TEXTS = (
    SentText(
        "matching.confirmation",
        "请一方确认",
        GROUP,
        "请确认：{成果}",
        "您好：\n\n{请求}。\n\n成果：{成果}（{院校}）\n需求：{需求}\n\n"
        "请打开下面的链接，确认，或者说明不是这样；不需要登录：\n{确认链接}\n\n"
        "只有您单位自己确认了，才算您单位的意见。链接只供您单位使用，请不要转发；{有效期}前有效。",
        {
            "请求": Placeholder("请对方确认什么", "对方表示“愿意对接”，请您单位确认"),
            "成果": Placeholder("成果名称", "海洋平台焊接机器人"),
            "院校": Placeholder("成果所在院校", "示例大学"),
            "需求": Placeholder("需求名称，匿名的写公开名称", "厚板自动焊接"),
            "确认链接": LINK,
            "有效期": Placeholder("链接在哪天前有效", "2026年10月28日"),
        },
        ("请求", "确认链接", "有效期"),
        ending=USUAL_ENDING,
        note="发给没有答复的一方。",
    ),
    SentText(
        "matching.follow_up_check",
        "会后 30、60、90 天回访",
        GROUP,
        "请答复洽谈进展：{成果}",
        "{单位}：\n\n{提醒}贵单位在 {洽谈日期} 与{院校}洽谈了“{成果}”。现在 {几天} 过去了，请告诉我们有没有进展："
        "有进展、继续谈、已签约，或没有进展的原因。\n\n请打开下面的链接答复，不需要登录，约一分钟：\n{答复链接}\n\n"
        "链接只供贵单位使用，请不要转发。",
        {
            "单位": Placeholder("企业名称", "示例机械有限公司"),
            "提醒": Placeholder("提醒时的一句话，第一次发时没有", "我们还没有收到贵单位的答复。"),
            "洽谈日期": Placeholder("哪天洽谈的", "2026年9月20日"),
            "院校": Placeholder("成果所在院校", "示例大学"),
            "成果": Placeholder("成果名称", "海洋平台焊接机器人"),
            "几天": Placeholder("30 天、60 天或 90 天", "30 天"),
            "答复链接": LINK,
        },
        ("答复链接",),
        ending=USUAL_ENDING,
    ),
)


def _text(event: str, name: str, sentence: str, **fields: tuple[str, str]) -> SentText:
    own = {field: Placeholder(*pair) for field, pair in fields.items()}
    return notice_text(f"matching.{event}", name, GROUP, sentence, own, *own)


PAIR = ("成果名称和需求名称，匿名的写公开名称", "“海洋平台焊接机器人”与需求“厚板自动焊接”")
NEED = ("需求名称，匿名的写公开名称", "厚板自动焊接")
OFFER = ("成果名称", "海洋平台焊接机器人")
DAY = ("在哪天前", "10 月 28 日")
NOTICE_TEXTS = (
    _text("accepted", "匹配已采纳，请答复意愿", "{匹配}已采纳，请在 {截止}前答复是否愿意对接。", 匹配=PAIR, 截止=DAY),
    _text("remind", "答复期限将到", "请在 {截止}前答复是否愿意对接：{匹配}。", 匹配=PAIR, 截止=DAY),
    _text("agreed", "双方都愿意", "双方都愿意对接，现在可以查看对方的联系方式：{匹配}。", 匹配=PAIR),
    _text("asked_again", "重新征询", "这项对接重新征询双方意愿，请答复是否愿意对接：{匹配}。", 匹配=PAIR),
    _text("closed", "对接结束", "对接已结束：{匹配}。", 匹配=PAIR),
    _text(
        "achievement_stopped",
        "洽谈中的成果暂停或撤回",
        "院校把成果改为“{状态}”，已经约好的洽谈不取消，请与院校核对：{匹配}。",
        状态=("成果现在的状态", "暂停"),
        匹配=PAIR,
    ),
    _text(
        "said_without_account",
        "有人凭邀请码或链接代表单位表示",
        "有人凭{凭据}代表贵单位表示“{意见}”：{匹配}。如果不是贵单位的意思，请在对接页面更正。",
        凭据=("邀请码或确认链接", "邀请码"),
        意见=("表示了什么", "有意向"),
        匹配=PAIR,
    ),
    _text(
        "confirm",
        "请一方确认（平台消息）",
        "{请求}：{匹配}。",
        请求=("请确认什么", "对方表示“有意向”，请您单位确认"),
        匹配=PAIR,
    ),
    _text(
        "question",
        "区县专员有问题",
        "区县专员有一个关于“{名称}”的问题，请到工作台答复。",
        名称=("需求或成果的名称", "厚板自动焊接"),
    ),
    _text("inquiry_answered", "想了解的内容有了答复", "您想了解的内容有了答复：{匹配}。", 匹配=PAIR),
    _text(
        "unfit",
        "洽谈后的反馈（给院校）",
        "成果“{成果}”在洽谈后收到一条反馈：{原因}。",
        成果=OFFER,
        原因=("原因的类别", "技术指标达不到"),
    ),
    _text(
        "check",
        "会后回访（平台消息）",
        "洽谈 {几天}了，请答复进展：{匹配}。",
        几天=("30 天、60 天或 90 天", "30 天"),
        匹配=PAIR,
    ),
    _text(
        "first_candidates",
        "需求有了候选成果",
        "需求“{需求}”有了候选成果，区县正在看 {条数} 条；采纳后会请您答复是否愿意对接。",
        需求=NEED,
        条数=("几条候选", "3"),
    ),
    _text(
        "matched_today",
        "当天的需求已匹配，有候选",
        "贵单位今天发布的 {项数} 项需求已完成匹配，区县正在看 {条数} 条候选成果，采纳后会通知您。",
        项数=("几项需求", "2"),
        条数=("几条候选", "3"),
    ),
    _text(
        "matched_nothing",
        "当天的需求已匹配，没有候选",
        "贵单位今天发布的 {项数} 项需求已完成匹配，暂时没有合适的成果。有新成果入库时，平台会再匹配。",
        项数=("几项需求", "2"),
    ),
    _text("broker_request", "请技术经纪人跟进", "请您跟进一项对接并答复是否接受：{匹配}。", 匹配=PAIR),
    _text(
        "broker_search",
        "请技术经纪人找成果",
        "请您为需求“{需求}”找合适的成果：系统推荐的都不合适。",
        需求=NEED,
    ),
)
TEXTS = MAIL_TEXTS + NOTICE_TEXTS
